//! The worker's side: what `main` begins with, and the loop of a process that does jobs.

use crate::answer;
use crate::frames::{self, Frames, GREETING, ROOM};
use crate::job::Job;
use crate::journal::Journal;
use crate::system;
use nix::unistd::dup2_stdin;
use std::any::type_name;
use std::fs::File;
use std::io::{self, ErrorKind, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::{env, process};

/// How the arguments of every worker begin, whatever its jobs.
const MARK: &str = "--multiproc-worker=";

/// The line that `main` begins with, one for each type of job that the program has a
/// [`ProcessPool`](crate::ProcessPool) for.
///
/// A worker is this program once more, started with an argument that says so, as in `program
/// --multiproc-worker=program::Square 4711`. There this does jobs of that type until the parent is
/// gone or wants no more, and never returns. Everywhere else it returns at once.
///
/// Whatever stands before it is done by every worker as well. A program without it
/// cannot have a pool: see [`StartError::NoWorker`](crate::StartError::NoWorker).
///
/// In a worker, standard input is empty. Standard output and standard error are the parent's, so a
/// job may print; the lines of jobs on several workers come in any order.
pub fn worker<J: Job>() {
    if env::args_os().nth(1).is_some_and(|argument| *argument == *mark::<J>()) {
        process::exit(match work::<J>() {
            Ok(()) => 0,
            Err(_) => 1, // the parent will ask how it ended; there is nobody else to tell
        });
    }
}

/// The argument that makes this program a worker for these jobs.
pub(crate) fn mark<J: Job>() -> String {
    format!("{MARK}{}", type_name::<J>())
}

/// Whether this process is somebody's worker, or was meant to be one.
pub(crate) fn is_worker() -> bool {
    let mark = env::args_os().nth(1);
    mark.is_some_and(|mark| mark.as_encoded_bytes().starts_with(MARK.as_bytes()))
}

fn work<J: Job>() -> io::Result<()> {
    // The parent has given us the socket as standard input. It moves away, where no job meets it.
    let mut socket = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    dup2_stdin(File::open("/dev/null")?)?;
    end_with_parent(&socket)?;
    answer::note_places_of_panics();
    let mut journal = Journal::new(&system::receive_descriptor(&socket)?)?;
    socket.write_all(GREETING)?;
    let mut messages = Frames::new(socket.try_clone()?);
    let (mut answer, mut number) = (Vec::new(), 0_u32);
    loop {
        // All of a message has been read before its first job runs. So the parent, which writes, is
        // done with that and reads, whatever the size of the answers.
        let mut jobs = match messages.next() {
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(()),
            message => message?,
        };
        while let Some(job) = frames::split(&mut jobs) {
            let was_large = answer.len() > ROOM;
            answer::write(&mut answer, number, || frames::value(job).map(J::run));
            journal.add(&answer, &mut socket)?;
            number = number.wrapping_add(1);
            if !was_large {
                answer.shrink_to(ROOM); // unless large ones follow each other
            }
        }
        io::stdout().flush().ok(); // what jobs have printed comes before what they have returned
        journal.send(&mut socket)?;
    }
}

/// The parent may be killed, and then does not end its workers: they end themselves. One that waits
/// for a message sees the end of the socket. One that is busy is killed by the system.
#[cfg(target_os = "linux")]
fn end_with_parent(_: &UnixStream) -> io::Result<()> {
    let parent = env::args().nth(2).and_then(|pid| pid.parse().ok());
    system::die_with(nix::unistd::Pid::from_raw(parent.ok_or(ErrorKind::InvalidInput)?))
}

/// The parent may be killed, and then does not end its workers: they end themselves. One that waits
/// for a message sees the end of the socket. For one that is busy a thread watches out.
#[cfg(not(target_os = "linux"))]
fn end_with_parent(socket: &UnixStream) -> io::Result<()> {
    use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
    let socket = socket.try_clone()?;
    std::thread::Builder::new().spawn(move || {
        let gone = |end: &PollFd| end.revents().is_some_and(|it| it.contains(PollFlags::POLLHUP));
        let mut end = [PollFd::new(socket.as_fd(), PollFlags::POLLHUP)];
        while poll(&mut end, PollTimeout::NONE).is_err() || !gone(&end[0]) {
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        system::exit_now(1);
    })?;
    Ok(())
}

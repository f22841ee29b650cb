//! The parent's side of one worker: how it is started, asked, and ended.

use crate::answer;
use crate::frames::{Frames, GREETING};
use crate::journal;
use crate::system;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use shell::{Exit, Group};
use std::error::Error;
use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};
use std::{env, fmt, process};

/// What has not greeted by then has forgotten to. Nothing else depends on it.
const GREETS: Duration = Duration::from_secs(10);

/// How long a worker whose socket is closed may take to end. Only one that is stopped takes so
/// long.
pub(crate) const ENDS: Duration = Duration::from_secs(1);

/// A worker process, and our end of its socket.
#[derive(Debug)]
pub(crate) struct Remote {
    group: Group,
    frames: Frames<Socket>,
    /// Where it writes down what it has not sent.
    journal: OwnedFd,
    /// The number of the next answer.
    next: u32,
}

/// What a worker leaves behind.
pub(crate) struct Left {
    /// How it ended.
    pub(crate) exit: Exit,
    /// The answers that it had ready and had not sent.
    pub(crate) answers: Vec<Vec<u8>>,
}

/// Why a pool has no worker.
#[derive(Clone, Debug)]
pub enum StartError {
    /// A pool of no workers would never do anything.
    NoWorkers,
    /// This process is a worker itself. Either a job has asked for a pool, or the program has not
    /// begun with [`worker`](crate::worker), or not for this type, and is starting itself again.
    InWorker,
    /// The program was started as a worker and did not become one, because its `main` does not
    /// begin with [`worker`](crate::worker) for this type of job.
    NoWorker {
        /// How it ended by itself; `None` if it did not within ten seconds, and was ended.
        ended: Option<Exit>,
    },
    /// The system refused: no process, thread or descriptor left, or the program's file is gone.
    System(Arc<dyn Error + Send + Sync>),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StartError::NoWorkers => write!(f, "a pool needs at least one worker"),
            StartError::InWorker => write!(f, "a worker cannot have workers"),
            StartError::NoWorker { ended } => {
                write!(f, "`main` does not begin with `multiproc::worker` for this type: ")?;
                match ended {
                    Some(exit) => write!(f, "started as a worker, it ended with {exit}"),
                    None => write!(f, "started as a worker, it said nothing for {GREETS:?}"),
                }
            }
            StartError::System(error) => write!(f, "cannot start a worker: {error}"),
        }
    }
}

impl Error for StartError {}

impl StartError {
    pub(crate) fn system(error: impl Error + Send + Sync + 'static) -> StartError {
        StartError::System(Arc::new(error))
    }
}

impl Remote {
    /// Starts this program as a worker, and waits until it has greeted.
    ///
    /// The calling thread has to last as long as the worker: on Linux, its end is the worker's.
    pub(crate) fn start(mark: &str, limit: Option<Duration>) -> Result<Remote, StartError> {
        let program = env::current_exe().map_err(StartError::system)?;
        let (ours, theirs) = UnixStream::pair().map_err(StartError::system)?;
        let journal = system::shareable_memory().map_err(StartError::system)?;
        // It waits in the socket.
        system::send_descriptor(&ours, &journal).map_err(StartError::system)?;
        let mut command = Command::new(program);
        command.args([mark, &process::id().to_string()]).stdin(OwnedFd::from(theirs));
        let group = Group::spawn_as_is(&mut command).map_err(StartError::system)?;
        drop(command); // it has their end, too, and would keep us from seeing that they close it
        let mut socket = Socket { stream: ours, deadline: None };
        let greeted = socket.greeting();
        let mut remote = Remote { group, frames: Frames::new(socket), journal, next: 0 };
        match greeted {
            Ok(true) => {
                let unblocked = remote.socket().stream.set_nonblocking(limit.is_some());
                unblocked.map_err(StartError::system)?;
                Ok(remote)
            }
            Err(error) if error.kind() == ErrorKind::TimedOut => {
                Err(StartError::NoWorker { ended: None })
            }
            Ok(false) | Err(_) => {
                Err(StartError::NoWorker { ended: Some(remote.end_within(ENDS).exit) })
            }
        }
    }

    fn socket(&mut self) -> &mut Socket {
        &mut self.frames.from
    }

    /// From now on, whatever waits for the worker gives up after this time.
    pub(crate) fn limit(&mut self, limit: Option<Duration>) {
        self.socket().deadline = limit.and_then(|limit| Instant::now().checked_add(limit));
    }

    /// Sends a message. [`ErrorKind::BrokenPipe`] means that the worker was gone before.
    pub(crate) fn send(&mut self, message: &[u8]) -> io::Result<()> {
        self.socket().write_all(message)
    }

    /// The next answer.
    pub(crate) fn answer(&mut self) -> io::Result<&[u8]> {
        let Some(answer) = answer::numbered(self.frames.next()?, self.next) else {
            return Err(io::Error::new(ErrorKind::InvalidData, "it is not the answer to this job"));
        };
        self.next = self.next.wrapping_add(1);
        Ok(answer)
    }

    /// Ends it with all that its jobs have left running. It may end by itself first, within this
    /// time.
    pub(crate) fn end_within(self, limit: Duration) -> Left {
        let Remote { mut group, frames, journal, next } = self;
        drop(frames); // an idle worker ends when its socket does
        group.wait_timeout(limit);
        let exit = group.stop(Duration::ZERO).exit;
        Left { exit, answers: journal::left(&journal, next).unwrap_or_default() }
    }

    /// Lets it end, and ends it if it does not, where nobody asks how.
    pub(crate) fn close(self) {
        let Remote { mut group, frames, .. } = self;
        drop(frames);
        group.wait_timeout(ENDS);
        drop(group); // kills whom it finds, and reaps
    }
}

/// A socket, and when to give up waiting for it.
///
/// With a deadline, the socket does not block: what would is waited for here.
#[derive(Debug)]
struct Socket {
    stream: UnixStream,
    deadline: Option<Instant>,
}

impl Socket {
    /// Whether it says what a worker says first.
    fn greeting(&mut self) -> io::Result<bool> {
        self.stream.set_nonblocking(true)?;
        self.deadline = Instant::now().checked_add(GREETS);
        let mut greeting = [0; GREETING.len()];
        self.read_exact(&mut greeting)?;
        Ok(greeting == *GREETING)
    }

    /// Sleeps until there is something to read, or room to write.
    fn wait(&self, what: PollFlags) -> io::Result<()> {
        loop {
            let left = self.deadline.map(|it| it.saturating_duration_since(Instant::now()));
            if left.is_some_and(|left| left.is_zero()) {
                return Err(ErrorKind::TimedOut.into());
            }
            // In milliseconds, rounded up, lest the last of them is spent asking again and again.
            let limit = left.map_or(PollTimeout::NONE, |left| {
                PollTimeout::try_from(left.as_nanos().div_ceil(1_000_000))
                    .unwrap_or(PollTimeout::MAX)
            });
            match poll(&mut [PollFd::new(self.stream.as_fd(), what)], limit) {
                Ok(0) | Err(Errno::EINTR) => {}
                Ok(_) => return Ok(()),
                Err(error) => return Err(error.into()),
            }
        }
    }
}

impl Read for Socket {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match (&self.stream).read(buffer) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    self.wait(PollFlags::POLLIN)?;
                }
                read => return read,
            }
        }
    }
}

impl Write for Socket {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        loop {
            match (&self.stream).write(bytes) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    self.wait(PollFlags::POLLOUT)?;
                }
                written => return written,
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

//! A process for each promise: what one opens, starts or ignores is nobody else's.
//!
//! For a test file with `harness = false`:
//!
//! ```
//! use std::process::ExitCode;
//! use tests_and_benches::named;
//! use tests_and_benches::promises::{self, this};
//!
//! fn main() -> ExitCode {
//!     promises::main(named![a_child_can_fail], named![fail])
//! }
//!
//! fn a_child_can_fail() {
//!     assert!(!this("fail").status().unwrap().success());
//! }
//!
//! /// A role: a program that a promise runs.
//! fn fail() {
//!     std::process::exit(1);
//! }
//! ```

use libtest_mimic::{Arguments, Failed, Trial};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{Signal, killpg};
use nix::sys::wait::waitpid;
use nix::unistd::Pid;
use std::fs::File;
use std::io::{Read, Seek, Write};
use std::os::fd::AsFd;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitCode, ExitStatus};
use std::time::{Duration, Instant};
use std::{env, fs, io, thread};

/// A name and what is done under it.
pub type Named = (&'static str, fn());

/// The functions with their names.
#[macro_export]
macro_rules! named {
    ($($function:ident),* $(,)?) => { &[$((stringify!($function), $function as fn())),*] };
}

/// Says to the program that it is one of the children, and which.
const ROLE: &str = "PROMISE_OR_ROLE";

/// What takes so long never ends. Nothing else depends on it.
const HANGS: Duration = Duration::from_mins(1);

/// The `main` of a test file: keeps each promise in a child of its own, or, in such a child, does
/// what its name says. `roles` are programs that the promises run.
///
/// A child begins with one thread and leads a process group. If it hangs for a minute, the whole
/// group is killed and the promise is broken. What a child prints to standard output is shown even
/// if it keeps its promise; panics that belong to a promise are not.
///
/// # Panics
///
/// In a child whose role is unknown.
pub fn main(promises: &'static [Named], roles: &'static [Named]) -> ExitCode {
    if let Ok(role) = env::var(ROLE) {
        let mut all = promises.iter().chain(roles);
        let (_, function) = all.find(|(name, _)| *name == role).expect("a known role");
        function();
        return ExitCode::SUCCESS;
    }
    let trial = |&(name, _): &Named| Trial::test(name, move || keep(name));
    let trials = promises.iter().map(trial).collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// This test file's program in another role.
///
/// # Panics
///
/// If the system does not tell where this program stands.
pub fn this(role: &str) -> Command {
    let mut command = Command::new(env::current_exe().expect("this program has a path"));
    command.env(ROLE, role);
    command
}

/// The same, started by a shell that has arranged something before.
pub fn this_after(shell: &str, arrangement: &str, role: &str) -> Command {
    let this = this(role);
    let mut command = Command::new(shell);
    command.args(["-c", &format!("{arrangement}; exec \"$0\"")]);
    command.arg(this.get_program()).env(ROLE, role);
    command
}

// Run by std's own means, lest a mistake in `shell` hides itself.
fn keep(promise: &str) -> Result<(), Failed> {
    // No pipes: whatever it leaves behind might hold these.
    let (stdout, stderr) = (tempfile::tempfile()?, tempfile::tempfile()?);
    let mut command = this(promise);
    command.process_group(0).stdout(stdout.try_clone()?).stderr(stderr.try_clone()?);
    let mut child = command.spawn()?;
    let end = end_of(&mut child, HANGS)?;
    let stdout = text(stdout)?;
    match end {
        Some(status) if status.success() => {
            write!(io::stderr(), "{stdout}")?;
            Ok(())
        }
        Some(status) => Err(format!("{status}\n{stdout}{}", text(stderr)?).into()),
        None => Err(format!("it hangs\n{stdout}{}", text(stderr)?).into()),
    }
}

fn text(mut file: File) -> io::Result<String> {
    file.rewind()?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// How the child ended, or `None` if it hung and was killed with its group.
fn end_of(child: &mut Child, limit: Duration) -> io::Result<Option<ExitStatus>> {
    let limit = Instant::now() + limit;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if Instant::now() >= limit {
            // Not reaped yet, it keeps its number: the signal can hit nobody else.
            killpg(Pid::from_raw(child.id().cast_signed()), Signal::SIGKILL)?;
            child.wait()?;
            return Ok(None);
        }
        thread::sleep(Duration::from_millis(2));
    }
}

/// A shell script.
pub fn sh(script: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", script]);
    command
}

/// How many descriptors this process has open.
///
/// # Panics
///
/// If the system has no list of them.
pub fn open_files() -> usize {
    fs::read_dir("/dev/fd").expect("a list of descriptors").count()
}

/// Asserts that every child of this process has been reaped.
///
/// # Panics
///
/// If one has not.
pub fn no_child_is_left() {
    assert_eq!(waitpid(None, None), Err(Errno::ECHILD));
}

/// Waits until nobody alive holds the reading end of this pipe.
///
/// # Panics
///
/// If the system cannot tell.
pub fn nobody_holds(writer: &io::PipeWriter) {
    let mut end = [PollFd::new(writer.as_fd(), PollFlags::empty())];
    while poll(&mut end, PollTimeout::NONE) == Err(Errno::EINTR) {}
    assert!(end[0].any().unwrap_or(true));
}

#[cfg(test)]
mod tests {
    use super::{end_of, nobody_holds, sh};
    use std::io::{self, Read};
    use std::os::unix::process::CommandExt;
    use std::process::Stdio;
    use std::time::Duration;

    #[test]
    fn a_child_that_hangs_is_killed_with_its_group() {
        let _watchdog = crate::Watchdog::new();
        let (theirs, ours) = io::pipe().unwrap();
        // A shell takes standard input from its background processes, but no other descriptor.
        let mut hangs = sh("exec 3<&0; { echo up; exec cat; } <&3 & wait");
        let mut child =
            hangs.process_group(0).stdin(theirs).stdout(Stdio::piped()).spawn().unwrap();
        drop(hangs); // it has their end, too
        child.stdout.take().unwrap().read_exact(&mut [0; 3]).unwrap();
        assert_eq!(end_of(&mut child, Duration::from_millis(10)).unwrap(), None);
        nobody_holds(&ours);
    }

    #[test]
    fn a_child_that_ends_tells_how() {
        let mut child = sh("exit 3").process_group(0).spawn().unwrap();
        let end = end_of(&mut child, Duration::from_mins(1)).unwrap().unwrap();
        assert_eq!(end.code(), Some(3));
    }
}

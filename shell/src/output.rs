//! Capture without a limit. It needs no group: it ends nothing, it waits.

use crate::exit::{Exit, Reaped};
use crate::pipes::Source;
use crate::start::{StartError, start};
use std::process::Command;
use std::time::Duration;

/// What a program has left behind: all it printed, how it ended, what it cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// Everything it wrote to standard output, byte for byte.
    pub stdout: Vec<u8>,
    /// Everything it wrote to standard error, byte for byte.
    pub stderr: Vec<u8>,
    /// How it ended.
    pub exit: Exit,
    /// Processor time spent in its own code, and in that of the children it waited for.
    pub user: Duration,
    /// Processor time the system spent on its behalf, likewise.
    pub system: Duration,
}

/// Runs a program to its end and captures both outputs, of any size.
///
/// Arguments, environment, folder and standard input are the command's; standard input is
/// inherited unless it says otherwise, and a piped one is closed at once. The command's own
/// settings for standard output and standard error are replaced by pipes, and stay so.
///
/// [`std::process::Command::output`] does nearly the same, but gives the program an empty standard
/// input unless the command says otherwise. This one also tells the program's processor times,
/// names the program in its errors, and works in a process that ignores `SIGCHLD`.
///
/// # Errors
///
/// [`StartError`] if the program could not be started. A program that ends badly is no error of
/// this call: look at [`Output::exit`].
///
/// # Deadlocks
///
/// Waits as long as the program runs, and longer: until every process that inherited the pipes
/// has closed them. `sh -c 'sleep 60 &'` ends at once, but this call returns after a minute;
/// [`output_timeout`](crate::output_timeout) does not wait for such leftovers.
///
/// # Examples
///
/// ```
/// use std::process::Command;
///
/// let ran = shell::output(Command::new("sh").args(["-c", "echo hello; echo trouble >&2"]))?;
/// assert_eq!(ran.stdout, b"hello\n");
/// assert_eq!(ran.stderr, b"trouble\n");
/// assert!(ran.exit.success());
/// # Ok::<(), shell::StartError>(())
/// ```
#[doc(alias = "communicate")]
pub fn output(command: &mut Command) -> Result<Output, StartError> {
    let (mut child, mut pipes) = start(command)?;
    drop(child.stdin.take());
    let mut captured = Captured::default();
    while !pipes.closed() {
        pipes.read(None, |source, bytes| captured.take(source, bytes));
    }
    Ok(captured.with(Reaped::wait(child)))
}

/// What has been printed so far.
#[derive(Default)]
pub(crate) struct Captured {
    stdout: Vec<u8>,
    stderr: Vec<u8>,
}

impl Captured {
    pub(crate) fn take(&mut self, source: Source, bytes: &[u8]) {
        match source {
            Source::Stdout => self.stdout.extend_from_slice(bytes),
            Source::Stderr => self.stderr.extend_from_slice(bytes),
        }
    }

    pub(crate) fn with(self, end: Reaped) -> Output {
        Output {
            stdout: self.stdout,
            stderr: self.stderr,
            exit: end.exit,
            user: end.user,
            system: end.system,
        }
    }
}

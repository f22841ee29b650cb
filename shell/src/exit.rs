//! How a program ended, and what it cost: what its reaper learns, however the program was run.

use nix::sys::signal::Signal;
use std::fmt;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ExitStatus};
use std::time::Duration;
use wait4::Wait4;

/// How a program ended: by itself with a code, or by a signal.
///
/// # Examples
///
/// ```
/// use shell::Exit;
/// use std::process::Command;
///
/// let gave_up = shell::output(Command::new("sh").args(["-c", "exit 3"]))?;
/// assert_eq!(gave_up.exit, Exit::Code(3));
/// assert_eq!(gave_up.exit.to_string(), "exit status 3");
///
/// let killed = shell::output(Command::new("sh").args(["-c", "kill -KILL $$"]))?;
/// assert_eq!(killed.exit, Exit::Signal(9));
/// assert_eq!(killed.exit.to_string(), "signal 9 (KILL)");
/// # Ok::<(), shell::StartError>(())
/// ```
///
/// Python gives one number, negative after a signal, and a program that forgets the sign still
/// runs. Here a `match` that forgets the signal does not compile:
///
/// ```compile_fail,E0004
/// fn code(exit: shell::Exit) -> i32 {
///     match exit {
///         shell::Exit::Code(code) => code,
///     }
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// It ended by itself; 0 means success by convention.
    Code(i32),
    /// A signal ended it; the number is the system's.
    Signal(i32),
    /// It ended, and the system does not tell how. Only a process that ignores `SIGCHLD` meets this
    /// (it may have been started so): the system then reaps its children unasked and throws their
    /// statuses away. Python's `subprocess` calls this 0, a success.
    Unknown,
}

impl Exit {
    /// Whether it ended by itself, with 0.
    pub fn success(self) -> bool {
        self == Exit::Code(0)
    }
}

impl From<ExitStatus> for Exit {
    fn from(status: ExitStatus) -> Self {
        match (status.code(), status.signal()) {
            (Some(code), _) => Exit::Code(code),
            (None, Some(signal)) => Exit::Signal(signal),
            (None, None) => Exit::Unknown, // stopped or continued: `wait4` is not asked for these
        }
    }
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Exit::Code(code) => write!(f, "exit status {code}"),
            Exit::Signal(number) => match Signal::try_from(number) {
                Ok(signal) => write!(f, "signal {number} ({})", &signal.as_str()["SIG".len()..]),
                Err(_) => write!(f, "signal {number}"), // the real-time signals have no names
            },
            Exit::Unknown => write!(f, "unknown exit status (SIGCHLD is ignored)"),
        }
    }
}

/// What the system tells once, when the child is reaped: its end, and its own processor times.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reaped {
    pub(crate) exit: Exit,
    pub(crate) user: Duration,
    pub(crate) system: Duration,
}

impl Reaped {
    /// The system has reaped the child before us (`SIGCHLD` is ignored).
    pub(crate) const LOST: Reaped =
        Reaped { exit: Exit::Unknown, user: Duration::ZERO, system: Duration::ZERO };

    /// Waits for the child's end and reaps it. It takes the child by value, so that nothing can
    /// signal its number afterwards: from here on that may belong to a stranger.
    pub(crate) fn wait(child: Child) -> Reaped {
        // The only error left is ECHILD, and it means that the child has ended: with SIGCHLD
        // ignored `wait4` blocks until then, too. (EINTR is retried inside.)
        child.wait4().map_or(Reaped::LOST, Reaped::from)
    }
}

impl From<wait4::ResUse> for Reaped {
    fn from(used: wait4::ResUse) -> Self {
        Reaped { exit: used.status.into(), user: used.rusage.utime, system: used.rusage.stime }
    }
}

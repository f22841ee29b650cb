//! Capture with a time limit: whatever still runs when it is over is ended.

use crate::exit::Reaped;
use crate::output::{Captured, Output};
use crate::running::{Heard, Running};
use crate::start::StartError;
use std::error::Error;
use std::fmt;
use std::process::Command;
use std::time::{Duration, Instant};

/// Why [`output_timeout`] has no complete output.
#[derive(Debug)]
pub enum OutputTimeoutError {
    /// The program did not start.
    Start(StartError),
    /// It did not end in time, and was ended, with its whole group.
    TimedOut {
        /// All it had printed, and how it ended.
        output: Output,
        /// A process was still alive when the grace was over, and got `KILL`.
        killed: bool,
    },
}

impl fmt::Display for OutputTimeoutError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OutputTimeoutError::Start(error) => error.fmt(f),
            OutputTimeoutError::TimedOut { output, .. } => {
                write!(f, "the time limit was over: {}", output.exit)
            }
        }
    }
}

impl Error for OutputTimeoutError {}

impl From<StartError> for OutputTimeoutError {
    fn from(error: StartError) -> Self {
        OutputTimeoutError::Start(error)
    }
}

/// [`output`](crate::output()) with a time limit, which holds for the program and all it starts.
///
/// The program runs in a [`Group`](crate::Group) of its own. If it still runs after `limit`, the
/// whole group is ended as by [`Group::stop`](crate::Group::stop): `TERM`, then `KILL` for those
/// that are alive after `grace`. A background process that outlives the program is not waited for,
/// but ended in the same way.
///
/// However this returns, no process of the group is alive, with the exceptions of
/// [`Group::stop`](crate::Group::stop).
///
/// # Deadlocks
///
/// Takes no longer than `limit` and `grace` together, and what the machine needs to end a group;
/// again with the exceptions of [`Group::stop`](crate::Group::stop).
///
/// # Errors
///
/// [`OutputTimeoutError::Start`] if the program could not be started,
/// [`OutputTimeoutError::TimedOut`] with all it had printed if the limit was over.
///
/// # Examples
///
/// ```
/// use shell::{Exit, OutputTimeoutError, output_timeout};
/// use std::process::Command;
/// use std::time::Duration;
///
/// let [limit, grace] = [Duration::from_millis(200), Duration::from_secs(5)];
/// match output_timeout(Command::new("sleep").arg("60"), limit, grace) {
///     Err(OutputTimeoutError::TimedOut { output, killed }) => {
///         assert_eq!(output.exit, Exit::Signal(15));
///         assert!(!killed);
///     }
///     other => panic!("{other:?}"),
/// }
/// ```
pub fn output_timeout(
    command: &mut Command,
    limit: Duration,
    grace: Duration,
) -> Result<Output, OutputTimeoutError> {
    let deadline = Instant::now().checked_add(limit);
    let (mut running, stdin) = Running::start(command)?;
    drop(stdin);
    let mut captured = Captured::default();
    let in_time = loop {
        match running.hear(deadline, |source, bytes| captured.take(source, bytes)) {
            Heard::Something => {}
            Heard::End => break running.wait(deadline),
            Heard::Deadline => break false,
        }
    };
    let ended = running.end(grace, |source, bytes| captured.take(source, bytes));
    let output = captured.with(Reaped { exit: ended.exit, user: ended.user, system: ended.system });
    if in_time {
        Ok(output)
    } else {
        Err(OutputTimeoutError::TimedOut { output, killed: ended.killed })
    }
}

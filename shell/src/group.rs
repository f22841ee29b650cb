//! A running program as its caller holds it: lines one by one, until it is stopped or dropped.

use crate::line::{Cutter, Line};
use crate::pipes::Source;
use crate::running::{Ended, Heard, Running};
use crate::start::StartError;
use std::error::Error;
use std::fmt;
use std::process::{ChildStdin, Command};
use std::time::{Duration, Instant};

/// A running program with everything it starts, in a process group of its own.
///
/// The lines of both outputs are read as they come; the group is ended as a whole. Killing the
/// program alone, as [`std::process::Child::kill`] does, would leave its children running, with
/// our pipes in their hands.
///
/// A process that leaves the group on purpose (by `setsid`, say) is out of reach: it lives on, but
/// no call here waits for it.
///
/// Being in another group, the program gets neither the terminal's Ctrl-C nor its input: give it
/// its own standard input ([`Stdio::null`](std::process::Stdio::null), a pipe) and end it
/// yourself.
///
/// Dropping a group that was not stopped ends it all the same: as [`stop`](Group::stop), but with
/// `KILL` at once.
///
/// # Examples
///
/// ```
/// use shell::{Exit, Group};
/// use std::process::Command;
/// use std::time::Duration;
///
/// let script = "echo first; sleep 60 & sleep 60";
/// let mut group = Group::spawn(Command::new("sh").args(["-c", script]))?;
/// assert_eq!(group.next_line().unwrap().text(), "first");
/// assert!(group.next_line_timeout(Duration::from_millis(10)).is_err()); // silent, not at its end
///
/// let ended = group.stop(Duration::from_secs(5)); // all three processes
/// assert_eq!(ended.exit, Exit::Signal(15));
/// # Ok::<(), shell::StartError>(())
/// ```
///
/// After `stop` there is no group any more, and the compiler knows:
///
/// ```compile_fail,E0382
/// # use shell::Group;
/// # use std::{process::Command, time::Duration};
/// let mut group = Group::spawn(&mut Command::new("true")).unwrap();
/// group.stop(Duration::ZERO);
/// group.next_line();
/// ```
#[derive(Debug)]
pub struct Group {
    /// The program's standard input, if the command piped it. Drop it (`group.stdin.take()`) to
    /// let the program see its end.
    pub stdin: Option<ChildStdin>,
    running: Running,
    stdout: Cutter,
    stderr: Cutter,
}

/// No line came within the limit. Nothing is lost: ask again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimedOut;

impl fmt::Display for TimedOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no line came within the limit")
    }
}

impl Error for TimedOut {}

impl Group {
    /// Starts the program as the leader of a new group, both outputs piped to us.
    ///
    /// Standard input is the command's: inherited unless it says otherwise. The command's own
    /// settings for the outputs and for the process group are replaced, and stay so.
    ///
    /// # Errors
    ///
    /// [`StartError`] if the program could not be started.
    #[doc(alias = "Popen")]
    pub fn spawn(command: &mut Command) -> Result<Group, StartError> {
        let (running, stdin) = Running::start(command)?;
        Ok(Group { stdin, running, stdout: Cutter::default(), stderr: Cutter::default() })
    }

    /// Like [`spawn`](Group::spawn), but the outputs stay as the command has them: inherited unless
    /// it says otherwise. An output that is not piped has no lines here.
    ///
    /// # Errors
    ///
    /// [`StartError`] if the program could not be started.
    ///
    /// # Examples
    ///
    /// ```
    /// use shell::{Exit, Group};
    /// use std::process::Command;
    /// use std::time::Duration;
    ///
    /// let mut group = Group::spawn_as_is(Command::new("sh").args(["-c", "exit 3"]))?;
    /// assert_eq!(group.next_line(), None);
    /// assert!(group.wait_timeout(Duration::MAX));
    /// assert_eq!(group.stop(Duration::ZERO).exit, Exit::Code(3));
    /// # Ok::<(), shell::StartError>(())
    /// ```
    pub fn spawn_as_is(command: &mut Command) -> Result<Group, StartError> {
        let (running, stdin) = Running::start_as_is(command)?;
        Ok(Group { stdin, running, stdout: Cutter::default(), stderr: Cutter::default() })
    }

    /// The program's process id, which is also the group's number.
    pub fn id(&self) -> u32 {
        self.running.leader.pid.as_raw().unsigned_abs()
    }

    /// Waits for the next line of either output; `None` once there will be no more.
    ///
    /// There will be no more when every process has closed both pipes, or when the program itself
    /// has ended and all it wrote has been read: a background process that still holds a pipe
    /// keeps nobody waiting, whether it is silent or goes on printing.
    ///
    /// Lines of one output come in their order. Between the two outputs the order is that in
    /// which we found them; of two lines written while nobody looked, it says nothing.
    ///
    /// # Deadlocks
    ///
    /// Waits as long as the program is silent, and for ever if the program waits for us: for the
    /// end of its [`stdin`](Group::stdin), say. A prompt without a newline is no line yet;
    /// [`unfinished_line`](Group::unfinished_line) has it.
    pub fn next_line(&mut self) -> Option<Line> {
        // Without a deadline nothing times out.
        self.next_line_until(None).unwrap_or_default()
    }

    /// Like [`next_line`](Group::next_line), but gives up after `limit`.
    ///
    /// # Errors
    ///
    /// [`TimedOut`] if no line was complete within the limit and the program still runs. What came
    /// of the line is kept.
    pub fn next_line_timeout(&mut self, limit: Duration) -> Result<Option<Line>, TimedOut> {
        self.next_line_until(Instant::now().checked_add(limit))
    }

    /// What has been read of a line whose end has not come, if there is such a line.
    ///
    /// For when it will not come: after the last time-out, before [`stop`](Group::stop).
    ///
    /// # Examples
    ///
    /// ```
    /// use shell::Group;
    /// use std::process::Command;
    /// use std::time::Duration;
    ///
    /// let mut group = Group::spawn(Command::new("sh").args(["-c", "printf thinking; sleep 60"]))?;
    /// let unfinished = loop {
    ///     assert!(group.next_line_timeout(Duration::from_millis(10)).is_err());
    ///     if let Some(line) = group.unfinished_line() {
    ///         break line;
    ///     }
    /// };
    /// assert_eq!(unfinished.bytes, b"thinking");
    /// # Ok::<(), shell::StartError>(())
    /// ```
    pub fn unfinished_line(&mut self) -> Option<Line> {
        self.cut(Cutter::rest)
    }

    fn next_line_until(&mut self, deadline: Option<Instant>) -> Result<Option<Line>, TimedOut> {
        loop {
            if let Some(line) = self.cut(Cutter::next) {
                return Ok(Some(line));
            }
            let Group { stdout, stderr, .. } = self;
            let push = |source, bytes: &[u8]| match source {
                Source::Stdout => stdout.push(bytes),
                Source::Stderr => stderr.push(bytes),
            };
            match self.running.hear(deadline, push) {
                Heard::Something => {} // perhaps a line
                Heard::End => return Ok(self.cut(Cutter::rest)),
                Heard::Deadline => return self.cut(Cutter::next).map(Some).ok_or(TimedOut),
            }
        }
    }

    fn cut(&mut self, cut: impl Fn(&mut Cutter) -> Option<Vec<u8>>) -> Option<Line> {
        let line = |source, bytes| Line { source, bytes };
        let stdout = cut(&mut self.stdout).map(|bytes| line(Source::Stdout, bytes));
        stdout.or_else(|| cut(&mut self.stderr).map(|bytes| line(Source::Stderr, bytes)))
    }

    /// Waits until the program itself has ended, but not longer than `limit`; tells whether it
    /// has.
    ///
    /// Meant for after the last line: a program may close both outputs and live on.
    ///
    /// # Deadlocks
    ///
    /// Reads nothing. A program that still prints may fill its pipe, and then waits for us until
    /// the limit is over.
    pub fn wait_timeout(&mut self, limit: Duration) -> bool {
        self.running.wait(Instant::now().checked_add(limit))
    }

    /// Ends every process of the group: `TERM`, then `KILL` for those that are alive after `grace`.
    /// Reaps the program. What is printed meanwhile is read, so that no process hangs on a full
    /// pipe, and dropped.
    ///
    /// If all have ended already, it sends no `TERM` and does not wait. A program may be about to
    /// end after its last line: let it, by [`wait_timeout`](Group::wait_timeout), and
    /// [`Ended::left_behind`] is certain.
    ///
    /// When this returns, no process of the group is alive, with two exceptions: one that we may
    /// not signal, because it runs as another user, and one that is stuck in the kernel. Dead
    /// orphans may still await their reaping by process 1. (Where this process adopts orphans, as
    /// process 1 of a container does, they are reaped here.)
    ///
    /// # Deadlocks
    ///
    /// If the program itself is such an exception, this waits for its end all the same. For others
    /// of that kind it waits one second after `KILL`.
    #[doc(alias("kill", "terminate"))]
    pub fn stop(self, grace: Duration) -> Ended {
        drop(self.stdin);
        self.running.end(grace, |_, _| {})
    }
}

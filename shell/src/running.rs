//! A program in a group of its own, from its start to its end: what [`Group`](crate::Group) and
//! [`output_timeout`](crate::output_timeout) share.

use crate::exit::{Exit, Reaped};
use crate::leader::Leader;
use crate::pipes::{Pipes, Source};
use crate::start::{StartError, start, start_as_is};
use nix::sys::signal::Signal;
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, Command};
use std::thread;
use std::time::{Duration, Instant};

/// How long a silent program is listened to before it is asked again whether it has ended. While it
/// prints, and when it closes its pipes, nothing waits for this.
const TICK: Duration = Duration::from_millis(20);

/// What `KILL` leaves alive for longer is stuck in the kernel or belongs to another user.
const DYING: Duration = Duration::from_secs(1);

/// So many looks into a pipe, of 64 KiB each, read the largest pipe that an ordinary Linux user can
/// make (1 MiB). Whatever is found after them was written later.
const LOOKS: u32 = 16;

/// A program that runs in a process group of its own, and our ends of its pipes.
///
/// What it prints goes to the closure that each call is given.
///
/// Invariants:
/// 1. `looks_left` is 0 only once all that the leader wrote has been read: after its end, a look
///    has found nothing, or there were `LOOKS` of them;
/// 2. `over` is true only once the whole group has been killed and the leader reaped.
#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) leader: Leader,
    pipes: Pipes,
    looks_left: u32,
    over: bool,
}

/// How a [`Group`](crate::Group) ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// How the program itself, the group's leader, ended.
    pub exit: Exit,
    /// Processor time spent in its own code, and in that of the children it waited for.
    pub user: Duration,
    /// Processor time the system spent on its behalf, likewise.
    pub system: Duration,
    /// The program had ended by itself and left living processes in its group, which had to be
    /// ended.
    pub left_behind: bool,
    /// A process was still alive when the grace was over, and got `KILL`.
    pub killed: bool,
}

/// What came of listening.
pub(crate) enum Heard {
    /// Something was printed, or a pipe closed.
    Something,
    /// Nothing more will come.
    End,
    /// The deadline is over. (Something may have been printed, too.)
    Deadline,
}

impl Running {
    pub(crate) fn start(
        command: &mut Command,
    ) -> Result<(Running, Option<ChildStdin>), StartError> {
        start(command.process_group(0)).map(Running::of)
    }

    /// Starts it with its outputs as the command has them: the pipes, if any, are ours to read.
    pub(crate) fn start_as_is(
        command: &mut Command,
    ) -> Result<(Running, Option<ChildStdin>), StartError> {
        let mut child = start_as_is(command.process_group(0))?;
        let pipes = Pipes::of(&mut child);
        Ok(Running::of((child, pipes)))
    }

    fn of((mut child, pipes): (Child, Pipes)) -> (Running, Option<ChildStdin>) {
        let stdin = child.stdin.take();
        (Running { leader: Leader::new(child), pipes, looks_left: LOOKS, over: false }, stdin)
    }

    /// Waits until something is printed or a pipe closes, or nothing more will come.
    ///
    /// The deadline is for a program that runs. Of one that has ended it reads the rest, however
    /// late it is, for that takes no more than `LOOKS` calls.
    pub(crate) fn hear(
        &mut self,
        deadline: Option<Instant>,
        mut take: impl FnMut(Source, &[u8]),
    ) -> Heard {
        while self.looks_left > 0 && !self.pipes.closed() {
            // Asked before the look, so that all the leader wrote is in the pipes by then.
            let ended = self.leader.has_ended();
            let late = passed(deadline);
            let until = if ended { Instant::now() } else { earlier(deadline, TICK) };
            let found = self.pipes.read(Some(until), &mut take);
            if ended {
                self.looks_left = if found { self.looks_left - 1 } else { 0 };
            } else if late {
                return Heard::Deadline;
            }
            if found {
                return Heard::Something;
            }
        }
        Heard::End
    }

    /// Waits for the leader's end, reading nothing; false if the deadline came first.
    pub(crate) fn wait(&mut self, deadline: Option<Instant>) -> bool {
        let mut pause = Duration::from_micros(100);
        while !self.leader.has_ended() {
            if passed(deadline) {
                return false;
            }
            let until = earlier(deadline, pause);
            thread::sleep(until.saturating_duration_since(Instant::now()));
            pause = (pause * 2).min(TICK);
        }
        true
    }

    /// Ends the whole group and reaps the leader; see [`Group::stop`](crate::Group::stop).
    pub(crate) fn end(mut self, grace: Duration, mut take: impl FnMut(Source, &[u8])) -> Ended {
        let by_itself = self.leader.has_ended();
        let left_behind = by_itself && self.leader.group_lives();
        let mut killed = false;
        if left_behind || !by_itself {
            self.leader.signal(Signal::SIGTERM);
            killed = !self.gone_within(grace, &mut take);
        }
        let Reaped { exit, user, system } = self.kill(take);
        Ended { exit, user, system, left_behind, killed }
    }

    /// Kills what is left, and reaps the leader.
    fn kill(&mut self, mut take: impl FnMut(Source, &[u8])) -> Reaped {
        // Sent even if all seem gone: it does nothing to the dead, and it takes what was started
        // behind our back while we looked round.
        self.leader.signal(Signal::SIGKILL);
        self.gone_within(DYING, &mut take);
        // Their last words. Not until the pipes are closed: a process that has left the group may
        // hold the other ends and never fall silent.
        for _ in 0..LOOKS {
            if self.pipes.closed() || !self.pipes.read(Some(Instant::now()), &mut take) {
                break;
            }
        }
        let reaped = self.leader.reap();
        self.over = true;
        reaped
    }

    /// Reads on until no process of the group lives; false if `limit` was over first.
    fn gone_within(&mut self, limit: Duration, take: &mut impl FnMut(Source, &[u8])) -> bool {
        let deadline = Instant::now().checked_add(limit);
        let mut pause = Duration::from_millis(1); // the shortest that `read` can wait
        while !self.leader.has_ended() || self.leader.group_lives() {
            if passed(deadline) {
                return false;
            }
            self.pipes.read(Some(earlier(deadline, pause)), &mut *take);
            pause = (pause * 2).min(TICK);
        }
        true
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !self.over {
            self.kill(|_, _| {});
        }
    }
}

/// No deadline never passes.
fn passed(deadline: Option<Instant>) -> bool {
    deadline.is_some_and(|deadline| Instant::now() >= deadline)
}

/// The end of this pause, unless the deadline comes first.
fn earlier(deadline: Option<Instant>, pause: Duration) -> Instant {
    let pause = Instant::now() + pause;
    deadline.map_or(pause, |deadline| deadline.min(pause))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use std::process::Stdio;

    /// A program that has ended and left a line in each pipe.
    fn both_pipes_full() -> Running {
        let script = "echo out; echo err >&2";
        let mut running = Running::start(Command::new("sh").args(["-c", script])).unwrap().0;
        assert!(running.wait(None));
        running
    }

    #[test]
    fn one_look_reads_both_pipes() {
        let _watchdog = tests_and_benches::Watchdog::new();
        let mut seen = Vec::new();
        both_pipes_full().pipes.read(None, |source, bytes| seen.push((source, bytes.to_vec())));
        assert_eq!(
            seen,
            [(Source::Stdout, b"out\n".to_vec()), (Source::Stderr, b"err\n".to_vec())]
        );
    }

    #[test]
    fn what_an_ended_program_wrote_is_read_however_late_it_is() {
        let _watchdog = tests_and_benches::Watchdog::new();
        let (mut running, late) = (both_pipes_full(), Some(Instant::now()));
        let mut seen = 0;
        while let Heard::Something = running.hear(late, |_, bytes| seen += bytes.len()) {}
        assert_eq!(seen, "out\nerr\n".len());
        assert!(matches!(running.hear(late, |_, _| {}), Heard::End));
    }

    #[test]
    fn a_background_process_that_goes_on_printing_is_not_listened_to_for_ever() {
        let _watchdog = tests_and_benches::Watchdog::new();
        // A shell takes standard input from its background processes, but no other descriptor.
        let mut echo = Command::new("sh");
        echo.args(["-c", "exec 3<&0; cat <&3 & exit"]).stdin(Stdio::piped());
        let (mut running, mut stdin) = Running::start(&mut echo).unwrap();
        assert!(running.wait(None));
        for _ in 0..LOOKS {
            stdin.as_mut().unwrap().write_all(b"more").unwrap();
            running.pipes.ready(None);
            assert!(matches!(running.hear(None, |_, _| {}), Heard::Something));
        }
        stdin.as_mut().unwrap().write_all(b"more").unwrap();
        running.pipes.ready(None);
        assert!(matches!(running.hear(None, |_, _| {}), Heard::End));
    }

    #[test]
    fn nobody_is_killed_twice() {
        let _watchdog = tests_and_benches::Watchdog::new();
        let mut running = both_pipes_full();
        running.kill(|_, _| {});
        assert!(running.over, "the id may be a stranger's by now, and `drop` would kill again");
    }

    #[test]
    fn what_was_printed_before_the_end_is_read_at_the_end() {
        let _watchdog = tests_and_benches::Watchdog::new();
        let mut seen = 0;
        both_pipes_full().end(Duration::ZERO, |_, bytes| seen += bytes.len());
        assert_eq!(seen, "out\nerr\n".len());
    }
}

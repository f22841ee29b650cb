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

/// How often a silent program is asked whether it has ended. While it prints, and when it closes
/// its pipes, nothing waits for this.
const TICK: Duration = Duration::from_millis(20);

/// What `KILL` leaves alive for longer is stuck in the kernel or belongs to another user.
const DYING: Duration = Duration::from_secs(1);

/// A program that runs in a process group of its own, and our ends of its pipes.
///
/// What it prints goes to the closure that each call is given.
#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) leader: Leader,
    pipes: Pipes,
    /// The leader has ended, and the pipes were found empty after that.
    silent: bool,
    /// Nobody is left for `drop` to kill.
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
    /// Somebody was still alive when the grace was over, and got `KILL`.
    pub killed: bool,
}

/// What came of listening.
pub(crate) enum Heard {
    /// Something was printed.
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
        (Running { leader: Leader::new(child), pipes, silent: false, over: false }, stdin)
    }

    /// Waits until something is printed, or nothing more will come.
    pub(crate) fn hear(
        &mut self,
        deadline: Option<Instant>,
        mut take: impl FnMut(Source, &[u8]),
    ) -> Heard {
        while !self.silent && !self.pipes.closed() {
            let late = passed(deadline);
            if self.pipes.read(Some(earlier(deadline, TICK)), &mut take) {
                return if late { Heard::Deadline } else { Heard::Something };
            }
            if self.leader.has_ended() {
                // Whatever it wrote is in the pipes by now: one more look finds all of it.
                self.silent = !self.pipes.read(Some(Instant::now()), &mut take);
            } else if late {
                return Heard::Deadline;
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
            thread::sleep(pause);
            pause = (pause * 2).min(TICK);
        }
        true
    }

    /// Ends everybody in the group and reaps the leader; see [`Group::stop`](crate::Group::stop).
    pub(crate) fn end(mut self, grace: Duration, mut take: impl FnMut(Source, &[u8])) -> Ended {
        let by_itself = self.leader.has_ended();
        let left_behind = by_itself && self.leader.group_lives();
        let mut killed = false;
        if left_behind || !by_itself {
            self.leader.signal(Signal::SIGTERM);
            killed = !self.gone_within(grace, &mut take);
        }
        // Sent even if all seem gone: it does nothing to the dead, and it takes whoever was born
        // behind our back while we looked round.
        self.leader.signal(Signal::SIGKILL);
        if killed {
            self.gone_within(DYING, &mut take);
        }
        // Their last words. At most 1 MiB, the largest pipe there is: a process that has left the
        // group may hold the other end and never fall silent.
        for _ in 0..16 {
            if self.pipes.closed() || !self.pipes.read(Some(Instant::now()), &mut take) {
                break;
            }
        }
        let Reaped { exit, user, system } = self.leader.reap();
        self.over = true;
        Ended { exit, user, system, left_behind, killed }
    }

    /// Reads on until nobody of the group lives; false if `limit` was over first.
    fn gone_within(&mut self, limit: Duration, take: &mut impl FnMut(Source, &[u8])) -> bool {
        let deadline = Instant::now().checked_add(limit);
        let mut pause = Duration::from_micros(100);
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
            self.leader.signal(Signal::SIGKILL);
            self.leader.reap();
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

    /// A program that has ended and left a line in each pipe.
    fn both_pipes_full() -> Running {
        let script = "echo out; echo err >&2";
        let mut running = Running::start(Command::new("sh").args(["-c", script])).unwrap().0;
        assert!(running.wait(None));
        running
    }

    #[test]
    fn one_look_reads_both_pipes() {
        let mut seen = Vec::new();
        both_pipes_full().pipes.read(None, |source, bytes| seen.push((source, bytes.to_vec())));
        assert_eq!(
            seen,
            [(Source::Stdout, b"out\n".to_vec()), (Source::Stderr, b"err\n".to_vec())]
        );
    }

    #[test]
    fn a_deadline_that_is_over_is_noticed_though_there_is_more_to_read() {
        let heard = both_pipes_full().hear(Some(Instant::now()), |_, _| {});
        assert!(matches!(heard, Heard::Deadline));
    }
}

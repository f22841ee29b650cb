//! Processes that get away from their run: found, named and ended, as far as the system tells.
//!
//! Three nets, each for what slips through the one before. `shell::Group` ends the process group. Who
//! left the group still carries the run's own `TMPDIR` in its environment, and is found by that in
//! `/proc`. Who wiped its environment as well becomes our child when its parent ends, for the runner
//! is a *child subreaper*: orphans come to it instead of to init. Of which run such an orphan is, its
//! session tells, for each run has one; if it has left that too, it is of one of the runs that were
//! under way when it started.
//!
//! The price of the third net is that nobody else reaps those orphans. A thread does, at every
//! SIGCHLD. It must never reap the leader of a group, whose status the group wants and whose
//! number must not be used again before that: it passes over all that [`spawn`] started.
//!
//! The last two nets are Linux's. Elsewhere there is no `/proc`, and orphans go to init: who leaves the
//! group is not found, and a hang is reported without what its threads waited in.

mod proc;

use crate::stop;
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, waitpid};
use nix::unistd::{Pid, getpgrp, getpid};
use parking_lot::Mutex;
use proc::{Stat, all, has_variable};
use shell::{Ended, Group, StartError};
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::Command;
use std::sync::Once;
use std::thread;
use std::time::{Duration, Instant};

/// A process that belongs to a run, or did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    /// Its number.
    pub pid: i32,
    /// Its name, as the kernel has it.
    pub name: String,
    /// Is it still in the process group of its run?
    pub in_group: bool,
}

/// Set for what is no run: the build may start a daemon that lasts (a compiler cache), no orphan to
/// end.
const LASTING: (&str, &str) = ("XTASK_BUILD", "1");

/// What is known of our children.
///
/// Locked while one is started, so that the reaper never sees a leader that is not in it yet.
///
/// When a run's group has ended, all orphans of that run have come to us. So one that is first seen at
/// that moment is of this run or of one that is still under way, and of none that is younger than itself.
struct Known {
    /// The leaders of groups, which the reaper passes over. They stay until nothing of them is left.
    /// None for what is no run.
    leaders: BTreeMap<i32, Option<Leader>>,
    /// Orphans that may be of several runs, and the names of these.
    suspects: BTreeMap<i32, Vec<String>>,
}

/// The first process of a run.
struct Leader {
    name: String,
    /// The run's own `TMPDIR`.
    mark: OsString,
    start: u64,
}

static KNOWN: Mutex<Known> =
    Mutex::new(Known { leaders: BTreeMap::new(), suspects: BTreeMap::new() });

impl Known {
    /// Our children that we did not start: those that we did lead a group of their own or, started by
    /// `std` alone, share ours.
    fn is_adopted(&self, process: &Stat) -> bool {
        process.parent == getpid().as_raw()
            && process.group != getpgrp().as_raw()
            && !self.leaders.contains_key(&process.pid)
    }

    /// Is this an adopted orphan that was left by a run?
    fn is_stray(&self, process: &Stat) -> bool {
        let (variable, value) = LASTING;
        process.state != 'Z'
            && self.is_adopted(process)
            && !has_variable(process.pid, variable, value.as_ref())
    }

    /// The leaders of the runs that an orphan may be of: the one whose session it is in, or else all
    /// that are no younger. A tick of the clock that dates them is long.
    fn candidates(&self, orphan: &Stat) -> Vec<i32> {
        if self.leaders.contains_key(&orphan.session) {
            return vec![orphan.session];
        }
        let is_older = |leader: &Leader| leader.start <= orphan.start;
        let older = self.leaders.iter().filter(|(_, leader)| leader.as_ref().is_some_and(is_older));
        older.map(|(pid, _)| *pid).collect()
    }

    /// Has this process left the group of this run, and can it be of no other?
    fn has_escaped(&self, process: &Stat, leader: i32) -> bool {
        let Some(Some(Leader { mark, .. })) = self.leaders.get(&leader) else { return false };
        has_variable(process.pid, "TMPDIR", mark)
            || self.is_stray(process)
                && !self.suspects.contains_key(&process.pid)
                && self.candidates(process) == [leader]
    }

    /// Nothing of this run is left but, perhaps, orphans that may be of another as well.
    fn retire(&mut self, leader: i32) {
        let strays: Vec<_> = all().filter(|process| self.is_stray(process)).collect();
        for stray in strays {
            let candidates = self.candidates(&stray);
            if candidates.contains(&leader) {
                let leaders = candidates.iter().filter_map(|pid| self.leaders[pid].as_ref());
                let names = leaders.map(|leader| leader.name.clone()).collect();
                self.suspects.entry(stray.pid).or_insert(names);
            }
        }
        self.leaders.remove(&leader);
    }
}

/// Starts a program in a group of its own, whose orphans come to us. It is a run, if it has been given
/// a `TMPDIR` of its own.
///
/// # Errors
///
/// The program cannot be started.
pub fn spawn(command: &mut Command) -> Result<Group, StartError> {
    static ONCE: Once = Once::new();
    ONCE.call_once(adopt_orphans);
    let mark = command.get_envs().find(|(variable, _)| *variable == "TMPDIR");
    let mark = mark.and_then(|(_, value)| Some(value?.to_owned()));
    if mark.is_none() {
        command.env(LASTING.0, LASTING.1);
    }
    let mut known = KNOWN.lock();
    let group = Group::spawn(command)?;
    let pid = group.id().cast_signed();
    let start = Stat::of(pid).map_or(0, |stat| stat.start);
    known.leaders.insert(pid, mark.map(|mark| Leader { name: name(command), mark, start }));
    Ok(group)
}

/// What a command is called: its Python script or else its program.
fn name(command: &Command) -> String {
    let is_script = |argument: &&OsStr| Path::new(argument).extension() == Some("py".as_ref());
    let path = Path::new(command.get_args().find(is_script).unwrap_or(command.get_program()));
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

/// Ends a group that [`spawn`] started, and kills what has left it.
pub fn stop(group: Group, grace: Duration) -> Ended {
    stop_run(group, grace).0
}

/// As [`stop()`], and tells what had left the group.
pub fn stop_run(group: Group, grace: Duration) -> (Ended, Vec<Process>) {
    let leader = group.id().cast_signed();
    let ended = group.stop(grace);
    let escaped = end(|known, process| known.has_escaped(process, leader));
    KNOWN.lock().retire(leader);
    (ended, escaped)
}

/// Where either step is refused, orphans go to init as they do elsewhere.
fn adopt_orphans() {
    // Children that we have before we started any come from a program that became us by `exec`:
    // not ours to reap or to end.
    let children = all().filter(|child| child.parent == getpid().as_raw());
    KNOWN.lock().leaders.extend(children.map(|child| (child.pid, None)));
    #[cfg(target_os = "linux")]
    let adopts = nix::sys::prctl::set_child_subreaper(true).is_ok();
    #[cfg(not(target_os = "linux"))]
    let adopts = false;
    if adopts && let Ok(mut signals) = signal_hook::iterator::Signals::new([Signal::SIGCHLD as i32])
    {
        thread::spawn(move || signals.forever().for_each(|_| reap_orphans()));
    }
}

fn reap_orphans() {
    let known = KNOWN.lock();
    for orphan in all().filter(|child| child.state == 'Z' && known.is_adopted(child)) {
        let _ = waitpid(Pid::from_raw(orphan.pid), Some(WaitPidFlag::WNOHANG));
    }
}

/// All living processes of a run. That its leader has not been reaped keeps its number from others.
fn of_run(group: &Group) -> Vec<Process> {
    let (known, leader) = (KNOWN.lock(), group.id().cast_signed());
    let found = all().filter(|process| process.state != 'Z').filter_map(|process| {
        let in_group = process.group == leader;
        let of_run = in_group || process.session == leader || known.has_escaped(&process, leader);
        of_run.then_some(Process { pid: process.pid, name: process.name, in_group })
    });
    found.collect()
}

/// Waits a moment for the rest of a run to end by itself (Python's resource tracker ends on the
/// end-of-file that its parent leaves), and tells what did not.
pub fn outlivers(group: &Group) -> Vec<Process> {
    let give_up = Instant::now() + Duration::from_secs(1);
    loop {
        let rest = of_run(group);
        if rest.is_empty() || Instant::now() > give_up || stop::requested() {
            return rest;
        }
        thread::sleep(Duration::from_millis(5));
    }
}

/// What each thread of a run is waiting in, one line each.
pub fn waits(group: &Group) -> Vec<String> {
    let waits = |Process { pid, name, .. }| {
        proc::waits(pid).map(move |thread| format!("{name} ({pid}), thread {thread}"))
    };
    of_run(group).into_iter().flat_map(waits).collect()
}

/// Kills the orphans that are left; to be called when no run is under way. Tells what they were, and
/// the names of the runs that each may be of.
pub fn end_orphans() -> Vec<(Process, Vec<String>)> {
    let ended = end(Known::is_stray).into_iter();
    let mut suspects = std::mem::take(&mut KNOWN.lock().suspects);
    let named = ended.map(|orphan| {
        let names = suspects.remove(&orphan.pid).unwrap_or_default();
        (orphan, names)
    });
    named.collect()
}

/// Kills what is so until nothing more is: a process may start another meanwhile.
fn end(is_so: impl Fn(&Known, &Stat) -> bool) -> Vec<Process> {
    let mut ended: Vec<Process> = Vec::new();
    let give_up = Instant::now() + Duration::from_secs(5);
    loop {
        let known = KNOWN.lock();
        let found: Vec<_> = all().filter(|process| is_so(&known, process)).collect();
        drop(known);
        if found.is_empty() || Instant::now() > give_up {
            return ended;
        }
        for Stat { pid, name, .. } in found {
            // Its number could be another's only if it ended, was reaped and the numbers went
            // once round since its environment was read.
            if kill(Pid::from_raw(pid), Signal::SIGKILL).is_ok()
                && ended.iter().all(|process| process.pid != pid)
            {
                ended.push(Process { pid, name, in_group: false });
            }
        }
        thread::sleep(Duration::from_millis(5));
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn an_orphan_is_of_its_session_or_else_of_any_run_that_is_no_younger() {
        let run = |pid: i32, start| {
            let (name, mark) = (pid.to_string(), "its own".into());
            (pid, Some(Leader { name, mark, start }))
        };
        let leaders = [(1, None), run(2, 10), run(3, 20), run(4, 21)].into();
        let known = Known { leaders, suspects: [].into() };
        let any = || Stat::of(1).expect("Linux has a first process");
        let orphan = |session, start| Stat { session, start, ..any() };
        assert_eq!(known.candidates(&orphan(9, 20)), [2, 3]);
        assert_eq!(known.candidates(&orphan(3, 20)), [3]);
    }
}

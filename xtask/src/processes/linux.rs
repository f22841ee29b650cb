//! What can be done on Linux: three nets, each for what slips through the one before.
//!
//! `shell::Group` ends the process group. Who left the group still carries the run's own `TMPDIR` in its
//! environment, and is found by that in `/proc`. Who wiped its environment as well becomes our child
//! when its parent ends, for the runner is a *child subreaper*: orphans come to it instead of to
//! init. Of which run such an orphan is, its session tells, for each run has one; if it has left that
//! too, it is of one of the runs that were under way when it started.
//!
//! The price of the third net is that nobody else reaps those orphans. A thread does, at every
//! SIGCHLD. It must never reap the leader of a group, whose status the group wants and whose
//! number must not be used again before that: it passes over all that [`spawn`] started.

use super::proc::{Stat, all, has_mark, has_variable, in_words, numbered, stat};
use super::process::{BUILD_MARK, Process};
use crate::stop;
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, waitpid};
use nix::unistd::{Pid, getpgrp, getpid};
use shell::{Ended, Group, StartError};
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;
use std::sync::{Mutex, MutexGuard, Once, PoisonError};
use std::time::{Duration, Instant};
use std::{fs, thread};

/// What is known of our children.
///
/// Locked while one is started, so that the reaper never sees a leader that is not in it yet.
///
/// When a run's group has ended, all orphans of that run have come to us. So one that is first seen at
/// that moment is of this run or of one that is still under way, and of none that is younger than itself.
struct Known {
    /// The leaders of groups, which the reaper passes over. They stay until nothing of them is left.
    /// None for what is no run: the build, whose orphans have its mark.
    leaders: BTreeMap<u32, Option<Leader>>,
    /// Orphans that may be of several runs, and the names of these.
    suspects: BTreeMap<i32, Vec<String>>,
}

struct Leader {
    name: String,
    start: u64,
}

static KNOWN: Mutex<Known> =
    Mutex::new(Known { leaders: BTreeMap::new(), suspects: BTreeMap::new() });

fn known() -> MutexGuard<'static, Known> {
    KNOWN.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Known {
    /// Our children that we did not start: those that we did lead a group of their own or, started by
    /// `std` alone, share ours.
    fn is_adopted(&self, process: &Stat) -> bool {
        process.parent == getpid().as_raw()
            && process.group != getpgrp().as_raw()
            && !self.leaders.contains_key(&process.pid.unsigned_abs())
    }

    /// Is this an adopted orphan that was left by a run? The build may leave a daemon that lasts.
    fn is_stray(&self, process: &Stat) -> bool {
        let (variable, value) = BUILD_MARK;
        process.state != 'Z'
            && self.is_adopted(process)
            && !has_variable(process.pid, variable, value.as_ref())
    }

    /// The leaders of the runs that an orphan may be of: the one whose session it is in, or else all
    /// that are no younger. A tick of the clock that dates them is long.
    fn candidates(&self, orphan: &Stat) -> Vec<u32> {
        let session = orphan.session.unsigned_abs();
        if self.leaders.contains_key(&session) {
            return vec![session];
        }
        let is_older = |leader: &Leader| leader.start <= orphan.start;
        let older = self.leaders.iter().filter(|(_, leader)| leader.as_ref().is_some_and(is_older));
        older.map(|(pid, _)| *pid).collect()
    }

    /// Has this process left the group of this run, and can it be of no other?
    fn has_escaped(&self, process: &Stat, leader: u32, mark: &Path) -> bool {
        has_mark(process.pid, mark)
            || self.is_stray(process)
                && !self.suspects.contains_key(&process.pid)
                && self.candidates(process) == [leader]
    }

    /// Nothing of this run is left but, perhaps, orphans that may be of another as well.
    fn retire(&mut self, leader: u32) {
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

/// Starts a program in a group of its own, whose orphans come to us.
///
/// # Errors
///
/// The program cannot be started.
pub fn spawn(command: &mut Command) -> Result<Group, StartError> {
    static ONCE: Once = Once::new();
    ONCE.call_once(adopt_orphans);
    let mut known = known();
    let group = Group::spawn(command)?;
    let start = stat(group.id().cast_signed()).map_or(0, |stat| stat.start);
    let is_run = command.get_envs().all(|(variable, _)| variable != BUILD_MARK.0);
    known.leaders.insert(group.id(), is_run.then(|| Leader { name: name(command), start }));
    Ok(group)
}

/// What a command is called: its Python script or else its program.
fn name(command: &Command) -> String {
    let is_script = |argument: &&OsStr| Path::new(argument).extension() == Some("py".as_ref());
    let path = Path::new(command.get_args().find(is_script).unwrap_or(command.get_program()));
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

/// Ends a group that [`spawn`] started.
pub fn stop(group: Group, grace: Duration) -> Ended {
    let leader = group.id();
    let ended = group.stop(grace);
    known().retire(leader);
    ended
}

/// Ends the group of a run that [`spawn`] started, and kills what has left that; tells what it was.
pub fn stop_run(group: Group, mark: &Path, grace: Duration) -> (Ended, Vec<Process>) {
    let leader = group.id();
    let ended = group.stop(grace);
    let escaped = end(|| {
        let known = known();
        let escaped = all().filter(|process| process.state != 'Z');
        let escaped = escaped.filter(|process| known.has_escaped(process, leader, mark));
        escaped.map(|Stat { pid, name, .. }| Process { pid, name, in_group: false }).collect()
    });
    known().retire(leader);
    (ended, escaped)
}

/// Where either step is refused, orphans go to init as they do elsewhere.
fn adopt_orphans() {
    // Children that we have before we started any come from a program that became us by `exec`:
    // not ours to reap or to end.
    let me = getpid().as_raw();
    let children = all().filter(|child| child.parent == me);
    known().leaders.extend(children.map(|child| (child.pid.unsigned_abs(), None)));
    if nix::sys::prctl::set_child_subreaper(true).is_ok()
        && let Ok(mut signals) = signal_hook::iterator::Signals::new([Signal::SIGCHLD as i32])
    {
        thread::spawn(move || signals.forever().for_each(|_| reap_orphans()));
    }
}

fn reap_orphans() {
    let known = known();
    for orphan in all().filter(|child| child.state == 'Z' && known.is_adopted(child)) {
        let _ = waitpid(Pid::from_raw(orphan.pid), Some(WaitPidFlag::WNOHANG));
    }
}

/// All living processes of a run whose leader has not been reaped.
fn of_run(leader: u32, mark: &Path) -> Vec<Process> {
    let known = known();
    // Kernel threads, and what was started from outside a container, all say group 0.
    let is = |number: i32| leader != 0 && number.unsigned_abs() == leader;
    let found = all().filter(|process| process.state != 'Z').filter_map(|process| {
        let in_group = is(process.group);
        let of_run = in_group || is(process.session) || known.has_escaped(&process, leader, mark);
        let Stat { pid, name, .. } = process;
        of_run.then_some(Process { pid, name, in_group })
    });
    found.collect()
}

/// Waits a moment for the rest of a run to end by itself (Python's resource tracker ends on the
/// end-of-file that its parent leaves), and tells what did not.
pub fn outlivers(group: u32, mark: &Path) -> Vec<Process> {
    let give_up = Instant::now() + Duration::from_secs(1);
    loop {
        let rest = of_run(group, mark);
        if rest.is_empty() || Instant::now() > give_up || stop::requested() {
            return rest;
        }
        thread::sleep(Duration::from_millis(5));
    }
}

/// Kills the orphans that are left; to be called when no run is under way. Tells what they were, and
/// the names of the runs that each may be of.
pub fn end_orphans() -> Vec<(Process, Vec<String>)> {
    let ended = end(|| {
        let known = known();
        let strays = all().filter(|process| known.is_stray(process));
        strays.map(|Stat { pid, name, .. }| Process { pid, name, in_group: false }).collect()
    });
    let mut suspects = std::mem::take(&mut known().suspects);
    let named = |process: Process| {
        let names = suspects.remove(&process.pid).unwrap_or_default();
        (process, names)
    };
    ended.into_iter().map(named).collect()
}

/// Kills what `find` finds until it finds nothing more: a process may start another meanwhile.
fn end(find: impl Fn() -> Vec<Process>) -> Vec<Process> {
    let mut ended = Vec::new();
    let give_up = Instant::now() + Duration::from_secs(5);
    loop {
        let found = find();
        if found.is_empty() || Instant::now() > give_up {
            return ended;
        }
        for process in found {
            // Its number could be another's only if it ended, was reaped and the numbers went
            // once round since `find` read its environment.
            if kill(Pid::from_raw(process.pid), Signal::SIGKILL).is_ok()
                && !ended.contains(&process)
            {
                ended.push(process);
            }
        }
        thread::sleep(Duration::from_millis(5));
    }
}

/// What each thread of a run is waiting in, one line each.
pub fn waits(group: u32, mark: &Path) -> Vec<String> {
    let mut lines = Vec::new();
    for process in of_run(group, mark) {
        let is_stopped = stat(process.pid).is_some_and(|stat| matches!(stat.state, 'T' | 't'));
        for task in numbered(&format!("/proc/{}/task", process.pid)) {
            let read =
                |file| fs::read_to_string(format!("/proc/{}/task/{task}/{file}", process.pid));
            let thread = read("comm").unwrap_or_default();
            let place = match (read("syscall"), read("wchan")) {
                _ if is_stopped => "nothing: a signal has stopped it".to_owned(),
                (Ok(syscall), _) => in_words(&syscall),
                (Err(_), Ok(function)) => format!("kernel function {function}"),
                (Err(_), Err(_)) => "nothing that may be read".to_owned(),
            };
            lines.push(format!(
                "{} ({}), thread {}: {place}",
                process.name,
                process.pid,
                thread.trim()
            ));
        }
    }
    lines
}

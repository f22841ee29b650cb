//! What can be done on Linux: three nets, each for what slips through the one before.
//!
//! `shell::Group` ends the process group. Who left the group (`setsid`) still carries the run's own
//! `TMPDIR` in its environment, and is found by that in `/proc`. Who wiped its environment as well
//! becomes our child when its parent ends, for the runner is a *child subreaper*: orphans come to
//! it instead of to init.
//!
//! The price of the third net is that nobody else reaps those orphans. A thread does, at every
//! SIGCHLD. It must never reap the leader of a group, whose status the group wants and whose
//! number must not be used again before that: it passes over all that [`spawn`] started.

use super::{BUILD_MARK, Process};
use crate::{stop, syscalls};
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, waitpid};
use nix::unistd::{Pid, getpgrp, getpid};
use shell::{Ended, Group, StartError};
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::Command;
use std::sync::{Mutex, MutexGuard, Once, PoisonError};
use std::time::{Duration, Instant};
use std::{fs, thread};

/// The children that the reaper passes over. Locked while one is started, so that the reaper never sees
/// a leader that is not in it yet.
static LEADERS: Mutex<BTreeSet<u32>> = Mutex::new(BTreeSet::new());

fn leaders() -> MutexGuard<'static, BTreeSet<u32>> {
    LEADERS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Starts a program in a group of its own, whose orphans come to us.
///
/// # Errors
///
/// The program cannot be started.
pub fn spawn(command: &mut Command) -> Result<Group, StartError> {
    static ONCE: Once = Once::new();
    ONCE.call_once(adopt_orphans);
    let mut leaders = leaders();
    let group = Group::spawn(command)?;
    leaders.insert(group.id());
    Ok(group)
}

/// Ends a group that [`spawn`] started.
pub fn stop(group: Group, grace: Duration) -> Ended {
    let leader = group.id();
    let ended = group.stop(grace);
    leaders().remove(&leader);
    ended
}

/// Where either step is refused, orphans go to init as they do elsewhere.
fn adopt_orphans() {
    // Children that we have before we started any come from a program that became us by `exec`:
    // not ours to reap or to end.
    let me = getpid().as_raw();
    leaders()
        .extend(all().filter(|child| child.parent == me).map(|child| child.pid.unsigned_abs()));
    if nix::sys::prctl::set_child_subreaper(true).is_ok()
        && let Ok(mut signals) = signal_hook::iterator::Signals::new([Signal::SIGCHLD as i32])
    {
        thread::spawn(move || signals.forever().for_each(|_| reap_orphans()));
    }
}

fn reap_orphans() {
    let leaders = leaders();
    for orphan in adopted(&leaders).filter(|child| child.state == 'Z') {
        let _ = waitpid(Pid::from_raw(orphan.pid), Some(WaitPidFlag::WNOHANG));
    }
}

/// Our children that we did not start: those that we did lead a group of their own or, started
/// by `std` alone, share ours.
fn adopted(leaders: &BTreeSet<u32>) -> impl Iterator<Item = Stat> {
    let (me, my_group) = (getpid().as_raw(), getpgrp().as_raw());
    all().filter(move |process| {
        process.parent == me
            && process.group != my_group
            && !leaders.contains(&process.pid.unsigned_abs())
    })
}

/// All living processes that are in this group or carry this `TMPDIR`.
fn of_run(group: u32, mark: &Path) -> Vec<Process> {
    // Kernel threads, and what was started from outside a container, all say group 0.
    let in_group = |process: &Stat| group != 0 && process.group.unsigned_abs() == group;
    let found = all().filter(|process| process.state != 'Z').filter_map(|process| {
        let in_group = in_group(&process);
        let Stat { pid, name, .. } = process;
        (in_group || has_mark(pid, mark)).then_some(Process { pid, name, in_group })
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

/// Kills what carries a run's `TMPDIR`, wherever it went; tells what that was.
pub fn end_escaped(mark: &Path) -> Vec<Process> {
    end(|| {
        let marked = all().filter(|process| process.state != 'Z' && has_mark(process.pid, mark));
        marked.map(|Stat { pid, name, .. }| Process { pid, name, in_group: false }).collect()
    })
}

/// Kills the adopted orphans that carry no run's `TMPDIR`; to be called when no run is under way.
pub fn end_orphans() -> Vec<Process> {
    let (variable, value) = BUILD_MARK;
    end(|| {
        let leaders = leaders();
        let stray = adopted(&leaders).filter(|process| {
            process.state != 'Z' && !has_variable(process.pid, variable, value.as_ref())
        });
        stray.map(|Stat { pid, name, .. }| Process { pid, name, in_group: false }).collect()
    })
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
                (Ok(syscall), _) => syscalls::in_words(&syscall),
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

/// What `/proc/PID/stat` begins with.
struct Stat {
    pid: i32,
    name: String,
    state: char,
    parent: i32,
    group: i32,
}

fn all() -> impl Iterator<Item = Stat> {
    numbered("/proc").filter_map(stat)
}

fn numbered(folder: &str) -> impl Iterator<Item = i32> + use<> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

fn stat(pid: i32) -> Option<Stat> {
    let text = fs::read(format!("/proc/{pid}/stat")).ok()?;
    let text = String::from_utf8_lossy(&text);
    // The name stands in parentheses and may contain some.
    let (name, rest) = text.split_once('(')?.1.rsplit_once(") ")?;
    let mut fields = rest.split(' ');
    Some(Stat {
        pid,
        name: name.to_owned(),
        state: fields.next()?.chars().next()?,
        parent: fields.next()?.parse().ok()?,
        group: fields.next()?.parse().ok()?,
    })
}

fn has_mark(pid: i32, mark: &Path) -> bool {
    has_variable(pid, "TMPDIR", mark.as_os_str())
}

fn has_variable(pid: i32, name: &str, value: &OsStr) -> bool {
    let wanted: Vec<u8> = [name.as_bytes(), b"=", value.as_bytes()].concat();
    let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
    environment.split(|byte| *byte == 0).any(|variable| variable == wanted)
}

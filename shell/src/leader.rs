//! The process that a group is named after: signalled and reaped in this file alone, so that the
//! order of the two can be seen.

use crate::exit::Reaped;
use nix::sys::signal::{Signal, killpg};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;
use std::process::Child;

/// The program whose number is the group's.
///
/// A process number is given out again once neither a process, nor a dead one that nobody has
/// reaped, nor a group bears it. So:
/// 1. the leader is reaped last, and no signal is sent after that: none can hit a stranger;
/// 2. `child` is `None` once it is reaped, and `end` is what was learnt by it.
///
/// Where a leader cannot be asked without being reaped (not Linux), or the system reaps it
/// unasked (`SIGCHLD` ignored), a signal is sent only if somebody of the group is seen alive, who
/// then holds the number.
#[derive(Debug)]
pub(crate) struct Leader {
    pub(crate) pid: Pid,
    child: Option<Child>,
    end: Reaped,
}

impl Leader {
    pub(crate) fn new(child: Child) -> Leader {
        let pid = i32::try_from(child.id()).expect("process ids are positive i32 numbers");
        Leader { pid: Pid::from_raw(pid), child: Some(child), end: Reaped::LOST }
    }

    /// Whether the program has ended; it stays unreaped.
    #[cfg(target_os = "linux")]
    pub(crate) fn has_ended(&mut self) -> bool {
        use nix::sys::wait::{Id, waitid};
        let ask = WaitPidFlag::WEXITED | WaitPidFlag::WNOHANG | WaitPidFlag::WNOWAIT;
        if !self.is_reaped() {
            match waitid(Id::Pid(self.pid), ask) {
                Ok(WaitStatus::StillAlive) => return false,
                Ok(_) => {}
                Err(_) => self.child = None, // ECHILD: reaped by the system
            }
        }
        true
    }

    /// Whether the program has ended; here that means reaping it.
    #[cfg(not(target_os = "linux"))]
    pub(crate) fn has_ended(&mut self) -> bool {
        use wait4::Wait4;
        match self.child.as_mut().map(Wait4::try_wait4) {
            Some(Ok(None)) => return false,
            Some(Ok(Some(used))) => self.end = used.into(),
            Some(Err(_)) | None => {} // ECHILD: reaped by the system
        }
        self.child = None;
        true
    }

    pub(crate) fn is_reaped(&self) -> bool {
        self.child.is_none()
    }

    /// Whether somebody of the group lives; the dead whom nobody has reaped do not count.
    #[cfg(target_os = "linux")]
    pub(crate) fn group_lives(&self) -> bool {
        // The kernel's own answer to a signal counts the dead, the leader among them. If /proc is
        // not there, nobody is seen, and gets KILL without the grace.
        std::fs::read_dir("/proc").is_ok_and(|processes| {
            processes.flatten().any(|process| {
                std::fs::read(process.path().join("stat"))
                    .is_ok_and(|stat| lives_in(&String::from_utf8_lossy(&stat), self.pid))
            })
        })
    }

    /// Whether somebody of the group lives; the dead whom nobody has reaped do not count.
    #[cfg(not(target_os = "linux"))]
    pub(crate) fn group_lives(&self) -> bool {
        killpg(self.pid, None).is_ok()
    }

    /// Signals the whole group, as far as the number is known to be ours.
    pub(crate) fn signal(&self, signal: Signal) {
        if !self.is_reaped() || self.group_lives() {
            let _nobody_left_or_not_ours = killpg(self.pid, signal);
        }
    }

    /// Waits for the leader's end and reaps it, and whoever of the group is our child as well:
    /// orphans that we have adopted.
    pub(crate) fn reap(&mut self) -> Reaped {
        if let Some(child) = self.child.take() {
            self.end = Reaped::wait(child);
        }
        let group = Pid::from_raw(-self.pid.as_raw());
        while waitpid(group, Some(WaitPidFlag::WNOHANG))
            .is_ok_and(|it| it != WaitStatus::StillAlive)
        {}
        self.end
    }
}

/// Whether `/proc/PID/stat` tells of a living process of this group. It reads
/// `PID (NAME) STATE PARENT GROUP ...`, and the name may hold anything, blanks and `)` too.
#[cfg(target_os = "linux")]
fn lives_in(stat: &str, group: Pid) -> bool {
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let mut fields = after_name.split_ascii_whitespace();
    let state = fields.next();
    let number = fields.nth(1).and_then(|number| number.parse().ok());
    number == Some(group.as_raw()) && !matches!(state, Some("Z" | "X"))
}

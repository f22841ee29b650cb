//! The process that a group is named after. Only this file signals and reaps it, so that the order
//! of the two can be seen.

use crate::exit::Reaped;
use nix::sys::signal::{Signal, killpg};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;
use std::process::Child;

/// The program whose process id is also the group's.
///
/// The system gives an id away only when it belongs to no process, to no dead process that has not
/// been reaped, and to no group. So, for no signal to hit a stranger:
/// 1. a signal is sent only while the leader is not known to have been reaped, or when a member of
///    the group has just been seen alive;
/// 2. `child` is `None` once the leader has been reaped, and `end` is what was learnt by that.
///
/// On Linux the leader is reaped last, by [`reap`](Leader::reap) alone, and every signal is of the
/// first kind. The second is for a leader that cannot be asked without being reaped (not Linux), or
/// that the system reaps unasked (`SIGCHLD` ignored). There a gap remains: it cannot be ruled out
/// that the last member ends just before the signal, and that the id is given away in the same
/// moment.
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

    /// Whether a member of the group lives; the dead that have not been reaped do not count.
    #[cfg(target_os = "linux")]
    pub(crate) fn group_lives(&self) -> bool {
        // The kernel's own answer to a signal counts the dead, the leader among them. If /proc is
        // not there, no member is seen once the leader has ended, and the others get KILL without
        // the grace.
        std::fs::read_dir("/proc").is_ok_and(|processes| {
            processes.flatten().any(|process| {
                std::fs::read(process.path().join("stat"))
                    .is_ok_and(|stat| lives_in(&String::from_utf8_lossy(&stat), self.pid))
            })
        })
    }

    /// Whether a member of the group lives; the dead that have not been reaped do not count.
    #[cfg(not(target_os = "linux"))]
    pub(crate) fn group_lives(&self) -> bool {
        killpg(self.pid, None).is_ok()
    }

    /// Signals the whole group, as 1 allows.
    pub(crate) fn signal(&self, signal: Signal) {
        if !self.is_reaped() || self.group_lives() {
            let _nobody_left_or_not_ours = killpg(self.pid, signal);
        }
    }

    /// Waits for the leader's end and reaps it; then every dead member of the group that is our
    /// child as well: an orphan that we have adopted.
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

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_pretend_to_be_a_state_or_a_group() {
        let group = Pid::from_raw(42);
        assert!(lives_in("7 (sh) S 1 42 42 0", group));
        assert!(lives_in("7 (a) Z 1 41 (b)) R 1 42 42 0", group));
        assert!(!lives_in("7 (a) R 1 42 (b) R 1 41 41 0", group));
        assert!(!lives_in("7 (sh) Z 1 42 42 0", group)); // dead, and not reaped
        assert!(!lives_in("", group));
    }
}

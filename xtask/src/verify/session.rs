//! The one place with `unsafe`: what is done between `fork` and `exec`.
#![allow(unsafe_code, reason = "`Command` has no stable way to start a session")]

use nix::unistd::{Pid, getpgrp, setpgid, setsid};
use std::os::unix::process::CommandExt;
use std::process::Command;

/// Lets a program that is started as the leader of a group lead a session too: it has no controlling
/// terminal then, from which it could read, or which could signal it.
pub(super) fn leads_its_own(command: &mut Command) {
    let ours = getpgrp();
    let start_session = move || {
        // The leader of a group may not start a session: it steps back into our group for a moment.
        // Started from outside a container we have a group without a number, and it stays where it is.
        let _ = setpgid(Pid::from_raw(0), ours).and_then(|()| setsid());
        Ok(())
    };
    // SAFETY: the closure runs in a child that has one thread of several, so it may do only what a
    // signal handler may.
    // 1. It calls `setpgid` and `setsid`, which POSIX lists as async-signal-safe.
    // 2. It allocates nothing and takes no lock: it owns a number.
    // 3. It touches no memory or descriptor of ours.
    unsafe { command.pre_exec(start_session) };
}

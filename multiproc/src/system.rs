//! The system calls that Rust cannot vouch for: the only module with `unsafe`.
//!
//! Invariants:
//! 1. a process is forked only while it has one thread. A fork copies the memory, and of the threads only the
//!    one that calls: a lock that another thread held, the allocator's among them, would stay locked in
//!    the copy for ever, and data behind it half changed;
//! 2. the copy never returns into the code that it was copied from: it runs a closure and ends. So no value
//!    of the parent is used, or dropped, in two processes, except by that closure.
#![allow(unsafe_code)]

use crate::forked::ForkError;
use nix::libc;
use nix::unistd::{ForkResult, Pid, getpid};
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::panic::{self, AssertUnwindSafe};
use std::process::ExitStatus;

/// Forks a child that runs this and ends; but not from a process with several threads.
pub(crate) fn fork(child: impl FnOnce()) -> Result<Pid, ForkError> {
    let threads = threads()?;
    if threads > 1 {
        return Err(ForkError::Threads(threads));
    }
    let parent = getpid();
    // SAFETY: invariant 1. This thread has just seen that it is the only one; there is no other that
    // could have started one since.
    match unsafe { nix::unistd::fork() }.map_err(io::Error::from)? {
        ForkResult::Parent { child } => Ok(child),
        ForkResult::Child => {
            // Invariant 2: not even a panic gets out of here.
            let ran = panic::catch_unwind(AssertUnwindSafe(|| {
                if die_with(parent).is_ok() {
                    child();
                }
            }));
            exit_now(i32::from(ran.is_err()))
        }
    }
}

/// Ends this process at once: nothing is flushed or dropped. In a copy, all of that is the parent's.
pub(crate) fn exit_now(status: i32) -> ! {
    // SAFETY: `_exit` asks nothing of memory or threads, and does not return (invariant 2).
    unsafe { libc::_exit(status) }
}

/// How a child ended, and reaps it; `None` if it has not, and nobody is to wait.
pub(crate) fn wait(child: Pid, until_it_ends: bool) -> io::Result<Option<ExitStatus>> {
    let (mut status, options) = (0, if until_it_ends { 0 } else { libc::WNOHANG });
    loop {
        // SAFETY: `status` is a number of ours, for the system to write to. (Nix's own call has no word
        // for an end by a real-time signal.)
        match unsafe { libc::waitpid(child.as_raw(), &raw mut status, options) } {
            0 => return Ok(None),
            -1 => {
                let error = io::Error::last_os_error();
                if error.kind() != io::ErrorKind::Interrupted {
                    return Err(error);
                }
            }
            _ => return Ok(Some(ExitStatus::from_raw(status))),
        }
    }
}

/// From now on this process is killed when its parent ends; an error if that has already ended.
///
/// "When the parent ends" is, to be exact, when that thread of the parent ends which has started this process.
#[cfg(target_os = "linux")]
pub(crate) fn die_with(parent: Pid) -> io::Result<()> {
    nix::sys::prctl::set_pdeathsig(nix::sys::signal::Signal::SIGKILL)?;
    // Asked only now: an end before the line above would have been missed. An orphan has another parent.
    let orphan = nix::unistd::getppid() != parent;
    if orphan { Err(io::ErrorKind::NotFound.into()) } else { Ok(()) }
}

/// There is no such thing here.
#[cfg(not(target_os = "linux"))]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere it can fail")]
pub(crate) fn die_with(_: Pid) -> io::Result<()> {
    Ok(())
}

/// How many threads this process has.
///
/// A thread that has been joined is listed until the system has cleared it away. It runs none of
/// our code any more, so it does not count.
#[cfg(target_os = "linux")]
pub(crate) fn threads() -> io::Result<usize> {
    use std::fs;
    /// Set as soon as a thread has begun to end (`PF_EXITING`).
    const ENDING: u32 = 4;
    let mut count = 0;
    for thread in fs::read_dir("/proc/self/task")? {
        let Ok(stat) = fs::read(thread?.path().join("stat")) else {
            continue; // it was there and is not any more
        };
        // `ID (NAME) STATE PARENT GROUP SESSION TERMINAL GROUP FLAGS ...`; the name may hold anything.
        let stat = String::from_utf8_lossy(&stat);
        let after_name = stat.rsplit(')').next().unwrap_or_default();
        let flags = after_name.split_ascii_whitespace().nth(6).and_then(|it| it.parse().ok());
        count += usize::from(flags.is_none_or(|flags: u32| flags & ENDING == 0));
    }
    Ok(count)
}

/// How many threads this process has.
#[cfg(target_os = "macos")]
pub(crate) fn threads() -> io::Result<usize> {
    use std::mem::MaybeUninit;
    let mut info = MaybeUninit::<libc::proc_taskinfo>::zeroed();
    let size = size_of::<libc::proc_taskinfo>() as libc::c_int;
    let pid = getpid().as_raw();
    // SAFETY: the system writes no more than `size` bytes, and `info` has that many.
    let written = unsafe {
        libc::proc_pidinfo(pid, libc::PROC_PIDTASKINFO, 0, info.as_mut_ptr().cast(), size)
    };
    if written != size {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: it is made of numbers, and was all zeros before the system wrote to it.
    let info = unsafe { info.assume_init() };
    usize::try_from(info.pti_threadnum).map_err(io::Error::other)
}

/// Nobody tells how many threads this process has, so nothing is forked.
#[cfg(not(any(target_os = "linux", target_os = "macos")))]
pub(crate) fn threads() -> io::Result<usize> {
    Err(io::ErrorKind::Unsupported.into())
}

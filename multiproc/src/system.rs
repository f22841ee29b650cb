//! The system calls that Rust cannot vouch for: the only module with `unsafe`.
//!
//! Invariants:
//! 1. a process is forked only while it has one thread. A fork copies the memory, and of the
//!    threads only the one that calls: a lock that another thread held, the allocator's among them,
//!    would stay locked in the copy for ever, and data behind it half changed;
//! 2. the copy never returns into the code that it was copied from: it runs a closure and ends. So
//!    no value of the parent is used, or dropped, in two processes, except by that closure;
//! 3. memory that a worker shares with its parent has one user at a time: the worker as long as it
//!    lives, the parent once it has reaped the worker;
//! 4. a `Mapped` is mapped in its full length from `new` to `drop`, and its file keeps that length;
//! 5. where the system writes, there is a value of ours, of the type that it writes;
//! 6. a descriptor has one owner, which closes it.
#![allow(unsafe_code)]

use crate::fork_error::ForkError;
use nix::libc;
use nix::sys::mman::{MapFlags, ProtFlags, mmap, munmap};
use nix::sys::socket::{ControlMessage, ControlMessageOwned, MsgFlags, UnixAddr, recvmsg, sendmsg};
use nix::unistd::{ForkResult, Pid, getpid};
use std::ffi::c_void;
use std::fs::File;
use std::io::{self, ErrorKind, IoSlice, IoSliceMut};
use std::num::NonZeroUsize;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::panic::{self, AssertUnwindSafe};
use std::process::ExitStatus;
use std::ptr::NonNull;
use std::slice;
use std::sync::atomic::AtomicU64;

/// Forks a child that runs this and ends; but not from a process with several threads.
pub(crate) fn fork(child: impl FnOnce()) -> Result<Pid, ForkError> {
    let threads = threads()?;
    if threads > 1 {
        return Err(ForkError::Threads(threads));
    }
    let parent = getpid();
    // SAFETY: invariant 1. This thread has just seen that it is the only one; there is no other
    // that could have started one since.
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

/// Ends this process at once: nothing is flushed or dropped. In a copy, that is the parent's to do.
pub(crate) fn exit_now(status: i32) -> ! {
    // SAFETY: it asks nothing of memory or threads, and does not return (invariant 2).
    unsafe { libc::_exit(status) }
}

/// How a child ended, and reaps it; `None` if it has not, and nobody is to wait.
pub(crate) fn wait(child: Pid, until_it_ends: bool) -> io::Result<Option<ExitStatus>> {
    let (mut status, options) = (0, if until_it_ends { 0 } else { libc::WNOHANG });
    loop {
        // SAFETY: invariant 5: a status is a `c_int`, as `status` is. (Nix's own call has no word
        // for an end by a real-time signal.)
        match unsafe { libc::waitpid(child.as_raw(), &raw mut status, options) } {
            0 => return Ok(None),
            -1 => {
                let error = io::Error::last_os_error();
                if error.kind() != ErrorKind::Interrupted {
                    return Err(error);
                }
            }
            _ => return Ok(Some(ExitStatus::from_raw(status))),
        }
    }
}

/// From now on this process is killed when its parent ends; an error if that has already ended.
///
/// "When the parent ends" is, to be exact, when that thread of the parent ends which has started
/// this process.
#[cfg(target_os = "linux")]
pub(crate) fn die_with(parent: Pid) -> io::Result<()> {
    nix::sys::prctl::set_pdeathsig(nix::sys::signal::Signal::SIGKILL)?;
    // Asked only now: an end before the line above would have been missed. An orphan has another
    // parent.
    let orphan = nix::unistd::getppid() != parent;
    if orphan { Err(ErrorKind::NotFound.into()) } else { Ok(()) }
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
        // `ID (NAME) STATE PARENT GROUP SESSION TERMINAL GROUP FLAGS ...`; the name is any text.
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
    // SAFETY: invariant 5: the system writes no more than `size` bytes, which `info` has.
    let written = unsafe {
        libc::proc_pidinfo(pid, libc::PROC_PIDTASKINFO, 0, info.as_mut_ptr().cast(), size)
    };
    if written != size {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: invariant 5: it is made of numbers, and was all zeros before the system wrote to it.
    let info = unsafe { info.assume_init() };
    usize::try_from(info.pti_threadnum).map_err(io::Error::other)
}

/// Nobody tells how many threads this process has, so nothing is forked.
#[cfg(not(any(target_os = "linux", target_os = "macos")))]
pub(crate) fn threads() -> io::Result<usize> {
    Err(ErrorKind::Unsupported.into())
}

/// How many bytes a worker shares with its parent, those of the number before them included.
const SHARED: NonZeroUsize = NonZeroUsize::new(64 * 1024).unwrap();

/// Memory that two processes can see: a file without a name, gone with its last descriptor.
pub(crate) fn shareable_memory() -> io::Result<OwnedFd> {
    let memory = File::from(nameless()?);
    memory.set_len(SHARED.get() as u64)?;
    Ok(memory.into())
}

#[cfg(any(target_os = "linux", target_os = "android", target_os = "freebsd"))]
fn nameless() -> nix::Result<OwnedFd> {
    use nix::sys::memfd::{MFdFlags, memfd_create};
    memfd_create(c"multiproc", MFdFlags::MFD_CLOEXEC)
}

/// It has a name for a moment.
#[cfg(not(any(target_os = "linux", target_os = "android", target_os = "freebsd")))]
fn nameless() -> nix::Result<OwnedFd> {
    use nix::fcntl::OFlag;
    use nix::sys::mman::{shm_open, shm_unlink};
    use nix::sys::stat::Mode;
    use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let name = format!("/multiproc-{}-{}", getpid(), NEXT.fetch_add(1, Relaxed));
    let new = OFlag::O_CREAT | OFlag::O_EXCL | OFlag::O_RDWR;
    let memory = shm_open(&*name, new, Mode::S_IRUSR | Mode::S_IWUSR)?;
    shm_unlink(&*name)?;
    Ok(memory)
}

/// Shared memory as this process sees it.
#[derive(Debug)]
pub(crate) struct Mapped(NonNull<c_void>);

impl Mapped {
    /// Whoever calls this is, as long as it keeps this, the one user of invariant 3.
    pub(crate) fn new(memory: &OwnedFd) -> io::Result<Mapped> {
        let (access, flags) = (ProtFlags::PROT_READ | ProtFlags::PROT_WRITE, MapFlags::MAP_SHARED);
        // SAFETY: the system chooses a place where nothing is. Invariant 4: `shareable_memory` has
        // made the file that long, and no code shortens it.
        Ok(Mapped(unsafe { mmap(None, SHARED, access, flags, memory, 0) }?))
    }

    /// The number at its beginning.
    pub(crate) fn number(&self) -> &AtomicU64 {
        // SAFETY: a mapping begins with a page, so the place is aligned. It is mapped as long as
        // `self` lives (invariant 4). Any eight bytes are a number, and `bytes` leaves these out.
        unsafe { self.0.cast::<AtomicU64>().as_ref() }
    }

    /// The bytes behind the number.
    pub(crate) fn bytes(&mut self) -> &mut [u8] {
        const NUMBER: usize = size_of::<AtomicU64>();
        // SAFETY: by invariant 3 no other process, and by `&mut self` nobody here, uses them; they
        // are mapped as long as `self` lives (invariant 4).
        unsafe {
            let bytes = self.0.cast::<u8>().add(NUMBER);
            slice::from_raw_parts_mut(bytes.as_ptr(), SHARED.get() - NUMBER)
        }
    }
}

impl Drop for Mapped {
    fn drop(&mut self) {
        // SAFETY: mapped with this length until now (invariant 4), and every reference into it has
        // borrowed `self`.
        let _cannot_fail = unsafe { munmap(self.0, SHARED.get()) };
    }
}

/// Sends a descriptor to the process at the other end.
pub(crate) fn send_descriptor(to: &UnixStream, descriptor: &OwnedFd) -> io::Result<()> {
    let descriptors = [descriptor.as_raw_fd()];
    let with = [ControlMessage::ScmRights(&descriptors)];
    // A byte goes with it: a stream carries nothing without.
    let byte = [IoSlice::new(&[0])];
    sendmsg::<UnixAddr>(to.as_raw_fd(), &byte, &with, MsgFlags::empty(), None)?;
    Ok(())
}

/// Receives what [`send_descriptor`] has sent.
pub(crate) fn receive_descriptor(from: &UnixStream) -> io::Result<OwnedFd> {
    let mut byte = [0];
    let mut bytes = [IoSliceMut::new(&mut byte)];
    let mut space = nix::cmsg_space!([libc::c_int; 1]);
    let flags = MsgFlags::empty();
    let message = recvmsg::<UnixAddr>(from.as_raw_fd(), &mut bytes, Some(&mut space), flags)?;
    let Some(ControlMessageOwned::ScmRights(descriptors)) = message.cmsgs()?.next() else {
        return Err(ErrorKind::UnexpectedEof.into());
    };
    let descriptor = descriptors.first().ok_or(ErrorKind::UnexpectedEof)?;
    // SAFETY: invariant 6: the system has just opened it for us, and nobody else knows its number.
    Ok(unsafe { OwnedFd::from_raw_fd(*descriptor) })
}

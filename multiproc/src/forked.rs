//! One forked child, which computes one value.

use crate::answer::{self, Answer, Failed, guarded};
use crate::fork_error::ForkError;
use crate::frames;
use crate::system;
use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, close};
use serde::Serialize;
use serde::de::DeserializeOwned;
use shell::Exit;
use std::error::Error;
use std::fmt;
use std::io::{self, ErrorKind, PipeReader, Read, Write};
use std::marker::PhantomData;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// Whether this process is a forked child. A process for itself: nothing is published by it.
static IN_CHILD: AtomicBool = AtomicBool::new(false);

/// A copy of this process, which computes one value and sends it through a pipe.
///
/// A fork copies the whole memory, so the child has everything the closure has captured, and
/// nothing has to be sent there. Only the value has to come back. But of all threads the copy has
/// only the one that forked. If another one held a lock at that moment, nobody in the copy will
/// ever release it. So a process that has more than one thread is [refused](ForkError::Threads); it
/// can have a [`ProcessPool`](crate::ProcessPool).
///
/// The child never returns from the closure into the code around it: it sends the value and ends,
/// and no `Drop` of the parent's values is run in it. On Linux it is killed when the parent ends.
///
/// Dropping this kills the child and reaps it.
///
/// # Examples
///
/// ```standalone_crate
/// use multiproc::Forked;
///
/// let words = ["one", "two"]; // copied with all the rest
/// let child = Forked::start(|| words.concat())?;
/// assert_eq!(child.result().unwrap(), "onetwo");
/// # Ok::<(), multiproc::ForkError>(())
/// ```
#[doc(alias = "Process")]
pub struct Forked<T> {
    pid: Pid,
    pipe: PipeReader,
    /// What has come of the answer.
    bytes: Vec<u8>,
    /// How it ended, once it is reaped. From then on its number may be a stranger's.
    ended: Option<Exit>,
    value: PhantomData<fn() -> T>,
}

/// Why a child has sent no value.
#[derive(Debug)]
pub enum ChildError {
    /// The closure panicked.
    Panicked {
        /// What the panic said; empty if it was not a text.
        message: String,
        /// Where: file, line and column.
        place: String,
    },
    /// The child ended before its value was sent.
    Died(Exit),
    /// The value could not be sent or not be read, for this reason.
    NoAnswer(String),
    /// There was no child.
    NotStarted(ForkError),
}

impl fmt::Display for ChildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ChildError::Panicked { message, place } => write!(f, "panicked at {place}: {message}"),
            ChildError::Died(exit) => write!(f, "the child ended: {exit}"),
            ChildError::NoAnswer(reason) => write!(f, "no answer came: {reason}"),
            ChildError::NotStarted(error) => write!(f, "{error}"),
        }
    }
}

impl Error for ChildError {}

impl<T: Serialize + DeserializeOwned> Forked<T> {
    /// Forks a child that calls this, sends the value, and ends.
    ///
    /// # Errors
    ///
    /// [`ForkError`] if there are other threads, if this is a forked child itself, or if the system
    /// refuses.
    pub fn start(work: impl FnOnce() -> T) -> Result<Forked<T>, ForkError> {
        if IN_CHILD.load(Relaxed) {
            return Err(ForkError::InChild);
        }
        let (pipe, mut writer) = io::pipe()?;
        // Else the copy would have what is in the buffer too, and print it once more.
        io::stdout().flush().ok();
        let pid = system::fork(|| {
            IN_CHILD.store(true, Relaxed);
            // The copy's own, or it would never be told that the parent's is closed. (Nothing drops
            // `pipe` here: the copy never gets out of this closure.)
            let _closed = close(pipe.as_raw_fd());
            answer::note_places_of_panics();
            let mut bytes = Vec::new();
            answer::write(&mut bytes, 0, || Ok(work()));
            io::stdout().flush().ok(); // what it has printed comes before what it has returned
            writer.write_all(&bytes).ok(); // the parent may have gone
        })?;
        Ok(Forked { pid, pipe, bytes: Vec::new(), ended: None, value: PhantomData })
    }

    /// Waits for the child's value, and for its end.
    ///
    /// # Errors
    ///
    /// [`ChildError`] if the child has sent none.
    ///
    /// # Deadlocks
    ///
    /// Waits as long as the child computes.
    pub fn result(mut self) -> Result<T, ChildError> {
        while !self.read() {}
        self.finish()
    }

    /// Reads what there is of the answer, and waits if there is nothing. True if nothing more can
    /// come.
    pub(crate) fn read(&mut self) -> bool {
        let start = self.bytes.len();
        self.bytes.resize(start + 64 * 1024, 0);
        let read = self.pipe.read(&mut self.bytes[start..]);
        self.bytes.truncate(start + read.as_ref().map_or(0, |count| *count));
        match read {
            Ok(count) => count == 0,
            Err(error) => error.kind() != ErrorKind::Interrupted,
        }
    }

    /// What the answer says that has been read to its end.
    pub(crate) fn finish(mut self) -> Result<T, ChildError> {
        self.reap(true);
        let mut bytes = &self.bytes[..];
        let answer = frames::split(&mut bytes).and_then(|frame| answer::numbered(frame, 0));
        let answer = answer.map(|answer| guarded(|| frames::value(answer)));
        match (answer, self.ended) {
            (Some(Ok(Answer::Done(value))), _) => Ok(value),
            (Some(Ok(Answer::Failed(failed))), _) => Err(match *failed {
                Failed::Panicked { message, place } => ChildError::Panicked { message, place },
                Failed::Unsent(reason) => ChildError::NoAnswer(reason),
            }),
            (Some(Err(reason)), _) => Err(ChildError::NoAnswer(reason)),
            (None, ended) => Err(ChildError::Died(ended.unwrap_or(Exit::Unknown))),
        }
    }
}

impl<T> Forked<T> {
    /// The child's process id.
    pub fn id(&self) -> u32 {
        self.pid.as_raw().unsigned_abs()
    }

    /// Whether the child has ended. Never blocks.
    ///
    /// # Deadlocks
    ///
    /// A child whose value is larger than its pipe does not end before somebody reads: whoever
    /// waits for this to be true, and only then asks for the [result](Forked::result), waits for
    /// ever.
    #[doc(alias = "is_alive")]
    pub fn has_ended(&mut self) -> bool {
        self.reap(false);
        self.ended.is_some()
    }

    fn reap(&mut self, until_it_ends: bool) {
        if self.ended.is_none() {
            self.ended = match system::wait(self.pid, until_it_ends) {
                Ok(status) => status.map(Exit::from),
                Err(_) => Some(Exit::Unknown), // reaped by the system: `SIGCHLD` is ignored
            };
        }
    }
}

impl<T> AsFd for Forked<T> {
    /// The pipe: readable when there is something of the value, or its end.
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.pipe.as_fd()
    }
}

impl<T> Drop for Forked<T> {
    fn drop(&mut self) {
        if self.ended.is_none() {
            // Not reaped: the number is still its own.
            let _it_has_ended = kill(self.pid, Signal::SIGKILL);
            self.reap(true);
        }
    }
}

impl<T> fmt::Debug for Forked<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Forked").field("pid", &self.pid).finish_non_exhaustive()
    }
}

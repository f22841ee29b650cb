//! Why a task has no result.

use shell::Exit;
use std::any::Any;
use std::{error, fmt, panic};

/// What a task has come to.
pub type Outcome<T> = Result<T, TaskError>;

/// Why a task has no result.
///
/// What a task can fail with by its own account is part of its `T`: a task that returns a
/// `Result<u64, ParseIntError>` ends with an `Ok`, whichever of the two it returns.
#[derive(Debug)]
pub enum TaskError {
    /// It panicked.
    Panicked(Panic),
    /// It was cancelled before it was started.
    Cancelled,
    /// The worker process that ran it has ended; this says how.
    WorkerDied(Exit),
    /// It was started, and nobody knows what it came to, for this reason.
    NoAnswer(String),
    /// It was never started, and never will be, for this reason.
    NotStarted(String),
    /// This is no end of the task, which goes on. It is the end of a wait that would have had none:
    /// the thread was inside one of the task's callbacks, or it was the last worker of the task's
    /// executor that was not waiting.
    #[doc(alias = "deadlock")]
    Deadlock,
}

/// What a task panicked with.
///
/// # Examples
///
/// ```
/// use executor::TaskError;
///
/// let pool = executor::Threads::new(1)?;
/// let Err(TaskError::Panicked(panic)) = pool.spawn(|| panic!("{} apples", 3))?.result() else {
///     panic!("it did not");
/// };
/// assert_eq!(panic.message(), "3 apples");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Panic {
    payload: Box<dyn Any + Send>,
    place: Option<Box<str>>,
}

impl Panic {
    pub(crate) fn new(payload: Box<dyn Any + Send>) -> Panic {
        Panic { payload, place: None }
    }

    /// One that a worker process has told of.
    pub(crate) fn told(message: String, place: String) -> Panic {
        Panic { payload: Box::new(message), place: Some(place.into()) }
    }

    /// What `panic!` was told to say. Empty if the payload is not a text.
    pub fn message(&self) -> &str {
        let text = self.payload.downcast_ref::<String>().map(String::as_str);
        text.or_else(|| self.payload.downcast_ref::<&str>().copied()).unwrap_or_default()
    }

    /// File, line and column of the panic, if it happened in a worker process. In this process the
    /// panic hook has been told.
    pub fn place(&self) -> Option<&str> {
        self.place.as_deref()
    }

    /// What was panicked with, to look at.
    pub fn payload(&self) -> &(dyn Any + Send) {
        &*self.payload
    }

    /// The very value that was panicked with. From another process it is the message, a `String`.
    pub fn into_payload(self) -> Box<dyn Any + Send> {
        self.payload
    }

    /// Lets the panic go on in the current thread, without telling the panic hook again.
    pub fn resume(self) -> ! {
        panic::resume_unwind(self.payload)
    }
}

impl fmt::Debug for Panic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let message = self.message();
        f.debug_struct("Panic").field("message", &message).finish_non_exhaustive()
    }
}

impl fmt::Display for TaskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TaskError::Panicked(panic) => match panic.place() {
                Some(place) => write!(f, "the task panicked at {place}: {}", panic.message()),
                None => write!(f, "the task panicked: {}", panic.message()),
            },
            TaskError::Cancelled => f.write_str("the task was cancelled"),
            TaskError::WorkerDied(how) => write!(f, "the task's worker died: {how}"),
            TaskError::NoAnswer(reason) => write!(f, "the task did not answer: {reason}"),
            TaskError::NotStarted(reason) => write!(f, "the task was not started: {reason}"),
            TaskError::Deadlock => f.write_str("waiting for the task would never end"),
        }
    }
}

impl error::Error for TaskError {}

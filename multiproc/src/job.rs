//! What is sent to another process, and what can go wrong there.

use crate::remote::StartError;
use serde::Serialize;
use serde::de::DeserializeOwned;
use shell::Exit;
use std::error::Error;
use std::fmt;

/// Work that another process can do.
///
/// Two processes share no memory, so a closure cannot go from one to the other: what it has
/// captured would be addresses of things that are not there. A job is a value instead. It travels
/// as bytes, both sides know its type, and [`run`](Job::run) is compiled into both. A program with
/// several kinds of work has an enum of them, or a pool for each.
///
/// # Examples
///
/// ```
/// use multiproc::Job;
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize)]
/// enum Work {
///     Add(u64, u64),
///     Length(String),
/// }
///
/// impl Job for Work {
///     type Output = u64;
///     fn run(self) -> u64 {
///         match self {
///             Work::Add(one, other) => one + other,
///             Work::Length(text) => text.len() as u64,
///         }
///     }
/// }
/// assert_eq!(Work::Add(2, 3).run(), 5); // here; `ProcessPool` does it elsewhere
/// ```
///
/// What cannot be written down as bytes is refused:
///
/// ```compile_fail,E0277
/// #[derive(serde::Serialize, serde::Deserialize)]
/// struct Call(Box<dyn FnOnce() -> u64>);
/// ```
pub trait Job: Serialize + DeserializeOwned + Send + 'static {
    /// What it comes to. It travels back as bytes, too.
    type Output: Serialize + DeserializeOwned + Send + 'static;

    /// Does the work, in a worker.
    fn run(self) -> Self::Output;
}

/// What came of a job.
pub type Outcome<J> = Result<<J as Job>::Output, JobError<J>>;

/// Why a job has no result. Whichever job was not run is in the error; see [`job`](JobError::job).
pub enum JobError<J> {
    /// It panicked. Its worker goes on with the next job.
    Panicked {
        /// What the panic said; empty if it was not a text.
        message: String,
        /// Where: file, line and column.
        place: String,
    },
    /// Its worker ended while it ran, as told. (Or just before it began, or just after: of a worker
    /// that is gone nobody can say.)
    Died(Exit),
    /// It ran for longer than the pool's limit, and its worker was ended.
    TimedOut,
    /// It ran, and what it came to could not be sent back or not be read, for this reason.
    NoAnswer(String),
    /// It was not run, for it cannot be sent.
    NotSent {
        /// The job.
        job: J,
        /// What was in the way.
        reason: String,
    },
    /// It was not run: the pool has lost its workers, and no other could be started.
    NoWorker {
        /// The job.
        job: J,
        /// Why the last attempt failed.
        reason: StartError,
    },
    /// It was not run: the pool was closed before.
    Closed(J),
}

impl<J> JobError<J> {
    /// The job, if it was not run.
    pub fn job(self) -> Option<J> {
        match self {
            JobError::NotSent { job, .. }
            | JobError::NoWorker { job, .. }
            | JobError::Closed(job) => Some(job),
            _ => None,
        }
    }
}

impl<J> fmt::Display for JobError<J> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            JobError::Panicked { message, place } => write!(f, "panicked at {place}: {message}"),
            JobError::Died(exit) => write!(f, "the worker ended: {exit}"),
            JobError::TimedOut => write!(f, "the time limit was over"),
            JobError::NoAnswer(reason) => write!(f, "no answer came: {reason}"),
            JobError::NotSent { reason, .. } => write!(f, "the job cannot be sent: {reason}"),
            JobError::NoWorker { reason, .. } => write!(f, "no worker is left: {reason}"),
            JobError::Closed(_) => write!(f, "the pool is closed"),
        }
    }
}

// By hand: a job need not be `Debug`.
impl<J> fmt::Debug for JobError<J> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "JobError({self})")
    }
}

impl<J> Error for JobError<J> {}

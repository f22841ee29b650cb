//! What all executors can do.

use crate::as_completed::AsCompleted;
use crate::map::Map;
use crate::task::Task;
use multiproc::Job;
use std::{error, fmt};
use sync::primitives::thread;

/// Takes jobs and hands out tasks. Its workers are threads of this process, or other processes.
///
/// A function that takes an `&impl Executor<MyJob>` does not need to know which. The price is paid
/// by the job: it is a value that can be written down as bytes, and whose type both sides know. A
/// closure cannot go to another process; [`Threads`](crate::Threads) takes closures too, by a
/// method of its own.
///
/// # Source
///
/// Python's `concurrent.futures.Executor`.
///
/// # Examples
///
/// ```
/// use executor::{Executor, Job, Threads};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize)]
/// struct Fib(u32);
///
/// impl Job for Fib {
///     type Output = u64;
///     fn run(self) -> u64 {
///         threads::fib(self.0)
///     }
/// }
///
/// fn first_five(executor: &impl Executor<Fib>) -> Vec<u64> {
///     let results = executor.map([1, 2, 3, 4, 5].map(Fib)).unwrap();
///     results.map(Result::unwrap).collect()
/// }
/// assert_eq!(first_five(&Threads::new(3)?), [1, 1, 2, 3, 5]);
/// # Ok::<(), std::io::Error>(())
/// ```
#[doc(alias = "concurrent.futures")]
pub trait Executor<J: Job> {
    /// Submits a job. It will be done whether or not anybody waits for it.
    ///
    /// # Errors
    ///
    /// If the executor is closed, or the job cannot be written down as bytes. The job comes back.
    fn submit(&self, job: J) -> Result<Task<J::Output>, SubmitError<J>>;

    /// Submits all jobs at once, and yields their outcomes in the order of the jobs.
    ///
    /// # Errors
    ///
    /// If one of them cannot be submitted. It comes back, those behind it are dropped, and of those
    /// before it what has not been started is cancelled.
    fn map(&self, jobs: impl IntoIterator<Item = J>) -> Result<Map<J::Output>, SubmitError<J>> {
        let mut map = Map::new();
        for job in jobs {
            map.push(self.submit(job)?);
        }
        Ok(map)
    }

    /// Submits all jobs at once, and yields their numbers and outcomes in the order in which they
    /// are done. Dropping it early cancels what has not been started.
    ///
    /// # Errors
    ///
    /// As [`map`](Self::map).
    fn map_unordered(
        &self,
        jobs: impl IntoIterator<Item = J>,
    ) -> Result<AsCompleted<J::Output>, SubmitError<J>> {
        self.map(jobs).map(Map::into_completed)
    }
}

/// How many cores this process may use: so many workers can compute at the same time.
pub fn cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// Why a job was not accepted. It comes back, not run.
pub enum SubmitError<J> {
    /// The executor is closed.
    Closed(J),
    /// It cannot be written down as bytes, for this reason.
    Encode(J, String),
}

/// What becomes of the tasks that are queued when an executor is shut down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shutdown {
    /// They are done.
    Wait,
    /// They are cancelled.
    #[doc(alias = "cancel_futures")]
    Cancel,
}

impl<J> SubmitError<J> {
    /// The job.
    pub fn into_job(self) -> J {
        match self {
            SubmitError::Closed(job) | SubmitError::Encode(job, _) => job,
        }
    }
}

impl<J> fmt::Display for SubmitError<J> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SubmitError::Closed(_) => f.write_str("the executor is closed"),
            SubmitError::Encode(_, reason) => write!(f, "the job cannot be encoded: {reason}"),
        }
    }
}

// By hand: a job need not be `Debug`.
impl<J> fmt::Debug for SubmitError<J> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SubmitError::Closed(_) => f.write_str("Closed(..)"),
            SubmitError::Encode(_, reason) => write!(f, "Encode(.., {reason:?})"),
        }
    }
}

impl<J> error::Error for SubmitError<J> {}

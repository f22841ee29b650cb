//! What a pool runs.

use std::any::Any;
use std::sync::Arc; // std's in any case: a `SharedJob` is called through it

/// A job that is an object with a state of its own, to which somebody else may hold a handle.
///
/// A closure is boxed when it is submitted, and a handle on its result would need a second
/// allocation that the two share. Here one [`Arc`] is both.
///
/// # Examples
///
/// ```
/// use std::sync::{Arc, OnceLock};
/// use threads::{SharedJob, ThreadPool, fib};
///
/// struct Answer(OnceLock<u64>);
///
/// impl SharedJob for Answer {
///     fn run(self: Arc<Self>) {
///         self.0.set(fib(20)).unwrap();
///     }
/// }
///
/// let pool = ThreadPool::new(1)?;
/// let answer = Arc::new(Answer(OnceLock::new()));
/// pool.execute_shared(answer.clone())?;
/// assert_eq!(*answer.0.wait(), 6_765);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait SharedJob: Send + Sync + 'static {
    /// Does the work. The pool calls this once for each time that the job was submitted.
    fn run(self: Arc<Self>);
}

pub(super) enum Job {
    Once(Box<dyn Work>),
    Shared(Arc<dyn SharedJob>),
}

/// `FnOnce()` that can be turned back into the type it was, so that a refused job can be handed
/// back.
pub(super) trait Work: Any + Send {
    fn run(self: Box<Self>);
}

impl<F: FnOnce() + Send + 'static> Work for F {
    fn run(self: Box<Self>) {
        self();
    }
}

impl Job {
    pub(super) fn once(job: impl FnOnce() + Send + 'static) -> Job {
        Job::Once(Box::new(job))
    }

    pub(super) fn run(self) {
        match self {
            Job::Once(job) => job.run(),
            Job::Shared(job) => job.run(),
        }
    }

    /// The closure that `once` was given.
    pub(super) fn closure<F: 'static>(self) -> F {
        let Job::Once(job) = self else { unreachable!("it was given a closure") };
        let job: Box<dyn Any> = job;
        *job.downcast().expect("it was given a closure of this type")
    }

    pub(super) fn shared(self) -> Arc<dyn SharedJob> {
        let Job::Shared(job) = self else { unreachable!("it was given a shared job") };
        job
    }
}

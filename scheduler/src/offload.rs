//! Work that would keep a scheduler's thread, done on another one.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc; // std's in any case: a `SharedJob` is called through it
use std::task::{Context, Poll, Waker};
use std::{error, fmt, mem};
use sync::primitives::Mutex;
use threads::{Closed, SharedJob, ThreadPool};

/// Lets a pool do the work. It begins at once, or as soon as one of the pool's workers is free. A
/// task that awaits what this returns waits for the result, and keeps no thread meanwhile.
///
/// Dropping what this returns gives up the result. Work that has not begun by then is not done at
/// all.
///
/// # Errors
///
/// If the pool has been closed. The work comes back, not done.
///
/// # Deadlocks
///
/// If the queue of a bounded pool is full, this waits for room, and the scheduler with it. Give a
/// scheduler a pool without a bound, and bound how many tasks there are.
///
/// # Source
///
/// Python's `loop.run_in_executor`. The cheatsheet computes where it reads, so `fib(35)` keeps
/// all clients waiting.
///
/// # Examples
///
/// ```
/// use scheduler::{Scheduler, offload};
/// use threads::{ThreadPool, fib};
///
/// let (mut scheduler, pool) = (Scheduler::new()?, ThreadPool::new(2)?);
/// scheduler.spawn(async move {
///     let answer = offload(&pool, || fib(20)).unwrap();
///     assert_eq!(answer.await.unwrap(), 6_765);
/// });
/// assert_eq!(scheduler.run()?.panicked, 0);
/// # std::io::Result::Ok(())
/// ```
///
/// The work goes to another thread, and must be fit for that:
///
/// ```compile_fail,E0277
/// # let pool = threads::ThreadPool::new(1).unwrap();
/// let local = std::rc::Rc::new(20);
/// scheduler::offload(&pool, move || threads::fib(*local)); // error: cannot be sent between threads
/// ```
#[doc(alias = "run_in_executor")]
#[doc(alias = "spawn_blocking")]
pub fn offload<T, F>(pool: &ThreadPool, work: F) -> Result<Offload<T>, Closed<F>>
where
    T: Send + 'static,
    F: FnOnce() -> T + Send + 'static,
{
    let job = Arc::new(Job {
        work: Mutex::new(Some(work)),
        outcome: Mutex::new(Outcome::Awaited(Waker::noop().clone())),
    });
    let refused = pool.execute_shared(Arc::clone(&job) as Arc<dyn SharedJob>);
    // A job that was refused has not run, so the work is still in it.
    match refused.err().and_then(|_| job.work.lock().take()) {
        Some(work) => Err(Closed(work)),
        None => Ok(Offload { job }),
    }
}

/// The result of work that was [offloaded](offload), once it is there.
#[must_use = "work whose result nobody awaits may never be done"]
pub struct Offload<T> {
    job: Arc<dyn Awaited<T>>,
}

/// Offloaded work has panicked, with this.
pub struct Panicked(pub Box<dyn Any + Send>);

/// What the pool runs, and the task waits for.
struct Job<T, F> {
    /// `None` once it has begun, or was given up.
    work: Mutex<Option<F>>,
    outcome: Mutex<Outcome<T>>,
}

enum Outcome<T> {
    /// Not there yet; this wakes the task that waits for it.
    Awaited(Waker),
    There(Result<T, Panicked>),
    Taken,
}

impl<T, F> SharedJob for Job<T, F>
where
    T: Send + 'static,
    F: FnOnce() -> T + Send + 'static,
{
    fn run(self: Arc<Self>) {
        let Some(work) = self.work.lock().take() else { return }; // given up
        let result = catch_unwind(AssertUnwindSafe(work)).map_err(Panicked);
        let before = mem::replace(&mut *self.outcome.lock(), Outcome::There(result));
        // A task that has looked before the change is woken; one that looks after it finds the
        // result.
        if let Outcome::Awaited(waker) = before {
            waker.wake();
        }
    }
}

/// A [`Job`], whatever its work is.
trait Awaited<T>: Send + Sync {
    fn poll(&self, waker: &Waker) -> Poll<Result<T, Panicked>>;

    fn give_up(&self);
}

impl<T: Send, F: Send> Awaited<T> for Job<T, F> {
    fn poll(&self, waker: &Waker) -> Poll<Result<T, Panicked>> {
        let mut outcome = self.outcome.lock();
        if let Outcome::Awaited(awaiting) = &mut *outcome {
            awaiting.clone_from(waker);
            return Poll::Pending;
        }
        match mem::replace(&mut *outcome, Outcome::Taken) {
            Outcome::There(result) => Poll::Ready(result),
            _ => panic!("the result has been taken"),
        }
    }

    fn give_up(&self) {
        let work = self.work.lock().take();
        drop(work); // with the lock free again: it may run anybody's code
    }
}

impl<T> Future for Offload<T> {
    type Output = Result<T, Panicked>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<T, Panicked>> {
        self.job.poll(cx.waker())
    }
}

impl<T> Drop for Offload<T> {
    fn drop(&mut self) {
        self.job.give_up();
    }
}

impl<T> fmt::Debug for Offload<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Offload").finish_non_exhaustive()
    }
}

impl fmt::Debug for Panicked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Panicked").field(&self.message()).finish()
    }
}

impl fmt::Display for Panicked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the work has panicked: {}", self.message())
    }
}

impl error::Error for Panicked {}

impl Panicked {
    fn message(&self) -> &str {
        let text = self.0.downcast_ref::<&str>().copied();
        let text = text.or_else(|| self.0.downcast_ref::<String>().map(String::as_str));
        text.unwrap_or("with something that is no text")
    }
}

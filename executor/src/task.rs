//! The handle of something that is being done elsewhere.

use crate::crew::TaskId;
use crate::shared::{Shared, TaskState, Watcher};
use crate::task_error::{Outcome, TaskError};
use crate::waiter::{NotYet, Waiter, deadline};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};
use std::{fmt, iter};
use sync::primitives::Arc;

/// Something that is being done elsewhere, and its result.
///
/// The task runs whether or not anybody waits for it. Its outcome is taken once, by a call that
/// takes the handle: [`result`](Self::result), or `.await`. A call that may come too early hands
/// the handle back. Dropping the handle detaches the task: it runs all the same, and what it comes
/// to is dropped.
///
/// [`as_completed`](crate::as_completed) and [`wait`](crate::wait) wait for several.
///
/// # Source
///
/// Python's `concurrent.futures.Future`. It can be asked for its result again and again; nobody but
/// its executor should set one, though anybody can.
///
/// # Examples
///
/// ```
/// let pool = executor::Threads::new(2)?;
/// let task = pool.spawn(|| threads::fib(20))?;
/// assert_eq!(task.result()?, 6_765);
///
/// let task = pool.spawn(|| threads::fib(20))?;
/// assert_eq!(futures::executor::block_on(async { task.await })?, 6_765);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// The result is taken once:
///
/// ```compile_fail,E0382
/// let pool = executor::Threads::new(2).unwrap();
/// let task = pool.spawn(|| threads::fib(20)).unwrap();
/// let first = task.result();
/// let again = task.result(); // error: use of moved value: `task`
/// ```
#[doc(alias = "Future")]
pub struct Task<T>(pub(crate) Arc<Shared<T>>);

impl<T: Send + 'static> Task<T> {
    /// What the task has come to. Waits until it is there.
    ///
    /// # Errors
    ///
    /// If the task panicked, was cancelled, or lost its worker.
    ///
    /// [`TaskError::Deadlock`] if it can be seen that this would wait for ever: inside a callback
    /// of the very task; or on a worker of the task's own executor, when all its other workers
    /// already wait, without a limit, for unfinished tasks of that executor. The task is detached
    /// then.
    ///
    /// # Deadlocks
    ///
    /// Other waits without end are not seen: for a task that waits for the caller through a lock or
    /// a channel; for a task of another executor that waits for one of this; none inside
    /// `block_on`; and, as long as another worker has time, none for the task that is waiting, or
    /// for one that waits for it.
    pub fn result(self) -> Outcome<T> {
        // Without a limit there is one reason for giving up.
        self.outcome(None).unwrap_or(Err(TaskError::Deadlock))
    }

    /// What the task has come to, if it is done.
    ///
    /// # Errors
    ///
    /// If it is not done yet, the task comes back.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::mpsc;
    ///
    /// let pool = executor::Threads::new(1)?;
    /// let (open, gate) = mpsc::channel();
    /// let task = pool.spawn(move || gate.recv().unwrap())?;
    /// let Err(task) = task.try_result() else { panic!("it is held back") };
    /// open.send("through")?;
    /// assert_eq!(task.result()?, "through");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn try_result(self) -> Result<Outcome<T>, Task<T>> {
        self.0.take().ok_or(self)
    }

    /// What the task has come to, if it is done before the limit is over.
    ///
    /// Nobody looks whether such a wait is in vain, since it ends by itself. Only inside a callback
    /// of the very task, it does not wait at all. A limit too long for the clock
    /// ([`Duration::MAX`]) is a century.
    ///
    /// # Errors
    ///
    /// If it is not done in time, the task comes back.
    #[doc(alias = "timeout")]
    pub fn result_timeout(self, limit: Duration) -> Result<Outcome<T>, Task<T>> {
        self.outcome(Some(deadline(limit))).map_err(|_| self)
    }

    /// Cancels the task, if it has not been started. Returns whether it is cancelled.
    ///
    /// A task that runs cannot be stopped from outside. A cancelled one will not be started.
    /// Whichever call cancels it drops what its closure owns, and runs its callbacks, before it
    /// returns and in its own thread.
    ///
    /// # Examples
    ///
    /// ```
    /// use executor::TaskError;
    ///
    /// let (promise, task) = executor::promise::<u64>(); // nobody has started it
    /// assert!(task.cancel());
    /// assert!(matches!(task.result(), Err(TaskError::Cancelled)));
    /// # drop(promise);
    /// ```
    pub fn cancel(&self) -> bool {
        self.0.cancel();
        self.state() == TaskState::Cancelled
    }

    /// Calls this once with what the task has come to: on the worker that has run it, or, if it is
    /// done already, here and now.
    ///
    /// For a job that runs in another process, the worker is the thread here that talks to that
    /// process. The callbacks of a cancelled task run where it is [cancelled](Self::cancel).
    ///
    /// Several are called in the order in which they were added. When the last has returned, the
    /// task is done, and whoever waits for it goes on. A callback that panics harms nobody; the
    /// program's panic hook reports it, as it does all panics.
    ///
    /// # Deadlocks
    ///
    /// If a callback waits for a lock that the thread which waits for the task holds, both wait for
    /// ever.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::mpsc;
    ///
    /// let pool = executor::Threads::new(1)?;
    /// let (told, hears) = mpsc::channel();
    /// let mut task = pool.spawn(|| threads::fib(20))?;
    /// task.on_done(move |outcome| told.send(*outcome.as_ref().unwrap()).unwrap());
    /// drop(task); // the callback stays
    /// assert_eq!(hears.recv()?, 6_765);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "add_done_callback")]
    pub fn on_done(&mut self, callback: impl FnOnce(&Outcome<T>) + Send + 'static) {
        self.0.on_done(Box::new(callback));
    }

    /// Where it stands. By the time you look, it may be further.
    ///
    /// # Examples
    ///
    /// ```
    /// use executor::TaskState;
    ///
    /// let (mut promise, task) = executor::promise();
    /// assert_eq!(task.state(), TaskState::Queued);
    /// assert!(promise.start());
    /// assert_eq!(task.state(), TaskState::Running);
    /// promise.settle(Ok(3));
    /// assert_eq!(task.state(), TaskState::Done);
    /// ```
    #[doc(alias = "running")]
    #[doc(alias = "cancelled")]
    pub fn state(&self) -> TaskState {
        self.0.state()
    }

    /// Whether its outcome is there, so that [`result`](Self::result) would not wait.
    #[doc(alias = "done")]
    pub fn is_done(&self) -> bool {
        self.0.is_done()
    }

    pub(crate) fn id(&self) -> TaskId {
        self.0.id()
    }

    fn outcome(&self, deadline: Option<Instant>) -> Result<Outcome<T>, NotYet> {
        if let Some(outcome) = self.0.take() {
            return Ok(outcome);
        }
        let waiter = Arc::new(Waiter::default());
        let mut told = Ok(0);
        if self.0.watch(Watcher::Thread(Arc::clone(&waiter), 0)) {
            told = waiter.next(deadline, || iter::once(self.id()));
        }
        // If it was done at the last moment, all is well.
        self.0.take().ok_or_else(|| told.expect_err("whatever is announced is there"))
    }
}

impl<T: Send + 'static> IntoFuture for Task<T> {
    type Output = Outcome<T>;
    type IntoFuture = TaskFuture<T>;

    /// Lets an async task wait. Whoever polls last is woken; dropping the future detaches the task.
    fn into_future(self) -> TaskFuture<T> {
        TaskFuture(self)
    }
}

/// A [`Task`] as a future of Rust's kind, made by `.await`.
///
/// Other futures do nothing until they are polled. What stands behind this one runs in any case.
///
/// # Panics
///
/// If it is polled again after it was ready.
#[must_use = "without `.await` nobody learns of the outcome"]
pub struct TaskFuture<T: Send + 'static>(Task<T>);

impl<T: Send + 'static> Future for TaskFuture<T> {
    type Output = Outcome<T>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let shared = &self.0.0;
        if let Some(outcome) = shared.take() {
            return Poll::Ready(outcome);
        }
        if shared.watch(Watcher::Future(context.waker().clone())) {
            return Poll::Pending;
        }
        Poll::Ready(shared.take().expect("a future that was ready is not polled again"))
    }
}

impl<T: Send + 'static> Drop for TaskFuture<T> {
    fn drop(&mut self) {
        self.0.0.unwatch(); // the waker would keep alive whatever it wakes
    }
}

impl<T: Send + 'static> fmt::Debug for Task<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Task").field("state", &self.0.state()).finish_non_exhaustive()
    }
}

impl<T: Send + 'static> fmt::Debug for TaskFuture<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TaskFuture").field(&self.0).finish()
    }
}

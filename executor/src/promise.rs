//! The other end of a task.

use crate::shared::Shared;
use crate::task::Task;
use crate::task_error::{Outcome, TaskError};
use std::fmt;
use sync::primitives::Arc;

/// The other end of a [`Task`], for whoever does it. With this, other executors than those of this
/// crate can hand out tasks.
///
/// It is used up when it is settled, so a task has one outcome. If it is dropped before, the task
/// ends with [`TaskError::NoAnswer`]: no task is left without an end, unless its promise is
/// forgotten.
///
/// # Source
///
/// The half of Python's `Future` that only executors should use: `set_running_or_notify_cancel`,
/// `set_result` and `set_exception`.
///
/// # Examples
///
/// ```
/// let (mut promise, task) = executor::promise();
/// std::thread::spawn(move || {
///     if promise.start() {
///         promise.settle(Ok(threads::fib(20)));
///     }
/// });
/// assert_eq!(task.result()?, 6_765);
/// # Ok::<(), executor::TaskError>(())
/// ```
///
/// ```compile_fail,E0382
/// let (promise, task) = executor::promise();
/// promise.settle(Ok(1));
/// promise.settle(Ok(2)); // error: use of moved value: `promise`
/// ```
#[must_use = "a promise that is not kept ends its task with an error"]
pub struct Promise<T: Send + 'static> {
    shared: Arc<Shared<T, ()>>,
    /// This end has taken it out of `Queued`, and has not finished it.
    started: bool,
}

/// A promise, and the task that it is about.
pub fn promise<T: Send + 'static>() -> (Promise<T>, Task<T>) {
    let shared = Arc::new(Shared::new(0, ())); // of no crew
    (Promise { shared: Arc::clone(&shared), started: false }, Task(shared))
}

impl<T: Send + 'static> Promise<T> {
    /// Says that the task is begun: it can no longer be cancelled. If it has been already, this
    /// returns false, and there is nothing to do.
    #[doc(alias = "set_running_or_notify_cancel")]
    #[must_use = "a cancelled task is not to be done"]
    pub fn start(&mut self) -> bool {
        self.started |= self.shared.start();
        self.started
    }

    /// Ends the task, and runs its callbacks. If it has been cancelled before, nothing happens.
    #[doc(alias = "set_result")]
    #[doc(alias = "set_exception")]
    pub fn settle(mut self, outcome: Outcome<T>) {
        self.end(outcome);
    }

    fn end(&mut self, outcome: Outcome<T>) {
        if self.start() {
            self.started = false;
            self.shared.finish(outcome);
        }
    }
}

impl<T: Send + 'static> Drop for Promise<T> {
    fn drop(&mut self) {
        self.end(Err(TaskError::NoAnswer("it was given up".to_owned())));
    }
}

impl<T: Send + 'static> fmt::Debug for Promise<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Promise").field("state", &self.shared.state()).finish_non_exhaustive()
    }
}

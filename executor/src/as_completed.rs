//! Many tasks, each when it is done.

use crate::shared::Watcher;
use crate::task::Task;
use crate::task_error::{Outcome, TaskError};
use crate::waiter::{NotYet, Waiter, deadline};
use std::iter::FusedIterator;
use std::time::{Duration, Instant};
use std::{error, fmt};
use sync::primitives::Arc;

/// Yields each task's number and outcome in the order in which they are done: those that already
/// are, in their order, and then one after the other.
///
/// # Examples
///
/// ```
/// use std::sync::mpsc;
///
/// let pool = executor::Threads::new(2)?;
/// let (open, gate) = mpsc::channel();
/// let slow = pool.spawn(move || gate.recv().unwrap())?;
/// let fast = pool.spawn(|| 2)?;
/// let mut tasks = executor::as_completed([slow, fast]);
/// assert!(matches!(tasks.next(), Some((1, Ok(2)))));
/// open.send(1)?;
/// assert!(matches!(tasks.next(), Some((0, Ok(1)))));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn as_completed<T: Send + 'static>(tasks: impl IntoIterator<Item = Task<T>>) -> AsCompleted<T> {
    AsCompleted::new(tasks, false)
}

/// The tasks of [`as_completed`], or of [`map_unordered`](crate::Executor::map_unordered), that
/// have not been yielded.
///
/// Dropping it detaches what is left, or, if it is a map's, cancels what has not been started.
///
/// # Deadlocks
///
/// Waits until the next is done, as [`Task::result`] does. If it can be seen that none of those
/// that are left will ever be, the first of them is yielded with [`TaskError::Deadlock`], and
/// detached.
#[must_use = "it is lazy: nobody waits before somebody asks for the next"]
pub struct AsCompleted<T: Send + 'static> {
    tasks: Vec<Option<Task<T>>>,
    left: usize,
    waiter: Arc<Waiter>,
    cancels: bool,
}

/// The limit was over before a task was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimedOut {
    pub(crate) unfinished: usize,
    pub(crate) of: usize,
}

impl<T: Send + 'static> AsCompleted<T> {
    pub(crate) fn new(tasks: impl IntoIterator<Item = Task<T>>, cancels: bool) -> AsCompleted<T> {
        let tasks: Vec<_> = tasks.into_iter().map(Some).collect();
        let waiter = Arc::new(Waiter::default());
        for (number, task) in tasks.iter().flatten().enumerate() {
            if !task.0.watch(Watcher::Thread(Arc::clone(&waiter), number)) {
                waiter.announce(number);
            }
        }
        AsCompleted { left: tasks.len(), tasks, waiter, cancels }
    }

    /// The next one, if one is done already.
    ///
    /// # Errors
    ///
    /// If none of those that are left is done.
    pub fn try_next(&mut self) -> Result<Option<(usize, Outcome<T>)>, TimedOut> {
        self.next_timeout(Duration::ZERO)
    }

    /// The next one, if one is done before the limit is over. (See [`Task::result_timeout`].)
    ///
    /// # Errors
    ///
    /// If none of those that are left is done in time. They stay, and can be asked for again.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let (promise, never) = executor::promise::<u64>();
    /// let mut tasks = executor::as_completed([never]);
    /// let late = tasks.next_timeout(Duration::from_millis(1)).unwrap_err();
    /// assert_eq!(late.to_string(), "1 (of 1) tasks unfinished");
    /// # drop(promise);
    /// ```
    #[doc(alias = "timeout")]
    pub fn next_timeout(
        &mut self,
        limit: Duration,
    ) -> Result<Option<(usize, Outcome<T>)>, TimedOut> {
        self.before(Some(deadline(limit)))
            .map_err(|_| TimedOut { unfinished: self.left, of: self.tasks.len() })
    }

    fn before(&mut self, deadline: Option<Instant>) -> Result<Option<(usize, Outcome<T>)>, NotYet> {
        while self.left > 0 {
            let waits_for = || self.tasks.iter().flatten().map(Task::id);
            let number = self.waiter.next(deadline, waits_for)?;
            // It is not there if it was given up before it was done.
            if let Some(task) = self.tasks[number].take() {
                self.left -= 1;
                let outcome = task.0.take().expect("whatever is announced is done");
                return Ok(Some((number, outcome)));
            }
        }
        Ok(None)
    }

    /// Gives up the first of those that are left.
    fn give_up(&mut self) -> Option<(usize, Outcome<T>)> {
        let number = self.tasks.iter().position(Option::is_some)?;
        let task = self.tasks[number].take()?;
        self.left -= 1;
        Some((number, task.0.take().unwrap_or(Err(TaskError::Deadlock))))
    }
}

impl<T: Send + 'static> Iterator for AsCompleted<T> {
    type Item = (usize, Outcome<T>);

    fn next(&mut self) -> Option<Self::Item> {
        // Without a limit there is one reason for giving up.
        self.before(None).unwrap_or_else(|_| self.give_up())
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl<T: Send + 'static> ExactSizeIterator for AsCompleted<T> {}

impl<T: Send + 'static> FusedIterator for AsCompleted<T> {}

impl<T: Send + 'static> Drop for AsCompleted<T> {
    fn drop(&mut self) {
        for task in self.tasks.iter().flatten().filter(|_| self.cancels) {
            task.cancel();
        }
    }
}

impl<T: Send + 'static> fmt::Debug for AsCompleted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsCompleted").field("left", &self.left).finish_non_exhaustive()
    }
}

impl fmt::Display for TimedOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (of {}) tasks unfinished", self.unfinished, self.of)
    }
}

impl error::Error for TimedOut {}

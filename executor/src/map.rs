//! Many tasks, in the order in which they were submitted.

use crate::as_completed::{AsCompleted, TimedOut};
use crate::task::Task;
use crate::task_error::Outcome;
use std::collections::VecDeque;
use std::iter::FusedIterator;
use std::time::Duration;
use std::{fmt, mem};

/// The outcomes of [`Executor::map`](crate::Executor::map), in the order of the jobs.
///
/// All jobs have been submitted. Asking for the next outcome waits until that one is there,
/// whichever others are. Dropping it cancels every job that has not been started; those that run
/// are left alone.
///
/// # Deadlocks
///
/// As [`Task::result`]. A task whose outcome is [`TaskError::Deadlock`](crate::TaskError::Deadlock)
/// has been detached.
///
/// # Examples
///
/// ```
/// use executor::{Executor, Job, Threads};
/// # use serde::{Deserialize, Serialize};
///
/// # #[derive(Serialize, Deserialize)]
/// struct Square(u64);
///
/// impl Job for Square {
///     type Output = u64;
///     fn run(self) -> u64 {
///         self.0 * self.0
///     }
/// }
///
/// let pool = Threads::new(2)?;
/// let squares = pool.map((0..4).map(Square))?;
/// assert_eq!(squares.map(Result::unwrap).collect::<Vec<_>>(), [0, 1, 4, 9]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "dropped at once, it cancels what it has submitted"]
pub struct Map<T: Send + 'static> {
    tasks: VecDeque<Task<T>>,
    of: usize,
}

impl<T: Send + 'static> Map<T> {
    pub(crate) fn new() -> Map<T> {
        Map { tasks: VecDeque::new(), of: 0 }
    }

    pub(crate) fn push(&mut self, task: Task<T>) {
        self.tasks.push_back(task);
        self.of += 1;
    }

    /// The same tasks, in another order.
    pub(crate) fn into_completed(mut self) -> AsCompleted<T> {
        AsCompleted::new(mem::take(&mut self.tasks), true)
    }

    /// The next outcome, if it is there.
    ///
    /// # Errors
    ///
    /// If the next task is not done. It stays the next.
    pub fn try_next(&mut self) -> Result<Option<Outcome<T>>, TimedOut> {
        self.next_timeout(Duration::ZERO)
    }

    /// The next outcome, if it is there before the limit is over. (See [`Task::result_timeout`].)
    ///
    /// # Errors
    ///
    /// If the next task is not done in time. It stays the next.
    #[doc(alias = "timeout")]
    pub fn next_timeout(&mut self, limit: Duration) -> Result<Option<Outcome<T>>, TimedOut> {
        let Some(task) = self.tasks.pop_front() else { return Ok(None) };
        task.result_timeout(limit).map(Some).map_err(|task| {
            self.tasks.push_front(task);
            let unfinished = self.tasks.iter().filter(|task| !task.is_done()).count();
            TimedOut { unfinished, of: self.of }
        })
    }
}

impl<T: Send + 'static> Iterator for Map<T> {
    type Item = Outcome<T>;

    fn next(&mut self) -> Option<Self::Item> {
        self.tasks.pop_front().map(Task::result)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.tasks.len(), Some(self.tasks.len()))
    }
}

impl<T: Send + 'static> ExactSizeIterator for Map<T> {}

impl<T: Send + 'static> FusedIterator for Map<T> {}

impl<T: Send + 'static> Drop for Map<T> {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.cancel();
        }
    }
}

impl<T: Send + 'static> fmt::Debug for Map<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Map").field("left", &self.tasks.len()).finish_non_exhaustive()
    }
}

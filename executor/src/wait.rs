//! Many tasks, until some of them are done.

use crate::shared::{TaskState, Watcher};
use crate::task::Task;
use crate::waiter::{NotYet, Waiter, deadline};
use std::time::{Duration, Instant};
use std::{error, fmt};
use sync::primitives::Arc;

/// What [`wait`] waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// One task is done, or there is none.
    #[doc(alias = "FIRST_COMPLETED")]
    FirstCompleted,
    /// One task has failed, or all are done. To be cancelled is no failure, and neither is it to
    /// return an `Err` of one's own.
    #[doc(alias = "FIRST_EXCEPTION")]
    FirstError,
    /// All tasks are done.
    #[doc(alias = "ALL_COMPLETED")]
    All,
}

/// Which tasks are done, and which are not, by their numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Waited {
    /// Those that were done when [`wait`] returned.
    pub done: Vec<usize>,
    /// The others.
    pub pending: Vec<usize>,
}

/// Waiting would never have ended: of the tasks that were waited for, none would ever have been
/// done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadlock;

/// Waits until enough of these tasks are done, and says which are. It takes no outcome.
///
/// # Errors
///
/// If it can be seen that it would wait for ever, as [`Task::result`] has it.
///
/// # Deadlocks
///
/// As [`Task::result`].
///
/// # Examples
///
/// ```
/// use executor::{Until, wait};
/// use std::sync::mpsc;
///
/// let pool = executor::Threads::new(2)?;
/// let (open, gate) = mpsc::channel();
/// let slow = pool.spawn(move || gate.recv().unwrap())?;
/// let fast = pool.spawn(|| 2)?;
/// let mut tasks = [slow, fast];
/// let waited = wait(&mut tasks, Until::FirstCompleted)?;
/// assert_eq!((waited.done, waited.pending), (vec![1], vec![0]));
/// open.send(1)?;
/// assert_eq!(wait(&mut tasks, Until::All)?.done, [0, 1]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn wait<T: Send + 'static>(tasks: &mut [Task<T>], until: Until) -> Result<Waited, Deadlock> {
    let waited = wait_before(tasks, until, None);
    waited.map_err(|_| Deadlock)?; // without a limit there is one reason for giving up
    Ok(split(tasks))
}

/// The same, but gives up after this limit. (See [`Task::result_timeout`].)
///
/// # Examples
///
/// ```
/// use executor::{Until, wait_timeout};
/// use std::time::Duration;
///
/// let (promise, never) = executor::promise::<u64>();
/// let waited = wait_timeout(&mut [never], Until::All, Duration::from_millis(1));
/// assert_eq!((waited.done, waited.pending), (vec![], vec![0]));
/// # drop(promise);
/// ```
#[must_use = "it may have given up"]
pub fn wait_timeout<T: Send + 'static>(
    tasks: &mut [Task<T>],
    until: Until,
    limit: Duration,
) -> Waited {
    let _limit_is_over = wait_before(tasks, until, Some(deadline(limit)));
    split(tasks)
}

// `&mut`, for a task has one watcher: nobody else can wait for these tasks at the same time.
fn wait_before<T: Send + 'static>(
    tasks: &mut [Task<T>],
    until: Until,
    deadline: Option<Instant>,
) -> Result<(), NotYet> {
    let waiter = Arc::new(Waiter::default());
    for (number, task) in tasks.iter().enumerate() {
        if !task.0.watch(Watcher::Thread(Arc::clone(&waiter), number)) {
            waiter.announce(number);
        }
    }
    let mut open: Vec<_> = tasks.iter().map(|task| Some(task.id())).collect();
    let (mut left, mut failed) = (tasks.len(), false);
    let mut result = Ok(());
    while result.is_ok() && !until.is_enough(tasks.len(), left, failed) {
        result = waiter.next(deadline, || open.iter().flatten().copied()).map(|number| {
            open[number] = None;
            left -= 1;
            failed |= tasks[number].state() == TaskState::Failed;
        });
    }
    result
}

impl Until {
    fn is_enough(self, all: usize, left: usize, failed: bool) -> bool {
        match self {
            Until::FirstCompleted => left < all || all == 0,
            Until::FirstError => failed || left == 0,
            Until::All => left == 0,
        }
    }
}

fn split<T: Send + 'static>(tasks: &[Task<T>]) -> Waited {
    let (done, pending) = (0..tasks.len()).partition(|number| tasks[*number].is_done());
    Waited { done, pending }
}

impl fmt::Display for Deadlock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("waiting for these tasks would never end")
    }
}

impl error::Error for Deadlock {}

//! The executor whose workers are other processes.

use crate::crew::Crew;
use crate::executor::{Executor, Shutdown, SubmitError};
use crate::shared::{Shared, Work};
use crate::task::Task;
use crate::task_error::{Panic, TaskError};
use multiproc::{Job, JobError, Outcome, ProcessPool, Refused, StartError, Ticket};
use postcard::ser_flavors::Size;
use std::fmt;
use sync::primitives::atomic::AtomicBool;
use sync::primitives::atomic::Ordering::Relaxed;
use sync::primitives::{Arc, Mutex};

/// The executor whose workers are other processes.
///
/// What a job does to its worker stays there: one that aborts, or is killed, costs its own result
/// ([`TaskError::WorkerDied`]), and the worker is replaced. The workers are this program, started
/// again, so `main` has to begin with [`worker`](crate::worker). What stands before that line is
/// run by each worker too, and can prepare it.
///
/// Dropping it refuses new jobs, waits until all that were accepted are done, and ends the workers:
/// it is [`shutdown`](Self::shutdown) with [`Shutdown::Wait`]. No task is lost, run twice, or left
/// without an outcome. See [`ProcessPool`] for what else is promised.
///
/// # Deadlocks
///
/// Callbacks run on the threads that talk to the workers, one for each, and keep them from their
/// work. If all of these wait, without a limit, for tasks of this executor, and none of these tasks
/// is done, the last one to wait gets a [`TaskError::Deadlock`] instead.
///
/// # Fairness
///
/// First in, first out.
///
/// # Source
///
/// Python's `ProcessPoolExecutor`. There, a worker that dies breaks the executor for good, and with
/// it all tasks that were not done.
///
/// # Examples
///
/// ```standalone_crate
/// use executor::{Executor, Job, Processes, TaskError};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize)]
/// enum Work {
///     Fib(u32),
///     Abort,
/// }
///
/// impl Job for Work {
///     type Output = u64;
///     fn run(self) -> u64 {
///         match self {
///             Work::Fib(n) => threads::fib(n),
///             Work::Abort => std::process::abort(),
///         }
///     }
/// }
///
/// fn main() -> Result<(), Box<dyn std::error::Error>> {
///     executor::worker::<Work>(); // a worker stays in here
///
///     let pool = Processes::new(2)?;
///     let lost = pool.submit(Work::Abort)?;
///     let task = pool.submit(Work::Fib(20))?;
///     assert!(matches!(lost.result(), Err(TaskError::WorkerDied(_))));
///     assert_eq!(task.result()?, 6_765);
///     Ok(())
/// }
/// ```
#[doc(alias = "ProcessPoolExecutor")]
#[must_use = "an executor that is not kept is shut down at once"]
pub struct Processes<J: Job> {
    pool: ProcessPool<J>,
    crew: Arc<Crew>,
    closed: AtomicBool,
}

impl<J: Job> Processes<J> {
    /// So many workers, such as [`cores`](crate::cores). Returns when all of them are ready.
    ///
    /// # Errors
    ///
    /// If one cannot be started, or there are to be none. Those that were started have ended again.
    pub fn new(workers: usize) -> Result<Processes<J>, StartError> {
        let pool = ProcessPool::new(workers)?;
        Ok(Processes { pool, crew: Crew::new(workers), closed: AtomicBool::new(false) })
    }

    /// From now on refuses new jobs. Those already accepted are still done. Closing twice does
    /// nothing more.
    pub fn close(&self) {
        // Relaxed: it publishes nothing. A job that is submitted at the same time is either refused
        // or done.
        self.closed.store(true, Relaxed);
    }

    /// Refuses new jobs, does or cancels those that are queued, waits for those that run, and ends
    /// the workers. The callbacks of what is cancelled run here.
    ///
    /// # Deadlocks
    ///
    /// Waits as long as that takes: for a job that never ends, for ever. Called by a callback of
    /// one of its tasks, it does not wait.
    pub fn shutdown(self, queued: Shutdown) {
        if queued == Shutdown::Cancel {
            self.pool.close();
        }
        drop(self); // closes the pool, and waits
    }
}

impl<J: Job> Executor<J> for Processes<J> {
    /// As [`Executor::submit`] has it.
    ///
    /// # Panics
    ///
    /// If the job panics while it is written down.
    fn submit(&self, job: J) -> Result<Task<J::Output>, SubmitError<J>> {
        if self.closed.load(Relaxed) {
            return Err(SubmitError::Closed(job));
        }
        // The worker's turn to encode it may come much later, and then nobody is there to take it
        // back.
        if let Err(error) = postcard::serialize_with_flavor(&job, Size::default()) {
            return Err(SubmitError::Encode(job, error.to_string()));
        }
        let shared = Arc::new(Shared::new(self.crew.id(), Sent::new()));
        let (crew, ending) = (Arc::clone(&self.crew), Arc::clone(&shared));
        match self.pool.submit(job, move |outcome| ending.end(&crew, outcome)) {
            Ok(ticket) => *shared.work.ticket.lock() = Some(ticket),
            Err(Refused { job, .. }) => return Err(SubmitError::Closed(job)),
        }
        Ok(Task(shared))
    }
}

/// A job that the pool has, and by which it can be had back.
struct Sent<J: Job> {
    ticket: Mutex<Option<Ticket<J>>>,
    withdrawn: Mutex<Option<J>>,
}

impl<J: Job> Sent<J> {
    fn new() -> Sent<J> {
        Sent { ticket: Mutex::new(None), withdrawn: Mutex::new(None) }
    }
}

impl<J: Job> Work for Sent<J> {
    fn withdraw(&self) -> bool {
        // It comes back, or the pool tells what came of it, and never both.
        let job = self.ticket.lock().as_ref().and_then(Ticket::withdraw);
        let is_back = job.is_some();
        *self.withdrawn.lock() = job;
        is_back
    }

    fn discard(&self) {
        drop(self.withdrawn.lock().take());
    }

    fn is_waiting(&self) -> bool {
        self.ticket.lock().as_ref().is_some_and(Ticket::is_waiting)
    }
}

impl<J: Job> Shared<J::Output, Sent<J>> {
    /// Ends the task as the pool says.
    fn end(&self, crew: &Arc<Crew>, outcome: Outcome<J>) {
        if !matches!(outcome, Err(JobError::Closed(_))) {
            crew.join(); // a worker's thread; only what a closed pool hands back comes from another
        }
        match outcome {
            Err(JobError::Closed(_)) => self.refuse(TaskError::Cancelled),
            Err(JobError::NotSent { reason, .. }) => self.refuse(TaskError::NotStarted(reason)),
            Err(JobError::NoWorker { reason, .. }) => {
                self.refuse(TaskError::NotStarted(reason.to_string()));
            }
            outcome if self.start() => self.finish(outcome.map_err(of_started)),
            _ => {}
        }
    }
}

fn of_started<J>(error: JobError<J>) -> TaskError {
    match error {
        JobError::Panicked { message, place } => TaskError::Panicked(Panic::told(message, place)),
        JobError::Died(exit) => TaskError::WorkerDied(exit),
        JobError::NoAnswer(reason) => TaskError::NoAnswer(reason),
        other => TaskError::NoAnswer(other.to_string()),
    }
}

impl<J: Job> fmt::Debug for Processes<J> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.pool.fmt(f)
    }
}

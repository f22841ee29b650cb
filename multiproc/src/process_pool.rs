//! A pool of processes: jobs go out as bytes, results come back, and a death costs one job.

use crate::job::{Job, Outcome};
use crate::keeper::Keeper;
use crate::queue::{Chunk, Map, Queue, Waiting};
use crate::remote::StartError;
use crate::worker::is_worker;
use std::error::Error;
use std::fmt;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;
use std::vec;
use sync::primitives::{Arc, thread};

/// Processes that do jobs, and do not go down together.
///
/// In Rust, threads already use all processors, and cost less. What a process buys is isolation: a
/// job that aborts, overflows its stack or is killed by the system takes its worker with it, and
/// nothing else. That costs this job its result. The error says
/// [how it died](crate::JobError::Died), another worker takes the place, and no other job is lost
/// or run twice.
///
/// The workers are this program, started afresh: `main` has to begin with
/// [`worker`](crate::worker). They are not forked copies of the parent, because a fork copies one
/// thread and all locks: one that another thread holds at that moment stays locked in the copy for
/// ever. So a pool is safe in a program that has threads, and there may be several pools.
///
/// Each worker has a thread here, its keeper, which starts it, sends it one job after the other,
/// and waits. Callbacks run on these threads. Each worker leads a process group, so the terminal's
/// Ctrl-C does not reach it, and what its jobs leave running ends with it.
///
/// # What ends when
///
/// Dropping the pool finishes what has been submitted; [`close`](ProcessPool::close) hands back
/// what has not been started. Both leave no process, no zombie and no descriptor behind. If this
/// process is killed, its workers end too: busy or not, under a second later unless the machine is
/// very busy. (What their jobs had started lives on in that case.)
///
/// A worker that is stopped (`SIGSTOP`) is not dead, and its job may still be done. Only a
/// [time limit](ProcessPool::with_time_limit) ends it.
///
/// # Source
///
/// `multiprocessing.Pool` in the cheatsheet's "Solving the GIL problem via processes".
///
/// # Examples
///
/// ```standalone_crate
/// use multiproc::{Job, JobError, ProcessPool};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Debug, Serialize, Deserialize)]
/// enum Work {
///     Square(u64),
///     Abort,
/// }
///
/// impl Job for Work {
///     type Output = u64;
///     fn run(self) -> u64 {
///         match self {
///             Work::Square(number) => number * number,
///             Work::Abort => std::process::abort(),
///         }
///     }
/// }
///
/// fn main() -> Result<(), multiproc::StartError> {
///     multiproc::worker::<Work>(); // a worker stays in here
///
///     let pool = ProcessPool::new(2)?;
///     let outcomes = pool.map([Work::Square(3), Work::Abort, Work::Square(4)]);
///     assert_eq!(outcomes[0].as_ref().unwrap(), &9);
///     let error = outcomes[1].as_ref().unwrap_err();
///     assert_eq!(error.to_string(), "the worker ended: signal 6 (ABRT)");
///     assert_eq!(outcomes[2].as_ref().unwrap(), &16);
///     Ok(())
/// }
/// ```
#[doc(alias = "Pool")]
#[doc(alias = "ProcessPoolExecutor")]
pub struct ProcessPool<J: Job> {
    queue: Arc<Queue<J>>,
    keepers: Vec<thread::JoinHandle<()>>,
}

/// A job that was [submitted](ProcessPool::submit). Dropping this changes nothing.
pub struct Ticket<J: Job> {
    queue: Arc<Queue<J>>,
    number: u64,
}

/// The pool was closed; the job comes back, with what was to be done with its outcome.
pub struct Refused<J: Job> {
    /// The job.
    pub job: J,
    /// The callback. It has not been called.
    pub done: Box<dyn FnOnce(Outcome<J>) + Send>,
}

impl<J: Job> ProcessPool<J> {
    /// Starts a pool of so many workers, and returns when all of them are ready.
    ///
    /// # Errors
    ///
    /// [`StartError`] if one cannot be started; then those that were are ended and reaped.
    ///
    /// # Deadlocks
    ///
    /// A program that forgets to begin with [`worker`](crate::worker), and then does nothing, is
    /// waited for: ten seconds.
    pub fn new(workers: usize) -> Result<ProcessPool<J>, StartError> {
        Self::start(workers, None)
    }

    /// Like [`new`](ProcessPool::new), but a worker whose job takes longer than this is ended: that
    /// is the job's [error](crate::JobError::TimedOut). The time counts from when the job is
    /// sent, and a map's jobs are sent one by one.
    ///
    /// # Errors
    ///
    /// [`StartError`] if a worker cannot be started.
    pub fn with_time_limit(workers: usize, limit: Duration) -> Result<ProcessPool<J>, StartError> {
        Self::start(workers, Some(limit))
    }

    fn start(workers: usize, limit: Option<Duration>) -> Result<ProcessPool<J>, StartError> {
        if is_worker() {
            return Err(StartError::InWorker);
        }
        // The answers of a chunk come together, so there the time of each job could not be told.
        let queue = Arc::new(Queue::new(workers, limit.is_none()));
        let mut pool = ProcessPool { queue, keepers: Vec::new() };
        let (started, first) = channel();
        for number in 0..workers {
            let (queue, started) = (Arc::clone(&pool.queue), started.clone());
            // Each worker has a thread that lasts as long as it does (see `Remote::start`).
            let name = format!("keeper {number}");
            let keeper = thread::Builder::new().name(name).spawn(move || {
                let keeper = Keeper::start(queue, limit);
                let (keeper, error) =
                    keeper.map_or_else(|it| (None, Err(it)), |it| (Some(it), Ok(())));
                let wanted = started.send(error).is_ok();
                drop(started); // `new` waits until all have dropped it
                if let Some(keeper) = keeper.filter(|_| wanted) {
                    keeper.keep();
                }
            });
            pool.keepers.push(keeper.map_err(StartError::system)?);
        }
        drop(started);
        first.iter().collect::<Result<(), StartError>>()?;
        if workers == 0 { Err(StartError::NoWorkers) } else { Ok(pool) }
    }

    /// Has a worker do the job, and then calls `done` with what came of it.
    ///
    /// Jobs are begun in the order in which they were submitted. The queue has no limit. A worker
    /// is sent one job at a time; it has started when it is sent.
    ///
    /// `done` is called exactly once, on the keeper of the worker, unless the job is
    /// [withdrawn](Ticket::withdraw). Until it returns, the worker has nothing to do. If it panics,
    /// that is reported as panics are, and changes nothing else.
    ///
    /// # Errors
    ///
    /// [`Refused`] with both arguments if the pool is [closed](ProcessPool::close).
    #[doc(alias = "apply_async")]
    pub fn submit(
        &self,
        job: J,
        done: impl FnOnce(Outcome<J>) + Send + 'static,
    ) -> Result<Ticket<J>, Refused<J>> {
        match self.queue.push(Waiting::One(job, Box::new(done))) {
            Ok(number) => Ok(Ticket { queue: Arc::clone(&self.queue), number }),
            Err(Waiting::One(job, done)) => Err(Refused { job, done }),
            Err(Waiting::Map(_)) => unreachable!("what was pushed comes back"),
        }
    }

    /// Has the workers do all the jobs, and returns what came of each, in the order of the jobs.
    ///
    /// A message to a worker costs more than a small job, so a worker is sent many jobs at once:
    /// half of its share of those that are left, and less and less towards the end. It does one
    /// after the other. Jobs that wait for each other must be [submitted](ProcessPool::submit) one
    /// by one.
    ///
    /// # Deadlocks
    ///
    /// In a callback this waits for the callback's own worker, unless another one has time.
    pub fn map(&self, jobs: impl IntoIterator<Item = J>) -> Vec<Outcome<J>> {
        let jobs: Vec<J> = jobs.into_iter().collect();
        let mut outcomes = Vec::with_capacity(jobs.len());
        let mut chunks: Vec<Chunk<J>> = self.map_chunks(jobs).chunks.iter().collect();
        chunks.sort_unstable_by_key(|(first, _)| *first);
        for (_, chunk) in chunks {
            outcomes.extend(chunk);
        }
        outcomes
    }

    /// Like [`map`](ProcessPool::map), but returns what came of each job with the job's number, as
    /// soon as it is there. (A chunk's outcomes come together.) If the iterator is dropped, what
    /// has not been sent is not run.
    #[doc(alias = "imap_unordered")]
    #[doc(alias = "as_completed")]
    pub fn map_as_completed(&self, jobs: impl IntoIterator<Item = J>) -> Completed<J> {
        self.map_chunks(jobs.into_iter().collect())
    }

    fn map_chunks(&self, jobs: Vec<J>) -> Completed<J> {
        let (results, chunks) = channel();
        let wanted = Arc::new(());
        let map =
            Map { first: 0, jobs: jobs.into_iter(), results, wanted: Arc::downgrade(&wanted) };
        if let Err(refused) = self.queue.push(Waiting::Map(map)) {
            refused.hand_back();
        }
        Completed { chunks, first: 0, outcomes: Vec::new().into_iter(), _wanted: wanted }
    }

    /// Takes no more jobs, and hands back those that wait: each one's `done` is called, here and
    /// now, with [`JobError::Closed`](crate::JobError::Closed). Those that run are not disturbed,
    /// and workers that are idle end. Twice is as good as once.
    #[doc(alias = "shutdown")]
    #[doc(alias = "terminate")]
    pub fn close(&self) {
        for waiting in self.queue.close() {
            waiting.hand_back();
        }
    }
}

/// Finishes all that was submitted, and ends the workers.
///
/// # Deadlocks
///
/// Waits as long as that takes: for a job that never ends, for ever. Dropped by a callback, it does
/// not wait.
impl<J: Job> Drop for ProcessPool<J> {
    fn drop(&mut self) {
        self.queue.finish();
        // A pool may be dropped by a callback, on a keeper. That one cannot wait for itself, and sees
        // that the pool is closed as soon as the callback returns; nor does it wait for the others.
        let here = thread::current().id();
        if self.keepers.iter().all(|keeper| keeper.thread().id() != here) {
            for keeper in self.keepers.drain(..) {
                let _ = keeper.join();
            }
        }
    }
}

impl<J: Job> Ticket<J> {
    /// Whether the job waits for a worker. By the time you look, it may have been sent.
    pub fn is_waiting(&self) -> bool {
        self.queue.has(self.number)
    }

    /// Takes the job back, unless it has started: it will not run, and its callback is dropped
    /// without being called. `None` if it has started, or ended, or was withdrawn before.
    #[doc(alias = "cancel")]
    pub fn withdraw(&self) -> Option<J> {
        match self.queue.remove(self.number)? {
            Waiting::One(job, _) => Some(job),
            Waiting::Map(_) => unreachable!("a map has no ticket"),
        }
    }
}

/// What comes of the jobs of a map; see [`ProcessPool::map_as_completed`].
pub struct Completed<J: Job> {
    chunks: Receiver<Chunk<J>>,
    /// The number of the next of `outcomes`.
    first: usize,
    outcomes: vec::IntoIter<Outcome<J>>,
    _wanted: Arc<()>,
}

impl<J: Job> Iterator for Completed<J> {
    type Item = (usize, Outcome<J>);

    fn next(&mut self) -> Option<(usize, Outcome<J>)> {
        loop {
            if let Some(outcome) = self.outcomes.next() {
                self.first += 1;
                return Some((self.first - 1, outcome));
            }
            let (first, outcomes) = self.chunks.recv().ok()?;
            (self.first, self.outcomes) = (first, outcomes.into_iter());
        }
    }
}

impl<J: Job> fmt::Debug for Refused<J> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Refused({self})")
    }
}

impl<J: Job> fmt::Display for Refused<J> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the pool is closed")
    }
}

impl<J: Job> Error for Refused<J> {}

impl<J: Job> fmt::Debug for Ticket<J> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ticket").field("number", &self.number).finish_non_exhaustive()
    }
}

impl<J: Job> fmt::Debug for Completed<J> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Completed").finish_non_exhaustive()
    }
}

impl<J: Job> fmt::Debug for ProcessPool<J> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProcessPool").field("workers", &self.keepers.len()).finish_non_exhaustive()
    }
}

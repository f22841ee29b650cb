//! A fixed number of threads that run jobs from one queue.

mod job;
use job::Job;
pub use job::SharedJob;

mod map;

mod queue;
use queue::Queue;

mod refused;
pub use refused::{Closed, TryExecuteError};

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc; // std's in any case: a `SharedJob` is called through it
use std::time::Duration;
use std::{fmt, io, mem};
use sync::primitives::atomic::AtomicUsize;
use sync::primitives::atomic::Ordering::Relaxed;
use sync::primitives::thread::{self, Builder, JoinHandle};

/// A fixed number of threads, the workers, that run jobs from one queue.
///
/// Jobs are started in the order in which they were submitted. A job may submit further jobs to its
/// own pool (put the pool into an [`Arc`] for that).
///
/// Dropping the pool refuses new jobs, waits until all that were accepted have been run, and joins
/// the workers. No accepted job is lost, unless the whole process ends first.
///
/// A job that panics costs neither its worker nor the pool. The pool counts it (see
/// [`panics`](Self::panics)), and hands what it panicked with to the hook given to
/// [`PoolBuilder::on_panic`]. The pool itself prints nothing; what one usually sees of a panic is
/// written by the program's panic hook.
///
/// # Deadlocks
///
/// The workers are the only threads that run jobs. If all of them wait for a job that is still in
/// the queue, they wait for ever. Dropping the pool waits for every job, so it never ends if a job
/// never does. A pool that is dropped by one of its own jobs refuses new jobs and joins nobody; its
/// workers run what is left, and then end by themselves.
///
/// # Fairness
///
/// First in, first out. Where several threads wait for room in a bounded queue, any of them may
/// be next.
///
/// # Source
///
/// The cheatsheet's "Thread Pool Template". Its workers are never stopped, and its jobs have no
/// results; `map` is that of Python's `multiprocessing.pool.ThreadPool`.
///
/// # Examples
///
/// ```
/// use std::sync::mpsc;
///
/// let pool = threads::ThreadPool::new(4)?;
/// let (sender, results) = mpsc::channel();
/// for n in 20..23 {
///     let sender = sender.clone();
///     pool.execute(move || sender.send(threads::fib(n)).unwrap())?;
/// }
/// drop(sender); // `results` ends when the last job has sent its own
/// let mut results: Vec<u64> = results.iter().collect();
/// results.sort();
/// assert_eq!(results, [6_765, 10_946, 17_711]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// A job may outlive the function that submits it, so it must own what it uses:
///
/// ```compile_fail,E0597
/// let pool = threads::ThreadPool::new(1).unwrap();
/// let word = String::from("hello");
/// let borrowed = &word; // error: `word` does not live long enough
/// pool.execute(move || assert_eq!(borrowed, "hello")).unwrap();
/// ```
#[doc(alias = "ThreadPoolExecutor")]
#[must_use = "a pool that is not kept is stopped at once"]
pub struct ThreadPool {
    shared: Arc<Shared>,
    workers: Vec<JoinHandle<()>>,
}

struct Shared {
    queue: Queue,
    panics: AtomicUsize,
    on_panic: Option<Hook>,
}

type Hook = Box<dyn Fn(Box<dyn Any + Send>) + Send + Sync>;

/// Starts a [`ThreadPool`] with more choices than [`ThreadPool::new`] offers.
///
/// # Examples
///
/// ```
/// use std::sync::mpsc;
/// use threads::PoolBuilder;
///
/// let (sender, told) = mpsc::channel();
/// let pool = PoolBuilder::new(1)
///     .name("digits")
///     .on_panic(move |payload| sender.send(payload).unwrap())
///     .build()?;
/// pool.execute(|| panic!("{}", std::thread::current().name().unwrap()))?;
/// assert_eq!(*told.recv()?.downcast::<String>().unwrap(), "digits-1");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "a builder starts nothing before `build`"]
pub struct PoolBuilder {
    workers: usize,
    capacity: Option<usize>,
    name: String,
    on_panic: Option<Hook>,
}

impl PoolBuilder {
    /// A pool of `workers` threads, with an unbounded queue.
    ///
    /// # Panics
    ///
    /// If `workers` is 0: nobody would ever run a job.
    pub fn new(workers: usize) -> PoolBuilder {
        assert!(workers > 0, "a pool without workers runs nothing");
        PoolBuilder { workers, capacity: None, name: "worker".to_owned(), on_panic: None }
    }

    /// Lets at most `capacity` jobs wait in the queue. Jobs that run are not in it.
    ///
    /// # Panics
    ///
    /// If `capacity` is 0: every job goes through the queue.
    pub fn capacity(mut self, capacity: usize) -> PoolBuilder {
        assert!(capacity > 0, "a queue without room accepts nothing");
        self.capacity = Some(capacity);
        self
    }

    /// What the threads are called, before a dash and a number from 1. Without this it is `worker`.
    ///
    /// # Panics
    ///
    /// [`build`](Self::build) panics if the name contains a zero byte.
    pub fn name(mut self, name: &str) -> PoolBuilder {
        name.clone_into(&mut self.name);
        self
    }

    /// Calls `hook` with what a job panicked with, on the worker's thread, each time that a job
    /// panics.
    ///
    /// A job has not ended before the hook returns, so [`ThreadPool::join`] waits for it too. A
    /// hook that panics costs no worker either, and is not called for its own panic.
    pub fn on_panic(
        mut self,
        hook: impl Fn(Box<dyn Any + Send>) + Send + Sync + 'static,
    ) -> PoolBuilder {
        self.on_panic = Some(Box::new(hook));
        self
    }

    /// Starts the workers.
    ///
    /// # Errors
    ///
    /// If the system cannot start that many threads. Those that it did start have ended by then.
    pub fn build(self) -> io::Result<ThreadPool> {
        let queue = Queue::new(self.capacity);
        let shared = Shared { queue, panics: AtomicUsize::new(0), on_panic: self.on_panic };
        // If a start fails, dropping this pool ends the workers that were started before.
        let mut pool = ThreadPool { shared: Arc::new(shared), workers: Vec::new() };
        for number in 1..=self.workers {
            let shared = Arc::clone(&pool.shared);
            let thread = Builder::new().name(format!("{}-{number}", self.name));
            pool.workers.push(thread.spawn(move || shared.work())?);
        }
        Ok(pool)
    }
}

impl ThreadPool {
    /// A pool of `workers` threads. Its queue is unbounded: [`execute`](Self::execute) never waits.
    ///
    /// # Errors
    ///
    /// If the system cannot start that many threads. Those that it did start have ended by then.
    ///
    /// # Panics
    ///
    /// If `workers` is 0.
    pub fn new(workers: usize) -> io::Result<ThreadPool> {
        PoolBuilder::new(workers).build()
    }

    /// A pool of `workers` threads in whose queue at most `capacity` jobs wait, so that it cannot
    /// grow without end: whoever submits more has to wait until a worker takes one. Jobs that run
    /// are not in the queue.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    ///
    /// # Panics
    ///
    /// If `workers` or `capacity` is 0.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::{Arc, Barrier};
    /// use threads::{ThreadPool, TryExecuteError};
    ///
    /// let pool = ThreadPool::bounded(1, 1)?;
    /// let gate = Arc::new(Barrier::new(2));
    /// let waits = || {
    ///     let gate = gate.clone();
    ///     move || drop(gate.wait())
    /// };
    /// pool.execute(waits())?;
    /// pool.execute(waits())?; // gets room when the worker has taken the first
    /// assert!(matches!(pool.try_execute(waits()), Err(TryExecuteError::Full(_))));
    /// gate.wait(); // the first job ends ...
    /// gate.wait(); // ... and then the second
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn bounded(workers: usize, capacity: usize) -> io::Result<ThreadPool> {
        PoolBuilder::new(workers).capacity(capacity).build()
    }

    /// Submits a job. In a bounded pool this waits while the queue is full.
    ///
    /// # Errors
    ///
    /// If the pool has been [closed](Self::close), also while this waited. The job comes back.
    ///
    /// # Deadlocks
    ///
    /// A job that submits to its own full queue waits for a worker to take something from it. If
    /// all workers do so, they wait for ever.
    #[doc(alias = "add_task")]
    #[doc(alias = "apply_async")]
    pub fn execute<F: FnOnce() + Send + 'static>(&self, job: F) -> Result<(), Closed<F>> {
        let refused = self.shared.queue.push(Job::once(job));
        refused.map_err(|Closed(job)| Closed(job.closure()))
    }

    /// Submits a job if there is room for it right now.
    ///
    /// # Errors
    ///
    /// If the queue is full, or the pool has been [closed](Self::close). The job comes back.
    #[doc(alias = "put_nowait")]
    pub fn try_execute<F: FnOnce() + Send + 'static>(
        &self,
        job: F,
    ) -> Result<(), TryExecuteError<F>> {
        self.shared.queue.try_push(Job::once(job)).map_err(|refused| match refused {
            TryExecuteError::Full(job) => TryExecuteError::Full(job.closure()),
            TryExecuteError::Closed(job) => TryExecuteError::Closed(job.closure()),
        })
    }

    /// Submits a job that carries its own state, without an allocation for it. In a bounded pool
    /// this waits while the queue is full.
    ///
    /// # Errors
    ///
    /// As [`execute`](Self::execute).
    ///
    /// # Deadlocks
    ///
    /// As [`execute`](Self::execute).
    pub fn execute_shared(
        &self,
        job: Arc<dyn SharedJob>,
    ) -> Result<(), Closed<Arc<dyn SharedJob>>> {
        let refused = self.shared.queue.push(Job::Shared(job));
        refused.map_err(|Closed(job)| Closed(job.shared()))
    }

    /// Waits until every job that was submitted before has ended.
    ///
    /// It returns at a moment at which no job at all is queued or running. So it waits as well for
    /// jobs that are submitted meanwhile, by these jobs or by other threads.
    ///
    /// # Deadlocks
    ///
    /// A job that calls this waits for itself, for ever. If jobs keep being submitted, so that the
    /// pool never has nothing to do, this never returns.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
    ///
    /// let (pool, sum) = (threads::ThreadPool::new(2)?, Arc::new(AtomicU64::new(0)));
    /// for n in 1..=100 {
    ///     let sum = sum.clone();
    ///     pool.execute(move || drop(sum.fetch_add(n, Relaxed)))?;
    /// }
    /// pool.join();
    /// assert_eq!(sum.load(Relaxed), 5_050);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "wait_complete")]
    pub fn join(&self) {
        self.shared.queue.wait_idle(None);
    }

    /// As [`join`](Self::join), but gives up after `limit`, and then returns false.
    ///
    /// A limit too long for the clock ([`Duration::MAX`]) is no limit.
    ///
    /// # Deadlocks
    ///
    /// As [`join`](Self::join), but for `limit` at most.
    #[must_use = "it says whether the jobs have ended"]
    pub fn join_timeout(&self, limit: Duration) -> bool {
        self.shared.queue.wait_idle(Some(limit))
    }

    /// From now on refuses new jobs. Those already accepted are still run.
    ///
    /// Whoever waits for room in a bounded queue gets its job back. Closing twice does nothing
    /// more.
    ///
    /// # Examples
    ///
    /// ```
    /// use threads::{Closed, ThreadPool};
    ///
    /// let pool = ThreadPool::new(1)?;
    /// pool.close();
    /// let Err(Closed(job)) = pool.execute(|| ()) else { panic!("it was open") };
    /// job(); // then we do it ourselves
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[doc(alias = "shutdown")]
    pub fn close(&self) {
        self.shared.queue.close();
    }

    /// How many workers there are. They stay the same as long as the pool lives.
    pub fn workers(&self) -> usize {
        self.workers.len()
    }

    /// How many jobs have panicked. After [`join`](Self::join) all that did before it are counted.
    pub fn panics(&self) -> usize {
        self.shared.panics.load(Relaxed)
    }

    /// Whether the calling thread is one of this pool's workers: if it is, then to wait for another
    /// job of the pool may be to wait for ever.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::{Arc, mpsc};
    ///
    /// let pool = Arc::new(threads::ThreadPool::new(1)?);
    /// assert!(!pool.is_worker());
    /// let ((sender, answer), same) = (mpsc::channel(), pool.clone());
    /// pool.execute(move || sender.send(same.is_worker()).unwrap())?;
    /// assert!(answer.recv()?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn is_worker(&self) -> bool {
        let current = thread::current().id();
        self.workers.iter().any(|worker| worker.thread().id() == current)
    }
}

impl Drop for ThreadPool {
    fn drop(&mut self) {
        // First, or the workers would go on waiting for jobs while we wait for them.
        self.close();
        if self.is_worker() {
            return; // it would wait for its own end; all of them end by themselves
        }
        for worker in self.workers.drain(..) {
            let ended = worker.join();
            debug_assert!(ended.is_ok(), "a worker catches whatever its jobs throw");
        }
    }
}

impl Shared {
    /// What a worker does as long as it lives.
    fn work(&self) {
        let mut ended = 0;
        while let Some(job) = self.queue.pop(ended) {
            self.run(job);
            ended = 1;
        }
    }

    fn run(&self, job: Job) {
        let Err(payload) = catch_unwind(AssertUnwindSafe(|| job.run())) else { return };
        // Relaxed: publishes nothing. Whoever has joined is ordered after it by the queue's lock.
        self.panics.fetch_add(1, Relaxed);
        let told = catch_unwind(AssertUnwindSafe(|| match &self.on_panic {
            Some(hook) => hook(payload),
            None => drop(payload),
        }));
        // Dropping what a hook, or the drop of a payload, has panicked with may panic again, for
        // ever.
        mem::forget(told);
    }
}

impl fmt::Debug for ThreadPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ThreadPool")
            .field("workers", &self.workers())
            .field("queued", &self.shared.queue.len())
            .field("panics", &self.panics())
            .finish_non_exhaustive()
    }
}

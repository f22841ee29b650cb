//! The executor whose workers are threads of this process.

use crate::crew::{self, Crew};
use crate::executor::{Executor, Shutdown, SubmitError, cores};
use crate::shared::{Shared, Work};
use crate::task::Task;
use crate::task_error::{Panic, TaskError};
use multiproc::Job;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Barrier;
use std::{fmt, io};
use sync::primitives::{Arc, Mutex};
use threads::{PoolBuilder, SharedJob, ThreadPool};

/// The executor whose workers are threads of this process.
///
/// It takes closures, by [`spawn`](Self::spawn), and jobs, as an [`Executor`]. They are started in
/// the order in which they were submitted. A task that panics costs neither its worker nor the
/// executor: its outcome is the panic.
///
/// Dropping it refuses new tasks, waits until all that were accepted are done, and joins the
/// workers: it is [`shutdown`](Self::shutdown) with [`Shutdown::Wait`]. No task is lost, run twice,
/// or left without an outcome.
///
/// # Deadlocks
///
/// The workers are the only threads that run tasks. If all of them wait, without a limit, for tasks
/// of their own executor, and none of these is done, the last one to wait gets a
/// [`TaskError::Deadlock`] instead. What else can wait for ever is not seen: two executors whose
/// tasks wait for each other; two tasks that do so while another worker has time; channels, locks,
/// `block_on`.
///
/// Dropping the executor waits for each task, so it never ends if one never does. A task that drops
/// its own executor closes it and does not wait; the workers do what is left, and then end by
/// themselves, unless the program ends before.
///
/// # Fairness
///
/// First in, first out.
///
/// # Source
///
/// Python's `ThreadPoolExecutor`.
///
/// # Examples
///
/// ```
/// let pool = executor::Threads::new(3)?;
/// let task = pool.spawn(|| threads::fib(30))?;
/// assert_eq!(task.result()?, 832_040);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// A task may outlive the function that submits it, so it must own what it uses:
///
/// ```compile_fail,E0597
/// let pool = executor::Threads::new(3).unwrap();
/// let word = String::from("hello");
/// let borrowed = &word; // error: `word` does not live long enough
/// let task = pool.spawn(move || borrowed.len()).unwrap();
/// ```
#[doc(alias = "ThreadPoolExecutor")]
#[must_use = "an executor that is not kept is shut down at once"]
pub struct Threads {
    pool: ThreadPool,
    crew: Arc<Crew>,
}

/// Starts [`Threads`] with more choices than [`Threads::new`] offers.
///
/// # Examples
///
/// ```
/// use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
///
/// static READY: AtomicUsize = AtomicUsize::new(0);
/// let builder = executor::Threads::builder().workers(2).name("digits");
/// let pool = builder.initializer(|| drop(READY.fetch_add(1, Relaxed))).build()?;
/// let task = pool.spawn(|| (READY.load(Relaxed), std::thread::current().name().unwrap().len()))?;
/// assert_eq!(task.result()?, (2, "digits-1".len()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "a builder starts nothing before `build`"]
pub struct ThreadsBuilder {
    workers: usize,
    name: String,
    initializer: Option<Initializer>,
}

type Initializer = Arc<dyn Fn() + Send + Sync>;

impl Threads {
    /// So many workers.
    ///
    /// # Errors
    ///
    /// If the system cannot start so many threads. Those that it did start have ended again.
    ///
    /// # Panics
    ///
    /// If `workers` is 0.
    pub fn new(workers: usize) -> io::Result<Threads> {
        Threads::builder().workers(workers).build()
    }

    /// As many workers as there are [`cores`], unless another number is set.
    pub fn builder() -> ThreadsBuilder {
        ThreadsBuilder { workers: cores(), name: "worker".to_owned(), initializer: None }
    }

    /// Submits a closure. It is run whether or not anybody waits for it.
    ///
    /// # Errors
    ///
    /// If this has been [closed](Self::close). The closure comes back.
    #[doc(alias = "submit")]
    pub fn spawn<T, F>(&self, work: F) -> Result<Task<T>, SubmitError<F>>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        self.submit_to(work, |work| work())
    }

    fn submit_to<T: Send + 'static, W: Send + 'static>(
        &self,
        work: W,
        run: fn(W) -> T,
    ) -> Result<Task<T>, SubmitError<W>> {
        // One allocation for what there is to do, where it stands, and what it comes to.
        let work = Queued { work: Mutex::new(Some(work)), run };
        let shared = Arc::new(Shared::new(self.crew.id(), work));
        if self.crew.has_ended() || self.pool.execute_shared(shared.clone()).is_err() {
            let work = shared.work.work.lock().take();
            return Err(SubmitError::Closed(work.expect("nobody has run it")));
        }
        Ok(Task(shared))
    }

    /// From now on refuses new tasks. Those already accepted are still done. Closing twice does
    /// nothing more.
    ///
    /// # Examples
    ///
    /// ```
    /// use executor::{SubmitError, Threads};
    ///
    /// let pool = Threads::new(1)?;
    /// pool.close();
    /// let Err(SubmitError::Closed(work)) = pool.spawn(|| 3) else { panic!("it was open") };
    /// assert_eq!(work(), 3); // then we do it ourselves
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn close(&self) {
        self.pool.close();
    }

    /// Refuses new tasks, does or cancels those that are queued, waits for those that run, and
    /// joins the workers. It is the workers that cancel, and that run the callbacks of what they
    /// cancel.
    ///
    /// # Deadlocks
    ///
    /// As dropping it.
    ///
    /// # Examples
    ///
    /// ```
    /// use executor::{Shutdown, Threads};
    ///
    /// let pool = Threads::new(1)?;
    /// let tasks = [1, 2, 3].map(|number| pool.spawn(move || number).expect("it is open"));
    /// pool.shutdown(Shutdown::Cancel);
    /// assert!(tasks.iter().all(|task| task.is_done())); // some have run, the others are cancelled
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// ```compile_fail,E0382
    /// use executor::{Shutdown, Threads};
    ///
    /// let pool = Threads::new(1).unwrap();
    /// pool.shutdown(Shutdown::Wait);
    /// let late = pool.spawn(|| 3); // error: borrow of moved value: `pool`
    /// ```
    pub fn shutdown(self, queued: Shutdown) {
        if queued == Shutdown::Cancel {
            self.crew.end(None);
        }
        drop(self); // closes the pool, and waits
    }

    /// How many workers there are.
    pub fn workers(&self) -> usize {
        self.pool.workers()
    }
}

impl<J: Job> Executor<J> for Threads {
    fn submit(&self, job: J) -> Result<Task<J::Output>, SubmitError<J>> {
        self.submit_to(job, J::run)
    }
}

impl ThreadsBuilder {
    /// So many workers.
    ///
    /// # Panics
    ///
    /// [`build`](Self::build) panics if it is 0.
    pub fn workers(mut self, workers: usize) -> ThreadsBuilder {
        self.workers = workers;
        self
    }

    /// What the threads are called, before a dash and a number from 1. Without this it is `worker`.
    #[doc(alias = "thread_name_prefix")]
    pub fn name(mut self, name: &str) -> ThreadsBuilder {
        name.clone_into(&mut self.name);
        self
    }

    /// Is called once on each worker. No task begins before that is done on all of them.
    ///
    /// If it panics, no task ever begins: they fail with [`TaskError::NotStarted`], and new ones
    /// are refused.
    pub fn initializer(mut self, initializer: impl Fn() + Send + Sync + 'static) -> ThreadsBuilder {
        self.initializer = Some(Arc::new(initializer));
        self
    }

    /// Starts the workers.
    ///
    /// # Errors
    ///
    /// If the system cannot start so many threads. Those that it did start have ended again.
    ///
    /// # Panics
    ///
    /// If there are to be 0 workers, or the name contains a zero byte.
    pub fn build(self) -> io::Result<Threads> {
        let pool = PoolBuilder::new(self.workers).name(&self.name).build()?;
        let crew = Crew::new(self.workers);
        // The first job of each worker: no worker gets two, for each waits until all have one.
        let all_are_here = Arc::new(Barrier::new(self.workers));
        for _ in 0..self.workers {
            let (crew, all_are_here) = (Arc::clone(&crew), Arc::clone(&all_are_here));
            let initializer = self.initializer.clone();
            let first = pool.execute(move || {
                crew.join();
                if let Some(initializer) = initializer {
                    crew.initialize(&*initializer);
                }
                all_are_here.wait();
            });
            assert!(first.is_ok(), "the pool is open");
        }
        Ok(Threads { pool, crew })
    }
}

/// Work that waits for a worker, and how it is done.
struct Queued<W, T> {
    work: Mutex<Option<W>>,
    run: fn(W) -> T,
}

impl<W: Send, T> Work for Queued<W, T> {
    fn discard(&self) {
        drop(self.work.lock().take());
    }
}

impl<W: Send + 'static, T: Send + 'static> SharedJob for Shared<T, Queued<W, T>> {
    fn run(self: Arc<Self>) {
        if let Some(why) = crew::ended() {
            self.refuse(why);
        } else if self.start() {
            let work = self.work.work.lock().take().expect("it is taken by whoever starts it");
            let result = catch_unwind(AssertUnwindSafe(|| (self.work.run)(work)));
            self.finish(result.map_err(|payload| TaskError::Panicked(Panic::new(payload))));
        }
    }
}

impl fmt::Debug for Threads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Threads").field("workers", &self.workers()).finish_non_exhaustive()
    }
}

impl fmt::Debug for ThreadsBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (workers, name) = (&self.workers, &self.name);
        f.debug_struct("ThreadsBuilder")
            .field("workers", workers)
            .field("name", name)
            .finish_non_exhaustive()
    }
}

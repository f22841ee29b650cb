//! A scheduler of one thread.

use crate::run_queue::{Next, RunQueue, TaskId};
use crate::sockets::Sockets;
use crate::tasks::{Task, Tasks};
use crate::timers::Timers;
use polling::Poller;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use std::{fmt, io, mem};
use sync::primitives::Arc;

/// After so many turns of tasks that can go on, look at sockets and timers: the tasks that wait
/// there must not wait for ever because others never do. A look costs about as much as some dozens
/// of turns.
const LOOK_AFTER: usize = 64;

/// Runs tasks on one thread. Those that can go on take turns; the others wait for a socket, a
/// moment or another thread, and cost no processor time meanwhile.
///
/// A task is a future without a result. It is never sent to another thread, so it may hold an
/// [`Rc`] across its waits. What it produces goes through whatever it shares with others: a cell, a
/// channel.
///
/// Dropping the scheduler drops the tasks that have not ended.
///
/// # Fairness
///
/// A queue: a task that is woken goes to its end. When the queue is empty, and otherwise after 64
/// turns or more (once all that were in the queue have had theirs), the scheduler looks at sockets
/// and timers; so a task that is always ready keeps no other from running. How long a turn takes is
/// up to the task: while it computes, all others wait. [`yield_now`](crate::yield_now) ends a turn,
/// and [`offload`](crate::offload) computes elsewhere.
///
/// # Source
///
/// The cheatsheet's `run()` in "Scheduler with blocking function", on `tasks`, `r_wait` and
/// `s_wait`. Here the first is a queue that other threads reach as well, the other two stand with
/// each socket, and beside them are those that wait for a moment.
///
/// # Examples
///
/// ```
/// use scheduler::{Scheduler, yield_now};
/// use std::cell::RefCell;
/// use std::rc::Rc;
///
/// let mut scheduler = Scheduler::new()?;
/// let log = Rc::new(RefCell::new(Vec::new()));
/// for task in ["a", "b"] {
///     let log = Rc::clone(&log);
///     scheduler.spawn(async move {
///         for step in 1..3 {
///             log.borrow_mut().push(format!("{task}{step}"));
///             yield_now().await;
///         }
///     });
/// }
/// scheduler.run()?;
/// assert_eq!(*log.borrow(), ["a1", "b1", "a2", "b2"]);
/// # std::io::Result::Ok(())
/// ```
///
/// A task may run after the function that started it has returned, so it must own what it uses:
///
/// ```compile_fail,E0597
/// let mut scheduler = scheduler::Scheduler::new().unwrap();
/// {
///     let word = String::from("hello");
///     let borrowed = &word; // error: `word` does not live long enough
///     scheduler.spawn(async move { assert_eq!(borrowed, "hello") });
/// }
/// scheduler.run().unwrap();
/// ```
#[doc(alias = "asyncio")]
#[must_use = "tasks do nothing until their scheduler runs"]
pub struct Scheduler {
    handle: Handle,
    panicked: usize,
}

/// What tasks have of their scheduler: with it they start further tasks, and wait for sockets and
/// moments.
///
/// It stays on the thread of its scheduler, as the tasks do:
///
/// ```compile_fail,E0277
/// let scheduler = scheduler::Scheduler::new().unwrap();
/// let handle = scheduler.handle();
/// std::thread::spawn(move || handle.spawn(async {})); // error: cannot be sent between threads
/// ```
#[derive(Clone)]
pub struct Handle {
    pub(crate) core: Rc<Core>,
}

/// What the scheduler and its handles share.
///
/// A waker, a future or a panic's payload may run anybody's code when it is woken or dropped, and
/// that code may use a handle. So neither is done while one of these is borrowed.
pub(crate) struct Core {
    /// All that have not ended.
    tasks: RefCell<Tasks>,
    /// Those that can go on.
    ready: Arc<RunQueue>,
    /// Those that wait for a socket.
    pub(crate) sockets: RefCell<Sockets>,
    /// Those that wait for a moment.
    pub(crate) timers: RefCell<Timers>,
    /// The scheduler is gone.
    closed: Cell<bool>,
}

/// Stops a [`Scheduler`], from any thread.
#[derive(Clone)]
pub struct Stopper {
    ready: Arc<RunQueue>,
}

/// How a [run](Scheduler::run) has ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ended {
    /// How many tasks have panicked.
    pub panicked: usize,
    /// How many tasks had not ended when the scheduler was stopped, and were dropped.
    pub unfinished: usize,
}

impl Scheduler {
    /// A scheduler without a task.
    ///
    /// # Errors
    ///
    /// If the system has no descriptors left for it: it needs a poller, epoll or kqueue, and what
    /// wakes that.
    pub fn new() -> io::Result<Scheduler> {
        let poller = Arc::new(Poller::new()?);
        let core = Core {
            tasks: RefCell::default(),
            ready: Arc::new(RunQueue::new(Arc::clone(&poller))),
            sockets: RefCell::new(Sockets::new(poller)),
            timers: RefCell::default(),
            closed: Cell::new(false),
        };
        Ok(Scheduler { handle: Handle { core: Rc::new(core) }, panicked: 0 })
    }

    /// Adds a task, which gets its first turn behind those that are in the queue. It does not run
    /// before [`run`](Self::run).
    #[doc(alias = "create_task")]
    pub fn spawn(&self, task: impl Future<Output = ()> + 'static) {
        self.handle.spawn(task);
    }

    /// What tasks need to start further tasks and to wait.
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// What another thread needs to stop the scheduler.
    pub fn stopper(&self) -> Stopper {
        Stopper { ready: Arc::clone(&self.handle.core.ready) }
    }

    /// Runs the tasks until all have ended, or the scheduler is [stopped](Stopper::stop). A task
    /// that panics ends alone; the program's panic hook has reported it, and it is counted.
    ///
    /// # Deadlocks
    ///
    /// Waits as long as one of its tasks waits, and so for ever if nothing ever wakes that one.
    ///
    /// # Errors
    ///
    /// If the system cannot watch the sockets. The tasks are still there.
    pub fn run(&mut self) -> io::Result<Ended> {
        let core = Rc::clone(&self.handle.core);
        let (mut turns, mut since_look) = (VecDeque::new(), 0);
        while core.tasks.borrow().alive() > 0 {
            match core.ready.next(&mut turns) {
                Next::Turns => {
                    since_look += turns.len();
                    turns.drain(..).for_each(|task| self.turn(task));
                    if since_look >= LOOK_AFTER {
                        since_look = 0;
                        core.look(Some(Duration::ZERO))?;
                    }
                }
                Next::Sleep => {
                    since_look = 0;
                    let limit = core.timers.borrow().pause();
                    core.look(limit)?;
                }
                Next::Stop => break,
            }
        }
        let unfinished = self.drop_tasks();
        Ok(Ended { panicked: mem::take(&mut self.panicked), unfinished })
    }

    /// Gives a task its turn.
    fn turn(&mut self, id: TaskId) {
        let core = &self.handle.core;
        // It may have ended: then the wake-up was late.
        let Some(mut task) = core.tasks.borrow_mut().take(id) else { return };
        task.state.out_of_the_queue();
        // What a panic leaves behind in the task is never looked at: the task is dropped.
        let polled = survive(|| task.future.as_mut().poll(&mut Context::from_waker(&task.waker)));
        if let Some(Poll::Pending) = polled {
            core.tasks.borrow_mut().put_back(id, task);
            return;
        }
        let dropped = survive(|| drop(task));
        core.tasks.borrow_mut().free(id);
        self.panicked += usize::from(polled.is_none() || dropped.is_none());
    }

    /// Drops what has not ended, and says how many that were.
    fn drop_tasks(&mut self) -> usize {
        let mut dropped = 0;
        loop {
            // They may have started others in the meantime.
            let tasks = self.handle.core.tasks.borrow_mut().take_all();
            if tasks.is_empty() {
                return dropped;
            }
            dropped += tasks.len();
            for task in tasks {
                self.panicked += usize::from(survive(|| drop::<Task>(task)).is_none());
            }
        }
    }
}

/// `None` if the work panicked.
fn survive<T>(work: impl FnOnce() -> T) -> Option<T> {
    let payload = match catch_unwind(AssertUnwindSafe(work)) {
        Ok(done) => return Some(done),
        Err(payload) => payload,
    };
    // It is anybody's value, and may panic when it is dropped, and so may what it panics with then.
    if let Err(another) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        mem::forget(another);
    }
    None
}

impl Core {
    /// Sleeps until a socket is ready, a moment has come, another thread has woken a task, or the
    /// limit is over; and wakes the tasks that waited for that.
    fn look(&self, limit: Option<Duration>) -> io::Result<()> {
        let mut woken: Vec<Waker> = Vec::new();
        let mut looked = Ok(());
        if limit != Some(Duration::ZERO) || !self.sockets.borrow().nobody_waits() {
            looked = self.sockets.borrow_mut().look(limit, &mut woken);
        }
        self.ready.wake_up();
        self.timers.borrow_mut().due(&mut woken);
        woken.into_iter().for_each(Waker::wake);
        looked
    }
}

impl Handle {
    /// Adds a task, as [`Scheduler::spawn`] does.
    ///
    /// # Panics
    ///
    /// If the scheduler has been dropped: nobody would ever run the task.
    pub fn spawn(&self, task: impl Future<Output = ()> + 'static) {
        assert!(!self.core.closed.get(), "the scheduler is gone, nobody would run the task");
        let waker = self.core.tasks.borrow_mut().add(Box::pin(task), &self.core.ready);
        waker.wake();
    }
}

impl Stopper {
    /// Lets the scheduler run no further turn, whether it runs, sleeps, or has not begun. Tasks
    /// that have not ended are dropped, and [counted](Ended::unfinished).
    ///
    /// A turn that has begun ends first, and so do those of the tasks that are in the queue with
    /// it.
    pub fn stop(&self) {
        self.ready.stop();
    }
}

impl Drop for Scheduler {
    fn drop(&mut self) {
        self.handle.core.closed.set(true);
        self.drop_tasks();
    }
}

impl fmt::Debug for Scheduler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tasks = self.handle.core.tasks.borrow().alive();
        f.debug_struct("Scheduler").field("tasks", &tasks).finish_non_exhaustive()
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle").finish_non_exhaustive()
    }
}

impl fmt::Debug for Stopper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stopper").finish_non_exhaustive()
    }
}

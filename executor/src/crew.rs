//! The workers of one executor, and which waits of theirs can never end.

use crate::task_error::{Panic, TaskError};
use std::cell::{OnceCell, RefCell};
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use sync::primitives::atomic::AtomicBool;
use sync::primitives::atomic::Ordering::{Acquire, Release};
use sync::primitives::{Arc, Mutex};

/// The workers of one executor.
///
/// Invariants, true whenever `blocked` is unlocked:
/// 1. it is the number of workers that wait, without a limit, for tasks of this very crew none of
///    which is done (whoever is about to finish such a task takes the worker off first);
/// 2. it is less than `workers`: if it were equal, nobody would be left to finish any of those
///    tasks.
pub(crate) struct Crew {
    workers: usize,
    blocked: Mutex<usize>,
    ended: AtomicBool,
    reason: Mutex<Option<String>>,
}

/// What the wait of the current thread for the first of some tasks may come to.
pub(crate) enum Hope {
    /// As far as can be seen it will end.
    Good,
    /// It needs another worker of this crew, which is the current thread's.
    Crew(Arc<Crew>),
    /// It waits for itself: the current thread is inside a callback of every one of the tasks.
    None,
}

/// Which task it is, and whose: addresses, compared and never followed.
///
/// That of a crew is unique as long as it has unfinished tasks, since its workers keep it.
#[derive(Clone, Copy)]
pub(crate) struct TaskId {
    pub(crate) task: usize,
    pub(crate) crew: usize,
}

/// What the current thread is, seen from here.
struct Here {
    crew: OnceCell<Arc<Crew>>,
    /// The tasks whose callbacks it is running, the innermost last.
    finishing: RefCell<Vec<usize>>,
}

thread_local! {
    static HERE: Here =
        const { Here { crew: OnceCell::new(), finishing: RefCell::new(Vec::new()) } };
}

impl Crew {
    pub(crate) fn new(workers: usize) -> Arc<Crew> {
        let (ended, reason) = (AtomicBool::new(false), Mutex::new(None));
        Arc::new(Crew { workers, blocked: Mutex::new(0), ended, reason })
    }

    pub(crate) fn id(&self) -> usize {
        (&raw const *self).addr()
    }

    /// Makes the current thread one of the crew, for as long as it lives.
    pub(crate) fn join(self: &Arc<Self>) {
        HERE.with(|here| {
            here.crew.get_or_init(|| Arc::clone(self));
        });
    }

    /// Runs what is to be done before the first task of a worker.
    pub(crate) fn initialize(&self, initializer: &dyn Fn()) {
        if let Err(payload) = catch_unwind(AssertUnwindSafe(initializer)) {
            let panic = Panic::new(payload);
            self.end(Some(format!("a worker's initializer panicked: {}", panic.message())));
            quietly(|| drop(panic));
        }
    }

    /// From now on no task is begun. They are cancelled instead, or, if a reason is given, fail for
    /// it.
    pub(crate) fn end(&self, reason: Option<String>) {
        *self.reason.lock() = reason;
        // Release: pairs with the Acquire in `has_ended`; whoever reads `true` finds the reason.
        self.ended.store(true, Release);
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.ended.load(Acquire)
    }

    /// Counts one more blocked worker, unless it is the last.
    pub(crate) fn block(&self) -> bool {
        let mut blocked = self.blocked.lock();
        let others_left = *blocked + 1 < self.workers;
        *blocked += usize::from(others_left);
        others_left
    }

    pub(crate) fn unblock(&self) {
        *self.blocked.lock() -= 1;
    }
}

/// Why the current thread's crew begins no task any more, if that is so.
pub(crate) fn ended() -> Option<TaskError> {
    HERE.with(|here| {
        let crew = here.crew.get().filter(|crew| crew.has_ended())?;
        let reason = crew.reason.lock().clone();
        Some(reason.map_or(TaskError::Cancelled, TaskError::NotStarted))
    })
}

/// Runs a callback of this task.
pub(crate) fn finishing(task: TaskId, callback: impl FnOnce()) {
    HERE.with(|here| here.finishing.borrow_mut().push(task.task));
    callback();
    HERE.with(|here| here.finishing.borrow_mut().pop());
}

/// What the current thread may hope for when it waits for the first of these tasks.
pub(crate) fn hope(mut tasks: impl Iterator<Item = TaskId>) -> Hope {
    HERE.with(|here| {
        let (crew, finishing) = (here.crew.get(), here.finishing.borrow());
        let (mut of_crew, mut own) = (crew.is_some(), !finishing.is_empty());
        // Most threads are no workers, and then nobody is asked.
        while (of_crew || own)
            && let Some(task) = tasks.next()
        {
            of_crew &= crew.is_some_and(|crew| crew.id() == task.crew);
            own &= finishing.contains(&task.task);
        }
        match crew {
            _ if own => Hope::None,
            Some(crew) if of_crew => Hope::Crew(Arc::clone(crew)),
            _ => Hope::Good,
        }
    })
}

/// Runs somebody else's code, whose panic is none of ours: the panic hook has reported it.
pub(crate) fn quietly(code: impl FnOnce()) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(code)) {
        let dropped = catch_unwind(AssertUnwindSafe(|| drop(payload)));
        mem::forget(dropped); // a payload whose drop panics may do so again, for ever
    }
}

//! What the handle of a task shares with whoever runs the task.

use crate::crew::{self, TaskId, quietly};
use crate::task_error::{Outcome, TaskError};
use crate::waiter::Waiter;
use std::collections::VecDeque;
use std::mem;
use std::task::Waker;
use sync::primitives::{Arc, Mutex};

type Callback<T> = Box<dyn FnOnce(&Outcome<T>) + Send>;

/// A task: where it stands, who wants to know, and, in the same allocation, what there is to do.
///
/// Invariants, true whenever `state` is unlocked:
/// 1. the stage goes from `Queued` to `Running` or `Refused`, from there to `Done`, from there to
///    `Taken`, and never back;
/// 2. whoever took it out of `Queued` calls `finish`, once, and nobody else does;
/// 3. once it is `Done`, there is neither a callback nor a watcher;
/// 4. it is not seen to be `Done` before its watcher has been told.
pub(crate) struct Shared<T, W: ?Sized = dyn Work> {
    crew: usize,
    state: Mutex<State<T>>,
    pub(crate) work: W,
}

struct State<T> {
    stage: Stage<T>,
    callbacks: VecDeque<Callback<T>>,
    watcher: Option<Watcher>,
}

enum Stage<T> {
    Queued,
    Running,
    Refused(TaskState),
    Done(Outcome<T>),
    Taken,
}

/// Where a [`Task`](crate::Task) stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskState {
    /// No worker has started it.
    Queued,
    /// It has been started. It still is in this state while its callbacks run.
    Running,
    /// It was cancelled before it was started.
    Cancelled,
    /// Its outcome is another [`TaskError`].
    Failed,
    /// It has returned: its outcome is an `Ok`.
    Done,
}

impl TaskState {
    fn of_error(error: &TaskError) -> TaskState {
        match error {
            TaskError::Cancelled => TaskState::Cancelled,
            _ => TaskState::Failed,
        }
    }
}

/// Who is told that a task is done. There is one at most, since only the one owner of the handle
/// waits.
pub(crate) enum Watcher {
    /// A thread, and by what number it knows the task.
    Thread(Arc<Waiter>, usize),
    /// A future that has been polled.
    Future(Waker),
}

/// What there is to do, as far as the handle knows it.
pub(crate) trait Work: Send + Sync {
    /// Makes sure that it is not begun, if it has not been. Returns whether that is so.
    ///
    /// It drops nothing: it is called with the state locked.
    fn withdraw(&self) -> bool {
        true // whoever is to do it calls `start` first, and finds that it is too late
    }

    /// Drops it: it will not be done.
    fn discard(&self) {}

    /// Whether it has not been begun, as far as is known without `start`.
    fn is_waiting(&self) -> bool {
        true // it is begun by `start`
    }
}

/// Nothing: whoever does it keeps it elsewhere.
impl Work for () {}

impl<T, W> Shared<T, W> {
    pub(crate) fn new(crew: usize, work: W) -> Shared<T, W> {
        let (callbacks, watcher) = (VecDeque::new(), None);
        let state = Mutex::new(State { stage: Stage::Queued, callbacks, watcher });
        Shared { crew, state, work }
    }
}

impl<T, W: Work + ?Sized> Shared<T, W> {
    pub(crate) fn id(&self) -> TaskId {
        TaskId { task: (&raw const self.state).addr(), crew: self.crew }
    }

    /// Whether the caller is to run it, and to call `finish`.
    pub(crate) fn start(&self) -> bool {
        self.leave_queue(Stage::Running, || true)
    }

    /// Cancels it, unless it has been started.
    pub(crate) fn cancel(&self) {
        // Under one locking, or a second `cancel` would find it neither in the queue nor cancelled.
        self.refuse_if(|| self.work.withdraw(), TaskError::Cancelled);
    }

    /// Ends it, unless it has been started: with this error, and without doing anything.
    pub(crate) fn refuse(&self, error: TaskError) {
        self.refuse_if(|| true, error);
    }

    fn refuse_if(&self, may: impl FnOnce() -> bool, error: TaskError) {
        if self.leave_queue(Stage::Refused(TaskState::of_error(&error)), may) {
            quietly(|| self.work.discard());
            self.finish(Err(error));
        }
    }

    fn leave_queue(&self, to: Stage<T>, may: impl FnOnce() -> bool) -> bool {
        let mut state = self.state.lock();
        let leaves = matches!(state.stage, Stage::Queued) && may();
        if leaves {
            state.stage = to;
        }
        leaves
    }

    /// Runs the callbacks, and publishes the outcome when none is left.
    pub(crate) fn finish(&self, outcome: Outcome<T>) {
        let mut state = self.state.lock();
        while let Some(callback) = state.callbacks.pop_front() {
            drop(state); // a callback may do anything; meanwhile others may be added
            crew::finishing(self.id(), || quietly(|| callback(&outcome)));
            state = self.state.lock();
        }
        let watcher = state.watcher.take();
        if let Some(Watcher::Thread(waiter, number)) = &watcher {
            waiter.announce(*number); // before the next line, by 4
        }
        state.stage = Stage::Done(outcome);
        drop(state);
        match watcher {
            Some(Watcher::Thread(waiter, _)) => waiter.wake(),
            Some(Watcher::Future(waker)) => waker.wake(),
            None => {}
        }
    }

    /// Adds a callback, or, if the task is done, runs it at once. The caller owns the handle.
    pub(crate) fn on_done(&self, callback: Callback<T>) {
        let mut state = self.state.lock();
        if let Some(outcome) = state.take() {
            // A callback may do anything. Only the handle could see this, and that is the caller's.
            drop(state);
            quietly(|| callback(&outcome));
            self.state.lock().stage = Stage::Done(outcome);
        } else {
            state.callbacks.push_back(callback);
        }
    }

    /// Lets this watcher be told instead of any other before; or returns false, if the task is
    /// done.
    pub(crate) fn watch(&self, watcher: Watcher) -> bool {
        let mut state = self.state.lock();
        if matches!(state.stage, Stage::Done(_) | Stage::Taken) {
            return false;
        }
        let before = state.watcher.replace(watcher);
        drop(state);
        drop(before); // unlocked: a waker is somebody else's code
        true
    }

    pub(crate) fn unwatch(&self) {
        let before = self.state.lock().watcher.take();
        drop(before);
    }

    /// The outcome, if it is there. The caller owns the handle.
    pub(crate) fn take(&self) -> Option<Outcome<T>> {
        self.state.lock().take()
    }

    pub(crate) fn is_done(&self) -> bool {
        matches!(self.state.lock().stage, Stage::Done(_))
    }

    pub(crate) fn state(&self) -> TaskState {
        match &self.state.lock().stage {
            Stage::Queued if self.work.is_waiting() => TaskState::Queued,
            Stage::Queued | Stage::Running => TaskState::Running,
            Stage::Refused(state) => *state,
            Stage::Done(Err(error)) => TaskState::of_error(error),
            Stage::Done(Ok(_)) | Stage::Taken => TaskState::Done,
        }
    }
}

impl<T> State<T> {
    fn take(&mut self) -> Option<Outcome<T>> {
        match mem::replace(&mut self.stage, Stage::Taken) {
            Stage::Done(outcome) => Some(outcome),
            earlier => {
                self.stage = earlier;
                None
            }
        }
    }
}

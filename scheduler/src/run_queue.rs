//! Which tasks can go on: the cheatsheet's `tasks`.

use polling::Poller;
use std::collections::VecDeque;
use std::mem;
use std::task::Wake;
use sync::primitives::atomic::{AtomicBool, Ordering::AcqRel};
use sync::primitives::{Arc, Mutex};

/// A task's number. None is ever given to a second task, so a late wake-up finds no task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TaskId {
    pub(crate) slot: u32,
    /// How many tasks have had the slot before.
    pub(crate) generation: u32,
}

/// The tasks that can go on, in the order in which they were woken. Any thread may add to it.
///
/// Invariants, true whenever `state` is unlocked:
/// 1. `asleep` is true only if `tasks` is empty and `stopped` false: whoever changes that takes
///    `asleep` back, and notifies the poller;
/// 2. once `stopped` is true it stays true.
///
/// No wake-up is lost: the scheduler sleeps only after it has set `asleep`, and a notification
/// that comes before its sleep ends that sleep at once.
pub(crate) struct RunQueue {
    state: Mutex<State>,
    /// Where the scheduler sleeps.
    poller: Arc<Poller>,
}

/// What the scheduler is to do next.
pub(crate) enum Next {
    Turns,
    Sleep,
    Stop,
}

#[derive(Default)]
struct State {
    tasks: VecDeque<TaskId>,
    asleep: bool,
    stopped: bool,
}

impl RunQueue {
    pub(crate) fn new(poller: Arc<Poller>) -> RunQueue {
        RunQueue { state: Mutex::default(), poller }
    }

    pub(crate) fn push(&self, task: TaskId) {
        self.change(|state| state.tasks.push_back(task));
    }

    pub(crate) fn stop(&self) {
        self.change(|state| state.stopped = true);
    }

    /// Fills `turns`, which is empty, with all that are in the queue; or says why there is none.
    /// After [`Next::Sleep`] the scheduler counts as asleep, until it [wakes up](Self::wake_up).
    pub(crate) fn next(&self, turns: &mut VecDeque<TaskId>) -> Next {
        let mut state = self.state.lock();
        if state.stopped {
            Next::Stop
        } else if state.tasks.is_empty() {
            state.asleep = true;
            Next::Sleep
        } else {
            mem::swap(&mut state.tasks, turns);
            Next::Turns
        }
    }

    pub(crate) fn wake_up(&self) {
        self.state.lock().asleep = false;
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.state.lock();
        change(&mut state);
        let asleep = mem::take(&mut state.asleep); // keeps 1
        drop(state);
        // A system call, so only where the scheduler sleeps.
        if asleep {
            self.poller.notify().expect("a poller that waits can be notified");
        }
    }
}

/// Puts its task into the queue, from any thread.
pub(crate) struct TaskWaker {
    task: TaskId,
    /// Whether the task is in the queue, or on its way there.
    queued: AtomicBool,
    queue: Arc<RunQueue>,
}

impl TaskWaker {
    /// The waker of a task that is not yet in the queue.
    pub(crate) fn new(task: TaskId, queue: Arc<RunQueue>) -> TaskWaker {
        TaskWaker { task, queued: AtomicBool::new(false), queue }
    }

    /// The task is out of the queue, and about to be polled: from here on it may be woken again.
    pub(crate) fn out_of_the_queue(&self) {
        // AcqRel: pairs with the swap in `wake_by_ref`. A thread that found `true` there has queued
        // nothing; what it did before is seen by the poll that follows here.
        self.queued.swap(false, AcqRel);
    }
}

impl Wake for TaskWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        // A task that is woken several times before its turn is in the queue once.
        if !self.queued.swap(true, AcqRel) {
            self.queue.push(self.task);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Arc, Next, Poller, RunQueue, TaskId, VecDeque};
    use polling::Events;
    use std::time::{Duration, Instant};

    /// Asserts that nobody has notified the poller: its wait lasts until the limit is over.
    fn not_notified(poller: &Poller) {
        let (start, limit) = (Instant::now(), Duration::from_millis(20));
        poller.wait(&mut Events::new(), Some(limit)).unwrap();
        assert!(start.elapsed() >= limit);
    }

    #[test]
    fn a_scheduler_that_is_awake_is_not_notified() {
        let poller = Arc::new(Poller::new().unwrap());
        let queue = RunQueue::new(Arc::clone(&poller));
        let (task, mut turns) = (TaskId { slot: 0, generation: 0 }, VecDeque::new());
        queue.push(task); // it has not slept yet
        not_notified(&poller);
        assert!(matches!(queue.next(&mut turns), Next::Turns));
        turns.clear();
        assert!(matches!(queue.next(&mut turns), Next::Sleep));
        queue.wake_up();
        queue.push(task); // a socket has woken it
        not_notified(&poller);
    }
}

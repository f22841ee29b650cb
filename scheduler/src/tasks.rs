//! The tasks themselves, whether they can go on or wait.

use crate::run_queue::{RunQueue, TaskId, TaskWaker};
use std::pin::Pin;
use std::task::Waker;
use sync::primitives::Arc;

/// All tasks that have not ended. Each has a slot; the run queue and the wakers know it by number.
///
/// Invariants:
/// 1. a slot is in `free` if and only if no task has it; then its generation is one that no task
///    has had yet;
/// 2. `alive` is the number of slots that are not free.
#[derive(Default)]
pub(crate) struct Tasks {
    slots: Vec<Slot>,
    free: Vec<u32>,
    alive: usize,
}

#[derive(Default)]
struct Slot {
    generation: u32,
    /// `None` while it is being polled, too.
    task: Option<Task>,
}

/// What has to be done, and how what it waits for tells the scheduler to go on with it.
pub(crate) struct Task {
    pub(crate) future: Pin<Box<dyn Future<Output = ()>>>,
    pub(crate) state: Arc<TaskWaker>,
    /// The same as `state`, in the form in which futures are given it.
    pub(crate) waker: Waker,
}

impl Tasks {
    /// Gives the task a slot. It is not in the run queue yet.
    pub(crate) fn add(
        &mut self,
        future: Pin<Box<dyn Future<Output = ()>>>,
        queue: &Arc<RunQueue>,
    ) -> Waker {
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(Slot::default());
            u32::try_from(self.slots.len() - 1).expect("memory ends before so many tasks")
        });
        let place = &mut self.slots[slot as usize];
        let id = TaskId { slot, generation: place.generation };
        let state = Arc::new(TaskWaker::new(id, Arc::clone(queue)));
        let waker = Waker::from(Arc::clone(&state));
        place.task = Some(Task { future, state, waker: waker.clone() });
        self.alive += 1;
        waker
    }

    /// Takes the task out of its slot, which stays its own; `None` if it has ended.
    pub(crate) fn take(&mut self, id: TaskId) -> Option<Task> {
        let slot = &mut self.slots[id.slot as usize];
        if slot.generation == id.generation { slot.task.take() } else { None }
    }

    pub(crate) fn put_back(&mut self, id: TaskId, task: Task) {
        self.slots[id.slot as usize].task = Some(task);
    }

    /// The task that was taken out has ended.
    pub(crate) fn free(&mut self, id: TaskId) {
        self.alive -= 1;
        let slot = &mut self.slots[id.slot as usize];
        // A slot whose numbers are used up is left unused, so that none is given twice.
        if let Some(next) = slot.generation.checked_add(1) {
            slot.generation = next;
            self.free.push(id.slot);
        }
    }

    /// Takes all tasks out, for good: all but one that is being polled.
    pub(crate) fn take_all(&mut self) -> Vec<Task> {
        let mut all = Vec::new();
        for slot in 0..self.slots.len() {
            let place = &mut self.slots[slot];
            let Some(task) = place.task.take() else { continue };
            #[expect(clippy::cast_possible_truncation, reason = "`add` has counted them")]
            let id = TaskId { slot: slot as u32, generation: place.generation };
            self.free(id);
            all.push(task);
        }
        all
    }

    pub(crate) fn alive(&self) -> usize {
        self.alive
    }
}

#[cfg(test)]
mod tests {
    use super::{Arc, RunQueue, TaskId, Tasks};
    use polling::Poller;

    #[test]
    fn a_slot_is_given_again_and_a_number_is_not() {
        let queue = Arc::new(RunQueue::new(Arc::new(Poller::new().unwrap())));
        let mut tasks = Tasks::default();
        let first = TaskId { slot: 0, generation: 0 };
        drop(tasks.add(Box::pin(async {}), &queue));
        assert!(tasks.take(first).is_some());
        tasks.free(first);

        let second = TaskId { slot: 0, generation: 1 };
        drop(tasks.add(Box::pin(async {}), &queue));
        assert!(tasks.take(first).is_none());
        assert!(tasks.take(second).is_some());

        // As if all numbers of this slot had been given.
        tasks.slots[0].generation = u32::MAX;
        tasks.free(TaskId { slot: 0, generation: u32::MAX });
        drop(tasks.add(Box::pin(async {}), &queue));
        assert!(tasks.take(TaskId { slot: 1, generation: 0 }).is_some());
    }
}

//! A thread that sleeps until one of its tasks is done.

use crate::crew::{self, Crew, Hope, TaskId};
use std::collections::VecDeque;
use std::time::{Duration, Instant};
use sync::primitives::{Arc, Condvar, Mutex};

/// More than any program runs. (An `Instant` has no largest value to fall back on.)
const CENTURY: Duration = Duration::from_hours(100 * 365 * 24);

/// Where finished tasks are announced to the thread that waits for them, by their numbers.
///
/// Invariant, true whenever `state` is unlocked: if `counted` is there, the waiting thread sleeps,
/// is one of that crew's blocked workers, and nothing has been announced since it fell asleep.
#[derive(Default)]
pub(crate) struct Waiter {
    state: Mutex<Announced>,
    more: Condvar,
}

#[derive(Default)]
struct Announced {
    done: VecDeque<usize>,
    counted: Option<Arc<Crew>>,
}

/// Why nothing was announced.
pub(crate) enum NotYet {
    TimedOut,
    Deadlock,
}

impl Waiter {
    /// Announces a task which is about to be done, and which nobody can see to be done before this
    /// returns. So a worker is off the count while there is something for it to do. Wake it
    /// afterwards.
    pub(crate) fn announce(&self, number: usize) {
        let mut state = self.state.lock();
        state.done.push_back(number);
        if let Some(crew) = state.counted.take() {
            crew.unblock();
        }
    }

    /// Wakes the loop in `next`.
    pub(crate) fn wake(&self) {
        self.more.notify_one();
    }

    /// The next one that was announced. `waits_for` are the tasks of which none has been.
    ///
    /// Without a deadline a wait that cannot end is not begun.
    pub(crate) fn next<I: Iterator<Item = TaskId>>(
        &self,
        deadline: Option<Instant>,
        waits_for: impl FnOnce() -> I,
    ) -> Result<usize, NotYet> {
        let mut state = self.state.lock();
        if let Some(number) = state.done.pop_front() {
            return Ok(number);
        }
        match (crew::hope(waits_for()), deadline) {
            (Hope::None, Some(_)) => return Err(NotYet::TimedOut), // waiting would not help
            (Hope::None, None) => return Err(NotYet::Deadlock),
            (Hope::Crew(crew), None) => {
                if !crew.block() {
                    return Err(NotYet::Deadlock);
                }
                state.counted = Some(crew);
            }
            _ => {}
        }
        loop {
            // Woken by `wake`, after each `announce`. A loop: a wake-up may be spurious, or belong
            // to something that has been read already.
            let timed_out = if let Some(deadline) = deadline {
                self.more.wait_until(&mut state, deadline).timed_out()
            } else {
                self.more.wait(&mut state);
                false
            };
            if let Some(number) = state.done.pop_front() {
                return Ok(number);
            }
            if timed_out {
                return Err(NotYet::TimedOut);
            }
        }
    }
}

/// When this limit is over.
pub(crate) fn deadline(limit: Duration) -> Instant {
    let now = Instant::now();
    now.checked_add(limit).unwrap_or_else(|| now + CENTURY)
}

//! A queue between threads from which the highest priority comes first.

mod refused;
pub use refused::{Closed, PopError, PushError};

mod total_f64;
pub use total_f64::TotalF64;

use crate::primitives::{Condvar, Mutex, MutexGuard};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use std::{fmt, mem};

/// Items that wait until a thread takes them, the highest priority first.
///
/// Equal priorities come out in the order in which they went in. Any [`Ord`] is a priority; for
/// `f64` there is [`TotalF64`], and [`Reverse`] lets the lowest come first, as in Python.
///
/// [`close`](Self::close) ends it: what is queued can still be popped, and every thread that waits
/// is told.
///
/// # Fairness
///
/// None among items: a low priority waits for as long as higher ones keep coming. None among
/// threads either: any of those that wait may get the next item, or the next room, and a newcomer
/// may be faster than all of them.
///
/// # Deadlocks
///
/// Priorities are compared under the lock of the queue. An `Ord` that uses the same queue waits for
/// itself, for ever. So does a priority that uses it when dropped, if it is dropped because its
/// own `Ord` has panicked. (Otherwise items and priorities may use the queue when dropped.)
///
/// # Panics
///
/// If an `Ord` panics, the panic comes out of [`push`](Self::push), [`try_push`](Self::try_push) or
/// [`push_timeout`](Self::push_timeout). Only the item being pushed is lost; the queue goes on, and
/// nobody is left asleep. Popping compares nothing.
///
/// Items are numbered, to keep equal priorities in order, and the numbers do not wrap: push number
/// 2^64 panics, as every later one does, and its item is lost.
///
/// # Source
///
/// The cheatsheet's "Thread-safe priority queue", and Python's `queue.PriorityQueue`. That one
/// compares whole entries: where two priorities are equal, it compares the items.
///
/// # Examples
///
/// ```
/// let jobs = sync::PriorityQueue::new();
/// for (job, priority) in [("mail", 1), ("leak", 9), ("tests", 5), ("crash", 9)] {
///     jobs.push(job, priority)?;
/// }
/// jobs.close();
/// let in_order: Vec<_> = std::iter::from_fn(|| jobs.pop()).collect();
/// assert_eq!(in_order, ["leak", "crash", "tests", "mail"]);
/// # Ok::<(), sync::Closed<&str, i32>>(())
/// ```
///
/// What is no `Ord` is no priority:
///
/// ```compile_fail,E0277
/// let queue = sync::PriorityQueue::new();
/// queue.push("item", 0.5); // error: `f64` does not implement `Ord`
/// ```
pub struct PriorityQueue<T, P> {
    capacity: usize,
    state: Mutex<State<T, P>>,
    /// Threads in `pop` and `pop_timeout` sleep here ...
    filled: Condvar,
    /// ... and those in `push` and `push_timeout` here.
    freed: Condvar,
}

/// What is queued.
///
/// Invariants, true whenever the lock is free:
/// 1. `next` is larger than the number of every item there, so later items come after earlier ones
///    of the same priority, and no two places are equal;
/// 2. there are at most `PriorityQueue::capacity` items;
/// 3. once `closed` is true it stays true, and no item comes any more;
/// 4. nobody sleeps beside what it sleeps for: for each item that is there, one of the threads that
///    sleep for an item has been woken, or is being woken (as long as there are such threads). The
///    same holds for room. A thread that has been woken for room and does not use it wakes another:
///    see `PassOn`.
struct State<T, P> {
    /// The first is the next to be popped. Not a heap: taking the first of a map compares nothing,
    /// so it cannot panic.
    items: BTreeMap<(Reverse<P>, u64), T>,
    next: u64,
    closed: bool,
}

impl<T, P: Ord> PriorityQueue<T, P> {
    /// An empty queue without a bound.
    pub fn new() -> PriorityQueue<T, P> {
        PriorityQueue::bounded(usize::MAX)
    }

    /// An empty queue of at most `capacity` items; a push into a full one waits.
    ///
    /// # Panics
    ///
    /// If `capacity` is 0: no item could ever go in.
    #[doc(alias = "maxsize")]
    pub fn bounded(capacity: usize) -> PriorityQueue<T, P> {
        assert!(capacity > 0, "a queue of capacity 0 has room for nothing");
        let state = State { items: BTreeMap::new(), next: 0, closed: false };
        let (filled, freed) = (Condvar::new(), Condvar::new());
        PriorityQueue { capacity, state: Mutex::new(state), filled, freed }
    }

    /// Queues an item, blocking until there is room.
    ///
    /// # Errors
    ///
    /// If the queue is closed, or is closed while this waits: then the item comes back.
    ///
    /// # Deadlocks
    ///
    /// Waits for ever on a full queue that nobody pops from and nobody closes.
    ///
    /// # Panics
    ///
    /// If an `Ord` does, or [too many](Self#panics) items have been pushed.
    #[doc(alias = "put")]
    pub fn push(&self, item: T, priority: P) -> Result<(), Closed<T, P>> {
        let state = self.sleep_while(&self.freed, None, |state| self.is_full(state));
        if state.closed {
            return Err(Closed(item, priority));
        }
        self.insert(item, priority, state);
        Ok(())
    }

    /// Queues an item if there is room right now.
    ///
    /// # Errors
    ///
    /// If the queue is full or closed: then the item comes back.
    ///
    /// # Panics
    ///
    /// As [`push`](Self::push).
    ///
    /// # Examples
    ///
    /// ```
    /// use sync::{PriorityQueue, PushError};
    ///
    /// let queue = PriorityQueue::bounded(1);
    /// assert_eq!(queue.try_push("a", 1), Ok(()));
    /// assert_eq!(queue.try_push("b", 2), Err(PushError::Full("b", 2)));
    /// queue.close();
    /// assert_eq!(queue.try_push("c", 3), Err(PushError::Closed("c", 3)));
    /// ```
    #[doc(alias = "put_nowait")]
    pub fn try_push(&self, item: T, priority: P) -> Result<(), PushError<T, P>> {
        self.insert_or_return(item, priority, self.state.lock())
    }

    /// Queues an item, giving up after `limit`.
    ///
    /// A limit too long for the clock ([`Duration::MAX`]) is no limit.
    ///
    /// # Errors
    ///
    /// If there was no room within the limit, or the queue is closed: then the item comes back.
    ///
    /// # Panics
    ///
    /// As [`push`](Self::push).
    pub fn push_timeout(
        &self,
        item: T,
        priority: P,
        limit: Duration,
    ) -> Result<(), PushError<T, P>> {
        let deadline = Instant::now().checked_add(limit);
        let state = self.sleep_while(&self.freed, deadline, |state| self.is_full(state));
        self.insert_or_return(item, priority, state)
    }

    /// Takes the item of the highest priority, blocking until there is one; `None` means that the
    /// queue is closed and nothing is left.
    ///
    /// # Deadlocks
    ///
    /// Waits for ever on an empty queue that nobody pushes to and nobody closes.
    #[doc(alias = "get")]
    pub fn pop(&self) -> Option<T> {
        self.take(self.sleep_while(&self.filled, None, |state| state.items.is_empty())).ok()
    }

    /// Takes the item of the highest priority if there is one right now.
    ///
    /// # Errors
    ///
    /// If there is none; the error tells whether one can still come.
    ///
    /// # Examples
    ///
    /// ```
    /// use sync::{PopError, PriorityQueue};
    ///
    /// let queue = PriorityQueue::new();
    /// assert_eq!(queue.try_pop(), Err(PopError::Empty));
    /// queue.push("a", 1)?;
    /// queue.close();
    /// assert_eq!(queue.try_pop(), Ok("a"));
    /// assert_eq!(queue.try_pop(), Err(PopError::Closed));
    /// # Ok::<(), sync::Closed<&str, i32>>(())
    /// ```
    #[doc(alias = "get_nowait")]
    pub fn try_pop(&self) -> Result<T, PopError> {
        self.take(self.state.lock())
    }

    /// Takes the item of the highest priority, giving up after `limit`.
    ///
    /// A limit too long for the clock ([`Duration::MAX`]) is no limit.
    ///
    /// # Errors
    ///
    /// If there was none within the limit, or the queue is closed and nothing is left.
    pub fn pop_timeout(&self, limit: Duration) -> Result<T, PopError> {
        let deadline = Instant::now().checked_add(limit);
        self.take(self.sleep_while(&self.filled, deadline, |state| state.items.is_empty()))
    }

    fn is_full(&self, state: &State<T, P>) -> bool {
        state.items.len() >= self.capacity
    }

    /// Locks, and sleeps for as long as it is so and the queue is open, at most until the deadline.
    /// Why it has returned, the caller has to find out.
    fn sleep_while(
        &self,
        bed: &Condvar,
        deadline: Option<Instant>,
        so: impl Fn(&State<T, P>) -> bool,
    ) -> MutexGuard<'_, State<T, P>> {
        let mut state = self.state.lock();
        // Woken by `insert` and `take` (one waiter), `close` (all) and `PassOn` (one). A loop: a
        // wake-up may be spurious, and another thread may have been faster.
        while so(&state) && !state.closed {
            if let Some(deadline) = deadline {
                if bed.wait_until(&mut state, deadline).timed_out() {
                    break;
                }
            } else {
                bed.wait(&mut state);
            }
        }
        state
    }

    fn insert_or_return(
        &self,
        item: T,
        priority: P,
        state: MutexGuard<'_, State<T, P>>,
    ) -> Result<(), PushError<T, P>> {
        if state.closed {
            return Err(PushError::Closed(item, priority));
        }
        if self.is_full(&state) {
            return Err(PushError::Full(item, priority));
        }
        self.insert(item, priority, state);
        Ok(())
    }

    // The lock is the last parameter. So, if this panics, it is dropped before the item, which may
    // use the queue when it is dropped.
    fn insert(&self, item: T, priority: P, mut state: MutexGuard<'_, State<T, P>>) {
        let room = PassOn(&self.freed);
        let number = state.next;
        state.next = number.checked_add(1).expect("fewer than 2^64 items are pushed");
        // Here an `Ord` may panic. Then the map is unchanged, and the item still ours.
        let place = state.items.entry((Reverse(priority), number));
        place.or_insert(item); // always vacant, by 1
        mem::forget(room);
        drop(state);
        self.filled.notify_one(); // wakes the loop in `sleep_while`, for an item
    }

    fn take(&self, mut state: MutexGuard<'_, State<T, P>>) -> Result<T, PopError> {
        let Some((_place, item)) = state.items.pop_first() else {
            return Err(if state.closed { PopError::Closed } else { PopError::Empty });
        };
        drop(state); // before the priority, which may use the queue when it is dropped
        self.freed.notify_one(); // wakes the loop in `sleep_while`, for room
        Ok(item)
    }
}

impl<T, P> PriorityQueue<T, P> {
    /// Ends it: nothing can be pushed any more, but what is queued can still be popped. May be
    /// repeated.
    ///
    /// Threads that wait in a push get their items back, and those that wait in a pop are told.
    pub fn close(&self) {
        self.state.lock().closed = true;
        // Wakes all loops in `sleep_while`.
        self.filled.notify_all();
        self.freed.notify_all();
    }

    /// Whether it is closed. Once it is, it stays so.
    pub fn is_closed(&self) -> bool {
        self.state.lock().closed
    }

    /// How many items are queued; by the time you look, others may have changed it.
    #[doc(alias = "qsize")]
    pub fn len(&self) -> usize {
        self.state.lock().items.len()
    }

    /// Whether nothing is queued; by the time you look, others may have changed it.
    #[doc(alias = "empty")]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Wakes another thread for the room that this one does not use after all, because of a panic.
struct PassOn<'a>(&'a Condvar);

impl Drop for PassOn<'_> {
    fn drop(&mut self) {
        self.0.notify_one(); // wakes the loop in `sleep_while`, for room
    }
}

impl<T, P: Ord> Default for PriorityQueue<T, P> {
    fn default() -> Self {
        PriorityQueue::new()
    }
}

/// Tells how many items are queued; never waits for the lock.
impl<T, P> fmt::Debug for PriorityQueue<T, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("PriorityQueue");
        if let Some(state) = self.state.try_lock() {
            shown.field("len", &state.items.len()).field("closed", &state.closed);
        }
        shown.finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::PriorityQueue;
    use std::panic::{AssertUnwindSafe, catch_unwind};

    /// Here, because nobody can push 2^64 items to get there.
    #[test]
    fn the_number_that_keeps_equal_priorities_in_order_is_used_up_not_wrapped() {
        let queue = PriorityQueue::new();
        queue.state.lock().next = u64::MAX - 1;
        queue.push("last", 1).expect("it is open");
        for _ in 0..2 {
            let refused = catch_unwind(AssertUnwindSafe(|| queue.push("one too many", 1)));
            assert!(refused.is_err());
        }
        assert_eq!(queue.try_pop(), Ok("last"));
        assert_eq!(queue.len(), 0);
    }
}

//! A semaphore whose permits are guards.

use crate::primitives::{Arc, Condvar, Mutex, MutexGuard};
use std::collections::VecDeque;
use std::fmt;
use std::time::{Duration, Instant};

/// How many newcomers may be served before the head of the line. More give a higher throughput
/// (a running thread need not wait for a sleeping one to wake), fewer a shorter wait.
const MOST_OVERTAKES: usize = 128;

/// A number of permits, shared by threads: who holds one may go on, the others wait.
///
/// Permits are given back by dropping them, and in no other way: none can be given back twice,
/// so there are never more than the semaphore began with. It cannot be closed.
///
/// # Fairness
///
/// Who has to wait stands in a line. A newcomer may overtake the line when there are enough free
/// permits, but at most 128 newcomers overtake the same head of the line. Then free permits are
/// kept for it, and it is served next, even if it wants many permits and they come back one by
/// one. So whoever waits is served within a bounded number of grants.
///
/// # Source
///
/// Python's `threading.Semaphore`. It also has a bare `release()`, which can be forgotten or
/// called once too often, and it promises no order.
///
/// # Examples
///
/// ```
/// let seats = sync::Semaphore::new(3);
/// let pair = seats.acquire_many(2);
/// let single = seats.acquire();
/// assert_eq!(seats.available(), 0);
/// drop(pair);
/// assert_eq!(seats.available(), 2);
/// # drop(single);
/// ```
#[doc(alias = "BoundedSemaphore")]
pub struct Semaphore {
    permits: usize,
    state: Mutex<State>,
}

/// Invariants, true whenever `Semaphore::state` is unlocked:
/// 1. `free` and the permits that live (or were forgotten) add up to `Semaphore::permits`;
/// 2. who is in `line` could not be admitted when it came, and is neither served nor timed out;
/// 3. if the head of `line` can be served, it has been woken, or is being woken, since it could.
struct State {
    free: usize,
    line: VecDeque<Waiter>,
    /// Newcomers served since the present head of the line became the head.
    overtaken: usize,
}

struct Waiter {
    count: usize,
    /// Each waiter sleeps on a condition of its own, so that only the head is woken.
    wake: Arc<Condvar>,
}

/// One or more permits of a [`Semaphore`]; dropping it gives them back.
///
/// It may be sent to another thread and be dropped there. Forgetting it ([`std::mem::forget`])
/// loses its permits for as long as the semaphore lives.
///
/// A permit cannot outlive its semaphore:
///
/// ```compile_fail,E0505
/// let seats = sync::Semaphore::new(1);
/// let seat = seats.acquire();
/// drop(seats); // error: `seats` is still borrowed by `seat`
/// drop(seat);
/// ```
#[must_use = "a permit that is not kept goes back at once"]
#[derive(Debug)]
pub struct Permit<'a> {
    semaphore: &'a Semaphore,
    count: usize,
}

impl Semaphore {
    /// A semaphore with this many free permits; there will never be more.
    pub fn new(permits: usize) -> Semaphore {
        let state = Mutex::new(State { free: permits, line: VecDeque::new(), overtaken: 0 });
        Semaphore { permits, state }
    }

    /// Takes one permit, blocking until one is free.
    ///
    /// The permit goes back when the returned [`Permit`] is dropped, also when its holder panics.
    /// A newcomer may overtake, but whoever has waited longest is served within a bounded number
    /// of grants (see [fairness](Self#fairness)).
    ///
    /// # Deadlocks
    ///
    /// A thread that already holds every permit waits here for itself, for ever.
    ///
    /// # Panics
    ///
    /// On a semaphore of no permits: nobody could ever be served.
    ///
    /// # Examples
    ///
    /// ```
    /// let seats = sync::Semaphore::new(1);
    /// let seat = seats.acquire();
    /// assert!(seats.try_acquire().is_none());
    /// drop(seat);
    /// assert!(seats.try_acquire().is_some());
    /// ```
    pub fn acquire(&self) -> Permit<'_> {
        self.acquire_many(1)
    }

    /// Takes one permit if one is free right now and not kept for who has waited longest.
    ///
    /// # Panics
    ///
    /// On a semaphore of no permits.
    #[doc(alias = "blocking=False")]
    pub fn try_acquire(&self) -> Option<Permit<'_>> {
        self.try_acquire_many(1)
    }

    /// Takes one permit, giving up after `limit`; `None` means that nothing was taken.
    ///
    /// # Panics
    ///
    /// On a semaphore of no permits.
    pub fn acquire_timeout(&self, limit: Duration) -> Option<Permit<'_>> {
        self.acquire_many_timeout(1, limit)
    }

    /// Takes `count` permits at once, blocking until so many are free together.
    ///
    /// Nothing is held while it waits. Taking the permits one by one would hold some while
    /// waiting for the rest: two threads that each want two of two can so wait for each other.
    ///
    /// # Deadlocks
    ///
    /// A thread waits for itself, for ever, if it holds so many permits that the others together
    /// are fewer than `count`.
    ///
    /// # Panics
    ///
    /// If `count` is 0 or more than [`permits`](Self::permits): such a request could never be
    /// served. The semaphore is unharmed.
    pub fn acquire_many(&self, count: usize) -> Permit<'_> {
        self.check(count);
        self.take(count, None);
        self.permit(count)
    }

    /// Takes `count` permits if they are free right now and not kept for who has waited longest.
    ///
    /// # Panics
    ///
    /// As [`acquire_many`](Self::acquire_many).
    pub fn try_acquire_many(&self, count: usize) -> Option<Permit<'_>> {
        self.check(count);
        let admitted = self.state.lock().admit(count);
        admitted.then(|| self.permit(count))
    }

    /// Takes `count` permits at once, giving up after `limit`; `None` means that none was taken.
    ///
    /// A limit too long for the clock ([`Duration::MAX`]) is no limit.
    ///
    /// # Panics
    ///
    /// As [`acquire_many`](Self::acquire_many).
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::time::Duration;
    /// let seats = sync::Semaphore::new(2);
    /// let seat = seats.acquire();
    /// assert!(seats.acquire_many_timeout(2, Duration::from_millis(1)).is_none());
    /// assert_eq!(seats.available(), 1);
    /// # drop(seat);
    /// ```
    pub fn acquire_many_timeout(&self, count: usize, limit: Duration) -> Option<Permit<'_>> {
        self.check(count);
        let taken = self.take(count, Instant::now().checked_add(limit));
        taken.then(|| self.permit(count))
    }

    /// How many permits there are, free or taken.
    pub fn permits(&self) -> usize {
        self.permits
    }

    /// How many permits are free; by the time you look, others may have changed it.
    pub fn available(&self) -> usize {
        self.state.lock().free
    }

    /// How many threads wait for permits; by the time you look, others may have changed it.
    pub fn waiting(&self) -> usize {
        self.state.lock().line.len()
    }

    fn check(&self, count: usize) {
        let permits = self.permits;
        assert!(
            (1..=permits).contains(&count),
            "cannot take {count} permits from a semaphore of {permits}"
        );
    }

    fn permit(&self, count: usize) -> Permit<'_> {
        Permit { semaphore: self, count }
    }

    /// Takes `count` permits and returns true; or returns false once the deadline has passed.
    fn take(&self, count: usize, deadline: Option<Instant>) -> bool {
        let mut state = self.state.lock();
        if state.admit(count) {
            return true;
        }
        let wake = Arc::new(Condvar::new());
        state.line.push_back(Waiter { count, wake: Arc::clone(&wake) });
        let served = loop {
            // Woken by `unlock`, as the head of the line, when there is enough for us. A loop: a
            // wake-up may be spurious, and a newcomer may have been faster.
            let timed_out = if let Some(deadline) = deadline {
                wake.wait_until(&mut state, deadline).timed_out()
            } else {
                wake.wait(&mut state);
                false
            };
            // Before the time-out: a wake-up that came together with it must not be lost.
            if state.servable().is_some_and(|head| Arc::ptr_eq(head, &wake)) {
                state.free -= count;
                break true;
            }
            if timed_out {
                break false;
            }
        };
        state.leave(&wake);
        unlock(state);
        served
    }
}

impl State {
    /// Serves a newcomer, if there is enough and the head of the line can bear it.
    fn admit(&mut self, count: usize) -> bool {
        let overtakes = !self.line.is_empty();
        if self.free < count || overtakes && self.overtaken == MOST_OVERTAKES {
            return false;
        }
        self.overtaken += usize::from(overtakes);
        self.free -= count;
        true
    }

    /// The head of the line, if there is enough for it.
    fn servable(&self) -> Option<&Arc<Condvar>> {
        let head = self.line.front()?;
        (head.count <= self.free).then_some(&head.wake)
    }

    fn leave(&mut self, wake: &Arc<Condvar>) {
        let place = |waiter: &Waiter| Arc::ptr_eq(&waiter.wake, wake);
        if let Some(place) = self.line.iter().position(place) {
            self.line.remove(place);
            if place == 0 {
                self.overtaken = 0;
            }
        }
    }
}

/// Ends a change that may have made the head of the line servable: keeps invariant 3.
fn unlock(state: MutexGuard<'_, State>) {
    // Wakes the loop in `take`. After unlocking, so that who wakes does not find the lock taken.
    let head = state.servable().map(Arc::clone);
    drop(state);
    if let Some(wake) = head {
        wake.notify_one();
    }
}

impl Permit<'_> {
    /// How many permits of the semaphore it stands for.
    pub fn count(&self) -> usize {
        self.count
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        let mut state = self.semaphore.state.lock();
        state.free += self.count; // no overflow, by invariant 1
        unlock(state);
    }
}

impl fmt::Debug for Semaphore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (available, waiting) = {
            let state = self.state.lock();
            (state.free, state.line.len())
        };
        f.debug_struct("Semaphore")
            .field("available", &available)
            .field("permits", &self.permits)
            .field("waiting", &waiting)
            .finish_non_exhaustive()
    }
}

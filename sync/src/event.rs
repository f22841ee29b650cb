//! A flag that threads can wait for.

use crate::primitives::atomic::AtomicBool;
use crate::primitives::atomic::Ordering::{Acquire, Relaxed, Release};
use crate::primitives::{Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};
use std::{fmt, mem};

/// Something that has happened or not: threads wait until it has.
///
/// [`set`](Self::set) frees all threads that wait. The event stays set, so a thread that comes late
/// goes on at once: no order of `wait` and `set` loses a wake-up. [`clear`](Self::clear) begins
/// anew. For an event that is set once and never cleared, a [`OnceLock`](std::sync::OnceLock) of
/// `()` will do.
///
/// The threads that a `set` frees wake one after the other, in no promised order: each of them
/// needs the lock of the event for a moment. So the last of many goes on later than the first.
///
/// # Source
///
/// Python's `threading.Event`. There, too, a `clear` that follows `set` at once leaves nobody
/// asleep, but nobody can ask how many threads wait.
///
/// # Examples
///
/// ```
/// let ready = &sync::Event::new();
/// std::thread::scope(|s| {
///     let waiters = [(); 3].map(|()| s.spawn(|| ready.wait()));
///     while ready.waiting() < 3 {
///         std::thread::yield_now();
///     }
///     ready.set();
///     ready.clear(); // frees the three all the same
///     waiters.map(|waiter| waiter.join().unwrap());
/// });
/// assert!(!ready.is_set());
/// ```
#[derive(Default)]
pub struct Event {
    set: AtomicBool,
    waiters: Mutex<Waiters>,
    freed: Condvar,
}

/// The threads that wait. Whoever finds the event set goes on without this lock.
///
/// Invariants, true whenever the lock is free:
/// 1. `waiting` counts the threads that have found the event not set, under this lock, in the
///    present round, and have not given up since: those that the next `set` frees;
/// 2. a thread waits as long as the round in which it came goes on. Each `set` that finds somebody
///    waiting ends the round. So it frees them whatever happens to the flag before they wake.
///
/// No wake-up is lost: the flag is set under the lock. A thread that looks at it, under the lock,
/// finds it set, or is counted before `set` looks for waiters.
#[derive(Default)]
struct Waiters {
    round: u64,
    waiting: usize,
}

impl Event {
    /// An event that is not set.
    pub fn new() -> Event {
        Event::default()
    }

    /// Sets it: all threads that wait go on, and so do all that come until it is cleared.
    ///
    /// What a thread did before it set the event is seen by those that go on because of it.
    #[doc(alias = "notify_all")]
    pub fn set(&self) {
        // Under the lock, so that nobody falls asleep in between.
        self.set_and_unlock(self.waiters.lock());
    }

    /// From now on, threads wait again. Those that a `set` has freed go on, even if they have not
    /// woken yet.
    pub fn clear(&self) {
        // Relaxed: there is nothing to be seen by a thread that finds it not set.
        self.set.store(false, Relaxed);
    }

    /// Whether it is set; by the time you look, others may have changed it.
    #[doc(alias = "isSet")]
    #[inline]
    pub fn is_set(&self) -> bool {
        // Acquire: pairs with the Release in `set_and_unlock`, so a thread that reads true sees
        // what was done before it.
        self.set.load(Acquire)
    }

    /// Waits until it is set. If it is, this is one load.
    ///
    /// # Deadlocks
    ///
    /// Waits for ever if nobody sets it, for instance because the thread that should has panicked,
    /// or is the one that waits.
    #[inline]
    pub fn wait(&self) {
        if !self.is_set() {
            self.wait_until(None);
        }
    }

    /// Waits until it is set, giving up after `limit`; tells whether it was set.
    ///
    /// A limit too long for the clock ([`Duration::MAX`]) is no limit.
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::time::Duration;
    /// let event = sync::Event::new();
    /// assert!(!event.wait_timeout(Duration::from_millis(1)));
    /// event.set();
    /// assert!(event.wait_timeout(Duration::ZERO));
    /// ```
    pub fn wait_timeout(&self, limit: Duration) -> bool {
        self.is_set() || self.wait_until(Instant::now().checked_add(limit))
    }

    /// How many threads wait for it; by the time you look, others may have come or given up.
    pub fn waiting(&self) -> usize {
        self.waiters.lock().waiting
    }

    fn set_and_unlock(&self, mut waiters: MutexGuard<'_, Waiters>) {
        // Release: pairs with the Acquire in `is_set`.
        self.set.store(true, Release);
        if mem::take(&mut waiters.waiting) > 0 {
            waiters.round += 1;
            drop(waiters); // those that wake need it
            self.freed.notify_all(); // wakes the loop in `wait_until`
        }
    }

    /// True if set, false once the deadline has passed.
    #[cold]
    fn wait_until(&self, deadline: Option<Instant>) -> bool {
        let mut waiters = self.waiters.lock();
        if self.is_set() {
            return true;
        }
        waiters.waiting += 1;
        let round = waiters.round;
        loop {
            // Woken by `set`, with all others. A loop: a wake-up may be spurious.
            let timed_out = if let Some(deadline) = deadline {
                self.freed.wait_until(&mut waiters, deadline).timed_out()
            } else {
                self.freed.wait(&mut waiters);
                false
            };
            // Before the time-out: if both have come, this `set` has freed us, and we are not
            // counted any more.
            if waiters.round != round {
                return true;
            }
            if timed_out {
                waiters.waiting -= 1;
                return false;
            }
        }
    }
}

impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Event")
            .field("set", &self.is_set())
            .field("waiting", &self.waiting())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::Event;
    use std::thread;
    use std::time::{Duration, Instant};
    use tests_and_benches::Watchdog;

    /// Here, because nobody else can stop a waiter between its look and its lock.
    #[test]
    fn a_waiter_that_looked_just_before_the_set_does_not_sleep() {
        let event = Event::new();
        event.set();
        assert!(event.wait_until(Some(Instant::now())));
        assert_eq!(event.waiting(), 0);
    }

    /// Here, because it needs the lock: nobody else can keep a waiter from looking until its
    /// deadline has passed and the event has been set.
    #[test]
    fn a_waiter_that_is_freed_after_its_deadline_but_before_it_looks_was_in_time() {
        let _watchdog = Watchdog::new();
        let event = &Event::new();
        thread::scope(|s| {
            let limit = Duration::from_millis(20);
            let waiter = s.spawn(move || event.wait_timeout(limit));
            let waiters = loop {
                let waiters = event.waiters.lock();
                if waiters.waiting == 1 || waiter.is_finished() {
                    break waiters;
                }
                drop(waiters);
                thread::yield_now();
            };
            // On a machine so slow that it has given up already, nothing is shown.
            let waits = waiters.waiting == 1;
            let late = Instant::now() + 2 * limit;
            while Instant::now() < late {
                thread::yield_now();
            }
            event.set_and_unlock(waiters);
            assert!(waiter.join().expect("it only waits") || !waits);
        });
        assert_eq!(event.waiting(), 0);
    }
}

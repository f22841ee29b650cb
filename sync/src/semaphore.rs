//! A semaphore whose permits are guards.

use crate::primitives::atomic::AtomicUsize;
use crate::primitives::atomic::Ordering::{Acquire, Relaxed, Release};
use crate::primitives::{Arc, Condvar, Mutex, MutexGuard, thread};
use std::collections::VecDeque;
use std::time::{Duration, Instant};
use std::{fmt, hint};

/// How many newcomers may be served before the head of the queue. More give a higher throughput
/// (a running thread need not wait for a sleeping one to wake), fewer a shorter wait.
const MOST_OVERTAKES: usize = 128;

/// How often to look again before joining the queue. On an idle core all the looks together take a
/// few microseconds, less than falling asleep and being woken. The first ones are close together,
/// then other threads may run in between.
const LOOKS: u32 = 9;
const CLOSE_LOOKS: u32 = 3;

/// The lowest bit of [`Semaphore::word`] says that the queue is not empty ...
const QUEUED: usize = 1;
/// ... and those above it count the free permits.
const ONE: usize = 2;

/// A number of permits, shared by threads: a thread that holds one may go on, the others wait.
///
/// Permits are given back by dropping them, and in no other way: none can be given back twice,
/// so there are never more than the semaphore began with. It cannot be closed.
///
/// # Fairness
///
/// A thread that finds too few permits looks again a few times, then joins a queue. A newcomer may
/// overtake the queue when there are enough free permits, but at most 128 newcomers overtake the
/// same head of the queue. Then all free permits are kept for the head, even if it wants fewer
/// than are free, and it is served next, even if it wants many permits and they come back one by
/// one. Each new head begins a new count. So a thread that joins the queue behind `n` others is
/// served after at most those `n` and 128 times `n + 1` newcomers. (What passes it before it joins
/// the queue is not counted.)
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
    word: AtomicUsize,
    queue: Mutex<Queue>,
}

/// The threads that wait, in the order of service.
///
/// While nobody waits, permits are taken and given back by one change of `Semaphore::word`, without
/// the lock. Invariants:
/// 1. the free permits in the word and those that live (or were forgotten) add up to
///    `Semaphore::permits`;
/// 2. whenever the lock is free, the bit `QUEUED` is set if and only if somebody is in the queue;
///    only a thread that holds the lock changes it;
/// 3. while `QUEUED` is set, only a thread that holds the lock takes permits; they may come back at
///    any time;
/// 4. a waiter leaves the queue when it takes its permits, or when it finds, after its deadline,
///    that it cannot be served; the one and the other under one locking;
/// 5. if the head of the queue can be served, it has been woken, or is being woken, since it could:
///    a thread that gives permits back and finds `QUEUED` set then takes the lock and looks.
///
/// No wake-up is lost: setting `QUEUED` and finding too few permits is one step. What comes back
/// before it is found by it. A thread that gives back after it finds `QUEUED`, and then needs the
/// lock, which the waiter keeps until it sleeps. A waiter that something else has woken meanwhile
/// (its deadline, or nothing at all) looks for itself before it sleeps again or leaves.
struct Queue {
    waiters: VecDeque<Waiter>,
    /// Newcomers served since the present head of the queue became the head.
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
///
/// Nor can it be given back twice:
///
/// ```compile_fail,E0382
/// let seats = sync::Semaphore::new(1);
/// let seat = seats.acquire();
/// drop(seat);
/// drop(seat); // error: `seat` has moved
/// ```
#[must_use = "a permit that is not kept goes back at once"]
#[derive(Debug)]
pub struct Permit<'a> {
    semaphore: &'a Semaphore,
    count: usize,
}

impl Semaphore {
    /// A semaphore with this many free permits; there will never be more.
    ///
    /// # Panics
    ///
    /// If there are more than `usize::MAX / 2`.
    pub fn new(permits: usize) -> Semaphore {
        let most = usize::MAX / ONE;
        assert!(
            permits <= most,
            "{permits} permits are more than the {most} a semaphore can count"
        );
        let queue = Mutex::new(Queue { waiters: VecDeque::new(), overtaken: 0 });
        Semaphore { permits, word: AtomicUsize::new(permits * ONE), queue }
    }

    /// Takes one permit, blocking until one is free.
    ///
    /// The permit goes back when the returned [`Permit`] is dropped, also when its holder panics.
    /// A newcomer may overtake, but whoever has waited longest is served after a bounded number
    /// of others (see [fairness](Self#fairness)).
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
    #[inline]
    pub fn acquire(&self) -> Permit<'_> {
        self.acquire_many(1)
    }

    /// Takes one permit if one is free right now and not kept for the head of the queue.
    ///
    /// It never waits for a permit. But while others queue, it takes the lock of the queue, and so
    /// may block for the moment that another thread holds this lock. And once the head of the queue
    /// has been overtaken as often as is [fair](Self#fairness), it gets nothing, however many are
    /// free.
    ///
    /// # Panics
    ///
    /// On a semaphore of no permits.
    #[doc(alias = "blocking=False")]
    #[inline]
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
    #[inline]
    pub fn acquire_many(&self, count: usize) -> Permit<'_> {
        self.check(count);
        self.take(count, None);
        self.permit(count)
    }

    /// Takes `count` permits if they are free right now and not kept for the head of the queue.
    ///
    /// It never waits for a permit, but as [`try_acquire`](Self::try_acquire) it may block briefly.
    ///
    /// # Panics
    ///
    /// As [`acquire_many`](Self::acquire_many).
    #[inline]
    pub fn try_acquire_many(&self, count: usize) -> Option<Permit<'_>> {
        self.check(count);
        self.admit(count).then(|| self.permit(count))
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
        self.word.load(Relaxed) / ONE
    }

    /// How many threads wait for permits; by the time you look, others may have changed it.
    pub fn waiting(&self) -> usize {
        self.queue.lock().waiters.len()
    }

    #[inline]
    fn check(&self, count: usize) {
        let permits = self.permits;
        assert!(
            (1..=permits).contains(&count),
            "cannot take {count} permits from a semaphore of {permits}"
        );
    }

    #[inline]
    fn permit(&self, count: usize) -> Permit<'_> {
        Permit { semaphore: self, count }
    }

    /// Takes `count` permits and returns true; or returns false once the deadline has passed.
    // Inline, as all on the way to `admit`: calls into this crate would cost a fifth more.
    #[inline]
    fn take(&self, count: usize, deadline: Option<Instant>) -> bool {
        self.admit(count) || self.look_again(count, deadline)
    }

    /// What `take` does if the first look finds nothing.
    #[cold]
    fn look_again(&self, count: usize, deadline: Option<Instant>) -> bool {
        for look in 0..LOOKS {
            match look {
                ..CLOSE_LOOKS => (0..2 << look).for_each(|_| hint::spin_loop()),
                _ => thread::yield_now(),
            }
            if self.admit(count) {
                return true;
            }
        }
        self.wait(count, deadline)
    }

    /// Serves a newcomer, if there is enough and the head of the queue can bear it.
    #[inline]
    fn admit(&self, count: usize) -> bool {
        // Acquire, here and wherever permits are taken: pairs with the Release that gave them back,
        // so a thread that holds a permit sees what its last holder did.
        let nobody_waits =
            |word: usize| word.checked_sub(count * ONE).filter(|_| word & QUEUED == 0);
        match self.word.try_update(Acquire, Relaxed, nobody_waits) {
            Ok(_) => true,
            Err(word) if word & QUEUED == 0 => false,
            Err(_) => self.overtake(&mut self.queue.lock(), count),
        }
    }

    /// Serves a newcomer that holds the lock of the queue.
    fn overtake(&self, queue: &mut Queue, count: usize) -> bool {
        let overtakes = !queue.waiters.is_empty();
        if overtakes && queue.overtaken == MOST_OVERTAKES {
            return false;
        }
        // As 2 has it, `QUEUED` is where it was, and stays there.
        let enough = |word: usize| (word / ONE >= count).then(|| word - count * ONE);
        let taken = self.word.try_update(Acquire, Relaxed, enough).is_ok();
        queue.overtaken += usize::from(overtakes && taken);
        taken
    }

    /// Waits in the queue until served, or until the deadline has passed.
    fn wait(&self, count: usize, deadline: Option<Instant>) -> bool {
        let mut queue = self.queue.lock();
        // Between our last look and the lock there may have been enough.
        if self.overtake(&mut queue, count) || queue.waiters.is_empty() && self.take_or_mark(count)
        {
            return true;
        }
        let wake = Arc::new(Condvar::new());
        queue.waiters.push_back(Waiter { count, wake: Arc::clone(&wake) });
        let served = loop {
            // Woken by `unlock`, as the head of the queue, when there is enough for us. A loop: a
            // wake-up may be spurious, and a newcomer may have been faster.
            let timed_out = if let Some(deadline) = deadline {
                wake.wait_until(&mut queue, deadline).timed_out()
            } else {
                wake.wait(&mut queue);
                false
            };
            // Before the time-out: if both have come, this saves a needless `None`. (The other way
            // round would lose nothing: `unlock` below wakes the next head, if there is enough for
            // it.)
            if self.servable(&queue).is_some_and(|head| Arc::ptr_eq(head, &wake)) {
                self.word.fetch_sub(count * ONE, Acquire); // still enough, by 3
                break true;
            }
            if timed_out {
                break false;
            }
        };
        queue.leave(&wake);
        if queue.waiters.is_empty() {
            self.word.fetch_and(!QUEUED, Relaxed); // publishes nothing: no permit goes back by it
        }
        self.unlock(queue);
        served
    }

    /// Takes the permits, or else sets `QUEUED`, in one step (see [`Queue`]).
    fn take_or_mark(&self, count: usize) -> bool {
        let change = |word: usize| word.checked_sub(count * ONE).unwrap_or(word | QUEUED);
        self.word.update(Acquire, Relaxed, change) >= count * ONE
    }

    /// The head of the queue, if there is enough for it.
    fn servable<'q>(&self, queue: &'q Queue) -> Option<&'q Arc<Condvar>> {
        let head = queue.waiters.front()?;
        (head.count <= self.available()).then_some(&head.wake)
    }

    /// Ends a change that may have made the head of the queue servable: keeps invariant 5.
    fn unlock(&self, queue: MutexGuard<'_, Queue>) {
        // Wakes the loop in `wait`. After unlocking, as the woken thread needs the lock.
        let head = self.servable(&queue).map(Arc::clone);
        drop(queue);
        if let Some(wake) = head {
            wake.notify_one();
        }
    }
}

impl Queue {
    fn leave(&mut self, wake: &Arc<Condvar>) {
        let place = |waiter: &Waiter| Arc::ptr_eq(&waiter.wake, wake);
        if let Some(place) = self.waiters.iter().position(place) {
            self.waiters.remove(place);
            if place == 0 {
                self.overtaken = 0;
            }
        }
    }
}

impl Permit<'_> {
    /// How many permits of the semaphore it stands for.
    pub fn count(&self) -> usize {
        self.count
    }
}

impl Drop for Permit<'_> {
    #[inline]
    fn drop(&mut self) {
        // No overflow, by 1. Release: pairs with the Acquire of the thread that takes them.
        let before = self.semaphore.word.fetch_add(self.count * ONE, Release);
        if before & QUEUED != 0 {
            self.semaphore.unlock(self.semaphore.queue.lock());
        }
    }
}

impl fmt::Debug for Semaphore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Semaphore")
            .field("available", &self.available())
            .field("permits", &self.permits)
            .field("waiting", &self.waiting())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::Semaphore;
    use std::thread;
    use std::time::{Duration, Instant};
    use tests_and_benches::Watchdog;

    /// Here, because it needs the lock of the queue: nobody else can keep a waiter from looking
    /// until its deadline has passed and its permit has come back.
    #[test]
    fn a_waiter_whose_permit_comes_with_its_deadline_takes_the_permit() {
        let _watchdog = Watchdog::new();
        let permits = &Semaphore::new(1);
        let permit = permits.acquire();
        thread::scope(|s| {
            let limit = Duration::from_millis(20);
            let waiter = s.spawn(move || permits.acquire_timeout(limit).is_some());
            let queue = loop {
                let queue = permits.queue.lock();
                if !queue.waiters.is_empty() || waiter.is_finished() {
                    break queue;
                }
                drop(queue);
                thread::yield_now();
            };
            // On a machine so slow that it has given up already, nothing is shown.
            let waits = !queue.waiters.is_empty();
            let dropper = s.spawn(move || drop(permit));
            let late = Instant::now() + 2 * limit;
            while Instant::now() < late || permits.available() == 0 {
                thread::yield_now();
            }
            drop(queue);
            dropper.join().expect("it only drops");
            assert!(waiter.join().expect("it only waits") || !waits);
        });
    }
}

//! A mutex that can be asked who holds it and who waits for it.

use crate::deadlock::{GRAPH, LockId};
use crate::primitives::{Arc, Mutex, MutexGuard};
use std::fmt;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::time::{Duration, Instant};

/// A mutex with a name that records who holds it and who waits for it.
///
/// [`deadlocks`](crate::deadlocks) follows these records and names the threads and the locks of
/// every cycle. The price: each lock and unlock also takes a lock that all of them share, so
/// this is a mutex for finding out, not for speed.
///
/// There is no poisoning: when a holder panics the lock is released, and the next one finds the
/// data as the panic left it. There is no promise of order either: a newcomer may be faster than a
/// thread that has waited long.
///
/// # Source
///
/// Python's `threading.Lock`, which has neither name nor owner.
///
/// # Examples
///
/// ```
/// let total = sync::Watched::new("total", 1);
/// *total.lock() += 1;
/// assert_eq!(*total.lock(), 2);
/// assert_eq!(total.waiting(), 0);
/// ```
pub struct Watched<T> {
    id: LockId,
    name: Arc<str>,
    data: Mutex<T>,
}

/// A locked [`Watched`]; dropping it unlocks.
///
/// The thread that locked must unlock, because it is on record as the holder:
///
/// ```compile_fail,E0277
/// let lock = sync::Watched::new("lock", ());
/// let guard = lock.lock();
/// std::thread::scope(|s| {
///     s.spawn(move || drop(guard)); // error: the guard cannot be sent to another thread
/// });
/// ```
///
/// Nothing but a guard leads to the data:
///
/// ```compile_fail,E0614
/// let total = sync::Watched::new("total", 1);
/// *total += 1; // error: `Watched` cannot be dereferenced
/// ```
///
/// And nothing leads to them once the guard has gone:
///
/// ```compile_fail,E0382
/// let total = sync::Watched::new("total", 1);
/// let mut guard = total.lock();
/// drop(guard);
/// *guard += 1; // error: `guard` has moved
/// ```
#[must_use = "a guard that is not kept unlocks at once"]
pub struct WatchedGuard<'a, T> {
    id: LockId,
    data: MutexGuard<'a, T>,
    /// Like std's guard, it is never `Send`. With its feature `send_guard`, which any crate of a
    /// program can turn on for all, the guard of `parking_lot` is.
    never_send: PhantomData<std::sync::MutexGuard<'a, ()>>,
}

impl<T> Watched<T> {
    /// An unlocked mutex. Names need not be different, but a report reads better if they are.
    pub fn new(name: &str, data: T) -> Watched<T> {
        Watched { id: GRAPH.lock().number_lock(), name: name.into(), data: Mutex::new(data) }
    }

    /// Locks, blocking until nobody else holds it.
    ///
    /// # Deadlocks
    ///
    /// A thread that holds this lock already waits for itself, for ever. Threads that take
    /// several locks in different orders can wait for each other, for ever. Both show in
    /// [`deadlocks`](crate::deadlocks).
    #[doc(alias = "acquire")]
    pub fn lock(&self) -> WatchedGuard<'_, T> {
        if let Some(guard) = self.try_lock() {
            return guard;
        }
        GRAPH.lock().waits(self.id);
        self.guard(self.data.lock())
    }

    /// Locks if nobody holds it right now.
    ///
    /// # Examples
    ///
    /// ```
    /// let lock = sync::Watched::new("lock", ());
    /// let guard = lock.lock();
    /// assert!(lock.try_lock().is_none());
    /// drop(guard);
    /// assert!(lock.try_lock().is_some());
    /// ```
    pub fn try_lock(&self) -> Option<WatchedGuard<'_, T>> {
        Some(self.guard(self.data.try_lock()?))
    }

    /// Locks, giving up after `limit`; `None` means that it is not locked.
    ///
    /// A limit too long for the clock ([`Duration::MAX`]) is no limit: then this is
    /// [`lock`](Self::lock).
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::time::Duration;
    /// let lock = sync::Watched::new("lock", ());
    /// let guard = lock.lock();
    /// assert!(lock.lock_timeout(Duration::from_millis(1)).is_none());
    /// # drop(guard);
    /// ```
    pub fn lock_timeout(&self, limit: Duration) -> Option<WatchedGuard<'_, T>> {
        let Some(deadline) = Instant::now().checked_add(limit) else {
            return Some(self.lock());
        };
        Some(self.guard(self.data.try_lock_until(deadline)?))
    }

    /// How many threads wait in [`lock`](Self::lock); by the time you look, others may have changed
    /// it.
    pub fn waiting(&self) -> usize {
        GRAPH.lock().waiting(self.id)
    }

    /// Its place in the one order that all these locks share.
    pub(crate) fn id(&self) -> LockId {
        self.id
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    fn guard<'a>(&'a self, data: MutexGuard<'a, T>) -> WatchedGuard<'a, T> {
        GRAPH.lock().holds(self.id, &self.name);
        WatchedGuard { id: self.id, data, never_send: PhantomData }
    }
}

impl<T> Drop for WatchedGuard<'_, T> {
    fn drop(&mut self) {
        // Off the record first; the field `data` is dropped after this and unlocks. The other way
        // round we might strike out the next holder.
        GRAPH.lock().releases(self.id);
    }
}

impl<T> Deref for WatchedGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.data
    }
}

impl<T> DerefMut for WatchedGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.data
    }
}

/// Tells the holder and the number of threads that wait; never waits for the lock itself.
impl<T> fmt::Debug for Watched<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (holder, waiting) = {
            let graph = GRAPH.lock();
            (graph.holder(self.id), graph.waiting(self.id))
        };
        f.debug_struct("Watched")
            .field("name", &self.name)
            .field("holder", &holder)
            .field("waiting", &waiting)
            .finish_non_exhaustive()
    }
}

impl<T: fmt::Debug> fmt::Debug for WatchedGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

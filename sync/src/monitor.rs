//! A re-entrant monitor: whoever is inside may enter again.

use crate::primitives::{ReentrantMutex, ReentrantMutexGuard};
use std::fmt;
use std::ops::Deref;
use std::time::{Duration, Instant};

/// Data that one thread at a time may use; a thread that is inside may enter again.
///
/// With it, a class whose public methods lock and call each other can be carried over as it is. In
/// new code, let public methods lock once and call private ones on `&mut` of what is locked: a
/// plain mutex is enough for that.
///
/// The levels of one thread share the data, so a guard gives `&T`, never `&mut T`. What should
/// change must be a [`Cell`](std::cell::Cell), an atomic, or a [`RefCell`](std::cell::RefCell).
/// With a `RefCell`, a `borrow_mut` on an inner level panics if an outer level has borrowed.
///
/// There is no poisoning. A panic leaves the levels that it unwinds through, and the data as they
/// are at that moment. If it is caught on an outer level, the thread is still inside there. Once
/// the thread has left the outermost level, others may enter. There is no promise of order among
/// those that wait.
///
/// # Source
///
/// Python's `threading.RLock`, with which the cheatsheet implements a monitor.
///
/// # Examples
///
/// ```
/// use std::cell::Cell;
///
/// struct Door(sync::Monitor<Cell<u32>>);
///
/// impl Door {
///     fn knock(&self) {
///         let count = self.0.enter();
///         count.set(count.get() + 1);
///     }
///
///     fn knock_twice(&self) {
///         let _inside = self.0.enter(); // nobody else can knock in between
///         self.knock();
///         self.knock();
///     }
/// }
///
/// let door = Door(sync::Monitor::new(Cell::new(0)));
/// door.knock_twice();
/// assert_eq!(door.0.enter().get(), 2);
/// ```
#[doc(alias = "RLock")]
pub struct Monitor<T> {
    data: ReentrantMutex<T>,
}

/// One level of a thread inside a [`Monitor`]; dropping it leaves this level.
///
/// It gives no `&mut`, as an outer level may be reading:
///
/// ```compile_fail,E0596
/// let list = sync::Monitor::new(vec![1, 2]);
/// let inside = list.enter();
/// inside.push(3); // error: cannot borrow data in dereference of `MonitorGuard` as mutable
/// ```
///
/// Once it has gone, nothing leads to the data:
///
/// ```compile_fail,E0382
/// let list = sync::Monitor::new(vec![1, 2]);
/// let inside = list.enter();
/// drop(inside);
/// println!("{}", inside.len()); // error: `inside` has moved
/// ```
///
/// The thread that entered must leave:
///
/// ```compile_fail,E0277
/// let monitor = sync::Monitor::new(());
/// let inside = monitor.enter();
/// std::thread::scope(|s| {
///     s.spawn(move || drop(inside)); // error: the guard cannot be sent to another thread
/// });
/// ```
///
/// Forgetting it ([`std::mem::forget`]) leaves the monitor entered for ever.
#[must_use = "a guard that is not kept leaves at once"]
pub struct MonitorGuard<'a, T> {
    data: ReentrantMutexGuard<'a, T>,
}

impl<T> Monitor<T> {
    /// A monitor with nobody inside.
    pub fn new(data: T) -> Monitor<T> {
        Monitor { data: ReentrantMutex::new(data) }
    }

    /// Enters, blocking until no other thread is inside.
    ///
    /// A thread that is inside enters again at once, and has to leave as often as it has entered.
    ///
    /// # Deadlocks
    ///
    /// A thread cannot wait here for itself. But if two threads are each inside a monitor, and each
    /// enters the other's, they wait for each other, for ever.
    ///
    /// # Panics
    ///
    /// If the levels of this thread are more than a `usize` can count.
    #[doc(alias = "acquire")]
    pub fn enter(&self) -> MonitorGuard<'_, T> {
        MonitorGuard { data: self.data.lock() }
    }

    /// Enters if no other thread is inside right now.
    ///
    /// # Panics
    ///
    /// As [`enter`](Self::enter).
    ///
    /// # Examples
    ///
    /// ```
    /// let monitor = sync::Monitor::new(());
    /// let outer = monitor.enter();
    /// assert!(monitor.try_enter().is_some());
    /// std::thread::scope(|s| {
    ///     s.spawn(|| assert!(monitor.try_enter().is_none()));
    /// });
    /// # drop(outer);
    /// ```
    pub fn try_enter(&self) -> Option<MonitorGuard<'_, T>> {
        Some(MonitorGuard { data: self.data.try_lock()? })
    }

    /// Enters, giving up after `limit`; `None` means that it has not entered.
    ///
    /// A limit too long for the clock ([`Duration::MAX`]) is no limit.
    ///
    /// # Panics
    ///
    /// As [`enter`](Self::enter).
    pub fn enter_timeout(&self, limit: Duration) -> Option<MonitorGuard<'_, T>> {
        let Some(deadline) = Instant::now().checked_add(limit) else {
            return Some(self.enter());
        };
        Some(MonitorGuard { data: self.data.try_lock_until(deadline)? })
    }

    /// Whether this thread is inside, on whatever level.
    #[doc(alias = "_is_owned")]
    pub fn is_inside(&self) -> bool {
        self.data.is_owned_by_current_thread()
    }
}

impl<T> Deref for MonitorGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.data
    }
}

/// Shows the data, unless another thread is inside; never waits for it.
impl<T: fmt::Debug> fmt::Debug for Monitor<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Monitor");
        match self.try_enter() {
            Some(inside) => shown.field("data", &*inside),
            None => shown.field("data", &format_args!("<another thread is inside>")),
        };
        shown.finish()
    }
}

impl<T: fmt::Debug> fmt::Debug for MonitorGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

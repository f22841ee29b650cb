//! Two locks, taken in one order.

use crate::watched::{Watched, WatchedGuard};

/// Takes both locks, blocking until it has them; returns the guards in the order of the arguments.
///
/// Whatever the order of the arguments, the lock that was made first is taken first. Threads that
/// take two locks in no other way cannot wait for each other in a cycle.
///
/// # Deadlocks
///
/// The order covers the two locks of this call. A thread that holds a third [`Watched`] meanwhile
/// can still be part of a cycle, and one that already holds `a` or `b` waits for itself.
///
/// # Panics
///
/// If `a` and `b` are the same lock: taking it twice would hang. Nothing is locked then.
///
/// # Examples
///
/// ```
/// use sync::{Watched, lock_both};
///
/// let (ann, bob) = (Watched::new("ann", 10), Watched::new("bob", 0));
/// let pay = |from: &Watched<i32>, to: &Watched<i32>, amount| {
///     let (mut from, mut to) = lock_both(from, to);
///     *from -= amount;
///     *to += amount;
/// };
/// std::thread::scope(|s| {
///     s.spawn(|| pay(&ann, &bob, 7));
///     s.spawn(|| pay(&bob, &ann, 2));
/// });
/// assert_eq!((*ann.lock(), *bob.lock()), (5, 5));
/// ```
pub fn lock_both<'a, 'b, A, B>(
    a: &'a Watched<A>,
    b: &'b Watched<B>,
) -> (WatchedGuard<'a, A>, WatchedGuard<'b, B>) {
    assert!(a.id() != b.id(), "`{}` is both of the locks to take", a.name());
    if a.id() < b.id() {
        let a = a.lock();
        (a, b.lock())
    } else {
        let b = b.lock();
        (a.lock(), b)
    }
}

//! What `lock_both` promises.

use proptest::prelude::*;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;
use sync::{Watched, lock_both};
use tests_and_benches::{Watchdog, until};

#[test]
fn both_are_held_until_their_guards_go() {
    let _watchdog = Watchdog::new();
    let (a, b) = (Watched::new("a", 'a'), Watched::new("b", 2));
    let (guard_b, guard_a) = lock_both(&b, &a);
    assert_eq!((*guard_a, *guard_b), ('a', 2));
    assert!(a.try_lock().is_none() && b.try_lock().is_none());
    drop(guard_a);
    assert!(a.try_lock().is_some() && b.try_lock().is_none());
    drop(guard_b);
    assert!(b.try_lock().is_some());
}

#[test]
fn the_lock_that_was_made_first_is_taken_first() {
    let _watchdog = Watchdog::new();
    let (older, newer) = (&Watched::new("older", ()), &Watched::new("newer", ()));
    for (a, b) in [(older, newer), (newer, older)] {
        let kept = older.lock();
        thread::scope(|s| {
            s.spawn(move || drop(lock_both(a, b)));
            until("it waits for the older one", || older.waiting() == 1);
            assert!(newer.try_lock().is_some());
            drop(kept);
        });
    }
}

#[test]
fn the_same_lock_twice_is_refused_and_left_free() {
    let _watchdog = Watchdog::new();
    let lock = Watched::new("lock", ());
    let refused = catch_unwind(AssertUnwindSafe(|| drop(lock_both(&lock, &lock))));
    let message = *refused.unwrap_err().downcast::<String>().unwrap();
    assert_eq!(message, "`lock` is both of the locks to take");
    assert!(lock.try_lock().is_some());
}

proptest! {
    // Each case starts threads: fewer cases than usual.
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Money moved between accounts in all directions at once: no deadlock, and none lost.
    #[test]
    fn transfers_in_any_order_end_and_keep_the_total(
        transfers in prop::collection::vec((0..4_usize, 1..4_usize), 1..40),
    ) {
        let _watchdog = Watchdog::new();
        let accounts = &["a", "b", "c", "d"].map(|name| Watched::new(name, 100));
        thread::scope(|s| {
            for part in transfers.chunks(10) {
                s.spawn(move || {
                    for &(from, step) in part {
                        let to = (from + step) % accounts.len();
                        let (mut from, mut to) = lock_both(&accounts[from], &accounts[to]);
                        *from -= 1;
                        thread::yield_now(); // lets the others in between
                        *to += 1;
                    }
                });
            }
        });
        let total: i32 = accounts.iter().map(|account| *account.lock()).sum();
        prop_assert_eq!(total, 400);
    }
}

//! What the building block `Watched` and `deadlocks` promise.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};
use sync::{Deadlock, Watched, deadlocks};
use tests_and_benches::{Watchdog, until};

type Lock = Watched<()>;

/// Deadlocked threads need their locks for ever.
fn lasting_lock(name: &str) -> &'static Lock {
    Box::leak(Box::new(Watched::new(name, ())))
}

/// Starts a thread that takes both locks, and meets the others between them.
fn spawn_task(name: &str, first: &'static Lock, meet: &'static Barrier, second: &'static Lock) {
    let task = move || {
        let _first = first.lock();
        meet.wait();
        let _second = second.lock();
    };
    let thread = thread::Builder::new().name(name.into());
    thread.spawn(task).expect("the thread starts");
}

/// The deadlock that this lock has a part in. (Other tests of this process have theirs.)
fn deadlock_of(lock: &str) -> Option<Deadlock> {
    let concerns = |found: &Deadlock| found.waits.iter().any(|wait| wait.holds == lock);
    let mut concerned: Vec<_> = deadlocks().into_iter().filter(concerns).collect();
    assert!(concerned.len() <= 1, "told more than once: {concerned:?}");
    concerned.pop()
}

#[test]
fn a_ring_of_three_is_one_deadlock_that_begins_with_the_first_lock() {
    let _watchdog = Watchdog::new();
    let [a, b, c] = ["ring a", "ring b", "ring c"].map(lasting_lock);
    let meet = Box::leak(Box::new(Barrier::new(3)));
    spawn_task("third", c, meet, a);
    spawn_task("second", b, meet, c);
    spawn_task("first", a, meet, b);
    until("the ring is closed", || deadlock_of("ring b").is_some());
    assert_eq!(
        deadlock_of("ring b").unwrap().to_string(),
        "thread `first` holds `ring a` and waits for `ring b`, held by `second`; \
         thread `second` holds `ring b` and waits for `ring c`, held by `third`; \
         thread `third` holds `ring c` and waits for `ring a`, held by `first`"
    );
}

#[test]
fn a_thread_that_locks_twice_waits_for_itself() {
    let _watchdog = Watchdog::new();
    let lock = lasting_lock("twice");
    let alone = Box::leak(Box::new(Barrier::new(1)));
    spawn_task("selfish", lock, alone, lock);
    until("it waits", || deadlock_of("twice").is_some());
    let waits = deadlock_of("twice").unwrap().waits;
    assert_eq!(waits.len(), 1);
    assert_eq!((&*waits[0].thread, &*waits[0].held_by), ("selfish", "selfish"));
}

#[test]
fn what_is_reported_stays_so() {
    let _watchdog = Watchdog::new();
    let [a, b] = ["stuck a", "stuck b"].map(lasting_lock);
    let meet = Box::leak(Box::new(Barrier::new(2)));
    spawn_task("one", a, meet, b);
    spawn_task("other", b, meet, a);
    until("two are stuck", || deadlock_of("stuck a").is_some());
    let found = deadlock_of("stuck a");
    let limit = Duration::from_millis(50);
    assert!(a.lock_timeout(limit).is_none() && b.lock_timeout(limit).is_none());
    assert_eq!(deadlock_of("stuck b"), found);
}

#[test]
fn a_lock_that_was_waited_for_and_is_held_is_no_deadlock() {
    let _watchdog = Watchdog::new();
    let lock = &Watched::new("got it", ());
    let (guard, holds) = (lock.lock(), &Barrier::new(2));
    thread::scope(|s| {
        s.spawn(move || {
            let _guard = lock.lock();
            holds.wait();
            holds.wait(); // keeps it until it has been looked at
        });
        until("it waits", || lock.waiting() == 1);
        drop(guard);
        holds.wait();
        let found = (deadlock_of("got it"), lock.waiting());
        holds.wait();
        assert_eq!(found, (None, 0));
    });
}

#[test]
fn a_thread_that_waits_from_outside_is_no_part_of_the_cycle() {
    let _watchdog = Watchdog::new();
    // Made first, so that the search begins here, and walks into a cycle it is not part of.
    let [outside, a, b] = ["outside", "pair a", "pair b"].map(lasting_lock);
    let meet = Box::leak(Box::new(Barrier::new(2)));
    let alone = Box::leak(Box::new(Barrier::new(1)));
    spawn_task("left", a, meet, b);
    spawn_task("right", b, meet, a);
    until("two are stuck", || deadlock_of("pair a").is_some());
    spawn_task("onlooker", outside, alone, a);
    until("three are stuck", || format!("{a:?}").contains("waiting: 2"));
    assert_eq!(deadlock_of("pair b").unwrap().waits.len(), 2);
    assert_eq!(deadlock_of("outside"), None);
}

#[test]
fn a_wait_that_gives_up_is_no_deadlock() {
    let _watchdog = Watchdog::new();
    let (a, b) = (&Watched::new("patient", ()), &Watched::new("impatient", ()));
    let (meet, stop) = (&Barrier::new(3), &AtomicBool::new(false));
    thread::scope(|s| {
        s.spawn(move || {
            let _a = a.lock();
            meet.wait();
            // Keeps `a` until told otherwise: the cycle is closed, save between two tries.
            while !stop.load(Relaxed) {
                assert!(b.lock_timeout(Duration::from_millis(5)).is_none());
            }
        });
        s.spawn(move || {
            let _b = b.lock();
            meet.wait();
            let _a = a.lock();
        });
        meet.wait();
        until("it waits", || format!("{a:?}").contains("waiting: 1"));
        let seen = (0..1_000).find_map(|_| deadlock_of("patient"));
        stop.store(true, Relaxed);
        assert_eq!(seen, None);
    });
}

#[test]
fn no_deadlock_is_reported_where_there_is_none() {
    let _watchdog = Watchdog::new();
    let (a, b) = (&Watched::new("outer", ()), &Watched::new("inner", ()));
    thread::scope(|s| {
        let hold_both = move || {
            for _ in 0..2_000 {
                let _a = a.lock();
                let _b = b.lock();
            }
        };
        // `a` and `b` in one order, but also `b` alone, so that both are waited for.
        let hold_one = move || (0..2_000).for_each(|_| drop(b.lock()));
        let threads = [s.spawn(hold_both), s.spawn(hold_both), s.spawn(hold_one)];
        while !threads.iter().all(thread::ScopedJoinHandle::is_finished) {
            assert_eq!(deadlock_of("outer").or(deadlock_of("inner")), None);
        }
    });
}

#[test]
fn a_try_takes_a_free_lock_and_fails_at_once_on_a_held_one() {
    let _watchdog = Watchdog::new();
    let lock = Watched::new("lock", 1);
    *lock.try_lock().unwrap() += 1;
    let guard = lock.lock();
    assert!(lock.try_lock().is_none());
    assert_eq!(*guard, 2);
}

#[test]
fn five_waiters_stay_blocked_until_release_and_then_all_finish() {
    let _watchdog = Watchdog::new();
    let lock = &Watched::new("lock", 0);
    let guard = lock.lock();
    thread::scope(|s| {
        for _ in 0..5 {
            s.spawn(|| *lock.lock() += 1);
        }
        until("five wait", || format!("{lock:?}").contains("waiting: 5"));
        assert_eq!(*guard, 0);
        drop(guard);
    });
    assert_eq!(*lock.lock(), 5);
}

#[test]
fn no_increment_is_lost() {
    let _watchdog = Watchdog::new();
    let total = &Watched::new("total", 0);
    thread::scope(|s| {
        for _ in 0..15 {
            s.spawn(|| (0..100).for_each(|_| *total.lock() += 1));
        }
    });
    assert_eq!(*total.lock(), 1_500);
}

#[test]
fn a_panic_releases_and_the_next_one_goes_on() {
    let _watchdog = Watchdog::new();
    let lock = Watched::new("lock", 1);
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        *lock.lock() += 1;
        let _guard = lock.lock();
        panic!("while holding it");
    }));
    assert!(outcome.is_err());
    assert_eq!(*lock.try_lock().unwrap(), 2);
}

#[test]
fn a_time_out_is_not_early_and_leaves_the_lock_usable() {
    let _watchdog = Watchdog::new();
    let lock = Watched::new("lock", ());
    let guard = lock.lock();
    let (start, limit) = (Instant::now(), Duration::from_millis(20));
    assert!(lock.lock_timeout(limit).is_none());
    assert!(start.elapsed() >= limit);
    assert!(lock.lock_timeout(Duration::ZERO).is_none());
    drop(guard);
    assert!(lock.lock_timeout(Duration::ZERO).is_some());
}

#[test]
fn a_limit_without_end_does_not_overflow() {
    let _watchdog = Watchdog::new();
    let lock = &Watched::new("lock", ());
    let guard = lock.lock_timeout(Duration::MAX).unwrap();
    thread::scope(|s| {
        let waiter = s.spawn(|| lock.lock_timeout(Duration::MAX).is_some());
        until("it waits", || format!("{lock:?}").contains("waiting: 1"));
        drop(guard);
        assert!(waiter.join().unwrap());
    });
}

#[test]
fn debug_tells_holder_and_waiters_and_does_not_block() {
    let _watchdog = Watchdog::new();
    let lock = Watched::new("lock", ());
    let free = r#"Watched { name: "lock", holder: None, waiting: 0, .. }"#;
    assert_eq!(format!("{lock:?}"), free);
    let me = thread::current().name().unwrap().to_owned();
    let guard = lock.lock();
    let held = format!(r#"Watched {{ name: "lock", holder: Some("{me}"), waiting: 0, .. }}"#);
    assert_eq!(format!("{lock:?}"), held);
    drop(guard);
    assert_eq!(format!("{lock:?}"), free);
}

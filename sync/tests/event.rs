//! What the building block `Event` promises.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};
use std::{hint, thread};
use sync::Event;
use tests_and_benches::{Watchdog, until};

#[test]
fn set_and_clear_may_be_repeated() {
    let event = Event::new();
    assert!(!event.is_set());
    for _ in 0..2 {
        event.set();
        event.set();
        assert!(event.is_set());
        event.clear();
        event.clear();
        assert!(!event.is_set());
    }
}

#[test]
fn all_that_wait_go_and_the_same_again_after_a_clear() {
    let _watchdog = Watchdog::new();
    let (event, gone) = (&Event::new(), &AtomicUsize::new(0));
    for round in 1..=3 {
        thread::scope(|s| {
            for _ in 0..5 {
                s.spawn(|| {
                    event.wait();
                    gone.fetch_add(1, Relaxed);
                });
            }
            until("five wait", || event.waiting() == 5);
            assert_eq!(gone.load(Relaxed), 5 * (round - 1));
            event.set();
            assert_eq!(event.waiting(), 0);
        });
        assert_eq!(gone.load(Relaxed), 5 * round);
        event.clear();
    }
}

#[test]
fn set_and_clear_at_once_free_all_that_waited() {
    let _watchdog = Watchdog::new();
    let event = &Event::new();
    for _ in 0..200 {
        thread::scope(|s| {
            let waiters = [(); 3].map(|()| s.spawn(|| event.wait()));
            until("three wait", || event.waiting() == 3);
            event.set();
            event.clear();
            assert_eq!(event.waiting(), 0);
            for waiter in waiters {
                waiter.join().unwrap();
            }
        });
    }
}

#[test]
fn a_waiter_that_comes_after_the_clear_waits_for_the_next_set() {
    let _watchdog = Watchdog::new();
    let event = &Event::new();
    event.set();
    event.clear();
    thread::scope(|s| {
        let waiter = s.spawn(|| event.wait());
        until("it waits", || event.waiting() == 1);
        assert!(!waiter.is_finished());
        event.set();
    });
}

#[test]
fn it_stays_set_however_many_have_waited() {
    let _watchdog = Watchdog::new();
    let event = &Event::new();
    event.set();
    thread::scope(|s| {
        for _ in 0..5 {
            s.spawn(|| event.wait());
        }
    });
    event.wait();
    assert!(event.is_set());
}

#[test]
fn a_time_out_is_not_early_and_the_waiter_is_no_longer_counted() {
    let _watchdog = Watchdog::new();
    let event = Event::new();
    let (start, limit) = (Instant::now(), Duration::from_millis(20));
    assert!(!event.wait_timeout(limit));
    assert!(start.elapsed() >= limit);
    assert_eq!(event.waiting(), 0);
    assert!(!event.wait_timeout(Duration::ZERO));
}

#[test]
fn a_time_limit_on_a_set_event_does_not_matter() {
    let _watchdog = Watchdog::new();
    let event = Event::new();
    event.set();
    assert!(event.wait_timeout(Duration::ZERO));
    assert!(event.wait_timeout(Duration::MAX));
}

#[test]
fn a_limit_without_end_does_not_overflow() {
    let _watchdog = Watchdog::new();
    let event = &Event::new();
    thread::scope(|s| {
        let waiter = s.spawn(|| event.wait_timeout(Duration::MAX));
        until("it waits", || event.waiting() == 1);
        event.set();
        assert!(waiter.join().unwrap());
    });
}

#[test]
fn no_wake_up_is_lost_in_many_cycles() {
    let _watchdog = Watchdog::new();
    let (event, coming) = (&Event::new(), &AtomicUsize::new(0));
    let cycles = 100_000;
    let spin = |times| (0..times).for_each(|_| hint::spin_loop());
    thread::scope(|s| {
        // Sets it at every moment of the waiter's way to sleep: either is a little later than the
        // other, by something else each time. Without sleeping, which would take longer than that
        // way.
        s.spawn(move || {
            for cycle in 1..=cycles {
                while coming.load(Relaxed) < cycle {
                    thread::yield_now();
                }
                spin(cycle % 101);
                event.set();
            }
        });
        for cycle in 1..=cycles {
            coming.store(cycle, Relaxed);
            spin(cycle % 40);
            event.wait(); // hangs if a wake-up is lost
            event.clear();
        }
    });
    assert_eq!((event.is_set(), event.waiting()), (false, 0));
}

#[test]
fn time_outs_that_meet_sets_leave_the_count_right() {
    let _watchdog = Watchdog::new();
    let (event, over) = (&Event::new(), &AtomicBool::new(false));
    thread::scope(|s| {
        let waiters = [0, 1, 2].map(|thread| {
            s.spawn(move || {
                for round in 0..2_000 {
                    event.wait_timeout(Duration::from_micros((round + 17 * thread) % 60));
                }
            })
        });
        s.spawn(|| {
            while !over.load(Relaxed) {
                event.set();
                event.clear();
                thread::yield_now();
            }
        });
        for waiter in waiters {
            waiter.join().unwrap();
        }
        over.store(true, Relaxed);
    });
    assert_eq!(event.waiting(), 0);
}

#[test]
fn debug_tells_the_flag_and_the_waiters() {
    let _watchdog = Watchdog::new();
    let event = &Event::new();
    thread::scope(|s| {
        s.spawn(|| event.wait());
        until("it waits", || event.waiting() == 1);
        assert_eq!(format!("{event:?}"), "Event { set: false, waiting: 1, .. }");
        event.set();
        assert_eq!(format!("{event:?}"), "Event { set: true, waiting: 0, .. }");
    });
}

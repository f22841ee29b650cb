//! What the building block `Monitor` promises.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};
use sync::Monitor;
use tests_and_benches::Watchdog;

/// Whether another thread could enter right now.
fn is_free<T: Send>(monitor: &Monitor<T>) -> bool {
    thread::scope(|s| s.spawn(|| monitor.try_enter().is_some()).join().unwrap())
}

#[test]
fn a_thread_that_is_inside_may_enter_again_and_leaves_as_often() {
    let _watchdog = Watchdog::new();
    let monitor = &Monitor::new(Cell::new(0));
    let levels: Vec<_> = (1..=3)
        .map(|level| {
            let inside = monitor.enter();
            inside.set(level);
            inside
        })
        .collect();
    assert_eq!(levels[0].get(), 3);
    for level in levels {
        assert!(!is_free(monitor));
        drop(level);
    }
    assert!(is_free(monitor));
}

#[test]
fn levels_may_be_left_in_any_order() {
    let _watchdog = Watchdog::new();
    let monitor = &Monitor::new(());
    let (outer, inner) = (monitor.enter(), monitor.enter());
    drop(outer);
    assert!(monitor.is_inside() && !is_free(monitor));
    drop(inner);
    assert!(is_free(monitor));
}

#[test]
fn only_the_thread_inside_is_told_that_it_is_inside() {
    let _watchdog = Watchdog::new();
    let monitor = &Monitor::new(());
    let told_elsewhere = || thread::scope(|s| s.spawn(|| monitor.is_inside()).join().unwrap());
    assert!(!monitor.is_inside());
    let outer = monitor.enter();
    assert!(monitor.is_inside() && !told_elsewhere());
    let inner = monitor.enter();
    assert!(monitor.is_inside() && !told_elsewhere());
    drop(inner);
    assert!(monitor.is_inside());
    drop(outer);
    assert!(!monitor.is_inside());
}

#[test]
fn no_two_threads_are_inside_at_once() {
    let _watchdog = Watchdog::new();
    let count = &Monitor::new(Cell::new(0));
    thread::scope(|s| {
        for _ in 0..8 {
            s.spawn(|| {
                for _ in 0..100 {
                    let _outer = count.enter();
                    let inner = count.enter();
                    let before = inner.get();
                    thread::yield_now(); // lets the others in, if the monitor would
                    inner.set(before + 1);
                }
            });
        }
    });
    assert_eq!(count.enter().get(), 800);
}

#[test]
fn short_threads_are_never_taken_for_the_one_inside() {
    let _watchdog = Watchdog::new();
    let monitor = &Monitor::new(());
    let (asked, asks) = mpsc::channel::<mpsc::Sender<bool>>();
    thread::scope(|s| {
        // Inside is a thread that has begun after others have ended: numbers may be used again.
        (0..10).for_each(|_| assert!(is_free(monitor)));
        s.spawn(move || {
            let _inside = monitor.enter();
            for answer in asks {
                answer.send(monitor.is_inside()).unwrap();
            }
        });
        for _ in 0..1_000 {
            let (answer, told) = mpsc::channel();
            asked.send(answer).unwrap();
            assert!(told.recv().unwrap());
            assert!(!is_free(monitor));
        }
        drop(asked);
    });
    assert!(is_free(monitor));
}

#[test]
fn a_panic_on_an_inner_level_leaves_that_level_and_the_data_as_they_were() {
    let _watchdog = Watchdog::new();
    let monitor = &Monitor::new(Cell::new(0));
    let outer = monitor.enter();
    let caught = catch_unwind(AssertUnwindSafe(|| {
        let inner = monitor.enter();
        inner.set(1);
        panic!("half-way");
    }));
    assert!(caught.is_err());
    assert!(monitor.is_inside() && !is_free(monitor));
    assert_eq!(outer.get(), 1);
    drop(outer);
    assert!(is_free(monitor));
}

#[test]
fn a_panic_through_all_levels_lets_the_next_one_in() {
    let _watchdog = Watchdog::new();
    let monitor = &Monitor::new(Cell::new(0));
    let caught = catch_unwind(AssertUnwindSafe(|| {
        let (_outer, inner) = (monitor.enter(), monitor.enter());
        inner.set(1);
        panic!("half-way");
    }));
    assert!(caught.is_err() && !monitor.is_inside() && is_free(monitor));
    assert_eq!(monitor.enter().get(), 1);
}

#[test]
fn a_second_mutable_borrow_on_an_inner_level_panics() {
    let _watchdog = Watchdog::new();
    let list = Monitor::new(RefCell::new(vec![1]));
    let outer = list.enter();
    let _reads = outer.borrow();
    let refused = catch_unwind(AssertUnwindSafe(|| list.enter().borrow_mut().push(2)));
    assert!(refused.is_err());
}

#[test]
fn a_time_out_is_not_early_and_nobody_has_entered() {
    let _watchdog = Watchdog::new();
    let monitor = &Monitor::new(());
    let inside = monitor.enter();
    thread::scope(|s| {
        s.spawn(|| {
            let (start, limit) = (Instant::now(), Duration::from_millis(20));
            assert!(monitor.enter_timeout(limit).is_none());
            assert!(start.elapsed() >= limit && !monitor.is_inside());
            assert!(monitor.enter_timeout(Duration::ZERO).is_none());
        });
    });
    assert!(monitor.enter_timeout(Duration::ZERO).is_some());
    drop(inside);
    assert!(is_free(monitor));
}

#[test]
fn a_limit_without_end_does_not_overflow() {
    let _watchdog = Watchdog::new();
    let monitor = Monitor::new(());
    assert!(monitor.enter_timeout(Duration::MAX).is_some());
}

#[test]
fn debug_does_not_wait_for_the_thread_inside() {
    let _watchdog = Watchdog::new();
    let monitor = &Monitor::new(1);
    let _inside = monitor.enter();
    assert_eq!(format!("{monitor:?}"), "Monitor { data: 1 }");
    let elsewhere = thread::scope(|s| s.spawn(|| format!("{monitor:?}")).join().unwrap());
    assert_eq!(elsewhere, "Monitor { data: <another thread is inside> }");
}

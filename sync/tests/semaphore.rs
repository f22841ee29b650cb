//! What the building block `Semaphore` promises.

use proptest::prelude::*;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc::TryRecvError;
use std::sync::{Barrier, mpsc};
use std::time::{Duration, Instant};
use std::{hint, iter, mem, thread};
use sync::{Permit, Semaphore};
use tests_and_benches::{Watchdog, until};

/// As the documentation of `Semaphore` has it.
const MOST_OVERTAKES: usize = 128;

#[test]
fn never_more_holders_than_permits() {
    let _watchdog = Watchdog::new();
    let permits = &Semaphore::new(3);
    let (holders, most) = (&AtomicUsize::new(0), &AtomicUsize::new(0));
    thread::scope(|s| {
        for _ in 0..8 {
            s.spawn(move || {
                for _ in 0..100 {
                    let _permit = permits.acquire();
                    most.fetch_max(holders.fetch_add(1, Relaxed) + 1, Relaxed);
                    thread::yield_now(); // lets the others in, if the semaphore would
                    holders.fetch_sub(1, Relaxed);
                }
            });
        }
    });
    assert!(most.load(Relaxed) <= 3);
    assert_eq!(permits.available(), 3);
}

#[test]
fn ten_tries_for_three_permits_win_three() {
    let _watchdog = Watchdog::new();
    let (permits, won) = (&Semaphore::new(3), &AtomicUsize::new(0));
    let all_have_tried = &Barrier::new(10);
    thread::scope(|s| {
        for _ in 0..10 {
            s.spawn(move || {
                let permit = permits.try_acquire();
                won.fetch_add(usize::from(permit.is_some()), Relaxed);
                all_have_tried.wait();
            });
        }
    });
    assert_eq!((won.load(Relaxed), permits.available()), (3, 3));
}

#[test]
fn waiters_stay_blocked_until_permits_come_back() {
    let _watchdog = Watchdog::new();
    let permits = &Semaphore::new(7);
    let first = permits.acquire();
    let (send, taken) = mpsc::channel();
    thread::scope(|s| {
        for _ in 0..10 {
            let send = send.clone();
            s.spawn(move || {
                for _ in 0..2 {
                    // To another thread, which gives the permit back in its own time.
                    send.send(permits.acquire()).unwrap();
                }
            });
        }
        drop(send);
        let take = |count: usize| -> Vec<Permit> { taken.iter().take(count).collect() };
        let full = || permits.available() == 0 && permits.waiting() > 0;

        let six = take(6);
        until("the other permits are waited for", full);
        assert!(taken.try_recv().is_err(), "six of seven are free");
        drop(first);
        drop(six);
        let seven = take(7);
        until("the other permits are waited for", full);
        assert!(taken.try_recv().is_err(), "thirteen");
        drop(seven);
        assert_eq!(take(20).len(), 7);
    });
    assert_eq!(permits.available(), 7);
}

#[test]
fn a_permit_of_many_frees_as_many_waiters() {
    let _watchdog = Watchdog::new();
    let permits = &Semaphore::new(3);
    let all_inside = &Barrier::new(3);
    let three = permits.acquire_many(3);
    thread::scope(|s| {
        for _ in 0..3 {
            s.spawn(move || {
                let _permit = permits.acquire();
                all_inside.wait(); // hangs if one of the three is left asleep
            });
        }
        until("three wait", || permits.waiting() == 3);
        drop(three);
    });
    assert_eq!(permits.available(), 3);
}

#[test]
fn several_permits_are_taken_at_once_or_not_at_all() {
    let _watchdog = Watchdog::new();
    let permits = Semaphore::new(3);
    let two = permits.acquire_many(2);
    assert!(permits.try_acquire_many(2).is_none());
    assert_eq!(permits.available(), 1);
    drop(two);
    assert!(permits.try_acquire_many(3).is_some());
}

#[test]
fn a_panic_gives_every_permit_back() {
    let _watchdog = Watchdog::new();
    let permits = Semaphore::new(3);
    let held_two = catch_unwind(AssertUnwindSafe(|| {
        let _outer = permits.acquire();
        let _inner = permits.acquire_many(2);
        panic!("while holding three");
    }));
    assert!(held_two.is_err());
    assert_eq!(permits.available(), 3);
}

#[test]
fn a_time_out_is_not_early_and_takes_nothing() {
    let _watchdog = Watchdog::new();
    let permits = Semaphore::new(2);
    let one = permits.acquire();
    let (start, limit) = (Instant::now(), Duration::from_millis(20));
    assert!(permits.acquire_many_timeout(2, limit).is_none());
    assert!(start.elapsed() >= limit);
    assert_eq!((permits.available(), permits.waiting()), (1, 0));
    assert!(permits.acquire_many_timeout(2, Duration::ZERO).is_none());
    drop(one);
    assert!(permits.acquire_many_timeout(2, Duration::ZERO).is_some());
}

#[test]
fn a_waiter_that_gives_up_lets_those_behind_it_go_on() {
    let _watchdog = Watchdog::new();
    let permits = &Semaphore::new(2);
    let one = permits.acquire();
    thread::scope(|s| {
        let head = s.spawn(|| {
            let limit = Duration::from_millis(200);
            permits.acquire_many_timeout(2, limit).is_none()
        });
        // Overtake the head until the free permit is kept for it. (Or it has given up already, on
        // a slow machine; then less is shown.)
        until("it waits", || permits.waiting() == 1 || head.is_finished());
        while permits.try_acquire().is_some() && !head.is_finished() {}
        let behind = s.spawn(|| drop(permits.acquire()));
        assert!(head.join().unwrap());
        until("the one behind is served", || behind.is_finished());
    });
    drop(one);
    assert_eq!(permits.available(), 2);
}

#[test]
fn a_limit_without_end_does_not_overflow() {
    let _watchdog = Watchdog::new();
    let permits = &Semaphore::new(1);
    let permit = permits.acquire_timeout(Duration::MAX).unwrap();
    thread::scope(|s| {
        let waiter = s.spawn(|| permits.acquire_timeout(Duration::MAX).is_some());
        until("it waits", || permits.waiting() == 1);
        drop(permit);
        assert!(waiter.join().unwrap());
    });
}

#[test]
fn time_outs_that_meet_wake_ups_lose_no_permit() {
    let _watchdog = Watchdog::new();
    let permits = &Semaphore::new(2);
    thread::scope(|s| {
        for thread in 1..=4 {
            s.spawn(move || {
                for round in 0..200 {
                    let limit = Duration::from_micros(round % 50);
                    let count = if thread == 1 { 2 } else { 1 };
                    let permit = permits.acquire_many_timeout(count, limit);
                    thread::yield_now();
                    drop(permit);
                }
            });
        }
    });
    assert_eq!((permits.available(), permits.waiting()), (2, 0));
}

/// With one thread waiting for `count` permits, gives back one of `held` and tries to take it
/// again, until the waiter is served. Returns how often the waiter was overtaken.
fn overtakes<'a>(permits: &'a Semaphore, count: usize, mut held: Vec<Permit<'a>>) -> usize {
    let (served, mut overtakes) = (&AtomicBool::new(false), 0);
    thread::scope(|s| {
        s.spawn(move || {
            let _permit = permits.acquire_many(count);
            served.store(true, Relaxed);
        });
        until("it waits", || permits.waiting() == 1);
        while !served.load(Relaxed) && overtakes <= MOST_OVERTAKES {
            drop(held.pop());
            if let Some(permit) = permits.try_acquire() {
                overtakes += usize::from(permits.waiting() == 1);
                held.insert(0, permit);
            }
        }
        held.clear();
    });
    overtakes
}

#[test]
fn whoever_has_waited_longest_is_overtaken_a_bounded_number_of_times() {
    let _watchdog = Watchdog::new();
    let permits = Semaphore::new(1);
    let held = vec![permits.acquire()];
    assert!(overtakes(&permits, 1, held) <= MOST_OVERTAKES);
}

#[test]
fn those_that_wait_are_served_in_the_order_in_which_they_came() {
    let _watchdog = Watchdog::new();
    let permits = &Semaphore::new(1);
    let held = permits.acquire();
    let (send, served) = mpsc::channel();
    thread::scope(|s| {
        for number in 0..5 {
            let send = send.clone();
            s.spawn(move || {
                let _permit = permits.acquire();
                send.send(number).unwrap();
            });
            until("it waits", || permits.waiting() == number + 1);
        }
        drop(held);
    });
    assert_eq!(served.try_iter().collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
}

#[test]
fn single_permits_do_not_starve_a_request_for_all() {
    let _watchdog = Watchdog::new();
    let permits = Semaphore::new(3);
    for _ in 0..2 {
        let held = vec![permits.acquire(), permits.acquire(), permits.acquire()];
        // Two are always held: without the bound all three would never be free together.
        assert_eq!(overtakes(&permits, 3, held), MOST_OVERTAKES);
    }
}

#[test]
fn a_request_that_can_never_be_served_is_refused_and_does_no_harm() {
    let _watchdog = Watchdog::new();
    let permits = Semaphore::new(3);
    for count in [0, 4, usize::MAX] {
        for ask in [
            |permits: &Semaphore, count| drop(permits.acquire_many(count)),
            |permits: &Semaphore, count| drop(permits.try_acquire_many(count)),
            |permits: &Semaphore, count| drop(permits.acquire_many_timeout(count, Duration::MAX)),
        ] {
            let refused = catch_unwind(AssertUnwindSafe(|| ask(&permits, count)));
            let message = *refused.unwrap_err().downcast::<String>().unwrap();
            let expected = format!("cannot take {count} permits from a semaphore of 3");
            assert_eq!(message, expected);
        }
    }
    assert_eq!(permits.acquire_many(3).count(), 3);
}

#[test]
fn more_permits_than_it_can_count_are_refused() {
    let _watchdog = Watchdog::new();
    let most = usize::MAX / 2;
    assert_eq!(Semaphore::new(most).available(), most);
    let all = Semaphore::new(most);
    let permit = all.acquire_many(most);
    assert!(all.try_acquire().is_none());
    drop(permit);
    assert_eq!(all.available(), most);
    let refused = catch_unwind(|| Semaphore::new(most + 1)).expect_err("it is one too many");
    let why = refused.downcast_ref::<String>().expect("it says why");
    assert!(why.contains(&format!("more than the {most} ")), "{why}");
}

#[test]
fn no_wake_up_is_lost_between_looking_and_sleeping() {
    let _watchdog = Watchdog::new();
    let permits = &Semaphore::new(2);
    let (send, receive) = mpsc::channel();
    // Without sleeping, which would take longer than the next request needs to fall asleep.
    let next = move || loop {
        match receive.try_recv() {
            Err(TryRecvError::Empty) => thread::yield_now(),
            handed => break handed.ok(),
        }
    };
    thread::scope(|s| {
        // Gives back what it is handed a little later each time, and so at every moment of the
        // next request's way to sleep.
        s.spawn(move || {
            for (delay, permit) in (0..400).cycle().zip(iter::from_fn(next)) {
                (0..delay).for_each(|_| hint::spin_loop());
                drop::<Permit>(permit);
            }
        });
        for count in [1, 2].into_iter().cycle().take(100_000) {
            send.send(permits.acquire_many(count)).unwrap(); // hangs if a wake-up is lost
        }
        drop(send);
    });
    assert_eq!((permits.available(), permits.waiting()), (2, 0));
}

#[test]
fn a_permit_may_be_dropped_by_another_thread() {
    let _watchdog = Watchdog::new();
    let permits = Semaphore::new(1);
    let permit = permits.acquire();
    thread::scope(|s| {
        s.spawn(move || drop(permit));
    });
    assert_eq!(permits.available(), 1);
}

#[test]
fn a_forgotten_permit_is_lost() {
    let _watchdog = Watchdog::new();
    let permits = Semaphore::new(2);
    mem::forget(permits.acquire());
    assert_eq!(permits.available(), 1);
    assert!(permits.try_acquire_many(2).is_none());
}

#[test]
fn debug_tells_value_and_limit_while_all_permits_are_taken() {
    let _watchdog = Watchdog::new();
    let permits = Semaphore::new(2);
    let _two = permits.acquire_many(2);
    let shown = format!("{permits:?}");
    assert_eq!(shown, "Semaphore { available: 0, permits: 2, waiting: 0, .. }");
}

proptest! {
    #[test]
    fn what_is_held_and_what_is_free_add_up(requests in prop::collection::vec(0..=5_usize, 0..40)) {
        let permits = Semaphore::new(5);
        let mut held = Vec::new();
        for count in requests {
            if count == 0 {
                held.pop();
            } else {
                let free = permits.available();
                let taken = permits.try_acquire_many(count);
                prop_assert_eq!(taken.is_some(), count <= free);
                held.extend(taken);
            }
            let sum: usize = held.iter().map(Permit::count).sum();
            prop_assert_eq!(permits.available() + sum, permits.permits());
        }
    }
}

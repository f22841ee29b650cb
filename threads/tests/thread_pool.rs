//! What `ThreadPool` promises.

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Barrier, Mutex};
use std::time::{Duration, Instant};
use std::{hint, iter, mem, panic, thread};
use tests_and_benches::{Watchdog, until};
use threads::{Closed, PoolBuilder, SharedJob, ThreadPool, TryExecuteError};

fn add_one(count: &AtomicUsize) {
    count.fetch_add(1, Relaxed);
}

fn pool(workers: usize) -> ThreadPool {
    ThreadPool::new(workers).unwrap()
}

/// A job that says when it has begun, and ends when the other end of the gate is dropped.
fn gate() -> (impl FnOnce() + Send + 'static, Receiver<()>, Sender<()>) {
    let (runs, begun) = mpsc::channel();
    let (open, opened) = mpsc::channel();
    let job = move || {
        runs.send(()).unwrap();
        let _ = opened.recv();
    };
    (job, begun, open)
}

/// Keeps a worker busy until what it returns is dropped.
fn hold_a_worker(pool: &ThreadPool) -> Sender<()> {
    let (job, begun, open) = gate();
    pool.execute(job).unwrap();
    begun.recv().unwrap();
    open
}

/// Adds one when it is dropped.
struct Dropped(Arc<AtomicUsize>);

impl Drop for Dropped {
    fn drop(&mut self) {
        add_one(&self.0);
    }
}

#[test]
fn every_job_is_run_once_whoever_submits_it() {
    let _watchdog = Watchdog::new();
    for pool in [pool(3), ThreadPool::bounded(3, 2).unwrap()] {
        let runs: Arc<Vec<AtomicUsize>> = Arc::new((0..4_000).map(|_| 0.into()).collect());
        thread::scope(|s| {
            for thread in 0..4 {
                let (pool, runs) = (&pool, &runs);
                s.spawn(move || {
                    for job in 0..1_000 {
                        let runs = Arc::clone(runs);
                        let job = move || add_one(&runs[thread * 1_000 + job]);
                        pool.execute(job).unwrap();
                    }
                });
            }
        });
        pool.join();
        assert!(runs.iter().all(|runs| runs.load(Relaxed) == 1));
    }
}

#[test]
fn jobs_begin_in_the_order_in_which_they_came() {
    let _watchdog = Watchdog::new();
    for pool in [pool(1), ThreadPool::bounded(1, 3).unwrap()] {
        let begun = Arc::new(Mutex::new(Vec::new()));
        for job in 0..1_000 {
            let begun = Arc::clone(&begun);
            pool.execute(move || begun.lock().unwrap().push(job)).unwrap();
        }
        pool.join();
        assert!(begun.lock().unwrap().iter().copied().eq(0..1_000));
    }
}

#[test]
fn as_many_jobs_run_at_once_as_there_are_workers_and_no_more() {
    let _watchdog = Watchdog::new();
    let pool = pool(3);
    let (all, most) = (Arc::new(Barrier::new(3)), Arc::new(AtomicUsize::new(0)));
    let running = Arc::new(AtomicUsize::new(0));
    for _ in 0..60 {
        let (all, most, running) = (all.clone(), most.clone(), running.clone());
        let job = move || {
            most.fetch_max(running.fetch_add(1, Relaxed) + 1, Relaxed);
            all.wait();
            thread::yield_now(); // lets a fourth in, if the pool would
            running.fetch_sub(1, Relaxed);
        };
        pool.execute(job).unwrap();
    }
    pool.join();
    assert_eq!(most.load(Relaxed), 3);
    assert_eq!(pool.workers(), 3);
}

#[test]
fn no_wake_up_is_lost_between_looking_and_sleeping() {
    let _watchdog = Watchdog::new();
    for pool in [pool(1), pool(2), ThreadPool::bounded(1, 1).unwrap()] {
        let done = Arc::new(AtomicUsize::new(0));
        // Submits a little later each time, and so at every moment of the worker's way to sleep.
        for (round, delay) in (1..=5_000).zip((0..400).cycle()) {
            let tell = Arc::clone(&done);
            pool.execute(move || add_one(&tell)).unwrap();
            until("the job has run", || done.load(Relaxed) == round);
            (0..delay).for_each(|_| hint::spin_loop());
        }
    }
}

/// A job that submits the next one, and so on.
fn submit(pool: &Arc<ThreadPool>, runs: &Arc<AtomicUsize>, left: usize) {
    let (again, runs) = (pool.clone(), runs.clone());
    let job = move || {
        runs.fetch_add(1, Relaxed);
        if left > 0 {
            submit(&again, &runs, left - 1);
        }
    };
    pool.execute(job).unwrap();
}

#[test]
fn a_job_may_submit_jobs_and_join_waits_for_those_too() {
    let _watchdog = Watchdog::new();
    let (pool, runs) = (Arc::new(pool(1)), Arc::new(AtomicUsize::new(0)));
    submit(&pool, &runs, 1_000);
    pool.join();
    assert_eq!(runs.load(Relaxed), 1_001);
}

#[test]
fn a_job_that_panics_costs_neither_worker_nor_pool_and_is_counted() {
    let _watchdog = Watchdog::new();
    let pool = pool(4);
    let runs = Arc::new(AtomicUsize::new(0));
    let ids = |pool: &ThreadPool| -> HashSet<_> {
        let all = Arc::new(Barrier::new(4));
        let meet = move |_| {
            all.wait();
            thread::current().id()
        };
        // A piece each, as there are fewer items than pieces.
        pool.map(0..4, meet).into_iter().collect()
    };
    let before = ids(&pool);
    for job in 0..1_000 {
        let runs = Arc::clone(&runs);
        let job = move || {
            if job % 3 == 0 {
                panic::resume_unwind(Box::new(job)); // without a report
            }
            runs.fetch_add(1, Relaxed);
        };
        pool.execute(job).unwrap();
    }
    pool.join();
    assert_eq!((runs.load(Relaxed), pool.panics()), (666, 334));
    assert_eq!(ids(&pool), before);
    assert_eq!(before.len(), 4);
}

#[test]
fn the_hook_is_told_what_a_job_panicked_with_before_join_returns() {
    let _watchdog = Watchdog::new();
    let told = Arc::new(Mutex::new(Vec::new()));
    let tell = Arc::clone(&told);
    let hook = move |payload: Box<dyn std::any::Any + Send>| {
        let name = thread::current().name().unwrap().to_owned();
        tell.lock().unwrap().push((name, *payload.downcast::<u32>().unwrap()));
    };
    let pool = PoolBuilder::new(1).on_panic(hook).build().unwrap();
    for job in 1..=2_u32 {
        pool.execute(move || panic::resume_unwind(Box::new(job))).unwrap();
    }
    pool.execute(|| ()).unwrap();
    pool.join();
    let name = "worker-1".to_owned();
    assert_eq!(*told.lock().unwrap(), [(name.clone(), 1), (name, 2)]);
}

/// Panics when it is dropped.
struct Spiteful;

impl Drop for Spiteful {
    fn drop(&mut self) {
        if !thread::panicking() {
            panic::resume_unwind(Box::new(Spiteful));
        }
    }
}

#[test]
fn neither_a_panic_in_the_hook_nor_one_in_a_drop_costs_a_worker() {
    let _watchdog = Watchdog::new();
    let told = Arc::new(AtomicUsize::new(0));
    let tell = Arc::clone(&told);
    let hook = move |payload| {
        tell.fetch_add(1, Relaxed);
        panic::resume_unwind(payload);
    };
    let hooked = PoolBuilder::new(1).on_panic(hook).build().unwrap();
    for pool in [pool(1), hooked] {
        pool.execute(|| panic::resume_unwind(Box::new(Spiteful))).unwrap();
        let captured = Spiteful;
        pool.execute(move || drop(captured)).unwrap();
        pool.join();
        assert_eq!(pool.panics(), 2);
    }
    assert_eq!(told.load(Relaxed), 2);
}

#[test]
fn a_bounded_queue_holds_so_many_and_hands_back_what_is_too_much() {
    let _watchdog = Watchdog::new();
    for capacity in [1, 2, 5] {
        let pool = ThreadPool::bounded(2, capacity).unwrap();
        let (one, two) = (hold_a_worker(&pool), hold_a_worker(&pool));
        let runs = Arc::new(AtomicUsize::new(0));
        let job = || {
            let runs = Dropped(runs.clone());
            move || drop(runs)
        };
        for _ in 0..capacity {
            pool.try_execute(job()).unwrap();
        }
        for _ in 0..3 {
            let Err(TryExecuteError::Full(job)) = pool.try_execute(job()) else {
                panic!("the queue is full")
            };
            mem::forget(job);
        }
        drop((one, two));
        pool.join();
        assert_eq!(runs.load(Relaxed), capacity);
        pool.try_execute(job()).unwrap(); // there is room again
    }
}

#[test]
fn what_a_worker_leaves_in_the_queue_still_counts() {
    let _watchdog = Watchdog::new();
    for (pool, room) in [(pool(1), 9), (ThreadPool::bounded(1, 3).unwrap(), 1)] {
        let first = hold_a_worker(&pool);
        let (job, begun, second) = gate();
        pool.execute(job).unwrap();
        pool.execute(|| ()).unwrap();
        pool.execute(|| ()).unwrap();
        drop(first);
        begun.recv().unwrap(); // the worker has taken the second, and left two
        assert!(format!("{pool:?}").contains("queued: 2"), "{pool:?}");
        let accepted = (0..9).filter(|_| pool.try_execute(|| ()).is_ok()).count();
        assert_eq!(accepted, room);
        drop(second);
    }
}

#[test]
fn never_more_jobs_wait_than_there_is_room_for() {
    let _watchdog = Watchdog::new();
    let pool = &ThreadPool::bounded(1, 1).unwrap();
    thread::scope(|s| {
        // Whoever is woken because there is room may find that another was quicker.
        for _ in 0..3 {
            s.spawn(|| {
                for _ in 0..3_000 {
                    pool.execute(|| ()).unwrap();
                    let shown = format!("{pool:?}");
                    assert!(shown.contains("queued: 0") || shown.contains("queued: 1"), "{shown}");
                }
            });
        }
    });
}

#[test]
fn execute_waits_for_room() {
    let _watchdog = Watchdog::new();
    let pool = &ThreadPool::bounded(1, 1).unwrap();
    let held = hold_a_worker(pool);
    pool.execute(|| ()).unwrap();
    let submitted = &AtomicUsize::new(0);
    thread::scope(|s| {
        for _ in 0..3 {
            s.spawn(|| {
                pool.execute(|| ()).unwrap();
                submitted.fetch_add(1, Relaxed);
            });
        }
        // Not so much as a proof, but a pool that does not wait is noticed.
        (0..1_000).for_each(|_| thread::yield_now());
        assert_eq!(submitted.load(Relaxed), 0);
        drop(held);
    });
    assert_eq!(submitted.load(Relaxed), 3);
}

#[test]
fn a_closed_pool_hands_jobs_back_and_runs_those_it_has() {
    let _watchdog = Watchdog::new();
    for pool in [pool(1), ThreadPool::bounded(1, 9).unwrap()] {
        let held = hold_a_worker(&pool);
        let runs = Arc::new(AtomicUsize::new(0));
        let job = || {
            let runs = runs.clone();
            move || add_one(&runs)
        };
        pool.execute(job()).unwrap();
        pool.close();
        pool.close();
        let Err(Closed(refused)) = pool.execute(job()) else { panic!("it is closed") };
        refused();
        assert_eq!(runs.load(Relaxed), 1);
        let Err(TryExecuteError::Closed(refused)) = pool.try_execute(job()) else {
            panic!("it is closed")
        };
        refused();
        drop(held);
        pool.join();
        assert_eq!(runs.load(Relaxed), 3);
        let items = pool.map(0..3, |x| (x, thread::current().id()));
        assert_eq!(items, [0, 1, 2].map(|x| (x, thread::current().id())));
    }
}

#[test]
fn whoever_waits_for_room_gets_its_job_back_when_the_pool_is_closed() {
    let _watchdog = Watchdog::new();
    let pool = &ThreadPool::bounded(1, 1).unwrap();
    let held = hold_a_worker(pool);
    pool.execute(|| ()).unwrap();
    thread::scope(|s| {
        let waiters = iter::repeat_with(|| s.spawn(|| pool.execute(|| ()).is_err()));
        let waiters: Vec<_> = waiters.take(3).collect();
        (0..1_000).for_each(|_| thread::yield_now()); // most likely they wait by now
        pool.close();
        assert!(waiters.into_iter().all(|waiter| waiter.join().unwrap()));
    });
    drop(held);
}

#[test]
fn dropping_runs_what_is_queued_and_joins_the_workers() {
    thread_local! {
        static LEFT: std::cell::RefCell<Option<Dropped>> = const { std::cell::RefCell::new(None) };
    }
    let _watchdog = Watchdog::new();
    let (runs, left) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let pool = pool(2);
    let all = Arc::new(Barrier::new(2));
    for _ in 0..2 {
        let (left, all) = (Dropped(left.clone()), all.clone());
        let job = move || {
            LEFT.set(Some(left)); // dropped when the thread ends
            all.wait();
        };
        pool.execute(job).unwrap();
    }
    let held = hold_a_worker(&pool);
    for _ in 0..100 {
        let runs = runs.clone();
        pool.execute(move || add_one(&runs)).unwrap();
    }
    assert_eq!(left.load(Relaxed), 0);
    drop(held);
    drop(pool);
    assert_eq!((runs.load(Relaxed), left.load(Relaxed)), (100, 2));
}

#[test]
fn a_pool_dropped_by_its_own_job_joins_nobody_and_runs_what_is_left() {
    let _watchdog = Watchdog::new();
    for workers in [1, 3] {
        let (send, receive) = mpsc::channel();
        let panics = Arc::new(AtomicUsize::new(0));
        let told = panics.clone();
        let pool = PoolBuilder::new(workers).on_panic(move |_| add_one(&told)).build().unwrap();
        let pool = Arc::new(pool);
        let (job, begun, open) = gate();
        let last = Arc::clone(&pool);
        let drops = move || {
            job();
            drop(last);
        };
        pool.execute(drops).unwrap();
        begun.recv().unwrap();
        let held: Vec<_> = (1..workers).map(|_| hold_a_worker(&pool)).collect();
        for job in 0..100 {
            let send = send.clone();
            pool.execute(move || send.send(job).unwrap()).unwrap();
        }
        drop((pool, send));
        drop((open, held)); // now the job has the last handle
        let mut ran: Vec<_> = receive.iter().collect();
        ran.sort_unstable();
        assert!(ran.into_iter().eq(0..100));
        until("the workers have ended", || Arc::strong_count(&panics) == 1);
        assert_eq!(panics.load(Relaxed), 0); // it has not tried to join itself
    }
}

#[test]
fn join_waits_for_all_that_was_submitted() {
    let _watchdog = Watchdog::new();
    for pool in [pool(2), ThreadPool::bounded(2, 4).unwrap()] {
        pool.join(); // at once: there was nothing
        for round in 1..=200 {
            let done = Arc::new(AtomicUsize::new(0));
            for _ in 0..round % 10 {
                let done = done.clone();
                let job = move || {
                    thread::yield_now();
                    done.fetch_add(1, Relaxed);
                };
                pool.execute(job).unwrap();
            }
            pool.join();
            assert_eq!(done.load(Relaxed), round % 10);
        }
    }
}

#[test]
fn all_that_join_are_told() {
    let _watchdog = Watchdog::new();
    let pool = &pool(1);
    let held = hold_a_worker(pool);
    thread::scope(|s| {
        for _ in 0..3 {
            s.spawn(|| pool.join());
        }
        (0..1_000).for_each(|_| thread::yield_now()); // most likely they wait by now
        drop(held);
    });
}

#[test]
fn a_join_with_a_limit_is_not_early() {
    let _watchdog = Watchdog::new();
    let pool = pool(1);
    let held = hold_a_worker(&pool);
    let (start, limit) = (Instant::now(), Duration::from_millis(20));
    assert!(!pool.join_timeout(limit));
    assert!(start.elapsed() >= limit);
    assert!(!pool.join_timeout(Duration::ZERO));
    drop(held);
    assert!(pool.join_timeout(Duration::MAX));
    assert!(pool.join_timeout(Duration::ZERO));
}

#[test]
fn a_pool_that_could_never_run_a_job_is_refused() {
    let message = |refused: thread::Result<()>| *refused.unwrap_err().downcast::<&str>().unwrap();
    let none = catch_unwind(|| drop(ThreadPool::new(0)));
    assert_eq!(message(none), "a pool without workers runs nothing");
    let no_room = catch_unwind(|| drop(ThreadPool::bounded(1, 0)));
    assert_eq!(message(no_room), "a queue without room accepts nothing");
    assert!(catch_unwind(|| PoolBuilder::new(1).name("zero\0byte").build()).is_err());
}

#[test]
fn workers_have_names_and_know_their_pool() {
    let _watchdog = Watchdog::new();
    let (named, other) = (PoolBuilder::new(2).name("digits").build().unwrap(), pool(1));
    let named = Arc::new(named);
    let (all, pool) = (Barrier::new(2), Arc::downgrade(&named));
    let mut told = named.map(0..2, move |_| {
        all.wait();
        let inside = pool.upgrade().unwrap().is_worker();
        (thread::current().name().unwrap().to_owned(), inside)
    });
    told.sort();
    assert_eq!(told, [("digits-1".to_owned(), true), ("digits-2".to_owned(), true)]);
    assert!(!named.is_worker());
    let pool = Arc::clone(&named);
    assert_eq!(other.map([()], move |()| pool.is_worker()), [false]);
}

#[test]
fn a_shared_job_is_run_as_often_as_it_is_submitted_and_comes_back_when_refused() {
    struct Counts(AtomicUsize);
    impl SharedJob for Counts {
        fn run(self: Arc<Self>) {
            self.0.fetch_add(1, Relaxed);
        }
    }
    let _watchdog = Watchdog::new();
    for pool in [pool(2), ThreadPool::bounded(2, 1).unwrap()] {
        let job = Arc::new(Counts(0.into()));
        for _ in 0..100 {
            pool.execute_shared(job.clone()).unwrap();
        }
        pool.join();
        assert_eq!((job.0.load(Relaxed), Arc::strong_count(&job)), (100, 1));
        pool.close();
        let Err(Closed(refused)) = pool.execute_shared(job.clone()) else { panic!("it is closed") };
        refused.run();
        assert_eq!((job.0.load(Relaxed), Arc::strong_count(&job)), (101, 1));
    }
}

#[test]
fn map_keeps_the_order_whatever_finishes_first() {
    let _watchdog = Watchdog::new();
    let pool = pool(2);
    for items in [0, 1, 2, 7, 8, 9, 1_000] {
        assert_eq!(pool.map(0..items, |x| x * x), (0..items).map(|x| x * x).collect::<Vec<_>>());
    }
    // Eight pieces of one. The first one waits for all the others.
    let others = Arc::new(AtomicUsize::new(0));
    let squares = pool.map(0..8, move |x| {
        if x == 0 {
            until("the others are done", || others.load(Relaxed) == 7);
        }
        others.fetch_add(1, Relaxed);
        x * x
    });
    assert_eq!(squares, [0, 1, 4, 9, 16, 25, 36, 49]);
}

#[test]
fn a_panic_in_map_arrives_at_the_caller_and_all_other_items_are_done() {
    let _watchdog = Watchdog::new();
    let pool = pool(2);
    for items in [8, 1_000] {
        let done = Arc::new(AtomicUsize::new(0));
        let count = done.clone();
        let square = move |x| {
            if x % 4 == 2 {
                panic::resume_unwind(Box::new(x));
            }
            count.fetch_add(1, Relaxed);
        };
        let panicked = catch_unwind(AssertUnwindSafe(|| pool.map(0..items, square)));
        assert_eq!(*panicked.unwrap_err().downcast::<usize>().unwrap(), 2); // the first of them
        assert_eq!(done.load(Relaxed), items * 3 / 4);
    }
    assert_eq!(pool.panics(), 0);
    assert_eq!(pool.map(0..3, |x| x), [0, 1, 2]);
}

#[test]
fn items_that_panic_when_they_are_made_do_no_harm_to_the_pool() {
    let _watchdog = Watchdog::new();
    let pool = pool(2);
    for last in [0, 3] {
        let items = (0..).inspect(move |&x| {
            if x == last {
                panic::resume_unwind(Box::new("no more items"));
            }
        });
        assert!(catch_unwind(AssertUnwindSafe(|| pool.map(items, |x| x))).is_err());
    }
    assert_eq!(pool.map(0..3, |x| x), [0, 1, 2]);
}

#[test]
fn nothing_of_a_map_is_left_when_it_returns() {
    let _watchdog = Watchdog::new();
    let pool = pool(2);
    for _ in 0..1_000 {
        let held = Arc::new(());
        let f = held.clone();
        let items = vec![held.clone(); 4];
        let results = pool.map(items, move |item| (item, f.clone()));
        assert_eq!(Arc::strong_count(&held), 9);
        drop(results);
        assert_eq!(Arc::strong_count(&held), 1);
    }
}

/// Panics when it is dropped, also while another panic is under way, which aborts the program.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic::resume_unwind(Box::new("bomb"));
    }
}

#[test]
fn what_a_map_captures_is_dropped_by_the_caller_and_never_while_an_items_panic_goes_on() {
    let _watchdog = Watchdog::new();
    let pool = pool(2);
    for item_panics in [false, true] {
        let captured = Bomb;
        let f = move |()| {
            let _ = &captured;
            if item_panics {
                panic::resume_unwind(Box::new("item"));
            }
        };
        let panicked = catch_unwind(AssertUnwindSafe(|| pool.map([()], f)));
        assert_eq!(*panicked.unwrap_err().downcast::<&str>().unwrap(), "bomb");
    }
    pool.join();
    assert_eq!(pool.panics(), 0);
}

#[test]
fn many_pools_in_turn_leave_no_thread() {
    let _watchdog = Watchdog::new();
    let alive = Arc::new(());
    for _ in 0..200 {
        let alive = alive.clone();
        let pool = PoolBuilder::new(3).on_panic(move |_| drop(alive.clone())).build().unwrap();
        pool.execute(|| ()).unwrap();
    }
    assert_eq!(Arc::strong_count(&alive), 1); // what the workers share is gone
}

#[test]
fn errors_and_pool_say_what_they_are() {
    let _watchdog = Watchdog::new();
    let pool = ThreadPool::bounded(1, 1).unwrap();
    let held = hold_a_worker(&pool);
    pool.execute(|| ()).unwrap();
    let shown = format!("{pool:?}");
    assert_eq!(shown, "ThreadPool { workers: 1, queued: 1, panics: 0, .. }");
    let full = pool.try_execute(|| ()).unwrap_err();
    assert_eq!(format!("{full} {full:?}"), "the thread pool's queue is full Full(..)");
    pool.close();
    let closed = pool.try_execute(|| ()).unwrap_err();
    assert_eq!(format!("{closed} {closed:?}"), "the thread pool is closed Closed(..)");
    let closed = pool.execute(|| ()).unwrap_err();
    assert_eq!(format!("{closed} {closed:?}"), "the thread pool is closed Closed(..)");
    drop(held);
}

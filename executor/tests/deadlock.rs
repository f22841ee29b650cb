//! What is promised to workers that wait for tasks of their own executor.

use executor::{Task, TaskError, Threads, Until, as_completed, wait};
use std::sync::{Arc, Barrier, mpsc};
use std::thread;
use std::time::Duration;
use tests_and_benches::Watchdog;

/// A pool whose tasks can submit to it.
fn pool(workers: usize) -> Arc<Threads> {
    Arc::new(Threads::new(workers).unwrap())
}

fn is_deadlock<T>(outcome: &Result<T, TaskError>) -> bool {
    matches!(outcome, Err(TaskError::Deadlock))
}

#[test]
fn a_pool_of_one_cannot_wait_for_itself() {
    let _watchdog = Watchdog::new();
    let waits: [fn(Task<u64>) -> bool; 3] = [
        |queued| is_deadlock(&queued.result()),
        |queued| wait(&mut [queued], Until::All).is_err(),
        |queued| {
            let mut tasks = as_completed([queued]);
            tasks.next().is_some_and(|(_, outcome)| is_deadlock(&outcome)) && tasks.next().is_none()
        },
    ];
    for wait in waits {
        let pool = pool(1);
        let same = Arc::clone(&pool);
        let task = pool.spawn(move || wait(same.spawn(|| 3).unwrap())).unwrap();
        assert!(task.result().unwrap(), "it was told at once");
        assert_eq!(pool.spawn(|| 4).unwrap().result().unwrap(), 4, "and goes on");
    }
}

#[test]
fn ten_levels_of_waiting_end_in_a_pool_of_one_and_of_two() {
    fn nested(pool: &Arc<Threads>, depth: u32) -> Result<u32, TaskError> {
        let same = Arc::clone(pool);
        let deeper = move || if depth == 0 { Ok(0) } else { nested(&same, depth - 1) };
        pool.spawn(deeper).unwrap().result()?.map(|levels| levels + 1)
    }
    let _watchdog = Watchdog::new();
    for workers in [1, 2] {
        assert!(is_deadlock(&nested(&pool(workers), 10)));
    }
    assert_eq!(nested(&pool(11), 10).unwrap(), 11, "with a worker for each there is none");
}

#[test]
fn of_all_workers_that_wait_the_last_is_told_and_the_others_go_on() {
    let _watchdog = Watchdog::new();
    let pool = pool(4);
    let all_are_here = Arc::new(Barrier::new(4));
    let spawn = |()| {
        let (same, all_are_here) = (Arc::clone(&pool), Arc::clone(&all_are_here));
        let waits = move || {
            all_are_here.wait(); // nobody is left to do what they submit
            same.spawn(|| 3).unwrap().result()
        };
        pool.spawn(waits).unwrap()
    };
    for _ in 0..4 {
        let outcomes = [(); 4].map(spawn).map(|task| task.result().unwrap());
        // Whoever was told went on, and did what the others waited for.
        let told = outcomes.iter().filter(|outcome| is_deadlock(outcome)).count();
        assert_eq!(told, 1, "{outcomes:?}");
    }
    let same = Arc::clone(&pool);
    let alone = pool.spawn(move || same.spawn(|| 3).unwrap().result()).unwrap();
    assert_eq!(alone.result().unwrap().unwrap(), 3, "nobody is counted any more");
}

#[test]
fn a_wait_for_a_running_task_that_waits_for_a_queued_one_is_seen() {
    let _watchdog = Watchdog::new();
    let pool = pool(2);
    let (starts, start) = mpsc::channel();
    let same = Arc::clone(&pool);
    let waits_for_queued = move || {
        start.recv().unwrap();
        same.spawn(|| 3).unwrap().result()
    };
    let running = pool.spawn(waits_for_queued).unwrap();
    let outer = pool.spawn(move || running.result()).unwrap();
    starts.send(()).unwrap();
    // Of the two, whichever waits last is told.
    let outcome = outer.result().unwrap();
    assert!(matches!(outcome, Err(TaskError::Deadlock) | Ok(Err(TaskError::Deadlock))));
}

#[test]
fn a_callback_that_waits_on_the_last_worker_is_told() {
    let _watchdog = Watchdog::new();
    let pool = pool(1);
    let ((open, gate), (says, said)) = (mpsc::channel(), mpsc::channel());
    let mut task = pool.spawn(move || gate.recv().unwrap()).unwrap();
    let queued = pool.spawn(|| 3).unwrap();
    task.on_done(move |_| says.send(is_deadlock(&queued.result())).unwrap());
    open.send(()).unwrap();
    assert_eq!(said.recv(), Ok(true));
}

#[test]
fn a_waiter_that_is_woken_but_does_not_run_yet_counts_no_longer() {
    let _watchdog = Watchdog::new();
    let pool = pool(2);
    for _ in 0..2_000 {
        let (open, gate) = mpsc::channel();
        let first = pool.spawn(move || gate.recv().unwrap()).unwrap();
        let waits = pool.spawn(move || first.result()).unwrap();
        let same = Arc::clone(&pool);
        let next = pool.spawn(move || same.spawn(|| 3).unwrap().result()).unwrap();
        // One worker ends `first`, takes `next`, and waits. The other one has been woken by then,
        // and will do what is waited for.
        open.send(()).unwrap();
        waits.result().unwrap().unwrap();
        assert_eq!(next.result().unwrap().unwrap(), 3);
    }
}

#[test]
fn as_long_as_one_worker_has_time_nobody_is_told() {
    let _watchdog = Watchdog::new();
    let pool = pool(3);
    thread::scope(|s| {
        for _ in 0..2 {
            s.spawn(|| {
                for _ in 0..3_000 {
                    let same = Arc::clone(&pool);
                    let waits = move || same.spawn(|| 3).unwrap().result();
                    assert_eq!(pool.spawn(waits).unwrap().result().unwrap().unwrap(), 3);
                }
            });
        }
    });
}

#[test]
fn a_wait_with_a_limit_ends_by_itself_and_counts_for_nobody() {
    let _watchdog = Watchdog::new();
    let pool = pool(1);
    let same = Arc::clone(&pool);
    let limit = Duration::from_millis(1);
    let task = pool.spawn(move || same.spawn(|| 3).unwrap().result_timeout(limit).unwrap_err());
    let queued = task.unwrap().result().unwrap();
    assert_eq!(queued.result().unwrap(), 3);
}

#[test]
fn a_worker_that_waits_with_a_limit_is_not_counted_among_those_that_wait_for_ever() {
    let _watchdog = Watchdog::new();
    let pool = pool(2);
    let (says, waits) = mpsc::channel();
    let same = Arc::clone(&pool);
    let with_a_limit = move || {
        let queued = same.spawn(|| 3).unwrap();
        says.send(()).unwrap();
        queued.result_timeout(Duration::from_millis(200)).is_ok()
    };
    let one = pool.spawn(with_a_limit).unwrap();
    let same = Arc::clone(&pool);
    let without = move || {
        waits.recv().unwrap();
        same.spawn(|| 4).unwrap().result()
    };
    let other = pool.spawn(without).unwrap();
    assert_eq!(other.result().unwrap().unwrap(), 4); // when the limit is over, at the latest
    one.result().unwrap();
}

#[test]
fn tasks_of_others_can_be_waited_for() {
    let _watchdog = Watchdog::new();
    let (one, other) = (pool(1), pool(1));
    let task = one.spawn(move || other.spawn(|| 3).unwrap().result()).unwrap();
    assert_eq!(task.result().unwrap().unwrap(), 3);

    let (promise, promised) = executor::promise();
    let same = Arc::clone(&one);
    let both = move || {
        let mut tasks = as_completed([same.spawn(|| 3).unwrap(), promised]);
        (tasks.next().unwrap(), tasks.next().unwrap())
    };
    let task = one.spawn(both).unwrap();
    let settles = thread::spawn(move || promise.settle(Ok(4)));
    let (first, then) = task.result().unwrap();
    assert!(matches!(first, (1, Ok(4))), "there was hope: {first:?}");
    assert!(matches!(then, (0, Err(TaskError::Deadlock))), "and then there was none: {then:?}");
    settles.join().unwrap();

    let (promise, promised) = executor::promise();
    let same = Arc::clone(&one);
    let all = move || wait(&mut [same.spawn(|| 3).unwrap(), promised], Until::All);
    let task = one.spawn(all).unwrap();
    promise.settle(Ok(4));
    assert!(task.result().unwrap().is_err(), "of the two, the one that is left will never be done");
}

#[test]
fn what_is_left_can_be_waited_for_elsewhere() {
    let _watchdog = Watchdog::new();
    let pool = pool(1);
    let same = Arc::clone(&pool);
    let task = pool.spawn(move || {
        let mut tasks = as_completed([1, 2].map(|number| same.spawn(move || number).unwrap()));
        (tasks.next(), tasks)
    });
    let (given_up, mut tasks) = task.unwrap().result().unwrap();
    assert!(matches!(given_up, Some((0, Err(TaskError::Deadlock)))), "{given_up:?}");
    assert!(matches!(tasks.next(), Some((1, Ok(2)))));
    assert!(tasks.next().is_none());
}

#[test]
fn whoever_is_no_worker_is_never_told() {
    let _watchdog = Watchdog::new();
    let pool = pool(1);
    thread::scope(|s| {
        for _ in 0..4 {
            s.spawn(|| {
                let (open, gate) = mpsc::channel();
                let first = pool.spawn(move || gate.recv().unwrap()).unwrap();
                let second = pool.spawn(|| 3).unwrap();
                let opens = s.spawn(move || open.send(()).unwrap());
                assert_eq!(second.result().unwrap(), 3);
                first.result().unwrap();
                opens.join().unwrap();
            });
        }
    });
}

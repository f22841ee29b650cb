//! What the executor `Threads` promises.

use executor::{Executor, Job, Shutdown, SubmitError, Task, TaskError, TaskState, Threads};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Barrier, Mutex};
use std::thread;
use std::time::Duration;
use tests_and_benches::{Watchdog, until};

/// Keeps one worker busy until the gate is opened, or dropped.
fn busy(pool: &Threads) -> (Sender<()>, Task<()>) {
    let ((open, gate), (says, begun)) = (mpsc::channel(), mpsc::channel());
    let task = pool.spawn(move || {
        says.send(()).unwrap();
        let _opened = gate.recv();
    });
    begun.recv().unwrap();
    (open, task.unwrap())
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Square(usize);

/// How often a `Square` has been run in the tests that count it.
static SQUARES: Mutex<usize> = Mutex::new(0);

impl Job for Square {
    type Output = usize;
    fn run(self) -> usize {
        *SQUARES.lock().unwrap() += 1;
        self.0 * self.0
    }
}

#[test]
fn every_task_is_run_once_and_every_result_is_its_own() {
    let _watchdog = Watchdog::new();
    let pool = Threads::new(2).unwrap();
    let runs = Arc::new(AtomicUsize::new(0));
    let spawn = |number| {
        let runs = Arc::clone(&runs);
        let work = move || (runs.fetch_add(1, Relaxed), number);
        pool.spawn(work).unwrap()
    };
    let tasks: Vec<_> = (0..10_000).map(spawn).collect();
    for (number, task) in tasks.into_iter().enumerate() {
        assert_eq!(task.result().unwrap().1, number);
    }
    assert_eq!(runs.load(Relaxed), 10_000);
}

#[test]
fn a_map_is_submitted_at_once_and_dropped_early_cancels_what_has_not_started() {
    let _watchdog = Watchdog::new();
    let ran = || *SQUARES.lock().unwrap();

    let pool = Threads::new(2).unwrap();
    let (open, task) = busy(&pool);
    let results = pool.map((0..100).map(Square)).unwrap();
    until("the other worker has done all", || ran() == 100);
    let results: Vec<_> = results.map(Result::unwrap).collect();
    assert_eq!(results, (0..100).map(|number| number * number).collect::<Vec<_>>());
    let results = pool.map_unordered((0..100).map(Square)).unwrap();
    let results: HashSet<_> = results.map(|(number, it)| (number, it.unwrap())).collect();
    assert_eq!(results, (0..100).map(|number| (number, number * number)).collect());
    assert_eq!(ran(), 200);

    let (open_other, other) = busy(&pool);
    let mut results = pool.map((0..4).map(Square)).unwrap();
    let late = results.next_timeout(Duration::from_millis(1)).unwrap_err();
    assert_eq!(late.to_string(), "4 (of 4) tasks unfinished");
    assert!(results.try_next().is_err());
    assert_eq!(results.len(), 4);
    drop(results);
    let mut results = pool.map_unordered((0..4).map(Square)).unwrap();
    assert!(results.try_next().is_err());
    drop(results);
    for (open, task) in [(open, task), (open_other, other)] {
        open.send(()).unwrap();
        task.result().unwrap();
    }
    drop(pool);
    assert_eq!(ran(), 200);
}

/// Ends when it gets the lock.
#[derive(Serialize, Deserialize)]
struct Held(bool);

static HELD: Mutex<()> = Mutex::new(());

impl Job for Held {
    type Output = ();
    fn run(self) {
        drop(self.0.then(|| HELD.lock()));
    }
}

#[test]
fn a_map_that_is_out_of_time_counts_what_is_not_done() {
    let _watchdog = Watchdog::new();
    let pool = Threads::new(2).unwrap();
    let held = HELD.lock();
    let mut results = pool.map([Held(true), Held(false), Held(false)]).unwrap();
    let mut late = String::new();
    while late != "1 (of 3) tasks unfinished" {
        late = results.try_next().unwrap_err().to_string();
    }
    drop(held);
}

#[derive(Serialize, Deserialize)]
struct FailsAt2(u64);

impl Job for FailsAt2 {
    type Output = u64;
    fn run(self) -> u64 {
        assert_ne!(self.0, 2, "(expected)");
        self.0
    }
}

#[test]
fn what_comes_before_a_failure_comes_first_and_what_comes_after_it_comes_too() {
    let _watchdog = Watchdog::new();
    let pool = Threads::new(2).unwrap();
    let results: Vec<_> = pool.map((0..4).map(FailsAt2)).unwrap().collect();
    assert!(matches!(results[..], [Ok(0), Ok(1), Err(TaskError::Panicked(_)), Ok(3)]));
}

#[test]
fn a_panic_costs_one_result_and_keeps_its_payload() {
    let _watchdog = Watchdog::new();
    let pool = Threads::new(2).unwrap();
    let work = |number: u32| move || assert_ne!(number % 3, 0, "number {number} (expected)");
    let tasks: Vec<_> = (0..1_000).map(|number| pool.spawn(work(number)).unwrap()).collect();
    let mut failed = 0;
    for (number, task) in tasks.into_iter().enumerate() {
        let Err(error) = task.result() else { continue };
        failed += 1;
        let TaskError::Panicked(panic) = error else { panic!("{error}") };
        assert!(panic.message().contains(&format!("number {number} (expected)")));
    }
    assert_eq!(failed, 334);

    let payload = pool.spawn(|| panic_any(17_u8)).unwrap().result();
    let Err(TaskError::Panicked(panic)) = payload else { panic!("{payload:?}") };
    assert_eq!((panic.message(), panic.place()), ("", None));
    let resumed = catch_unwind(AssertUnwindSafe(|| panic.resume())).unwrap_err();
    assert_eq!(resumed.downcast_ref(), Some(&17_u8));

    let meets = Arc::new(Barrier::new(2));
    let both = [(); 2].map(|()| {
        let meets = Arc::clone(&meets);
        pool.spawn(move || meets.wait()).unwrap()
    });
    for task in both {
        task.result().unwrap(); // hangs if a worker is lost
    }
}

/// Panics when it is dropped.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        assert!(thread::panicking(), "a bomb (expected)");
    }
}

#[test]
fn destructors_that_panic_cost_no_worker() {
    let _watchdog = Watchdog::new();
    let pool = Threads::new(1).unwrap();
    let (open, task) = busy(&pool);
    // What a closure owns, a result, and the payload of a panic, which nobody waits for.
    let bomb = Bomb;
    drop(pool.spawn(move || drop(bomb)));
    drop(pool.spawn(|| Bomb));
    drop(pool.spawn(|| panic_any(Bomb)));
    drop(open);
    task.result().unwrap();
    // What the closure of a task owns that somebody waits for.
    let bomb = Bomb;
    let task = pool.spawn(move || drop(bomb)).unwrap();
    assert!(matches!(task.result(), Err(TaskError::Panicked(_))));
    // What a cancelled closure owns.
    let (open, task) = busy(&pool);
    let bomb = Bomb;
    let cancelled = pool.spawn(move || drop(bomb)).unwrap();
    assert!(cancelled.cancel());
    assert!(matches!(cancelled.result(), Err(TaskError::Cancelled)));
    drop(open);
    task.result().unwrap();
    assert_eq!(pool.spawn(|| 3).unwrap().result().unwrap(), 3);
}

#[test]
fn cancelling_drops_the_closure_and_frees_no_worker_twice() {
    let _watchdog = Watchdog::new();
    let pool = Threads::new(1).unwrap();
    let (open, task) = busy(&pool);
    let owned = Arc::new(());
    let weak = Arc::downgrade(&owned);
    let queued = pool.spawn(move || drop(owned)).unwrap();
    assert_eq!((queued.state(), task.state()), (TaskState::Queued, TaskState::Running));
    assert!(queued.cancel() && weak.upgrade().is_none());
    assert!(!task.cancel());
    drop(open);
    task.result().unwrap();
}

#[test]
fn of_cancel_and_the_worker_one_wins() {
    let _watchdog = Watchdog::new();
    let pool = Threads::new(1).unwrap();
    for round in 0..2_000 {
        let ran = Arc::new(AtomicBool::new(false));
        let (runs, (calls, called)) = (Arc::clone(&ran), mpsc::channel());
        let mut task = pool.spawn(move || runs.store(true, Relaxed)).unwrap();
        task.on_done(move |_| calls.send(()).unwrap());
        (0..round % 400).for_each(|_| std::hint::spin_loop());
        let cancelled = task.cancel();
        let outcome = task.result();
        assert_eq!(matches!(outcome, Err(TaskError::Cancelled)), cancelled, "{outcome:?}");
        assert_ne!(ran.load(Relaxed), cancelled);
        assert_eq!(called.iter().count(), 1);
    }
}

#[test]
fn callbacks_run_on_the_worker() {
    let _watchdog = Watchdog::new();
    let pool = Threads::new(1).unwrap();
    let (open, mut task) = busy(&pool);
    let (says, said) = mpsc::channel();
    task.on_done(move |_| says.send(thread::current().id()).unwrap());
    drop((open, task)); // detached, it has its callback all the same
    let worker = pool.spawn(|| thread::current().id()).unwrap().result().unwrap();
    assert_eq!(said.recv().unwrap(), worker);
}

#[test]
fn dropping_it_waits_for_every_task() {
    let _watchdog = Watchdog::new();
    for shutdown in [drop, |pool: Threads| pool.shutdown(Shutdown::Wait)] {
        let pool = Threads::new(2).unwrap();
        let (open, _) = busy(&pool);
        let tasks: Vec<_> = (0..100).map(|number| pool.spawn(move || number).unwrap()).collect();
        let opens = thread::spawn(move || drop(open));
        shutdown(pool);
        for (number, task) in tasks.into_iter().enumerate() {
            assert_eq!(task.try_result().unwrap().unwrap(), number);
        }
        opens.join().unwrap();
    }
}

#[test]
fn shut_down_with_cancel_it_does_what_runs_and_leaves_nothing_pending() {
    let _watchdog = Watchdog::new();
    let pool = Threads::new(2).unwrap();
    let both = [busy(&pool), busy(&pool)];
    let mut queued: Vec<_> = (0..100).map(|_| pool.spawn(|| ()).unwrap()).collect();
    let (says, said) = mpsc::channel();
    for task in &mut queued {
        let says = says.clone();
        task.on_done(move |_| says.send(thread::current().name().map(str::to_owned)).unwrap());
    }
    drop(says);
    let shuts_down = thread::spawn(move || pool.shutdown(Shutdown::Cancel));
    // It waits for those that run.
    thread::sleep(Duration::from_millis(10));
    assert!(!shuts_down.is_finished());
    for (open, task) in both {
        drop(open);
        task.result().unwrap();
    }
    shuts_down.join().unwrap();
    for task in queued {
        assert!(matches!(task.try_result(), Ok(Err(TaskError::Cancelled))));
    }
    let told_by: Vec<_> = said.iter().flatten().collect();
    assert_eq!(told_by.len(), 100);
    assert!(told_by.iter().all(|name| name == "worker-1" || name == "worker-2"), "{told_by:?}");
}

#[test]
fn closed_it_hands_back_what_it_is_given_and_does_what_it_has() {
    let _watchdog = Watchdog::new();
    let pool = Threads::new(1).unwrap();
    let (open, task) = busy(&pool);
    let queued = pool.spawn(|| 3).unwrap();
    pool.close();
    pool.close();
    let Err(SubmitError::Closed(work)) = pool.spawn(|| 4) else { panic!("it is open") };
    assert_eq!(work(), 4);
    let refused = pool.submit(Square(5)).unwrap_err();
    assert_eq!(refused.to_string(), "the executor is closed");
    assert_eq!(refused.into_job(), Square(5));
    assert_eq!(pool.map([Square(6), Square(7)]).unwrap_err().into_job(), Square(6));
    drop(open);
    task.result().unwrap();
    assert_eq!(queued.result().unwrap(), 3);
}

#[test]
fn what_is_submitted_while_it_closes_runs_or_comes_back() {
    let _watchdog = Watchdog::new();
    for _ in 0..200 {
        let pool = Threads::new(2).unwrap();
        let start = Barrier::new(2);
        thread::scope(|s| {
            s.spawn(|| {
                start.wait();
                pool.close();
            });
            start.wait();
            for number in 0..50 {
                match pool.spawn(move || number) {
                    Ok(task) => assert_eq!(task.result().unwrap(), number),
                    Err(refused) => assert_eq!(refused.into_job()(), number),
                }
            }
        });
    }
}

#[test]
fn a_task_that_shuts_its_own_executor_down_closes_it_and_waits_for_nobody() {
    type Way = (fn(Threads), &'static str);
    let _watchdog = Watchdog::new();
    let ways: [Way; 3] = [
        (drop, "Ok(3)"),
        (|pool| pool.shutdown(Shutdown::Wait), "Ok(3)"),
        (|pool| pool.shutdown(Shutdown::Cancel), "Err(Cancelled)"),
    ];
    for (shutdown, expected) in ways {
        let pool = Threads::new(2).unwrap();
        let (open, running) = busy(&pool);
        let (hands, takes) = mpsc::channel::<Threads>();
        let task = pool.spawn(move || shutdown(takes.recv().unwrap())).unwrap();
        let queued = pool.spawn(|| 3).unwrap();
        hands.send(pool).unwrap();
        task.result().unwrap(); // hangs if it waits for the other worker
        assert_eq!(format!("{:?}", queued.result()), expected);
        drop(open);
        running.result().unwrap();
    }
}

#[test]
fn a_callback_may_drop_the_executor_of_its_task() {
    let _watchdog = Watchdog::new();
    let pool = Threads::new(1).unwrap();
    let (hands, takes) = mpsc::channel::<Threads>();
    let (open, mut task) = busy(&pool);
    task.on_done(move |_| drop(takes.recv().unwrap()));
    drop(open);
    hands.send(pool).unwrap();
    task.result().unwrap();
}

#[test]
fn its_workers_have_names_and_there_are_as_many_as_cores() {
    let _watchdog = Watchdog::new();
    let pool = Threads::builder().name("digits").build().unwrap();
    let cores = thread::available_parallelism().unwrap().get();
    assert_eq!(pool.workers(), cores);
    let meets = Arc::new(Barrier::new(cores));
    let named = || {
        let meets = Arc::clone(&meets);
        pool.spawn(move || {
            meets.wait();
            thread::current().name().unwrap().to_owned()
        })
    };
    let tasks: Vec<_> = (0..cores).map(|_| named().unwrap()).collect();
    let found: HashSet<_> = tasks.into_iter().map(|task| task.result().unwrap()).collect();
    assert_eq!(found, (1..=cores).map(|number| format!("digits-{number}")).collect());
}

#[test]
fn it_is_refused_to_have_no_workers() {
    assert!(catch_unwind(|| Threads::new(0)).is_err());
}

#[test]
fn the_initializer_runs_once_on_each_worker_and_before_every_task() {
    let _watchdog = Watchdog::new();
    let runs = Arc::new(Mutex::new(Vec::new()));
    let counts = Arc::clone(&runs);
    let initializer = move || counts.lock().unwrap().push(thread::current().id());
    let pool = Threads::builder().workers(3).initializer(initializer).build().unwrap();
    let seen = Arc::clone(&runs);
    let before = pool.spawn(move || seen.lock().unwrap().len()).unwrap();
    assert_eq!(before.result().unwrap(), 3);
    drop(pool);
    let runs = runs.lock().unwrap();
    assert_eq!((runs.len(), runs.iter().collect::<HashSet<_>>().len()), (3, 3));
}

#[test]
fn where_an_initializer_panics_no_task_begins() {
    let _watchdog = Watchdog::new();
    let first = AtomicBool::new(true);
    let initializer = move || assert!(!first.swap(false, Relaxed), "no licence (expected)");
    let pool = Threads::builder().workers(2).initializer(initializer).build().unwrap();
    // Either it is known already, and the closure comes back, or the task fails.
    if let Ok(task) = pool.spawn(|| ()) {
        let Err(error) = task.result() else { panic!("it has run") };
        assert!(error.to_string().ends_with("no licence (expected)"), "{error}");
    }
    until("it is known", || pool.spawn(|| ()).is_err());
    pool.shutdown(Shutdown::Wait);
}

#[test]
fn what_an_initializer_panics_with_may_panic_in_its_turn() {
    let _watchdog = Watchdog::new();
    let first = AtomicBool::new(true);
    let initializer = move || {
        if first.swap(false, Relaxed) {
            panic_any(Bomb);
        }
    };
    let pool = Threads::builder().workers(2).initializer(initializer).build().unwrap();
    drop(pool); // hangs if one worker does not come to where they all meet
}

//! What a `Task` promises, whoever does it: here it is the test, through a `Promise`.

use executor::{
    Outcome, Promise, Task, TaskError, TaskFuture, TaskState, Until, as_completed, promise, wait,
};
use futures::FutureExt;
use futures::task::{ArcWake, waker};
use std::mem;
use std::panic::{self, AssertUnwindSafe, catch_unwind, panic_any};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, Weak, mpsc};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::{Duration, Instant};
use tests_and_benches::{Watchdog, until};

/// A promise that is begun.
fn begun() -> (Promise<u64>, Task<u64>) {
    let (mut promise, task) = promise();
    assert!(promise.start());
    (promise, task)
}

#[test]
fn a_result_is_waited_for() {
    let _watchdog = Watchdog::new();
    for outcome in [Ok(3), Err(TaskError::NoAnswer("a reason".to_owned()))] {
        let expected = format!("{outcome:?}");
        let (promise, task) = begun();
        let (told, hears) = mpsc::channel();
        let waits = thread::spawn(move || {
            told.send(()).unwrap();
            task.result()
        });
        hears.recv().unwrap();
        promise.settle(outcome);
        assert_eq!(format!("{:?}", waits.join().unwrap()), expected);
    }
}

#[test]
fn a_promise_that_is_dropped_ends_its_task() {
    let _watchdog = Watchdog::new();
    for started in [false, true] {
        let (mut promise, task) = promise::<u64>();
        assert!(!started || promise.start());
        drop(promise);
        assert!(matches!(task.result(), Err(TaskError::NoAnswer(_))));
    }
}

#[test]
fn a_task_that_is_not_done_comes_back() {
    let (promise, task) = begun();
    let task = task.try_result().unwrap_err();
    let (start, limit) = (Instant::now(), Duration::from_millis(20));
    let task = task.result_timeout(limit).unwrap_err();
    assert!(start.elapsed() >= limit);
    let task = task.result_timeout(Duration::ZERO).unwrap_err();
    promise.settle(Ok(3));
    assert!(matches!(task.try_result(), Ok(Ok(3))));
}

#[test]
fn a_limit_without_end_does_not_overflow() {
    let _watchdog = Watchdog::new();
    let (promise, task) = begun();
    let waits = thread::spawn(move || task.result_timeout(Duration::MAX).unwrap());
    thread::yield_now();
    promise.settle(Ok(3));
    assert!(matches!(waits.join().unwrap(), Ok(3)));
}

#[test]
fn no_wake_up_is_lost_between_looking_and_sleeping() {
    let _watchdog = Watchdog::new();
    let (hands, takes) = mpsc::channel::<Promise<u64>>();
    let settles = thread::spawn(move || {
        // A little later each time, and so at every moment of the other's way to sleep.
        for (delay, promise) in (0..400).cycle().zip(takes) {
            (0..delay).for_each(|_| std::hint::spin_loop());
            promise.settle(Ok(3));
        }
    });
    for _ in 0..20_000 {
        let (promise, task) = begun();
        hands.send(promise).unwrap();
        assert!(matches!(task.result(), Ok(3))); // hangs if a wake-up is lost
    }
    drop(hands);
    settles.join().unwrap();
}

#[test]
fn a_task_is_cancelled_until_it_is_started() {
    let (mut promise, task) = promise::<u64>();
    assert!(task.cancel());
    assert!(task.cancel(), "it stays cancelled");
    assert!(!promise.start());
    promise.settle(Ok(3));
    assert!(matches!(task.result(), Err(TaskError::Cancelled)));

    let (promise, task) = begun();
    assert!(!task.cancel(), "it runs");
    promise.settle(Ok(3));
    assert!(!task.cancel(), "it is done");
    assert!(matches!(task.result(), Ok(3)));
}

#[test]
fn of_cancel_and_start_one_wins() {
    let _watchdog = Watchdog::new();
    for round in 0..2_000 {
        let (mut promise, mut task) = promise::<u64>();
        let calls = Arc::new(AtomicUsize::new(0));
        let counts = Arc::clone(&calls);
        task.on_done(move |_| {
            counts.fetch_add(1, Relaxed);
        });
        thread::scope(|s| {
            let starts = s.spawn(move || {
                let started = promise.start();
                promise.settle(Ok(3));
                started
            });
            (0..round % 200 * 100).for_each(|_| std::hint::spin_loop());
            let won = task.cancel();
            assert_ne!(won, starts.join().unwrap());
            let outcome = task.result();
            assert_eq!(matches!(outcome, Err(TaskError::Cancelled)), won, "{outcome:?}");
        });
        assert_eq!(calls.load(Relaxed), 1);
    }
}

#[test]
fn its_state_says_where_it_stands() {
    let of = |task: &Task<u64>| (task.state(), task.is_done());
    let (mut promise, task) = promise();
    assert_eq!(of(&task), (TaskState::Queued, false));
    assert!(promise.start());
    assert_eq!(of(&task), (TaskState::Running, false));
    promise.settle(Ok(3));
    assert_eq!(of(&task), (TaskState::Done, true));

    let (promise, task) = begun();
    promise.settle(Err(TaskError::NoAnswer(String::new())));
    assert_eq!(of(&task), (TaskState::Failed, true));

    let (_promise, task) = executor::promise();
    task.cancel();
    assert_eq!(of(&task), (TaskState::Cancelled, true));
    assert_eq!(format!("{task:?}"), "Task { state: Cancelled, .. }");
}

type Callback = Box<dyn FnOnce(&Outcome<u64>) + Send>;

/// Callbacks that say their number.
fn numbered() -> (impl Fn(u32) -> Callback, mpsc::Receiver<u32>) {
    let (says, said) = mpsc::channel();
    let callback = move |number| -> Callback {
        let says = says.clone();
        Box::new(move |_| says.send(number).unwrap())
    };
    (callback, said)
}

#[test]
fn callbacks_run_in_the_order_in_which_they_were_added() {
    let (callback, said) = numbered();
    let (promise, mut task) = begun();
    for number in 0..5 {
        task.on_done(callback(number));
    }
    promise.settle(Ok(3));
    task.on_done(callback(5));
    drop((task, callback));
    assert_eq!(said.iter().collect::<Vec<_>>(), [0, 1, 2, 3, 4, 5]);
}

#[test]
fn a_callback_sees_every_kind_of_end() {
    let (tells, told) = mpsc::channel();
    let watched = |(promise, mut task): (Promise<u64>, Task<u64>)| {
        let tells = tells.clone();
        task.on_done(move |outcome| tells.send(format!("{outcome:?}")).unwrap());
        (promise, task)
    };
    watched(begun()).0.settle(Ok(3));
    watched(begun()).0.settle(Err(TaskError::NotStarted("a reason".to_owned())));
    watched(promise()).1.cancel();
    drop(watched(promise()).0);
    let expected = [
        "Ok(3)",
        "Err(NotStarted(\"a reason\"))",
        "Err(Cancelled)",
        "Err(NoAnswer(\"it was given up\"))",
    ];
    assert_eq!(told.try_iter().collect::<Vec<_>>(), expected);
}

#[test]
fn a_callback_runs_where_the_task_ends_and_a_late_one_where_it_is_added() {
    let (says, said) = mpsc::channel();
    let says_where = || {
        let says = says.clone();
        move |_: &_| says.send(thread::current().id()).unwrap()
    };
    let (promise, mut task) = begun();
    task.on_done(says_where());
    let other = thread::spawn(move || promise.settle(Ok(3)));
    let (here, there) = (thread::current().id(), other.thread().id());
    other.join().unwrap();
    task.on_done(says_where());
    assert_eq!(said.try_iter().collect::<Vec<_>>(), [there, here]);
}

/// Panics so many times when it is dropped: with a bomb, which is dropped in its turn.
struct Bomb(u32);

impl Drop for Bomb {
    fn drop(&mut self) {
        if self.0 > 0 {
            panic_any(Bomb(self.0 - 1));
        }
    }
}

#[test]
fn a_callback_that_panics_harms_nobody() {
    let (callback, said) = numbered();
    let (promise, mut task) = begun();
    task.on_done(callback(1));
    task.on_done(|_| panic_any(Bomb(2))); // and its payload panics when it is dropped
    task.on_done(callback(3));
    if let Err(bomb) = catch_unwind(AssertUnwindSafe(|| promise.settle(Ok(3)))) {
        mem::forget(bomb); // the one who reports this test would drop it
        panic!("the panic of a callback reaches whoever settles");
    }
    task.on_done(|_| panic!("in a late callback (expected)"));
    task.on_done(callback(5));
    assert_eq!(said.try_iter().collect::<Vec<_>>(), [1, 3, 5]);
    assert!(matches!(task.result(), Ok(3)));
}

#[test]
fn a_callback_that_panics_is_reported_to_the_panic_hook() {
    let (says, said) = mpsc::channel();
    let previous = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        let message = info.payload_as_str().unwrap_or_default();
        if message.ends_with("(reported)") {
            says.send(message.to_owned()).unwrap();
        } else {
            previous(info); // other tests panic too
        }
    }));
    let (promise, mut task) = begun();
    task.on_done(|_| panic!("on time (reported)"));
    promise.settle(Ok(3));
    task.on_done(|_| panic!("late (reported)"));
    assert_eq!(said.try_iter().collect::<Vec<_>>(), ["on time (reported)", "late (reported)"]);
}

#[test]
fn it_is_not_done_before_its_last_callback_has_returned() {
    let _watchdog = Watchdog::new();
    let (open, gate) = mpsc::channel();
    let (says, said) = mpsc::channel();
    let (promise, mut task) = begun();
    let entered = says.clone();
    task.on_done(move |_| {
        entered.send("the first").unwrap();
        gate.recv().unwrap();
    });
    let settles = thread::spawn(move || promise.settle(Ok(3)));
    assert_eq!(said.recv().unwrap(), "the first");
    // Added while the first runs, it is called after it, and waited for as well.
    task.on_done(move |_| says.send("the second").unwrap());
    assert_eq!((task.is_done(), task.state()), (false, TaskState::Running));
    let task = task.try_result().unwrap_err();
    open.send(()).unwrap();
    assert!(matches!(task.result(), Ok(3)));
    assert_eq!(said.try_recv(), Ok("the second"));
    settles.join().unwrap();
}

#[test]
fn a_cancelled_task_is_cancelled_before_its_callbacks_run_and_done_after_them() {
    let _watchdog = Watchdog::new();
    let (open, gate) = mpsc::channel();
    let (_promise, mut task) = promise::<u64>();
    task.on_done(move |_| gate.recv().unwrap());
    thread::scope(|s| {
        s.spawn(|| assert!(task.cancel()));
        until("it is cancelled", || task.state() == TaskState::Cancelled);
        assert!(!task.is_done());
        open.send(()).unwrap();
        until("it is done", || task.is_done());
    });
}

#[test]
fn a_task_cannot_be_waited_for_inside_its_own_callback() {
    let _watchdog = Watchdog::new();
    let waits: [fn(Task<u64>); 4] = [
        |task| assert!(matches!(task.result(), Err(TaskError::Deadlock))),
        |task| assert!(wait(&mut [task], Until::FirstCompleted).is_err()),
        |task| {
            let mut tasks = as_completed([task]);
            assert!(matches!(tasks.next(), Some((0, Err(TaskError::Deadlock)))));
            assert!(tasks.next().is_none());
        },
        |task| assert!(task.result_timeout(Duration::MAX).is_err()),
    ];
    for wait in waits {
        let (hands, takes) = mpsc::channel::<Task<u64>>();
        let (says, said) = mpsc::channel();
        let (promise, mut task) = begun();
        task.on_done(move |_| {
            let task = takes.recv().unwrap();
            says.send(catch_unwind(AssertUnwindSafe(|| wait(task))).is_ok()).unwrap();
        });
        hands.send(task).unwrap();
        promise.settle(Ok(3));
        assert_eq!(said.recv(), Ok(true));
    }
}

#[test]
fn a_thread_that_has_left_a_callback_can_wait_again() {
    let _watchdog = Watchdog::new();
    for _ in 0..100 {
        let (promise, mut task) = begun();
        task.on_done(|_| ());
        promise.settle(Ok(3));
        drop(task); // the next may get its place in memory, and be taken for it
        let (promise, task) = begun();
        thread::scope(|s| {
            s.spawn(|| promise.settle(Ok(4)));
            assert!(matches!(task.result(), Ok(4)));
        });
    }
}

#[test]
fn another_task_can_be_waited_for_inside_a_callback() {
    let _watchdog = Watchdog::new();
    let (other_promise, other) = begun();
    let (promise, mut task) = begun();
    let (says, said) = mpsc::channel();
    task.on_done(move |_| says.send(other.result()).unwrap());
    let settles = thread::spawn(move || promise.settle(Ok(3)));
    thread::yield_now();
    other_promise.settle(Ok(4));
    assert!(matches!(said.recv().unwrap(), Ok(4)));
    settles.join().unwrap();
}

#[test]
fn it_can_be_awaited() {
    let _watchdog = Watchdog::new();
    let (promise, task) = begun();
    let settles = thread::spawn(move || promise.settle(Ok(3)));
    assert!(matches!(futures::executor::block_on(async { task.await }), Ok(3)));
    settles.join().unwrap();
    let (promise, task) = begun();
    promise.settle(Ok(4));
    assert!(matches!(futures::executor::block_on(async { task.await }), Ok(4)));
}

/// Counts how often it is woken.
#[derive(Default)]
struct Count(AtomicUsize);

impl ArcWake for Count {
    fn wake_by_ref(count: &Arc<Self>) {
        count.0.fetch_add(1, Relaxed);
    }
}

#[test]
#[should_panic(expected = "a future that was ready is not polled again")]
fn a_future_that_was_ready_refuses_to_be_polled_again() {
    let (promise, task) = begun();
    promise.settle(Ok(3));
    let (mut future, context) = (task.into_future(), &mut Context::from_waker(Waker::noop()));
    assert!(matches!(future.poll_unpin(context), Poll::Ready(Ok(3))));
    let _ = future.poll_unpin(context);
}

#[test]
fn whoever_polled_last_is_woken_once_and_nobody_else() {
    let (promise, task) = begun();
    let mut future = Box::pin(task.into_future());
    let counts = [Arc::new(Count::default()), Arc::new(Count::default())];
    for count in &counts {
        let waker = waker(Arc::clone(count));
        assert!(future.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    }
    promise.settle(Ok(3));
    assert_eq!(counts.each_ref().map(|count| count.0.load(Relaxed)), [0, 1]);
    let waker = waker(Arc::clone(&counts[0]));
    assert!(future.as_mut().poll(&mut Context::from_waker(&waker)).is_ready());
}

type FutureAndOutcome = (Option<TaskFuture<u64>>, Option<Outcome<u64>>);

/// Polls the future that waits for it, as soon as it is woken.
#[derive(Default)]
struct PollsAtOnce(Mutex<FutureAndOutcome>);

impl ArcWake for PollsAtOnce {
    fn wake_by_ref(this: &Arc<Self>) {
        let mut both = this.0.lock().unwrap();
        let mut future = both.0.take().unwrap();
        if let Poll::Ready(outcome) = future.poll_unpin(&mut Context::from_waker(Waker::noop())) {
            both.1 = Some(outcome);
        }
    }
}

#[test]
fn whoever_is_woken_may_poll_at_once() {
    let _watchdog = Watchdog::new();
    let (promise, task) = begun();
    let polls = Arc::new(PollsAtOnce::default());
    let mut future = task.into_future();
    let waker = waker(Arc::clone(&polls));
    assert!(future.poll_unpin(&mut Context::from_waker(&waker)).is_pending());
    polls.0.lock().unwrap().0 = Some(future);
    promise.settle(Ok(3)); // hangs if it wakes under the lock
    assert!(matches!(polls.0.lock().unwrap().1, Some(Ok(3))));
}

/// Looks at the task when it is dropped.
struct Looks(Arc<Promise<u64>>);

impl ArcWake for Looks {
    fn wake_by_ref(_: &Arc<Self>) {}
}

impl Drop for Looks {
    fn drop(&mut self) {
        assert_eq!(format!("{:?}", self.0), "Promise { state: Queued, .. }");
    }
}

#[test]
fn a_waker_may_look_at_the_task_when_it_is_dropped() {
    let _watchdog = Watchdog::new();
    let (promise, task) = promise();
    let promise = Arc::new(promise);
    let mut future = task.into_future();
    let mut poll = || {
        let waker = waker(Arc::new(Looks(Arc::clone(&promise))));
        future.poll_unpin(&mut Context::from_waker(&waker))
    };
    assert!(poll().is_pending());
    assert!(poll().is_pending()); // drops the first waker, and hangs if that is under the lock
    drop(future); // the same for the second
    assert_eq!(Arc::strong_count(&promise), 1);
}

#[test]
fn a_future_that_is_dropped_detaches_its_task_and_keeps_no_waker() {
    let (callback, said) = numbered();
    let (promise, mut task) = begun();
    task.on_done(callback(1));
    let mut future = Box::pin(task.into_future());
    let count = Arc::new(Count::default());
    let waker = waker(Arc::clone(&count));
    assert!(future.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    drop((future, waker));
    assert_eq!(Arc::strong_count(&count), 1);
    promise.settle(Ok(3));
    assert_eq!((said.try_recv(), count.0.load(Relaxed)), (Ok(1), 0));
}

#[test]
fn a_detached_task_keeps_nothing_alive() {
    let value = Arc::new(());
    let gone = |weak: &Weak<()>| weak.strong_count() == 0;
    let weak = Arc::downgrade(&value);
    let (mut promise, mut task) = promise::<Arc<()>>();
    let captured = Arc::clone(&value);
    task.on_done(move |_| drop(captured));
    drop(task);
    assert!(promise.start());
    promise.settle(Ok(value));
    assert!(gone(&weak));
}

#[test]
fn a_handle_can_be_shared_and_sent() {
    fn shared_and_sent<T: Send + Sync>() {}
    shared_and_sent::<Task<std::cell::Cell<u8>>>();
    shared_and_sent::<Promise<std::cell::Cell<u8>>>();
    let (promise, task) = begun();
    let task = Mutex::new(Some(task));
    thread::scope(|s| {
        s.spawn(|| promise.settle(Ok(3)));
        s.spawn(|| {
            until("it is done", || task.lock().unwrap().as_ref().unwrap().is_done());
        });
    });
}

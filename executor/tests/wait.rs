//! What `wait` promises, whoever does the tasks: here it is the test.

use executor::{Promise, Task, TaskError, Until, Waited, promise, wait, wait_timeout};
use std::thread;
use std::time::{Duration, Instant};
use tests_and_benches::Watchdog;

fn begun<const N: usize>() -> ([Option<Promise<usize>>; N], [Task<usize>; N]) {
    let mut promises = [const { None }; N];
    let tasks = promises.each_mut().map(|place| {
        let (mut promise, task) = promise();
        assert!(promise.start());
        *place = Some(promise);
        task
    });
    (promises, tasks)
}

fn settle(promise: &mut Option<Promise<usize>>) {
    promise.take().unwrap().settle(Ok(3));
}

fn fail(promise: &mut Option<Promise<usize>>) {
    promise.take().unwrap().settle(Err(TaskError::NoAnswer(String::new())));
}

fn waited(done: &[usize], pending: &[usize]) -> Waited {
    Waited { done: done.to_vec(), pending: pending.to_vec() }
}

/// Waits in one thread and does this in another, before or after the wait has begun.
fn wait_while(tasks: &mut [Task<usize>], until: Until, other: impl FnOnce() + Send) -> Waited {
    thread::scope(|s| {
        s.spawn(other);
        wait(tasks, until).unwrap()
    })
}

#[test]
fn the_first_that_is_done_ends_the_wait() {
    let _watchdog = Watchdog::new();
    let (mut promises, mut tasks) = begun::<3>();
    let second = &mut promises[1];
    assert_eq!(
        wait_while(&mut tasks, Until::FirstCompleted, || settle(second)),
        waited(&[1], &[0, 2])
    );
}

#[test]
fn all_that_are_done_already_are_told() {
    let _watchdog = Watchdog::new();
    let (mut promises, mut tasks) = begun::<3>();
    settle(&mut promises[2]);
    fail(&mut promises[0]);
    assert_eq!(wait(&mut tasks, Until::FirstCompleted), Ok(waited(&[0, 2], &[1])));
    assert_eq!(wait(&mut tasks, Until::FirstError), Ok(waited(&[0, 2], &[1])));
}

#[test]
fn the_first_failure_ends_the_wait_and_a_result_does_not() {
    let _watchdog = Watchdog::new();
    let (mut promises, mut tasks) = begun::<3>();
    let [first, second, _] = &mut promises;
    let ended = wait_while(&mut tasks, Until::FirstError, || {
        settle(first);
        fail(second);
    });
    assert_eq!(ended, waited(&[0, 1], &[2]));
}

#[test]
fn without_a_failure_it_waits_for_all() {
    let _watchdog = Watchdog::new();
    let (mut promises, mut tasks) = begun::<3>();
    let all = &mut promises;
    let ended = wait_while(&mut tasks, Until::FirstError, || all.iter_mut().for_each(settle));
    assert_eq!(ended, waited(&[0, 1, 2], &[]));
}

#[test]
fn to_be_cancelled_is_no_failure() {
    let (_promise, cancelled) = promise();
    cancelled.cancel();
    let (_promises, [pending]) = begun();
    let (start, limit) = (Instant::now(), Duration::from_millis(20));
    let ended = wait_timeout(&mut [cancelled, pending], Until::FirstError, limit);
    assert!(start.elapsed() >= limit);
    assert_eq!(ended, waited(&[0], &[1]));
}

#[test]
fn it_waits_for_all_whatever_becomes_of_them() {
    let _watchdog = Watchdog::new();
    let (mut promises, mut tasks) = begun::<3>();
    let [first, second, third] = &mut promises;
    let ended = wait_while(&mut tasks, Until::All, || {
        settle(first);
        fail(second);
        settle(third);
    });
    assert_eq!(ended, waited(&[0, 1, 2], &[]));
}

#[test]
fn of_no_tasks_nothing_is_waited_for() {
    let _watchdog = Watchdog::new();
    for until in [Until::FirstCompleted, Until::FirstError, Until::All] {
        assert_eq!(wait::<u64>(&mut [], until), Ok(Waited::default()));
    }
}

#[test]
fn a_limit_ends_the_wait_and_is_not_early() {
    let (mut promises, mut tasks) = begun::<2>();
    settle(&mut promises[0]);
    let (start, limit) = (Instant::now(), Duration::from_millis(20));
    assert_eq!(wait_timeout(&mut tasks, Until::All, limit), waited(&[0], &[1]));
    assert!(start.elapsed() >= limit);
    assert_eq!(wait_timeout(&mut tasks, Until::FirstCompleted, Duration::MAX), waited(&[0], &[1]));
}

#[test]
fn the_tasks_can_be_waited_for_again() {
    let _watchdog = Watchdog::new();
    let (mut promises, mut tasks) = begun::<2>();
    assert_eq!(wait_timeout(&mut tasks, Until::All, Duration::ZERO), waited(&[], &[0, 1]));
    promises.iter_mut().for_each(settle);
    assert_eq!(wait(&mut tasks, Until::All), Ok(waited(&[0, 1], &[])));
    for task in tasks {
        assert!(matches!(task.result(), Ok(3)));
    }
}

//! What `as_completed` promises, whoever does the tasks: here it is the test.

use executor::{Promise, Task, TaskError, TimedOut, as_completed, promise};
use std::collections::HashSet;
use std::thread;
use std::time::{Duration, Instant};
use tests_and_benches::Watchdog;

fn begun(count: usize) -> (Vec<Promise<usize>>, Vec<Task<usize>>) {
    let begun = || {
        let (mut promise, task) = promise();
        assert!(promise.start());
        (promise, task)
    };
    (0..count).map(|_| begun()).unzip()
}

#[test]
fn tasks_come_in_the_order_in_which_they_are_done() {
    let _watchdog = Watchdog::new();
    let (promises, tasks) = begun(5);
    let mut promises: Vec<_> = promises.into_iter().map(Some).collect();
    let mut settle = |number: usize| promises[number].take().unwrap().settle(Ok(10 * number));
    settle(4); // the two that are done already come first, in their own order
    settle(1);
    let mut tasks = as_completed(tasks);
    for number in [3, 0, 2] {
        settle(number);
    }
    assert_eq!(tasks.len(), 5);
    let come: Vec<_> = tasks.by_ref().map(|(number, outcome)| (number, outcome.unwrap())).collect();
    assert_eq!(come, [(1, 10), (4, 40), (3, 30), (0, 0), (2, 20)]);
    assert!(tasks.next().is_none());
}

#[test]
fn every_kind_of_end_comes() {
    let _watchdog = Watchdog::new();
    let (mut promises, tasks) = begun(2);
    let (_promise, cancelled) = promise();
    promises.pop().unwrap().settle(Err(TaskError::NotStarted("a reason".to_owned())));
    promises.pop().unwrap().settle(Ok(3));
    cancelled.cancel();
    let tasks = as_completed(tasks.into_iter().chain([cancelled]));
    let come: Vec<_> = tasks.map(|(_, outcome)| outcome).collect();
    assert!(matches!(come[..], [Ok(3), Err(TaskError::NotStarted(_)), Err(TaskError::Cancelled)]));
}

#[test]
fn of_no_tasks_none_comes() {
    assert!(as_completed::<u64>([]).next().is_none());
    assert!(matches!(as_completed::<u64>([]).try_next(), Ok(None)));
}

#[test]
fn a_limit_lets_the_finished_come_and_then_counts_the_others() {
    let (mut promises, tasks) = begun(4);
    promises.pop().unwrap().settle(Ok(3));
    promises.pop().unwrap().settle(Ok(2));
    let mut tasks = as_completed(tasks);
    for number in [2, 3] {
        assert!(matches!(tasks.try_next(), Ok(Some((it, Ok(_)))) if it == number));
    }
    let (start, limit) = (Instant::now(), Duration::from_millis(20));
    let late: TimedOut = tasks.next_timeout(limit).unwrap_err();
    assert!(start.elapsed() >= limit);
    assert_eq!(late.to_string(), "2 (of 4) tasks unfinished");
    promises.pop().unwrap().settle(Ok(1));
    assert!(matches!(tasks.next_timeout(Duration::MAX), Ok(Some((1, Ok(1))))));
}

#[test]
fn none_is_missed_and_none_comes_twice() {
    let _watchdog = Watchdog::new();
    for _ in 0..50 {
        let (mut promises, tasks) = begun(100);
        let later = promises.split_off(50);
        thread::scope(|s| {
            for promises in [promises, later] {
                s.spawn(|| promises.into_iter().for_each(|promise| promise.settle(Ok(1))));
            }
            let come: HashSet<_> = as_completed(tasks).map(|(number, _)| number).collect();
            assert_eq!(come.len(), 100);
        });
    }
}

#[test]
fn dropped_early_it_detaches_what_is_left() {
    let _watchdog = Watchdog::new();
    let (says, said) = std::sync::mpsc::channel();
    let (promises, mut tasks): (Vec<_>, Vec<_>) = [promise(), promise()].into_iter().unzip();
    for task in &mut tasks {
        let says = says.clone();
        task.on_done(move |outcome| says.send(*outcome.as_ref().unwrap()).unwrap());
    }
    drop(as_completed(tasks));
    for promise in promises {
        promise.settle(Ok(1));
    }
    assert_eq!(said.try_iter().collect::<Vec<_>>(), [1, 1]);
}

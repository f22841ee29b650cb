//! What `RoundRobin` promises.

use proptest::prelude::*;
use scheduler::{RoundRobin, Turn};
use std::iter;
use std::panic::{AssertUnwindSafe, catch_unwind};

type Task = Box<dyn Iterator<Item = u32>>;

#[test]
fn tasks_take_turns_and_say_when_they_end() {
    let turns: Vec<_> = RoundRobin::from_iter([1..=3, 7..=7]).collect();
    let expected = [
        Turn::Yielded(1),
        Turn::Yielded(7),
        Turn::Yielded(2),
        Turn::Ended, // the second task, in its turn
        Turn::Yielded(3),
        Turn::Ended,
    ];
    assert_eq!(turns, expected);
}

#[test]
fn nobody_is_no_turn_at_all() {
    let mut tasks: RoundRobin<std::ops::Range<u32>> = RoundRobin::default();
    assert!(tasks.is_empty());
    assert_eq!(tasks.next(), None);
    tasks.add(1..2);
    assert_eq!((tasks.len(), tasks.next()), (1, Some(Turn::Yielded(1))));
}

#[test]
fn a_task_added_while_they_run_comes_after_everybodys_next_turn() {
    let mut tasks = RoundRobin::from_iter([1..4, 11..14]);
    assert_eq!(tasks.next(), Some(Turn::Yielded(1)));
    tasks.add(21..22);
    let rest: Vec<_> = tasks.filter_map(Turn::yielded).collect();
    assert_eq!(rest, [11, 2, 21, 12, 3, 13]);
}

#[test]
fn a_task_that_panics_is_gone_and_the_others_go_on() {
    let fine: Task = Box::new(1..3);
    let faulty: Task = Box::new(iter::once_with(|| panic!("faulty")));
    let mut tasks = RoundRobin::from_iter([fine, faulty]);
    assert_eq!(tasks.next(), Some(Turn::Yielded(1)));
    assert!(catch_unwind(AssertUnwindSafe(|| tasks.next())).is_err());
    assert_eq!(tasks.collect::<Vec<_>>(), [Turn::Yielded(2), Turn::Ended]);
}

#[test]
fn an_ended_task_is_dropped_at_once_and_never_asked_again() {
    // Yields after its end, as an iterator may that is not fused.
    let mut asked = 0;
    let revenant: Task = Box::new(iter::from_fn(move || {
        asked += 1;
        (asked != 2).then_some(asked)
    }));
    let turns: Vec<_> = RoundRobin::from_iter([revenant]).collect();
    assert_eq!(turns, [Turn::Yielded(1), Turn::Ended]);
}

proptest! {
    #[test]
    fn between_two_turns_of_a_task_every_other_has_one(lengths in prop::collection::vec(0..6_u32, 1..6)) {
        let tasks = lengths.iter().enumerate().map(|(task, &steps)| (0..steps).map(move |step| (step, task)));
        let turns: RoundRobin<_> = tasks.collect();
        let yielded: Vec<_> = turns.filter_map(Turn::yielded).collect();
        // All first steps in the order of the tasks, then all second steps, and so on.
        let mut expected: Vec<_> = (0..lengths.len())
            .flat_map(|task| (0..lengths[task]).map(move |step| (step, task)))
            .collect();
        expected.sort_unstable();
        prop_assert_eq!(yielded, expected);
    }
}

//! Wrong answers, panics and other failures: each is its own variant's, and harms no other.

mod support;

use std::cell::{Cell, RefCell};
use support::{SHORT, Simulated, failure, measured, unharmed};
use versus::{Answer, Cases, Failure, Samples, Speed, Step, measure};

#[test]
fn a_wrong_answer_costs_the_variant_its_figures_and_harms_no_other() {
    let machine = Simulated::default();
    let mut cases = Cases::new();
    let case = cases
        .case("twice")
        .answer(|items| items * 2)
        .baseline("right")
        .ours("right", "right", |items| machine.items(items, 100.0) * 2)
        .peer("wrong", "wrong", |items| machine.items(items, 1.0) + 6)
        .peer("right too", "right too", |items| machine.items(items, 80.0) * 2);
    let result = measured(&machine, case, SHORT);
    assert_eq!(failure(&result, 1), "wrong answer for 1 items: expected 2, found 7");
    assert!(result.compare(&result.variants[0]).is_none());
    assert!(unharmed(&result, 0) && unharmed(&result, 2));
    assert_eq!(result.compare(&result.variants[1]).unwrap().speed, Speed::Faster);
}

#[test]
fn an_answer_that_turns_wrong_late_takes_the_earlier_figures_with_it() {
    let (machine, runs) = (Simulated::default(), Cell::new(0));
    let mut cases = Cases::new();
    let case = cases
        .case("late")
        .baseline("right")
        .ours("right", "right", |items| machine.items(items, 1e7));
    let case = case.peer("wrong at last", "wrong at last", |items| {
        runs.set(runs.get() + 1);
        machine.items(items, 1e7) + u64::from(runs.get() == 7) // two of calibration, then round 5
    });
    let result = measured(&machine, case, SHORT);
    assert_eq!(failure(&result, 1), "wrong answer for 1 items: expected 1, found 2");
    assert!(result.variants[0].samples.wall_ns.is_empty());
    assert_eq!(runs.get(), 7, "it runs no more");
    assert_eq!(result.rounds.len(), 6);
    assert!(unharmed(&result, 0));
}

#[test]
fn a_panic_is_kept_with_its_message_and_harms_no_other() {
    let machine = Simulated::default();
    let mut cases = Cases::new();
    let panics = |message: Option<&'static str>| {
        move |items| match message {
            _ if items == 0 => items,
            Some(message) => panic!("{message} at {items}"),
            None => std::panic::panic_any(7),
        }
    };
    let case = cases
        .case("panics")
        .baseline("calm")
        .ours("calm", "calm", |items| machine.items(items, 100.0))
        .peer("loud", "loud", panics(Some("no permit")))
        .peer("mute", "mute", panics(None));
    let result = measured(&machine, case, SHORT);
    assert_eq!(failure(&result, 1), "panicked: no permit at 1");
    assert_eq!(failure(&result, 2), "panicked: a panic without a message");
    assert!(unharmed(&result, 0));
}

#[test]
fn a_baseline_that_fails_leaves_the_others_their_figures_without_ratios() {
    let (machine, runs) = (Simulated::default(), Cell::new(0));
    let mut cases = Cases::new();
    let case = cases.case("alone").baseline("fails").ours("fails", "fails", |items| {
        runs.set(runs.get() + 1);
        assert!(runs.get() <= 6, "enough"); // two of calibration, then two in each round
        machine.items(items, 1e7)
    });
    let result =
        measured(&machine, case.peer("stays", "stays", |items| machine.items(items, 1e7)), SHORT);
    assert_eq!(failure(&result, 0), "panicked: enough");
    assert_eq!(result.again, Samples::default());
    assert_eq!(runs.get(), 7, "it has two entries, but runs no more");
    assert!(unharmed(&result, 1));
    assert!(result.compare(&result.variants[0]).is_none() && result.floor().is_none());
}

#[test]
fn a_case_in_which_all_fail_ends() {
    let mut cases = Cases::new();
    let case = cases
        .case("none")
        .baseline("broken")
        .ours("broken", "broken", |_| Err::<u64, _>("no such program"));
    let result = measured(&Simulated::default(), case, SHORT);
    assert_eq!(failure(&result, 0), "failed: no such program");
    assert_eq!(result.rounds, []);
}

#[test]
fn a_case_that_cannot_say_its_answer_blames_no_variants_answer() {
    let mut cases = Cases::new();
    let case = cases.case("none").answer(|_| Err::<u64, _>("no table")).baseline("any").ours(
        "any",
        "any",
        |items| items,
    );
    let result = measured(&Simulated::default(), case, SHORT);
    assert_eq!(failure(&result, 0), "failed: the case has no answer: no table");
}

#[test]
fn a_long_wrong_answer_is_cut() {
    let mut cases = Cases::new();
    let case = cases
        .case("long")
        .answer(|_| "short")
        .baseline("long")
        .ours("long", "long", |_| "x".repeat(1_000_000));
    let said = failure(&measured(&Simulated::default(), case, SHORT), 0);
    assert_eq!(said, format!("wrong answer for 1 items: expected short, found {}", "x".repeat(60)));
}

#[test]
fn a_wrong_answer_is_told_apart_from_a_failure() {
    let failed: Answer = Err::<u64, _>("1").into();
    assert_ne!(failed, Answer::from(1));
    assert_ne!(Failure::Failed("x".into()), Failure::Panicked("x".into()));
}

#[test]
fn a_note_that_panics_is_its_variants_failure_and_harms_no_other() {
    let (machine, told) = (Simulated::default(), RefCell::new(String::new()));
    let mut cases = Cases::new();
    let case = cases
        .case("fair")
        .baseline("ours")
        .ours("ours", "ours", |items| machine.items(items, 1e7))
        .peer("theirs", "theirs", |items| machine.items(items, 1e7))
        .note("theirs", "least share", || {
            assert_eq!(*told.borrow(), "theirs", "announced, so that it can be named if it hangs");
            panic!("nobody was served")
        });
    let mut watch = |step: &Step| told.borrow_mut().clone_from(&step.variant);
    let result = measure(case, &SHORT, &machine, &mut watch).unwrap();
    assert_eq!(failure(&result, 1), "panicked: nobody was served");
    assert!(unharmed(&result, 0));
}

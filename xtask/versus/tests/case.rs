//! Every mistake of definition is named, with its case, before anything is measured.

mod support;

use std::time::Duration;
use support::{SHORT, Simulated};
use versus::{Case, Cases, measure};

fn mistake(define: impl FnOnce(&mut Case<'_>)) -> String {
    let mut cases = Cases::new();
    define(cases.case("c"));
    let said = cases.check().unwrap_err().to_string();
    let never = &mut |_: &versus::Step| panic!("nothing runs");
    let mut cases = Cases::new();
    let case = cases.case("d");
    assert!(measure(case, &SHORT, &Simulated::default(), never).is_err());
    said
}

fn done(items: u64) -> u64 {
    items
}

#[test]
fn a_case_without_a_baseline() {
    assert_eq!(mistake(|_| {}), "case `c` has no baseline");
    let only = |case: &mut Case<'_>| {
        case.peer("a", "a", done);
    };
    assert_eq!(mistake(only), "case `c` has no baseline");
    let other = |case: &mut Case<'_>| {
        case.baseline("b").peer("a", "b", done);
    };
    assert_eq!(mistake(other), "case `c` has no baseline");
}

#[test]
fn a_case_with_two_baselines() {
    let two = |case: &mut Case<'_>| {
        case.baseline("a").ours("a", "a", done).baseline("b").ours("b", "b", done);
    };
    assert_eq!(mistake(two), "case `c` has more than one baseline");
}

#[test]
fn two_variants_of_one_id() {
    let two = |case: &mut Case<'_>| {
        case.peer("b", "b", done).baseline("a").ours("a", "a", done).peer("b", "b", done);
    };
    assert_eq!(mistake(two), "case `c` has two variants of the same id");
}

#[test]
fn a_note_on_nobody() {
    let note = |case: &mut Case<'_>| {
        case.baseline("a").ours("a", "a", done).note("b", "how", String::new);
    };
    assert_eq!(mistake(note), "case `c` has a note on a variant that it has not");
}

#[test]
fn long_runs_of_nobody() {
    let long = |case: &mut Case<'_>| {
        case.baseline("a").ours("a", "a", done).at_least("b", Duration::from_secs(1));
    };
    assert_eq!(mistake(long), "case `c` has long runs of a variant that it has not");
}

#[test]
fn a_point_that_is_not_on_the_axis() {
    let nowhere = |case: &mut Case<'_>| {
        case.baseline("a").ours("a", "a", done).point("curve", "workers", f64::NAN);
    };
    assert_eq!(mistake(nowhere), "case `c` has an x that is not a finite number");
}

#[test]
fn two_cases_of_one_name() {
    let mut cases = Cases::new();
    cases.case("c").baseline("a").ours("a", "a", done);
    cases.case("c").baseline("a").ours("a", "a", done);
    let said = cases.check().unwrap_err().to_string();
    assert_eq!(said, "case `c` has the name of an earlier one");
}

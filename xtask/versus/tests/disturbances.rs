//! Rounds that the yardstick shows to be slow.

mod support;

use std::cell::Cell;
use support::{SHORT, Simulated, measured};
use versus::{CaseResult, Cases, Settings};

/// A case of one baseline, on a machine that runs at the pace `pace` gives for each round, counted from
/// 0 and with those measured again.
fn at_pace(machine: &Simulated, pace: impl Fn(usize) -> f64) -> CaseResult {
    let runs = Cell::new(0_usize);
    let mut cases = Cases::new();
    let case = cases.case("others").baseline("work").ours("work", "work", |items| {
        // Two runs are of calibration, every further two are a round. The yardstick before a round
        // still shows the pace of the one before.
        if let Some(run) = runs.replace(runs.get() + 1).checked_sub(2) {
            machine.runs_at(pace(run / 2));
        }
        machine.items(items, 1e8)
    });
    measured(machine, case, Settings { rounds: 8, ..SHORT })
}

fn of_eight(result: &CaseResult) -> (usize, usize, Option<usize>) {
    assert_eq!(result.baseline.samples.wall_ns.len(), result.rounds.len());
    (result.rounds.len(), result.measured_again, result.disturbed())
}

#[test]
fn disturbed_rounds_are_measured_again() {
    // The round after a slow one begins slowly.
    let slow = |round| if [2, 6].contains(&round) { 0.4 } else { 1.0 };
    assert_eq!(of_eight(&at_pace(&Simulated::telling(), slow)), (8, 4, Some(0)));
}

#[test]
fn a_round_that_a_later_one_shows_to_be_slow_is_measured_again() {
    let slow = |round| if round < 3 { 0.5 } else { 1.0 };
    let machine = Simulated::telling();
    machine.runs_at(0.5);
    assert_eq!(of_eight(&at_pace(&machine, slow)), (8, 4, Some(0)));
}

#[test]
fn no_more_than_half_as_many_rounds_are_measured_again() {
    let result = at_pace(&Simulated::telling(), |round| if round == 0 { 1.0 } else { 0.5 });
    assert_eq!(of_eight(&result), (8, 4, Some(7)));
    assert!(result.to_string().contains(", 4 measured again, 7 disturbed\n"), "{result}");
}

#[test]
fn a_round_a_little_below_the_best_pace_is_no_disturbance() {
    let result = at_pace(&Simulated::telling(), |round| if round % 2 == 0 { 1.0 } else { 0.9 });
    assert_eq!(of_eight(&result), (8, 0, Some(0)));
}

#[test]
fn without_a_yardstick_every_round_is_believed_and_the_result_says_so() {
    let machine = Simulated::default();
    let mut cases = Cases::new();
    let case = cases
        .case("others")
        .baseline("work")
        .ours("work", "work", |items| machine.items(items, 1e8));
    let result = measured(&machine, case, SHORT);
    assert_eq!((result.measured_again, result.disturbed()), (0, None));
    assert!(result.to_string().contains(", disturbance unknown\n"), "{result}");
}

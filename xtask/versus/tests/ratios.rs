//! What a result says of its variants beside the baseline.

mod support;

use std::{cell::Cell, time::Duration};
use support::{SHORT, Simulated, measured};
use versus::{Cases, Settings, Speed};

#[test]
fn processor_time_is_compared_beside_wall_time() {
    let machine = Simulated::default();
    let mut cases = Cases::new();
    let case = cases
        .case("two cores")
        .baseline("one core")
        .ours("one core", "one core", |items| machine.items(items, 100.0))
        .peer("two cores", "two cores", |items| {
            machine.pass(Duration::from_nanos(50 * items), Duration::from_nanos(120 * items));
            items
        })
        .peer("asleep", "asleep", |items| {
            machine.pass(Duration::from_nanos(100 * items), Duration::ZERO);
            items
        });
    let result = measured(&machine, case, SHORT);
    let (two, asleep) = (
        result.compare(&result.variants[0]).unwrap(),
        result.compare(&result.variants[1]).unwrap(),
    );
    assert!((two.wall.median - 0.5).abs() < 1e-6 && (two.cpu.unwrap().median - 1.2).abs() < 1e-6);
    assert_eq!((two.speed, asleep.speed), (Speed::Faster, Speed::Same));
    assert_eq!(asleep.cpu, None);
}

#[test]
fn the_noise_floor_is_what_the_baseline_shows_beside_itself_both_ways() {
    let (machine, runs) = (Simulated::default(), Cell::new(0_u32));
    let mut cases = Cases::new();
    // Of two runs in a round the first is the slower one, so the ratio is 2 or 1/2 by the order.
    let case =
        cases.case("floor").baseline("alternates").ours("alternates", "alternates", |items| {
            let slower = runs.replace(runs.get() + 1).is_multiple_of(2);
            machine.items(items, if slower { 1e8 } else { 5e7 })
        });
    let case = case.peer("steady", "steady", |items| machine.items(items, 1e8));
    let result = measured(&machine, case, Settings { rounds: 15, ..SHORT });
    let floor = result.floor().unwrap();
    assert!((floor.low - 0.5).abs() < 1e-9 && (floor.high - 2.0).abs() < 1e-9, "{floor:?}");
    assert_eq!(result.compare(&result.variants[0]).unwrap().speed, Speed::NotConclusive);
}

#[test]
fn the_noise_floor_is_the_same_whichever_of_the_baselines_runs_is_called_the_first() {
    let (machine, runs) = (Simulated::default(), Cell::new(0_u32));
    let mut cases = Cases::new();
    let case = cases.case("floor").baseline("drifts").ours("drifts", "drifts", |items| {
        runs.set(runs.get() + 1);
        machine.items(items, 1e8 + 1e6 * f64::from(runs.get()))
    });
    let mut result = measured(&machine, case, SHORT);
    let floor = result.floor().unwrap();
    std::mem::swap(&mut result.baseline.samples, &mut result.again);
    let swapped = result.floor().unwrap();
    assert!((floor.high - swapped.high).abs() < 1e-9 && (floor.low - swapped.low).abs() < 1e-9);
    assert!(floor.low < 1.0 && floor.high > 1.0);
}

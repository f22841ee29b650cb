//! How many items a run has, and which time counts, on a simulated machine.

mod support;

use std::{cell::Cell, time::Duration};
use support::{SHORT, Simulated, failure, measured, unharmed};
use versus::{Answer, Cases, Time, time_text};

#[test]
fn each_variant_gets_items_for_its_own_speed() {
    let machine = Simulated::default();
    let mut cases = Cases::new();
    let case = cases
        .case("speeds")
        .baseline("10 ns")
        .ours("10 ns", "10 ns", |items| machine.items(items, 10.0))
        .peer("3 ms", "3 ms", |items| machine.items(items, 3e6))
        .peer("2 s", "2 s", |items| machine.items(items, 2e9));
    let result = measured(&machine, case, SHORT);
    let items: Vec<u64> = result.entries().map(|entry| entry.items).collect();
    assert_eq!(items, [1_000_000, 3, 1]);
    let per_item = |which| time_text(result.entries().nth(which).unwrap().wall().unwrap().median);
    assert_eq!([per_item(0), per_item(1), per_item(2)], ["10.0 ns", "3.00 ms", "2.00 s"]);
}

#[test]
fn a_slow_first_run_does_not_pass_for_slow_items() {
    let (machine, first) = (Simulated::default(), Cell::new(true));
    let mut cases = Cases::new();
    let case = cases.case("warming up").baseline("lazy").ours("lazy", "lazy", |items| {
        if first.replace(false) {
            machine.work(Duration::from_millis(50));
        }
        machine.items(items, 100.0)
    });
    assert_eq!(measured(&machine, case, SHORT).baseline.items, 100_000);
}

#[test]
fn the_time_a_run_states_counts_instead_of_the_whole() {
    let machine = Simulated::default();
    let mut cases = Cases::new();
    let case = cases.case("prepared").baseline("filled first").ours(
        "filled first",
        "filled first",
        |items| {
            machine.work(Duration::from_millis(7));
            let wall = Duration::from_nanos(100 * items);
            machine.items(items, 100.0);
            Answer::from(items).took(Time { wall, cpu: wall * 2 })
        },
    );
    let result = measured(&machine, case, SHORT);
    assert_eq!(result.baseline.items, 100_000);
    assert_eq!(time_text(result.baseline.wall().unwrap().median), "100 ns");
    assert_eq!(time_text(result.baseline.cpu().unwrap().median), "200 ns");
}

#[test]
fn preparation_of_ten_runs_length_ends_the_calibration() {
    let machine = Simulated::default();
    let mut cases = Cases::new();
    let case = cases.case("prepared").baseline("mostly preparation").ours(
        "mostly preparation",
        "mostly preparation",
        |items| {
            machine.items(items, 1e6); // a millisecond an item to prepare, a microsecond to do
            Answer::from(items)
                .took(Time { wall: Duration::from_micros(items), cpu: Duration::ZERO })
        },
    );
    assert_eq!(measured(&machine, case, SHORT).baseline.items, 100);
}

#[test]
fn work_that_takes_no_time_is_an_error_that_says_so() {
    let machine = Simulated::default();
    let mut cases = Cases::new();
    let case = cases
        .case("nothing")
        .baseline("work")
        .ours("work", "work", |items| machine.items(items, 100.0));
    let result = measured(&machine, case.peer("no work", "no work", |items| items), SHORT);
    let why = "failed: its work takes no time, however much it is: is it optimised away?";
    assert_eq!(failure(&result, 1), why);
    assert!(unharmed(&result, 0));
}

#[test]
fn a_variant_has_long_runs_where_it_asks_for_them() {
    let machine = Simulated::default();
    let mut cases = Cases::new();
    let case = cases.case("lengths");
    case.baseline("usual").ours("usual", "usual", |items| machine.items(items, 1e6));
    case.peer("long", "long", |items| machine.items(items, 1e6));
    case.peer("no longer than usual", "no longer than usual", |items| machine.items(items, 1e6));
    case.at_least("long", Duration::from_millis(70));
    case.at_least("no longer than usual", Duration::from_millis(3));
    let result = measured(&machine, case, SHORT);
    let items: Vec<u64> = result.entries().map(|entry| entry.items).collect();
    assert_eq!(items, [10, 70, 10]);
}

//! Rounds, their order, and what is told of them, on a simulated machine.

mod support;

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
};
use support::{SHORT, Simulated, measured, unharmed};
use versus::{Cases, Settings, Speed, Step, measure};

#[test]
fn each_variant_runs_once_in_a_round_and_the_baseline_twice() {
    let (machine, ran) = (Simulated::default(), RefCell::new(Vec::new()));
    let work = |name: &'static str| {
        let (machine, ran) = (&machine, &ran);
        move |items| {
            ran.borrow_mut().push(name);
            machine.items(items, 1e7)
        }
    };
    let mut cases = Cases::new();
    let case =
        cases.case("order").baseline("a").ours("a", "a", work("a")).peer("b", "b", work("b"));
    let case = case.peer("c", "c", work("c"));
    let result = measured(&machine, case, SHORT);

    let ids: Vec<_> = result.entries().map(|entry| &*entry.id).collect();
    assert_eq!(ids, ["a", "b", "c"]);
    let names = ["a", "a", "b", "c"];
    let ran = ran.borrow();
    let rounds = &ran[ran.len() - 6 * 4..]; // what comes before is calibration
    for (round, ran) in result.rounds.iter().zip(rounds.chunks(4)) {
        let mut places = round.order.clone();
        let said: Vec<_> = places.iter().map(|&place| names[place]).collect();
        assert_eq!(said, ran, "the order that was written down is the one in which they ran");
        places.sort_unstable();
        assert_eq!(places, [0, 1, 2, 3]);
    }
}

#[test]
fn a_baseline_added_last_stands_first_all_the_same() {
    let machine = Simulated::default();
    let mut cases = Cases::new();
    let case = cases.case("late").peer("theirs", "theirs", |items| machine.items(items, 200.0));
    let case = case.baseline("ours").ours("ours", "ours", |items| machine.items(items, 100.0));
    let result = measured(&machine, case, SHORT);
    let names: Vec<_> = result.entries().map(|entry| entry.id.as_str()).collect();
    assert_eq!(names, ["ours", "theirs"]);
    assert_eq!(result.compare(&result.variants[0]).unwrap().speed, Speed::Slower);
}

fn orders(seed: u64, rounds: usize) -> Vec<Vec<usize>> {
    let machine = Simulated::default();
    let mut cases = Cases::new();
    let work = |items| machine.items(items, 100.0);
    let case = cases
        .case("order")
        .baseline("a")
        .ours("a", "a", work)
        .peer("b", "b", work)
        .peer("c", "c", work);
    let result = measured(&machine, case, Settings { seed, rounds, run_ms: 1 });
    result.rounds.into_iter().map(|round| round.order).collect()
}

#[test]
fn every_order_is_equally_likely() {
    let mut seen = HashMap::new();
    for order in orders(7, 2_400) {
        *seen.entry(order).or_insert(0) += 1;
    }
    assert_eq!(seen.len(), 24);
    // 100 each are due. A binomial number this far off is one in a million.
    assert!(seen.values().all(|count| (53..=147).contains(count)), "{seen:?}");
}

#[test]
fn the_same_seed_gives_the_same_orders_and_another_seed_others() {
    assert_eq!(orders(7, 31), orders(7, 31));
    assert_ne!(orders(7, 31), orders(8, 31));
}

#[test]
fn every_run_is_announced_before_it_begins() {
    let (machine, begun) = (Simulated::default(), RefCell::new(Vec::<Step>::new()));
    let mut cases = Cases::new();
    let announced = |name: &'static str| {
        let (machine, begun) = (&machine, &begun);
        move |items| {
            assert_eq!(begun.borrow().last().unwrap().variant, name);
            machine.items(items, 1e7)
        }
    };
    let case = cases.case("steps").baseline("a").ours("a", "a", announced("a")).peer(
        "b",
        "b",
        announced("b"),
    );
    let mut watch = |step: &Step| begun.borrow_mut().push(step.clone());
    let result = measure(case, &SHORT, &machine, &mut watch).unwrap();
    assert!(unharmed(&result, 0) && unharmed(&result, 1));
    let rounds: Vec<usize> = begun.borrow().iter().map(|step| step.round).collect();
    // An item takes as long as a run should: each variant is calibrated by two runs.
    let due: Vec<usize> = [0; 4].into_iter().chain((1..=6).flat_map(|round| [round; 3])).collect();
    assert_eq!(rounds, due);
    assert!(begun.borrow().iter().all(|step| step.case == "steps" && step.rounds == 6));
}

#[test]
fn notes_are_asked_for_once_and_stand_with_their_variant() {
    let (machine, asked) = (Simulated::default(), Cell::new(0));
    let mut cases = Cases::new();
    let case = cases
        .case("fair")
        .baseline("ours")
        .ours("ours", "ours", |items| machine.items(items, 1e7))
        .peer("theirs", "theirs", |items| machine.items(items, 1e7))
        .remark("Threads meet less often in a program.")
        .note("theirs", "least share", || {
            asked.set(asked.get() + 1);
            "97 %".to_owned()
        });
    let result = measured(&machine, case, SHORT);
    assert_eq!(asked.get(), 1);
    assert_eq!(result.variants[0].notes["least share"], "97 %");
    assert!(result.baseline.notes.is_empty());
    assert_eq!(result.remarks, ["Threads meet less often in a program."]);
}

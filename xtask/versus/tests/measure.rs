//! Rounds, calibration, checks and disturbances, on a simulated machine.

mod support;

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    time::Duration,
};
use support::{SHORT, Simulated};
use versus::{
    Answer, Case, CaseResult, Cases, Failure, Settings, Step, Time, Verdict, measure, measure_more,
    time_text,
};

fn measured(machine: &Simulated, case: &mut Case<'_>, settings: Settings) -> CaseResult {
    measure(case, &settings, machine, &mut |_| {}).unwrap()
}

fn failure(result: &CaseResult, place: usize) -> String {
    result.entries[place].failure.as_ref().unwrap().to_string()
}

/// That the entry has a figure for every round.
fn unharmed(result: &CaseResult, place: usize) -> bool {
    let entry = &result.entries[place];
    entry.failure.is_none()
        && entry.wall_ns.len() == result.rounds.len()
        && !result.rounds.is_empty()
}

// Rounds and their order.

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
    let case = cases.case("order").baseline("a", work("a")).variant("b", work("b"));
    let case = case.variant("c", work("c"));
    let result = measured(&machine, case, SHORT);

    let names = ["a", "a", "b", "c"];
    assert_eq!(result.entries.iter().map(|entry| &entry.name).collect::<Vec<_>>(), names);
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
    let case = cases.case("late").variant("theirs", |items| machine.items(items, 200.0));
    let case = case.baseline("ours", |items| machine.items(items, 100.0));
    let result = measured(&machine, case, SHORT);
    let names: Vec<_> = result.entries.iter().map(|entry| entry.name.as_str()).collect();
    assert_eq!(names, ["ours", "ours", "theirs"]);
    assert_eq!(result.compare(2).unwrap().verdict, Verdict::Slower);
}

fn orders(seed: u64, rounds: usize) -> Vec<Vec<usize>> {
    let machine = Simulated::default();
    let mut cases = Cases::new();
    let work = |items| machine.items(items, 100.0);
    let case = cases.case("order").baseline("a", work).variant("b", work).variant("c", work);
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
fn a_variant_has_long_runs_where_it_asks_for_them() {
    let machine = Simulated::default();
    let mut cases = Cases::new();
    let case = cases.case("lengths");
    case.baseline("usual", |items| machine.items(items, 1e6));
    case.variant("long", |items| machine.items(items, 1e6));
    case.variant("no longer than usual", |items| machine.items(items, 1e6));
    case.at_least("long", Duration::from_millis(70));
    case.at_least("no longer than usual", Duration::from_millis(3));
    let result = measured(&machine, case, SHORT);
    let items: Vec<u64> = result.entries.iter().map(|entry| entry.items).collect();
    assert_eq!(items, [10, 10, 70, 10]);
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
    let case = cases.case("steps").baseline("a", announced("a")).variant("b", announced("b"));
    let mut watch = |step: &Step| begun.borrow_mut().push(step.clone());
    let result = measure(case, &SHORT, &machine, &mut watch).unwrap();
    assert!(unharmed(&result, 0) && unharmed(&result, 2));
    let rounds: Vec<usize> = begun.borrow().iter().map(|step| step.round).collect();
    // An item takes as long as a run should: each variant is calibrated by two runs.
    let due: Vec<usize> = [0; 4].into_iter().chain((1..=6).flat_map(|round| [round; 3])).collect();
    assert_eq!(rounds, due);
    assert!(begun.borrow().iter().all(|step| step.case == "steps" && step.rounds == 6));
}

#[test]
fn a_process_of_its_own_warms_up_before_its_round_and_calibrates_nothing() {
    let (machine, ran) = (Simulated::default(), RefCell::new(Vec::new()));
    let mut cases = Cases::new();
    let case = cases
        .case("warm")
        .baseline("many items", |items| {
            ran.borrow_mut().push(items);
            machine.items(items, 1e4)
        })
        .variant("few items", |items| {
            ran.borrow_mut().push(items);
            machine.items(items, 2e6)
        });
    let mut result = measured(&machine, case, SHORT);
    ran.borrow_mut().clear();
    let more = Settings { rounds: 7, ..SHORT };
    measure_more(case, &mut result, &more, &machine, &mut |_| {}).unwrap();
    assert_eq!(result.rounds.len(), 7);
    assert_eq!(ran.borrow()[0], 125, "an eighth of 1,000; of five items there is none");
    ran.borrow_mut()[1..].sort_unstable();
    assert_eq!(ran.borrow()[1..], [5, 1_000, 1_000]);
    assert!(unharmed(&result, 0) && unharmed(&result, 1) && unharmed(&result, 2));
    measure_more(case, &mut result, &more, &machine, &mut |_| {}).unwrap();
    assert_eq!(result.rounds.len(), 7, "there are no more than were asked for");
}

#[test]
fn a_round_of_other_variants_is_refused() {
    let machine = Simulated::default();
    let mut cases = Cases::new();
    let case = cases.case("python").baseline("rust", |items| machine.items(items, 1e4));
    let mut result = measured(&machine, case, SHORT);
    case.variant("python", |items| machine.items(items, 1e6));
    let error = measure_more(case, &mut result, &SHORT, &machine, &mut |_| {}).unwrap_err();
    assert_eq!(error.to_string(), "case `python` has not the variants of the rounds before");
}

#[test]
fn a_note_that_panics_is_its_variants_failure_and_harms_no_other() {
    let (machine, told) = (Simulated::default(), RefCell::new(String::new()));
    let mut cases = Cases::new();
    let case = cases
        .case("fair")
        .baseline("ours", |items| machine.items(items, 1e7))
        .variant("theirs", |items| machine.items(items, 1e7))
        .note("theirs", "least share", || {
            assert_eq!(*told.borrow(), "theirs", "announced, so that it can be named if it hangs");
            panic!("nobody was served")
        });
    let mut watch = |step: &Step| told.borrow_mut().clone_from(&step.variant);
    let result = measure(case, &SHORT, &machine, &mut watch).unwrap();
    assert_eq!(failure(&result, 2), "panicked: nobody was served");
    assert!(unharmed(&result, 0) && unharmed(&result, 1));
}

#[test]
fn notes_are_asked_for_once_and_stand_with_their_variant() {
    let (machine, asked) = (Simulated::default(), Cell::new(0));
    let mut cases = Cases::new();
    let case = cases
        .case("fair")
        .baseline("ours", |items| machine.items(items, 1e7))
        .variant("theirs", |items| machine.items(items, 1e7))
        .remark("Threads meet less often in a program.")
        .note("theirs", "least share", || {
            asked.set(asked.get() + 1);
            "97 %".to_owned()
        });
    let mut result = measured(&machine, case, SHORT);
    let more = Settings { rounds: 7, ..SHORT };
    measure_more(case, &mut result, &more, &machine, &mut |_| {}).unwrap();
    assert_eq!(asked.get(), 1);
    assert_eq!(result.entries[2].notes["least share"], "97 %");
    assert!(result.entries[0].notes.is_empty());
    assert_eq!(result.remarks, ["Threads meet less often in a program."]);
}

// Calibration.

#[test]
fn each_variant_gets_items_for_its_own_speed() {
    let machine = Simulated::default();
    let mut cases = Cases::new();
    let case = cases
        .case("speeds")
        .baseline("10 ns", |items| machine.items(items, 10.0))
        .variant("3 ms", |items| machine.items(items, 3e6))
        .variant("2 s", |items| machine.items(items, 2e9));
    let result = measured(&machine, case, SHORT);
    let items: Vec<u64> = result.entries.iter().map(|entry| entry.items).collect();
    assert_eq!(items, [1_000_000, 1_000_000, 3, 1]);
    let per_item = |place: usize| time_text(result.entries[place].wall().unwrap().median);
    assert_eq!([per_item(0), per_item(2), per_item(3)], ["10.0 ns", "3.00 ms", "2.00 s"]);
}

#[test]
fn a_slow_first_run_does_not_pass_for_slow_items() {
    let (machine, first) = (Simulated::default(), Cell::new(true));
    let mut cases = Cases::new();
    let case = cases.case("warming up").baseline("lazy", |items| {
        if first.replace(false) {
            machine.work(Duration::from_millis(50));
        }
        machine.items(items, 100.0)
    });
    assert_eq!(measured(&machine, case, SHORT).entries[0].items, 100_000);
}

#[test]
fn the_time_a_run_states_counts_instead_of_the_whole() {
    let machine = Simulated::default();
    let mut cases = Cases::new();
    let case = cases.case("prepared").baseline("filled first", |items| {
        machine.work(Duration::from_millis(7));
        let wall = Duration::from_nanos(100 * items);
        machine.items(items, 100.0);
        Answer::from(items).took(Time { wall, cpu: wall * 2 })
    });
    let result = measured(&machine, case, SHORT);
    assert_eq!(result.entries[0].items, 100_000);
    assert_eq!(time_text(result.entries[0].wall().unwrap().median), "100 ns");
    assert_eq!(time_text(result.entries[0].cpu().unwrap().median), "200 ns");
}

#[test]
fn preparation_of_ten_runs_length_ends_the_calibration() {
    let machine = Simulated::default();
    let mut cases = Cases::new();
    let case = cases.case("prepared").baseline("mostly preparation", |items| {
        machine.items(items, 1e6); // a millisecond an item to prepare, a microsecond to do
        Answer::from(items).took(Time { wall: Duration::from_micros(items), cpu: Duration::ZERO })
    });
    assert_eq!(measured(&machine, case, SHORT).entries[0].items, 100);
}

#[test]
fn work_that_takes_no_time_is_an_error_that_says_so() {
    let machine = Simulated::default();
    let mut cases = Cases::new();
    let case = cases.case("nothing").baseline("work", |items| machine.items(items, 100.0));
    let result = measured(&machine, case.variant("no work", |items| items), SHORT);
    let why = "failed: its work takes no time, however much it is: is it optimised away?";
    assert_eq!(failure(&result, 2), why);
    assert!(unharmed(&result, 0));
}

// Answers, panics and other failures.

#[test]
fn a_wrong_answer_costs_the_variant_its_figures_and_harms_no_other() {
    let machine = Simulated::default();
    let mut cases = Cases::new();
    let case = cases
        .case("twice")
        .answer(|items| items * 2)
        .baseline("right", |items| machine.items(items, 100.0) * 2)
        .variant("wrong", |items| machine.items(items, 1.0) + 6)
        .variant("right too", |items| machine.items(items, 80.0) * 2);
    let result = measured(&machine, case, SHORT);
    assert_eq!(failure(&result, 2), "wrong answer for 1 items: expected 2, found 7");
    assert!(result.compare(2).is_none());
    assert!(unharmed(&result, 0) && unharmed(&result, 1) && unharmed(&result, 3));
    assert_eq!(result.compare(3).unwrap().verdict, Verdict::Faster);
}

#[test]
fn an_answer_that_turns_wrong_late_takes_the_earlier_figures_with_it() {
    let (machine, runs) = (Simulated::default(), Cell::new(0));
    let mut cases = Cases::new();
    let case = cases.case("late").baseline("right", |items| machine.items(items, 1e7));
    let case = case.variant("wrong at last", |items| {
        runs.set(runs.get() + 1);
        machine.items(items, 1e7) + u64::from(runs.get() == 7) // two of calibration, then round 5
    });
    let result = measured(&machine, case, SHORT);
    assert_eq!(failure(&result, 2), "wrong answer for 1 items: expected 1, found 2");
    assert!(result.entries[2].wall_ns.is_empty());
    assert_eq!(runs.get(), 7, "it runs no more");
    assert_eq!(result.rounds.len(), 6);
    assert!(unharmed(&result, 0) && unharmed(&result, 1));
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
        .baseline("calm", |items| machine.items(items, 100.0))
        .variant("loud", panics(Some("no permit")))
        .variant("mute", panics(None));
    let result = measured(&machine, case, SHORT);
    assert_eq!(failure(&result, 2), "panicked: no permit at 1");
    assert_eq!(failure(&result, 3), "panicked: a panic without a message");
    assert!(unharmed(&result, 0));
}

#[test]
fn a_baseline_that_fails_leaves_the_others_their_figures_without_ratios() {
    let (machine, runs) = (Simulated::default(), Cell::new(0));
    let mut cases = Cases::new();
    let case = cases.case("alone").baseline("fails in round 1", |items| {
        runs.set(runs.get() + 1);
        assert!(runs.get() <= 2, "enough");
        machine.items(items, 1e7)
    });
    let result =
        measured(&machine, case.variant("stays", |items| machine.items(items, 1e7)), SHORT);
    assert_eq!(failure(&result, 0), "panicked: enough");
    assert_eq!(failure(&result, 1), "panicked: enough");
    assert_eq!(runs.get(), 3, "it has two entries, but runs no more");
    assert!(unharmed(&result, 2));
    assert!(result.compare(2).is_none() && result.floor().is_none());
}

#[test]
fn a_case_in_which_all_fail_ends() {
    let mut cases = Cases::new();
    let case = cases.case("none").baseline("broken", |_| Err::<u64, _>("no such program"));
    let result = measured(&Simulated::default(), case, SHORT);
    assert_eq!(failure(&result, 0), "failed: no such program");
    assert_eq!(result.rounds, []);
}

#[test]
fn a_case_that_cannot_say_its_answer_blames_no_variants_answer() {
    let mut cases = Cases::new();
    let case =
        cases.case("none").answer(|_| Err::<u64, _>("no table")).baseline("any", |items| items);
    let result = measured(&Simulated::default(), case, SHORT);
    assert_eq!(failure(&result, 0), "failed: the case has no answer: no table");
}

#[test]
fn a_long_wrong_answer_is_cut() {
    let mut cases = Cases::new();
    let case = cases.case("long").answer(|_| "short").baseline("long", |_| "x".repeat(1_000_000));
    let said = failure(&measured(&Simulated::default(), case, SHORT), 0);
    assert_eq!(said, format!("wrong answer for 1 items: expected short, found {}", "x".repeat(60)));
}

// Disturbances.

/// A case of one baseline, on a machine that runs at the pace `pace` gives for each round, counted from
/// 0 and with those measured again.
fn at_pace(machine: &Simulated, pace: impl Fn(usize) -> f64) -> CaseResult {
    let runs = Cell::new(0_usize);
    let mut cases = Cases::new();
    let case = cases.case("others").baseline("work", |items| {
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
    assert_eq!(result.entries[0].wall_ns.len(), result.rounds.len());
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
    let case = cases.case("others").baseline("work", |items| machine.items(items, 1e8));
    let result = measured(&machine, case, SHORT);
    assert_eq!((result.measured_again, result.disturbed()), (0, None));
    assert!(result.to_string().contains(", disturbance unknown\n"), "{result}");
}

// Ratios.

#[test]
fn processor_time_is_compared_beside_wall_time() {
    let machine = Simulated::default();
    let mut cases = Cases::new();
    let case = cases
        .case("two cores")
        .baseline("one core", |items| machine.items(items, 100.0))
        .variant("two cores", |items| {
            machine.pass(Duration::from_nanos(50 * items), Duration::from_nanos(120 * items));
            items
        })
        .variant("asleep", |items| {
            machine.pass(Duration::from_nanos(100 * items), Duration::ZERO);
            items
        });
    let result = measured(&machine, case, SHORT);
    let (two, asleep) = (result.compare(2).unwrap(), result.compare(3).unwrap());
    assert!((two.wall.median - 0.5).abs() < 1e-6 && (two.cpu.unwrap().median - 1.2).abs() < 1e-6);
    assert_eq!((two.verdict, asleep.verdict), (Verdict::Faster, Verdict::Same));
    assert_eq!(asleep.cpu, None);
}

#[test]
fn the_noise_floor_is_what_the_baseline_shows_beside_itself_both_ways() {
    let (machine, runs) = (Simulated::default(), Cell::new(0_u32));
    let mut cases = Cases::new();
    // Of two runs in a round the first is the slower one, so the ratio is 2 or 1/2 by the order.
    let case = cases.case("floor").baseline("alternates", |items| {
        let slower = runs.replace(runs.get() + 1).is_multiple_of(2);
        machine.items(items, if slower { 1e8 } else { 5e7 })
    });
    let case = case.variant("steady", |items| machine.items(items, 1e8));
    let result = measured(&machine, case, Settings { rounds: 15, ..SHORT });
    let floor = result.floor().unwrap();
    assert!((floor.low - 0.5).abs() < 1e-9 && (floor.high - 2.0).abs() < 1e-9, "{floor:?}");
    assert_eq!(result.compare(2).unwrap().verdict, Verdict::NotConclusive);
}

#[test]
fn the_noise_floor_is_the_same_whichever_of_the_baselines_runs_is_called_the_first() {
    let (machine, runs) = (Simulated::default(), Cell::new(0_u32));
    let mut cases = Cases::new();
    let case = cases.case("floor").baseline("drifts", |items| {
        runs.set(runs.get() + 1);
        machine.items(items, 1e8 + 1e6 * f64::from(runs.get()))
    });
    let mut result = measured(&machine, case, SHORT);
    let floor = result.floor().unwrap();
    result.entries.swap(CaseResult::BASELINE, CaseResult::AGAIN);
    let swapped = result.floor().unwrap();
    assert!((floor.high - swapped.high).abs() < 1e-9 && (floor.low - swapped.low).abs() < 1e-9);
    assert!(floor.low < 1.0 && floor.high > 1.0);
}

#[test]
fn a_wrong_answer_is_told_apart_from_a_failure() {
    let failed: Answer = Err::<u64, _>("1").into();
    assert_ne!(failed, Answer::from(1));
    assert_ne!(Failure::Failed("x".into()), Failure::Panicked("x".into()));
}

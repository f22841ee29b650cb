//! Rounds that are a process each, as `--more` adds them.

mod support;

use std::cell::{Cell, RefCell};
use std::path::Path;
use support::{Simulated, unharmed};
use versus::{Case, Cases, Report, run};

/// One process, with one case: adds a round to those in the file, until there are six.
fn more<'m>(
    file: &Path,
    machine: &'m Simulated,
    define: impl FnOnce(&mut Case<'m>),
) -> anyhow::Result<Report> {
    let mut cases = Cases::new();
    define(cases.case("alone"));
    let options = ["--more", "--quick", "--rounds", "6", "--json"].map(Into::into);
    let arguments = options.into_iter().chain([file.into()]);
    run("x", cases, arguments, machine, &mut Vec::new(), &mut Vec::new())
}

#[test]
fn the_first_calibrates_and_those_after_it_warm_up_instead() {
    let folder = tempfile::tempdir().unwrap();
    let (file, machine) = (folder.path().join("rounds.json"), Simulated::default());
    let ran = RefCell::new(Vec::new());
    let more = || {
        ran.borrow_mut().clear();
        let work = |each_ns: f64| {
            let (ran, machine) = (&ran, &machine);
            move |items| {
                ran.borrow_mut().push(items);
                machine.items(items, each_ns)
            }
        };
        let report = more(&file, &machine, |case| {
            case.baseline("many items").ours("many items", "many items", work(1e4));
            case.peer("few items", "few items", work(2e6));
        });
        report.unwrap().cases.remove(0)
    };
    assert_eq!(more().rounds.len(), 1);
    assert_eq!(ran.borrow()[0], 1, "calibration begins with one item");
    for rounds in 2..=6 {
        let result = more();
        assert_eq!(result.rounds.len(), rounds);
        assert_eq!(ran.borrow()[0], 125, "an eighth of 1,000; of five items there is none");
        ran.borrow_mut()[1..].sort_unstable();
        assert_eq!(ran.borrow()[1..], [5, 1_000, 1_000]);
        assert!(unharmed(&result, 0) && unharmed(&result, 1));
    }
    assert_eq!(more().rounds.len(), 6, "there are no more than were asked for");
    assert!(ran.borrow().is_empty());
}

#[test]
fn a_round_of_other_variants_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (file, machine) = (folder.path().join("rounds.json"), Simulated::default());
    let work = |items| machine.items(items, 1e4);
    let rust = more(&file, &machine, |case| {
        case.baseline("rust").ours("rust", "rust", |items| machine.items(items, 1e4));
    });
    assert!(rust.is_ok());
    let both = more(&file, &machine, |case| {
        case.baseline("rust").ours("rust", "rust", work).peer("python", "python", work);
    });
    let due = "case `alone` has not the variants of the rounds before";
    assert_eq!(both.unwrap_err().to_string(), due);
    assert_eq!(Report::read(&file).unwrap(), rust.unwrap());
}

#[test]
fn notes_are_asked_for_in_the_first_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (file, machine) = (folder.path().join("rounds.json"), Simulated::default());
    let asked = Cell::new(0);
    let more = || {
        let report = more(&file, &machine, |case| {
            let case =
                case.baseline("ours").ours("ours", "ours", |items| machine.items(items, 1e7));
            case.note("ours", "least share", || {
                asked.set(asked.get() + 1);
                format!("{} %", asked.get())
            });
        });
        report.unwrap().cases.remove(0).baseline.notes.remove("least share")
    };
    assert_eq!([more(), more()], [Some("1 %".to_owned()), Some("1 %".to_owned())]);
    assert_eq!(asked.get(), 1);
}

#[test]
fn a_case_without_a_living_variant_is_asked_nothing_more() {
    let folder = tempfile::tempdir().unwrap();
    let (file, machine, runs) =
        (folder.path().join("rounds.json"), Simulated::default(), Cell::new(0));
    let more = || {
        let report = more(&file, &machine, |case| {
            case.baseline("broken").ours("broken", "broken", |_| {
                runs.set(runs.get() + 1);
                Err::<u64, _>("no such program")
            });
        });
        assert_eq!(report.unwrap().failures().count(), 1);
        runs.get()
    };
    assert_eq!([more(), more()], [1, 1]);
}

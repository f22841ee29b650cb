//! The command line around a bench, on a simulated machine.

mod support;

use std::{ffi::OsString, fs, path::Path};
use support::Simulated;
use versus::{Cases, Report, Settings, Step, run};

fn define<'a>(machine: &'a Simulated, cases: &mut Cases<'a>) {
    cases.circumstance("python", "3.11.2");
    cases
        .case("one permit")
        .item("pair")
        .baseline("ours")
        .ours("ours", "ours", |items| machine.items(items, 100.0))
        .peer("theirs", "theirs", |items| machine.items(items, 80.0))
        .peer("wrong", "wrong", |_| 0);
    cases
        .case("two permits")
        .baseline("ours")
        .ours("ours", "ours", |items| machine.items(items, 2.5e6))
        .note("ours", "least share", || "97 %".to_owned())
        .remark("Nobody contends.");
}

struct Outcome {
    result: anyhow::Result<Report>,
    out: String,
    progress: String,
}

fn ran<A: Into<OsString>>(arguments: impl IntoIterator<Item = A>) -> Outcome {
    let (machine, mut cases) = (Simulated::telling(), Cases::new());
    define(&machine, &mut cases);
    let (mut out, mut progress) = (Vec::new(), Vec::new());
    let arguments = arguments.into_iter().map(Into::into);
    let result = run("semaphore", cases, arguments, &machine, &mut out, &mut progress);
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Outcome { result, out: text(out), progress: text(progress) }
}

/// As under `cargo bench`.
fn benched<A: Into<OsString>>(arguments: impl IntoIterator<Item = A>) -> Outcome {
    ran(arguments.into_iter().map(Into::into).chain([OsString::from("--bench")]))
}

fn refused<A: Into<OsString>>(arguments: impl IntoIterator<Item = A>) -> String {
    let outcome = ran(arguments);
    assert_eq!(outcome.out, "", "nothing was measured");
    format!("{:#}", outcome.result.unwrap_err())
}

fn measured(outcome: &Outcome) -> Vec<&str> {
    outcome.result.as_ref().unwrap().cases.iter().map(|case| case.name.as_str()).collect()
}

#[test]
fn the_tables_say_what_was_found() {
    let outcome = benched(["--rounds", "15", "--seed", "7"]);
    let (head, tables) = outcome.out.split_once("\n\n").unwrap();
    assert!(head.contains("; 15 rounds of 30 ms a run, seed 7; "), "{head}");
    assert!(head.ends_with("; python 3.11.2."), "what only the bench knows: {head}");
    let due = "\
one permit
  15 rounds, intervals of 96.5 %, noise floor 1.000 to 1.000
          per pair      rate  ratio        interval    CPU  verdict
  ours      100 ns  10.0 M/s                                baseline
  theirs   80.0 ns  12.5 M/s  0.800  0.800 to 0.800  0.800  faster
  wrong          -                                          wrong answer for 1 items: expected 1, found 0

two permits
  15 rounds, intervals of 96.5 %, noise floor 1.000 to 1.000
        per item    rate  ratio  interval  CPU  verdict   least share
  ours   2.50 ms  400 /s                        baseline  97 %
  Nobody contends.
";
    assert_eq!(tables, due);
}

#[test]
fn a_variant_that_fails_is_an_entry_in_the_report_and_no_error() {
    let report = benched(["--quick"]).result.unwrap();
    let failed: Vec<_> = report.failures().map(|(case, variant, _)| (case, variant)).collect();
    assert_eq!(failed, [("one permit", "wrong")]);
}

#[test]
fn options_set_rounds_and_seed_in_any_order() {
    let settings = |arguments: &[&str]| ran(arguments).result.unwrap().settings;
    assert_eq!(settings(&["--seed", "7"]), Settings::full(7));
    assert_eq!(settings(&["--seed", "7", "--quick"]), Settings::quick(7));
    let nine = Settings { rounds: 9, ..Settings::quick(7) };
    assert_eq!(settings(&["--rounds", "9", "--quick", "--seed", "7", "--bench"]), nine);
}

#[test]
fn without_a_seed_every_run_draws_its_own() {
    let seed = || ran(["--list"]).result.unwrap().settings.seed;
    // Two of 32 bits agree once in four thousand million; three, never.
    assert!(seed() != seed() || seed() != seed());
}

#[test]
fn filters_choose_cases() {
    assert_eq!(measured(&benched(["--quick", "permit"])), ["one permit", "two permits"]);
    assert_eq!(measured(&benched(["--quick", "two"])), ["two permits"]);
    assert_eq!(measured(&benched(["--quick", "two", "one"])), ["one permit", "two permits"]);
    assert_eq!(measured(&benched(["--quick", "--exact", "one permit"])), ["one permit"]);
}

#[test]
fn a_filter_that_names_nothing_is_an_error_even_beside_one_that_does() {
    let due = "no case matches `semafore`; there are: one permit, two permits";
    assert_eq!(refused(["semafore"]), due);
    assert_eq!(refused(["one", "semafore"]), due);
    let due = "no case matches `one`; there are: one permit, two permits";
    assert_eq!(refused(["--exact", "one"]), due);
}

#[test]
fn a_list_as_json_has_the_variants_and_no_samples() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("list.json");
    ran(["--list".as_ref(), "--json".as_ref(), file.as_os_str()]);
    let listed = Report::read(&file).unwrap();
    let names = |at: usize| -> Vec<&str> {
        listed.cases[at].entries().map(|entry| entry.id.as_str()).collect()
    };
    assert_eq!(names(0), ["ours", "theirs", "wrong"]);
    assert_eq!(names(1), ["ours"]);
    assert!(listed.cases.iter().all(|case| case.rounds.is_empty()));
}

#[test]
fn list_and_help_measure_nothing() {
    let list = ran(["--list", "two"]);
    assert_eq!(list.out, "two permits\n");
    let report = list.result.unwrap();
    assert!(report.cases.iter().all(|case| case.rounds.is_empty() && case.baseline.items == 0));
    let help = refused(["--help", "--bench"]);
    assert!(help.contains("Usage: ") && help.contains("--seed <N>"), "{help}");
}

#[test]
fn without_the_word_bench_answers_are_checked_and_nothing_is_measured() {
    let outcome = ran(["--quick"]);
    assert_eq!(outcome.out, "one permit: wrong: wrong answer for 1 items: expected 1, found 0\n");
    let report = outcome.result.unwrap();
    assert_eq!(report.failures().count(), 1);
    assert!(report.cases.iter().all(|case| case.rounds.is_empty()));
    let right = ran(["two"]).out;
    assert_eq!(right, "semaphore: every variant tried out, all answers right; --bench measures\n");
}

/// Adds a round to the file, and gives it back.
fn one_more(file: &Path, seed: &str) -> Report {
    let json = [OsString::from("--json"), file.into()];
    let rest = ["--more", "--seed", seed, "--quick"].map(OsString::from);
    let outcome = benched(json.into_iter().chain(rest));
    assert_eq!(outcome.out, "");
    let report = outcome.result.unwrap();
    assert_eq!(Report::read(file).unwrap(), report);
    report
}

#[test]
fn rounds_added_one_by_one_are_those_of_one_run() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rounds.json");
    let rounds: Vec<usize> = (0..15).map(|_| one_more(&file, "7").cases[0].rounds.len()).collect();
    assert_eq!(rounds, (1..=15).collect::<Vec<_>>());
    let all = one_more(&file, "7");
    assert_eq!(all.cases, benched(["--quick", "--seed", "7"]).result.unwrap().cases);
}

#[test]
fn a_round_more_has_the_settings_and_circumstances_of_the_first() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rounds.json");
    let first = one_more(&file, "7");
    let second = one_more(&file, "8");
    assert_eq!((second.settings, second.date), (first.settings, first.date));
    assert_eq!(second.circumstances, first.circumstances);
}

#[test]
fn a_round_more_of_other_rounds_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rounds.json");
    one_more(&file, "7");
    let said = refused(["--more".into(), OsString::from("--json"), file.as_path().into()]);
    assert!(said.starts_with("--more: the file is of semaphore, "), "{said}");
    assert!(said.contains(" 15 rounds of 10 ms on "), "{said}");
    assert!(said.contains(", not of semaphore, "), "{said}");
}

#[test]
fn a_round_more_of_a_broken_file_is_refused_and_the_file_stays() {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), "{}").unwrap();
    let said = refused(["--more".into(), OsString::from("--json"), file.path().into()]);
    assert!(said.starts_with("cannot read report `"), "{said}");
    assert_eq!(fs::read_to_string(file.path()).unwrap(), "{}");
}

#[test]
fn mistakes_in_the_arguments_are_named() {
    let named = |arguments: &[&str], due: &[&str]| {
        let said = refused(arguments);
        assert!(due.iter().all(|due| said.contains(due)), "{arguments:?}: {said}");
    };
    named(&["--more"], &["required", "--json <FILE>"]);
    named(&["--more", "--list", "--json", "x"], &["cannot be used with"]);
    named(&["--fast"], &["unexpected argument '--fast'"]);
    named(&["--rounds"], &["a value is required", "--rounds <N>"]);
    named(&["--rounds", "many"], &["invalid value 'many'", "--rounds <N>"]);
    named(&["--rounds", "5"], &["invalid value '5'", "--rounds <N>", "6.."]);
    named(&["--seed", "-1"], &["unexpected argument '-1'"]);
    named(&["--json", "--bench"], &["a value is required", "--json <FILE>"]);
}

#[test]
fn an_option_that_is_said_twice_holds_as_said_last() {
    // Under cargo bench, `--bench` is said once more than somebody may have typed it.
    let outcome = benched(["--quick", "--bench", "--seed", "7", "--seed", "8", "two"]);
    assert_eq!(outcome.result.unwrap().settings, Settings::quick(8));
}

#[test]
fn a_mistake_in_the_cases_is_found_before_anything_is_measured() {
    let mut cases = Cases::new();
    cases.case("good").baseline("a").ours("a", "a", |_| -> u64 { panic!("this runs nothing") });
    cases.case("bad");
    let (mut out, clock) = (Vec::new(), Simulated::default());
    let error = run("x", cases, ["--bench".into()], &clock, &mut out, &mut Vec::new()).unwrap_err();
    assert_eq!(error.to_string(), "case `bad` has no baseline");
    assert_eq!(out, b"");
}

#[test]
fn the_result_file_holds_every_case_and_its_circumstances() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let outcome = benched(["--quick".into(), OsString::from("--json"), file.path().into()]);
    let report = Report::read(file.path()).unwrap();
    assert_eq!(report, outcome.result.unwrap());
    assert_eq!(report.circumstances["python"], "3.11.2");
}

#[test]
fn the_cases_before_one_that_never_ends_are_in_the_file_already() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let (machine, mut cases) = (Simulated::default(), Cases::new());
    cases.case("first").baseline("work").ours("work", "work", |items| machine.items(items, 100.0));
    let path = file.path();
    cases.case("second").baseline("looks").ours("looks", "looks", |items| {
        let names: Vec<_> = Report::read(path).unwrap().cases.into_iter().map(|c| c.name).collect();
        assert_eq!(names, ["first"]);
        machine.items(items, 1e8)
    });
    let arguments = ["--bench".into(), "--json".into(), path.into()];
    let report = run("x", cases, arguments, &machine, &mut Vec::new(), &mut Vec::new()).unwrap();
    assert_eq!(report.failures().count(), 0);
}

#[test]
fn a_result_file_that_cannot_be_written_is_an_error_before_anything_is_measured() {
    let path = Path::new("no/such/folder/x.json");
    let outcome = benched([OsString::from("--json"), path.into()]);
    let said = format!("{:#}", outcome.result.unwrap_err());
    assert!(said.starts_with("cannot write no/such/folder/x.json: No such file"), "{said}");
    assert!(!outcome.out.contains("permit"), "{}", outcome.out);
    assert!(!fs::exists(path).unwrap());
}

#[test]
fn progress_names_the_run_that_is_about_to_begin() {
    assert_eq!(benched(["--quick"]).progress, "");
    let outcome = benched(["--quick", "--progress"]);
    let steps: Vec<Step> =
        outcome.progress.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let first = Step { case: "one permit".into(), variant: "ours".into(), round: 0, rounds: 15 };
    assert_eq!(steps[0], first);
    // One permit: three runs a round; two permits: two a round.
    assert_eq!(steps.iter().filter(|step| step.round > 0).count(), 15 * 3 + 15 * 2);
}

#[test]
fn output_that_nobody_reads_is_an_error() {
    struct Closed;
    impl std::io::Write for Closed {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let (machine, mut cases) = (Simulated::default(), Cases::new());
    define(&machine, &mut cases);
    let bench = [OsString::from("--bench")];
    let error = run("x", cases, bench, &machine, &mut Closed, &mut Closed).unwrap_err();
    assert_eq!(format!("{error:#}"), "cannot write the table: broken pipe");
}

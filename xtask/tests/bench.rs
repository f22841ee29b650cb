//! `cargo xtask bench` on a throw-away workspace, whose benches are stand-ins: what is written
//! where, what counts as stale, and that no bad case harms another.

mod workspace;

use std::path::PathBuf;
use std::time::Duration;
use versus::Report;
use workspace::Workspace;
use xtask::bench::process::{self, Job};

const FINE: [(&str, &str); 2] = [("one permit", "is fine"), ("three permits", "is fine")];
const MARKERS: &str = "# Chapter\n\n<!-- bench: pairs -->\n<!-- /bench -->\n\nThe end.\n";

fn measured() -> Workspace {
    let workspace = Workspace::new(&[]);
    workspace.bench("pairs", &FINE);
    workspace.write("chapter/README.md", MARKERS);
    workspace.run(&["bench"]).assert(0, &["one permit", "three permits", "| theirs", "0.800"]);
    workspace
}

fn cases(workspace: &Workspace, file: &str) -> Vec<String> {
    let report = Report::read(&workspace.path(file)).expect("it is a report");
    report.cases.into_iter().map(|case| case.name).collect()
}

#[test]
fn a_full_run_is_kept_and_shown_on_every_page() {
    let workspace = measured();
    assert_eq!(cases(&workspace, "performance/pairs.json"), ["one permit", "three permits"]);
    let report = Report::read(&workspace.path("performance/pairs.json")).expect("it is a report");
    for fact in ["rustc", "commit"] {
        assert!(report.circumstances.contains_key(fact), "{:?}", report.circumstances);
    }
    assert_eq!(report.machine.load.is_some(), versus::Machine::here().load.is_some());
    let page = workspace.read("PERFORMANCE.md");
    assert!(page.contains("| theirs | 80.0 ns | 12.5 M/s | 0.800 |"), "{page}");
    assert!(page.contains("](performance/pairs-one-permit.svg)"), "{page}");
    assert!(workspace.read("performance/pairs-one-permit.svg").starts_with("<svg"));
    let readme = workspace.read("chapter/README.md");
    let said = "The figures of one machine (unknown, 2 cores) stand in [the table](../PERFORMANCE.md#pairs).";
    let due = MARKERS.replace("pairs -->\n", &format!("pairs -->\n\n{said}\n\n"));
    assert_eq!(readme, due);
    workspace.assert_tidy();
}

#[test]
fn what_was_just_measured_is_not_stale() {
    let workspace = measured();
    workspace.run(&["bench", "--check"]).assert(0, &["all tables, charts and sentences"]);
}

#[test]
fn a_table_edited_by_hand_is_stale_until_rendered_again() {
    let workspace = measured();
    let due = ["chapter/README.md", "PERFORMANCE.md", "performance/pairs-one-permit.svg"];
    let before = due.map(|file| workspace.read(file));
    for (file, text) in due.iter().zip(&before) {
        workspace.write(file, &text.replace("0.800", "0.123").replace("unknown", "mine"));
    }
    workspace.write("performance/pairs-forgotten.svg", "<svg/>");
    let stale = due.map(|file| format!("stale: {file} is not what"));
    let check = workspace.run(&["bench", "--check"]);
    check.assert(1, &["stale: performance/pairs-forgotten.svg belongs to no result"]);
    check.assert(1, &stale.each_ref().map(String::as_str));
    workspace.run(&["bench", "--render"]).assert(0, &[]);
    assert_eq!(due.map(|file| workspace.read(file)), before);
    assert!(!workspace.has("performance/pairs-forgotten.svg"));
}

#[test]
fn results_of_other_cases_than_there_are_now_are_stale() {
    let workspace = measured();
    let source = workspace.read("chapter/benches/pairs.rs");
    let source = source.replace("\"theirs\", \"theirs\"", "\"others\", \"theirs\"");
    workspace.write("chapter/benches/pairs.rs", &source.replace("(\"three permits\"", "(\"many\""));
    workspace.run(&["bench", "--check"]).assert(
        1,
        &[
            "pairs: `one permit`: variant `others` has not been measured",
            "pairs: `one permit`: variant `theirs` is not there any more",
            "pairs: `many` has not been measured",
            "pairs: `three permits` is not there any more",
        ],
    );
}

#[test]
fn a_new_label_or_role_needs_no_new_measurement() {
    let workspace = measured();
    let source = workspace.read("chapter/benches/pairs.rs");
    let source =
        source.replace("\"theirs\", \"theirs\", \"peer\"", "\"theirs\", \"others\", \"limit\"");
    workspace.write("chapter/benches/pairs.rs", &source);
    let stale = ["stale: performance/pairs.json is not what", "stale: PERFORMANCE.md is not what"];
    let said = workspace.run(&["bench", "--check"]);
    said.assert(1, &stale);
    assert!(!said.stdout.contains("measured"), "{}", said.stdout);
    workspace.run(&["bench", "--render"]).assert(0, &[]);
    let page = workspace.read("PERFORMANCE.md");
    assert!(page.contains("| others (limit) | 80.0 ns | 12.5 M/s | 0.800 |"), "{page}");
    workspace.run(&["bench", "--check"]).assert(0, &["all tables, charts and sentences"]);
}

#[test]
fn another_baseline_is_stale() {
    let workspace = measured();
    let source = workspace.read("chapter/benches/pairs.rs");
    let source = source.replace("entry(\"ours\", ", "entry(\"first\", ");
    workspace.write("chapter/benches/pairs.rs", &source);
    let due = "stale: pairs: `one permit` has another baseline";
    workspace.run(&["bench", "--check"]).assert(1, &[due]);
}

#[test]
fn python_is_never_missing_nor_what_is_there_on_another_system() {
    let workspace = measured();
    let source = workspace.read("chapter/benches/pairs.rs");
    let renamed = source.replace("\"theirs\", \"theirs\"", "\"others\", \"others\"");
    let elsewhere = renamed.replace("\"system\":\"none\"", "\"system\":\"another\"");
    workspace.write("chapter/benches/pairs.rs", &elsewhere);
    workspace.run(&["bench", "--check"]).assert(0, &["all tables, charts and sentences"]);
    workspace.write("chapter/benches/pairs.rs", &source.replace("\"peer\"", "\"python\""));
    workspace.run(&["bench", "--render"]).assert(0, &[]);
    workspace.write("chapter/benches/pairs.rs", &renamed.replace("\"peer\"", "\"python\""));
    workspace.run(&["bench", "--check"]).assert(0, &["all tables, charts and sentences"]);
}

#[test]
fn a_bench_without_results_is_told_and_its_block_is_empty() {
    let workspace = measured();
    workspace.bench("new", &FINE);
    let empty = "<!-- bench: new -->\n<!-- /bench -->\n";
    workspace.write("chapter/README.md", &empty.replace("new -->\n", "new -->\n\nold\n\n"));
    workspace.run(&["bench", "--check"]).assert(1, &["not measured yet: new", "chapter/README.md"]);
    workspace.run(&["bench", "--render"]).assert(0, &[]);
    assert_eq!(workspace.read("chapter/README.md"), empty);
    workspace.run(&["bench", "--check"]).assert(0, &["not measured yet: new", "all tables"]);
}

#[test]
fn a_broken_result_file_is_named_with_its_field_and_nothing_is_overwritten() {
    let workspace = measured();
    let text = workspace.read("performance/pairs.json");
    workspace.write("performance/pairs.json", &text.replacen("\"items\":1", "\"items\":-1", 1));
    workspace.write("PERFORMANCE.md", "mine");
    for task in ["--render", "--check"] {
        let said = workspace.run(&["bench", task]);
        said.assert(
            if task == "--render" { 2 } else { 1 },
            &["pairs.json`: field `cases[0].baseline.items`"],
        );
    }
    assert_eq!(workspace.read("PERFORMANCE.md"), "mine");
}

#[test]
fn a_marker_of_no_bench_is_told_and_its_block_stays() {
    let workspace = measured();
    let readme = "<!-- bench: nobody -->\nold\n<!-- /bench -->\n<!-- bench: pairs -->\n";
    workspace.write("chapter/README.md", readme);
    let said = workspace.run(&["bench", "--render"]);
    let due =
        ["chapter/README.md: `<!-- bench: nobody -->` is of no bench", "has no `<!-- /bench -->`"];
    said.assert(1, &due);
    assert_eq!(workspace.read("chapter/README.md"), readme);
}

#[test]
fn a_folder_that_cannot_be_written_costs_no_figures() {
    let workspace = Workspace::new(&[]);
    workspace.bench("pairs", &FINE);
    workspace.write("performance", "no folder");
    let said = workspace.run(&["bench"]);
    said.assert(2, &["cannot write", "pairs.json", "| theirs"]);
}

#[test]
fn a_quick_run_leaves_the_record_alone() {
    let workspace = Workspace::new(&[]);
    workspace.bench("pairs", &FINE);
    let said = workspace.run(&["bench", "--quick"]);
    said.assert(0, &["tables and charts of this run", "target/bench/PERFORMANCE.md"]);
    assert_eq!(cases(&workspace, "target/bench/pairs.json"), ["one permit", "three permits"]);
    assert!(workspace.has("target/bench/pairs-one-permit.svg"));
    assert!(!workspace.has("performance") && !workspace.has("PERFORMANCE.md"));
}

#[test]
fn part_of_a_bench_is_no_record() {
    let workspace = Workspace::new(&[]);
    workspace.bench("pairs", &FINE);
    workspace.bench("other", &[("elsewhere", "is fine")]);
    workspace.run(&["bench", "one permit", "other"]).assert(0, &["elsewhere"]);
    assert_eq!(cases(&workspace, "target/bench/pairs.json"), ["one permit"]);
    assert_eq!(cases(&workspace, "performance/other.json"), ["elsewhere"]);
    assert!(!workspace.has("performance/pairs.json"));
}

#[test]
fn an_unknown_filter_lists_what_there_is() {
    let workspace = Workspace::new(&[]);
    workspace.bench("pairs", &FINE);
    let known = ["is named `two permits`", "chapter pairs:", "one permit", "three permits"];
    workspace.run(&["bench", "two permits"]).assert(2, &known);
}

#[test]
fn a_bad_case_is_named_and_harms_no_other() {
    let workspace = Workspace::new(&[]);
    let bad =
        ["crashes in round 2", "gives up", "leaves nothing", "leaves rubbish", "answers wrongly"];
    let mut all: Vec<_> = bad.iter().map(|does| (*does, *does)).collect();
    all.push(("the last", "is fine"));
    workspace.bench("pairs", &all);
    workspace.bench("other", &[("elsewhere", "is fine")]);
    let said = workspace.run(&["bench"]);
    said.assert(
        1,
        &[
            "error: pairs: crashes in round 2: variant `theirs`, in round 2, ended with signal 6",
            "error: pairs: gives up: variant `theirs`, in round 1, ended with exit status 2",
            "no room for a pair",
            "error: pairs: leaves nothing: cannot read report",
            "error: pairs: leaves rubbish: cannot read report",
            "missing field `name`",
            "variant `theirs`: wrong answer for 3 items: expected 6, found 7",
        ],
    );
    let told = said.stdout.matches("wrong answer for 3 items").count();
    assert_eq!(told, 2, "once when it happens, and once in the table:\n{}", said.stdout);
    assert_eq!(cases(&workspace, "target/bench/pairs.json"), ["answers wrongly", "the last"]);
    assert_eq!(cases(&workspace, "performance/other.json"), ["elsewhere"]);
    assert!(!workspace.has("performance/pairs.json"), "a result with gaps is no record");
    workspace.assert_tidy();
}

#[test]
fn a_check_tries_out_every_variant() {
    let workspace = measured();
    workspace.bench("pairs", &[("one permit", "answers wrongly"), ("three permits", "is fine")]);
    let due = "error: pairs: `one permit`: variant `theirs`: wrong answer for 3 items";
    workspace.run(&["bench", "--check"]).assert(1, &[due, "all tables"]);
}

#[test]
fn a_bench_that_does_not_build_harms_no_other() {
    let workspace = Workspace::new(&[]);
    workspace.bench("pairs", &FINE);
    workspace.bench("other", &FINE);
    workspace.write("chapter/benches/other.rs", "fn main() { no such thing }");
    workspace.run(&["bench"]).assert(2, &["error: other: it was not built", "| theirs"]);
    assert!(workspace.has("performance/pairs.json"));
}

#[test]
fn a_bench_that_never_ends_is_ended_at_its_limit() {
    let workspace = Workspace::new(&[]);
    let script = "echo '{\"case\":\"c\",\"variant\":\"slow\",\"round\":0,\"rounds\":6}' >&2; \
                  echo trouble >&2; sleep 600 & while echo busy; do sleep 0.1; done";
    let arguments = ["-c".to_owned(), script.to_owned()];
    let (program, folder) = (PathBuf::from("/bin/sh"), workspace.path(""));
    // The first limit within which it has said all it says.
    for limit in [1, 2, 4, 8, 16, 32].map(Duration::from_secs) {
        let file = &folder.join("no.json");
        let job = Job { program: &program, folder: &folder, arguments: &arguments, file, limit };
        let mut steps = Vec::new();
        let error = process::run(&job, &mut |step| steps.push(step.variant.clone()));
        let said = error.expect_err("it never ends").to_string();
        if said.ends_with("trouble") {
            let end =
                format!("took longer than {} s and has been ended\n  trouble", limit.as_secs());
            assert_eq!(said, format!("variant `slow`, before the first round, {end}"));
            assert_eq!(steps, ["slow"]);
            return;
        }
    }
    panic!("it said nothing in any time");
}

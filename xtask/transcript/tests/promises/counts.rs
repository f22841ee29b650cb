//! Every count that the specification prints.

use transcript::Transcript;

fn count(rows: &str, rules: &str) -> String {
    let always = if rules.is_empty() { String::new() } else { format!("# Always\n\n{rules}\n") };
    let markdown = format!("# Output\n\n```text\n{rows}\n```\n\n{always}");
    match Transcript::parse(&markdown) {
        Ok(transcript) => transcript.count().to_string(),
        Err(errors) => errors.iter().map(|e| format!("{e}\n")).collect(),
    }
}

const TASKS: &str = "i in 0..5| task {i} waiting
i        | task {i} acquired
i        | task {i} releasing
all 5 tasks done";

#[test]
fn lanes_without_a_rule_interleave_freely() {
    let threads = "i in 0..3| thread {i}: hello\ni| thread {i}: done\nall joined";
    assert_eq!(count(threads, ""), "90");
    assert_eq!(count(TASKS, ""), "168,168,000");
}

#[test]
fn a_bound_on_holders_and_its_being_reached_are_counted() {
    let at_most = "- at most 3 between `acquired` and `releasing`";
    assert_eq!(count(TASKS, at_most), "97,104,000");
    assert_eq!(count(TASKS, &format!("{at_most}, 3 reached")), "73,483,200");
}

#[test]
fn an_event_is_no_series_parallel_order() {
    let workers = "i in 0..3| worker {i} waiting\ni| worker {i} running\n~| go!\nall done";
    assert_eq!(count(workers, "- `go!` before `running`"), "288");
    let forced = "i in 0..3| worker {i} waiting\ngo!\ni| worker {i} running\nall done";
    assert_eq!(count(forced, ""), "36");
}

#[test]
fn equal_lines_are_counted_once() {
    let server =
        "listening\nA| A asks\nA| A got\nB| B asks\nB| B got\n~| connection\n~| connection\nbye";
    assert_eq!(count(server, ""), "90");
    assert_eq!(count("i in 0..3| hello\ni| done\nbye", ""), "5");
}

#[test]
fn large_counts_are_exact() {
    // 48! / 3!^16 and the 16th Catalan number.
    let sixteen = "i in 0..16| a {i}\ni| b {i}\ni| c {i}";
    assert_eq!(
        count(sixteen, ""),
        "4,400,365,813,372,582,601,747,033,381,701,114,920,960,000,000,000"
    );
    assert_eq!(count("i in 0..16| hello\ni| done", ""), "35,357,670");
}

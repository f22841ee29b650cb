//! Every count that the specification prints.

use crate::support::parse;
use transcript::Count;

fn count(rows: &str, rules: &str) -> String {
    parse(rows, rules).count().to_string()
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

#[test]
fn a_rounded_count_is_exact_up_to_12_digits_and_then_the_nearest_power_of_ten() {
    let rounded = |digits: &str| Count::Exactly(digits.parse().unwrap()).rounded();
    assert_eq!(rounded("0"), "0");
    assert_eq!(rounded("999999999999"), "999,999,999,999");
    assert_eq!(rounded("1000000000000"), "about 10^12");
    // Half-way between two powers is the square root of ten.
    assert_eq!(rounded("3162277660168"), "about 10^12");
    assert_eq!(rounded("3162277660169"), "about 10^13");
    assert_eq!(rounded(&"9".repeat(13)), "about 10^13");
    let sixteen = parse("i in 0..16| a {i}\ni| b {i}\ni| c {i}", "").count();
    assert_eq!(sixteen.rounded(), "about 10^49");
    assert_eq!(Count::TooMany.rounded(), "too many to count");
}

#[test]
fn rules_four_to_six_are_left_aside_and_samples_stand_for_values() {
    let rows = "~| at {n=1}\n~+| at {m=2}\n~?| x [..]\n~| end {n}";
    assert_eq!(count(rows, "- `at {n}` ascending\n- {n} > 5\n- sometimes `x`"), "30");
    assert_eq!(count("~| a\n...\nA| b\nA| ...\nB| c", ""), "2");
}

#[test]
fn a_rule_that_no_sample_meets_counts_all_the_same() {
    let rows = "A| got {n=1}\nB| x";
    assert_eq!(count(rows, "- at most 2 between `got 7` and `x`"), "0");
    assert_eq!(count(rows, "- at most 1 between `got 7` and `got 8`, 1 reached"), "0");
    assert_eq!(count(rows, "- never `y`"), "2");
}

#[test]
fn what_would_take_too_long_is_given_up() {
    let rows = ('A'..='Z').map(|lane| format!("{lane}| {lane}\n{lane}| x\n{lane}| y {lane}"));
    let rows = rows.collect::<Vec<_>>().join("\n");
    assert_eq!(count(&rows, ""), "too many to count");
    assert_eq!(count("i in 0..1000?| a {i}\ni?| b {i}\ni?| c {i}", ""), "too many to count");
}

#[test]
fn lanes_that_are_each_others_image_are_counted_together() {
    // Each pair of lanes has a rule of its own; 12 lanes have 4^12 places, and few that differ.
    let rows = "i in 0..12| {i} a\ni| {i} b\ni| {i} c\n~| go";
    let rules = "- `{i} b` before `{i} c`\n- `go` before `c`";
    assert_eq!(count(rows, rules), "2,422,009,633,793,729,870,045,675,520,000,000");
}

#[test]
fn rows_in_no_lane_are_not_taken_for_a_lane() {
    // Lane A has as many rows as stand in no lane, and only its rows have an order. The equal
    // lines of B and C keep the formula out of it.
    assert_eq!(count("A| x1\nA| x2\n~| y\n~| z\nB| q\nC| q", ""), "180");
    let later = "A| x1\nA| x2\n~| y\n~| z\nend\nA| p\n~| r\nB| q\nC| q";
    assert_eq!(count(later, ""), "144");
}

//! The rules of `# Always`.

use crate::support::{failure, is_legal, parse, run};
use transcript::{Kind, Verdict};

/// Any lines, under these rules.
fn keeps(rules: &str, lines: &str) -> bool {
    let stdout: String = lines.split('/').flat_map(|line| [line, "\n"]).collect();
    match parse("...", rules).check(&run(&stdout), 0) {
        Verdict::Legal(_) => true,
        Verdict::Illegal(failure) if failure.kind == Kind::Rule => false,
        other => panic!("{other:?}"),
    }
}

/// Does a pattern match somewhere in a line?
fn matches(pattern: &str, line: &str) -> bool {
    !keeps(&format!("- never `{pattern}`"), line)
}

#[test]
fn a_pattern_neither_begins_nor_ends_inside_a_word_or_a_number() {
    assert!(matches("task 1", "a task 1."));
    assert!(!matches("task 1", "task 10"));
    assert!(!matches("task 1", "subtask 1"));
    assert!(!matches("task 1", "task 1.5"));
    assert!(matches("task 1", "task 1. Then"));
    assert!(!matches("task 1", "task 1_a"));
    assert!(matches("task 1", "task 10, task 1"));
    assert!(
        !matches("1", "-1") && matches("-1", "-1") && !matches("5", "1.5") && !matches("1", "v1.5")
    );
    // Numbers are read from the left: 5.3 and 3.1.
    assert!(matches("5.3", "5.3.3.1") && !matches("3.3", "5.3.3.1") && matches("3.1", "5.3.3.1"));
    assert!(matches(": ", "a: b") && matches("é", "né"));
}

#[test]
fn a_pattern_is_written_like_the_text_of_a_row() {
    assert!(matches("{n=1} of {m=1}", "3 of 12"));
    assert!(!matches("{n=1} of {n}", "3 of 12"));
    assert!(matches("{n=1} of {n}", "3 of 12 of 12"));
    assert!(matches("{{x}}", "a {x} b"));
    assert!(matches("a [..] z", "a b c z"));
    assert!(matches("a[..]z", "a z zz") && !matches("a[..]z", "a zx"));
    assert!(matches("[..]", ""));
    assert!(!matches("x ", "x") && matches("x ", "x y"));
}

#[test]
fn before_wants_an_earlier_line() {
    let rule = "- `go` before `run`";
    assert!(keeps(rule, "go/run/run") && keeps(rule, "x") && keeps(rule, "go"));
    assert!(!keeps(rule, "run/go") && !keeps(rule, "go run") && keeps(rule, "go/go run"));
}

#[test]
fn before_holds_for_each_value_that_both_patterns_share() {
    let rule = "- `open {n=1}` before `close {n}`";
    assert!(keeps(rule, "open 1/open 2/close 2/close 1"));
    assert!(!keeps(rule, "open 1/close 2"));
    // Character for character.
    assert!(!keeps(rule, "open 1/close 01"));
    // What only one says does not count.
    assert!(keeps("- `open {n=1}` before `close {m=1}`", "open 1/close 2"));
    // A sample in the second gives the name in the first its kind.
    assert!(keeps("- `open {n}` before `close {n=1}`", "open 1/close 1"));
    // Names and lane letters of the rows need no sample.
    assert!(is_legal(
        "i in 0..2| a {i}\ni| b {i}",
        "- `a {i}` before `b {i}`",
        "a 0\nb 0\na 1\nb 1\n"
    ));
}

#[test]
fn at_most_counts_after_every_line_and_never_below_zero() {
    let rule = "- at most 2 between `in` and `out`";
    assert!(
        keeps(rule, "in/in/out/in/out/out")
            && !keeps(rule, "in/in/in")
            && !keeps(rule, "in/out/out")
    );
    // A line of both changes nothing.
    assert!(keeps(rule, "in/in/in out/out/out") && keeps(rule, "out in"));
    assert!(
        keeps("- at most 0 between `in` and `out`", "in out")
            && !keeps("- at most 0 between `in` and `out`", "in")
    );
}

#[test]
fn at_most_counts_for_each_value_that_both_patterns_share() {
    let rule = "- at most 1 between `in {r=a}` and `out {r}`";
    assert!(keeps(rule, "in a/in b/out a/in a/out b"));
    assert!(!keeps(rule, "in a/in a") && !keeps(rule, "in a/out b"));
    // One line may move two of them.
    assert!(!keeps("- at most 1 between `to {r=a}` and `from {r}`", "to a/from b to a"));
    assert!(keeps("- at most 1 between `to {r=a}` and `from {r}`", "to a/from a to b/to a"));
}

#[test]
fn n_reached_wants_it_once_for_one_value() {
    let rule = "- at most 2 between `in` and `out`, 2 reached";
    assert!(keeps(rule, "in/in/out") && !keeps(rule, "in/out/in") && !keeps(rule, "x"));
    let rule = "- at most 2 between `in {r=a}` and `out {r}`, 2 reached";
    assert!(keeps(rule, "in a/in b/in b") && !keeps(rule, "in a/in b"));
    assert!(keeps("- at most 0 between `in` and `out`, 0 reached", "x"));
}

#[test]
fn never_is_broken_by_one_line() {
    assert!(
        keeps("- never `panicked`", "all well") && !keeps("- never `panicked`", "it panicked!")
    );
    // It may name what no row can print: that is its use.
    assert!(is_legal("a", "- never `b`", "a\n"));
}

#[test]
fn ascending_and_descending_compare_neighbours_and_allow_equals() {
    let rule = "- `at {n=1}` ascending";
    assert!(
        keeps(rule, "at 1/x/at 1/at 2/at 10")
            && !keeps(rule, "at 1/at 10/at 2")
            && keeps(rule, "at -5/at -4")
    );
    let rule = "- `at {n=1.0}` descending";
    assert!(keeps(rule, "at 3/at 2.5/at 2.50/at -1") && !keeps(rule, "at 2.5/at 2.51"));
}

#[test]
fn one_name_said_twice_is_one_name() {
    let rule = "- `{n=1} of {n}` ascending";
    assert!(keeps(rule, "1 of 1/2 of 2/1 of 2") && !keeps(rule, "2 of 2/1 of 1"));
}

#[test]
fn distinct_compares_all() {
    let rule = "- `id {w=a}` distinct";
    assert!(keeps(rule, "id a/id b/id A") && !keeps(rule, "id a/id b/id a"));
    assert!(!keeps("- `id {n=1}` distinct", "id 7/id 8/id 07"));
}

#[test]
fn durations_compare_across_units() {
    let rule = "- `took {t=1 ms}` ascending";
    assert!(
        keeps(rule, "took 900us/took 1 ms/took 0.5 s/took 1min")
            && !keeps(rule, "took 2 ms/took 1999 us")
    );
    assert!(!keeps("- `took {t=1 ms}` distinct", "took 1.5 ms/took 1500 µs"));
}

#[test]
fn values_compare_by_what_they_mean_at_any_length() {
    let in_order = |sample: &str, values: &[&str]| {
        let lines = values.join("/");
        let rule = |word: &str| format!("- `{{v={sample}}}` {word}");
        (keeps(&rule("ascending"), &lines), keeps(&rule("descending"), &lines))
    };
    for (sample, less, more) in [
        ("1 s", "119.999 s", "2 min"),
        ("1 s", "9.99 µs", "10us"),
        ("1", &"9".repeat(40), &format!("1{}", "0".repeat(40))),
        ("1", "-12", "-2"),
        ("1.0", "-10.50", "-2"),
        ("1.0", "-0.5", "0.25"),
        ("1.0", "0.09", "0.1"),
    ] {
        assert_eq!(in_order(sample, &[less, more]), (true, false), "{less} < {more}");
    }
    for (sample, one, other) in [
        ("1 s", "1.5 ms", "1500us"),
        ("1 s", "2.5min", "150 s"),
        ("1 s", "0.0000000001 min", "6ns"),
        ("1.0", "-0.0", "0"),
        ("1.0", "007.10", "7.1"),
    ] {
        assert_eq!(in_order(sample, &[one, other]), (true, true), "{one} = {other}");
    }
}

#[test]
fn first_n_looks_at_no_more_lines_and_fewer_are_fine() {
    let rule = "- first 2 `at {n=1}` ascending";
    assert!(
        keeps(rule, "at 1/at 2/at 0")
            && !keeps(rule, "at 2/at 1/at 3")
            && keeps(rule, "at 9")
            && keeps(rule, "")
    );
}

#[test]
fn a_bound_is_part_of_the_matching() {
    assert!(is_legal("took {t=1 ms}", "- {t} < 2 s", "took 1999 ms\n"));
    assert!(!is_legal("took {t=1 ms}", "- {t} < 2 s", "took 2000 ms\n"));
    assert!(is_legal("{n=1}", "- {n} <= 2.5", "2\n") && !is_legal("{n=1}", "- {n} > -3", "-3\n"));
    assert!(
        is_legal("{n=1}", "- {n} >= -3", "-3\n")
            && is_legal("+| {n=1}", "- {n} > 0\n- {n} < 9", "1\n8\n")
    );
    // The first line could be A's or B's: its value says B's.
    let rows = "A| {a=1}\nB| {b=1}\nB| b";
    assert!(is_legal(rows, "- {a} > 5", "3\nb\n7\n") && !is_legal(rows, "- {a} > 5", "7\nb\n3\n"));
    // Bound where the name is said first, if that is another row.
    assert_eq!(failure("A| {a=1}\nB| on {a}", "- {a} > 5", &run("on 3\n3\n")).line, Some(1));
}

#[test]
fn sometimes_never_fails_and_is_told() {
    let transcript = parse("?| a\nb", "- sometimes `a`\n- sometimes `b`");
    let Verdict::Legal(reading) = transcript.check(&run("b\n"), 0) else { panic!("not legal") };
    let sometimes = [("sometimes `a`".to_owned(), false), ("sometimes `b`".to_owned(), true)];
    assert_eq!(reading.sometimes, sometimes);
}

#[test]
fn rules_see_standard_output_only() {
    let check = |stderr: &str| {
        let run = transcript::Output { stderr: stderr.as_bytes(), ..run("1\n") };
        matches!(
            parse("{n=1}\nerr?| x\nerr+| {m=1}", "- never `x`\n- {n} < 5").check(&run, 0),
            Verdict::Legal(_)
        )
    };
    assert!(check("x\n7\n"));
}

#[test]
fn a_rule_may_go_on_in_indented_lines() {
    let rules = "- at most 1\n  between `in`\n\n    and `out`\n-  never `x`";
    assert!(is_legal("in\nout", rules, "in\nout\n"));
    assert_eq!(
        failure("?| in\n+| in\nout", rules, &run("in\nin\nout\n")).target,
        "at most 1 between `in` and `out`"
    );
}

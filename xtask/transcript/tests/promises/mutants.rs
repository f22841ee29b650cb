//! Line mutants.

use crate::support::{parse, run};
use transcript::Output;

#[test]
fn lines_are_dropped_doubled_and_swapped_as_their_rows_allow() {
    let transcript = parse("A| a\nB?| b\nC+| c\n...\nend", "");
    let mutants = transcript.mutants(&run("a\nb\nc\nx\nend\n"), 0);
    // `a` and `end` dropped, `a`, `b` and `end` doubled; the doubled `end` is one more of `...`, and
    // so is the second of a doubled `a` or `b` before it.
    assert_eq!(mutants.tried, 5);
    assert_eq!(mutants.missed, ["double line 5: end"]);
    assert_eq!(mutants.swaps, ["lines 1 and 2: a <-> b", "lines 2 and 3: b <-> c"]);
}

#[test]
fn a_swap_of_equal_lines_is_none() {
    let mutants = parse("~| x\n~| x\n~| y", "").mutants(&run("x\nx\ny\n"), 0);
    assert_eq!((mutants.tried, mutants.missed.len()), (6, 0));
    assert_eq!(mutants.swaps, ["lines 2 and 3: x <-> y"]);
}

#[test]
fn rules_and_the_exit_status_judge_mutants_too() {
    let transcript = parse("A| a\nB| b", "- `a` before `b`");
    assert!(transcript.mutants(&run("a\nb\n"), 0).swaps.is_empty());
}

#[test]
fn nothing_is_tried_on_a_run_that_is_not_legal() {
    let transcript = parse("a\nb", "");
    assert_eq!(transcript.mutants(&run("a\n"), 0).tried, 0);
    assert_eq!(transcript.mutants(&run("a\nb\n"), 1).tried, 0);
}

#[test]
fn mutants_follow_the_reading_that_standard_error_leaves() {
    // The second line is A's: standard error says so.
    let run = Output { stderr: b"2\n", ..run("1\n2\n") };
    let mutants = parse("A| {a=1}\nB+| {b=1}\nerr| {a}", "").mutants(&run, 0);
    assert_eq!((mutants.tried, mutants.missed), (2, vec!["double line 2: 2".to_owned()]));
}

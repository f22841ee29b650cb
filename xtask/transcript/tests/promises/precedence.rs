//! Which of several failures is reported.

use crate::support::{failure, parse, run};
use transcript::{Kind, Output, Status, Verdict};

/// The kind and the line of a failure.
fn first(rows: &str, rules: &str, run: &Output<'_>) -> (Kind, Option<usize>) {
    let failure = failure(rows, rules, run);
    (failure.kind, failure.line)
}

#[test]
fn the_earliest_line_is_reported() {
    assert_eq!(first("a\nb\nc", "- never `a`", &run("a\nx\n")), (Kind::Rule, Some(1)));
    assert_eq!(first("a\nb\nc", "- never `c`", &run("a\nx\nc\n")), (Kind::NoRow, Some(2)));
    assert_eq!(first("a\nb\nc", "- never `a`", &run("a\n")), (Kind::Rule, Some(1)));
    assert_eq!(first("a\n{n=1}", "- {n} < 5\n- never `a`", &run("a\n7\n")), (Kind::Rule, Some(1)));
    assert_eq!(
        first("a\n{n=1}\nb", "- {n} < 5\n- never `b`", &run("a\n7\nb\n")),
        (Kind::OutOfBounds, Some(2))
    );
}

#[test]
fn on_one_line_the_rows_come_first_then_bounds_then_the_rules_in_their_order() {
    // A rule over the line that no row takes.
    assert_eq!(first("a\nb", "- never `c`", &run("a\nc\n")), (Kind::NoRow, Some(2)));
    assert_eq!(
        first("a\n{n=1}", "- never `7`\n- {n} < 5", &run("a\n7\n")),
        (Kind::OutOfBounds, Some(2))
    );
    for (rules, target) in [
        ("- never `b`\n- `c` before `b`", "never `b`"),
        ("- `c` before `b`\n- never `b`", "`c` before `b`"),
        (
            "- sometimes `c`\n- at most 0 between `b` and `c`\n- never `b`",
            "at most 0 between `b` and `c`",
        ),
    ] {
        assert_eq!(failure("A| a\nA| b\nB| c", rules, &run("a\nb\nc\n")).target, target);
    }
    // Line 4 can be read in too many ways.
    let hellos = "hello\n".repeat(20);
    let check = |most: u32| {
        let rule = format!("- at most {most} between `hello` and `bye`");
        parse("i in 0..40| hello\ni| bye {i}", &rule).check(&run(&hellos), 0)
    };
    assert!(matches!(check(3), Verdict::TooAmbiguous(ambiguity) if ambiguity.line == 4));
    assert!(matches!(check(2), Verdict::Illegal(failure) if failure.line == Some(3)));
}

#[test]
fn what_is_true_of_the_whole_output_comes_after_its_lines() {
    let rules = "- at most 2 between `in` and `out`, 2 reached";
    assert_eq!(first("in\nout\nend", rules, &run("in\nout\n")), (Kind::Ended, None));
    assert_eq!(first("in\nout\nend", rules, &run("in\nout\nend\n")), (Kind::Rule, None));
    let twice = "- at most 3 between `in` and `out`, 3 reached\n- at most 2 between `in` and `out`, 2 reached";
    assert!(failure("in\nout\nend", twice, &run("in\nout\nend\n")).target.starts_with("at most 3"));
}

#[test]
fn standard_output_is_judged_before_standard_error_and_that_before_the_exit_status() {
    let all = Output { stdout: b"b\n", stderr: b"x\n", status: Status::Exited(1) };
    assert_eq!(first("a", "", &all), (Kind::NoRow, Some(1)));
    assert_eq!(
        first(
            "b\n",
            "- at most 1 between `b` and `b`, 1 reached",
            &Output { stdout: b"b\n\n", ..all }
        )
        .0,
        Kind::Rule
    );
    assert_eq!(failure("b", "", &all).target, "err");
    assert_eq!(first("b\nerr| x", "", &all), (Kind::Exit, None));
    let unjudged = Output { status: Status::Unjudged, ..all };
    assert!(matches!(parse("b\nerr| x", "").check(&unjudged, 0), Verdict::Legal(_)));
    // A time-out: what was printed is judged, the status is not.
    assert_eq!(first("b\nc", "", &unjudged), (Kind::Ended, None));
}

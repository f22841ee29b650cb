//! What a failure says: the whole text of each kind.

use crate::support::{explained, failure, parse, run};
use transcript::{Kind, Output, Status, Verdict};

const TASKS: &str = "i in 0..5| task {i} waiting
i        | task {i} acquired
i        | task {i} releasing
all 5 tasks done";
const PERMITS: &str = "- at most 3 between `acquired` and `releasing`";
const WAITING: &str =
    "task 0 waiting\ntask 1 waiting\ntask 2 waiting\ntask 3 waiting\ntask 4 waiting\n";

#[test]
fn a_rule_breaks_with_the_count_beside_its_lines() {
    let output =
        format!("{WAITING}task 0 acquired\ntask 2 acquired\ntask 1 acquired\ntask 4 acquired\n");
    let failure = failure(TASKS, PERMITS, &run(&output));
    assert_eq!((failure.kind, failure.line), (Kind::Rule, Some(9)));
    assert_eq!(failure.target, "at most 3 between `acquired` and `releasing`");
    assert_eq!(failure.lanes, ["i=0", "i=1", "i=2", "i=3", "i=4", "i=0", "i=2", "i=1", "i=4"]);
    assert_eq!(
        failure.explain("semaphore"),
        "\
semaphore: line 9 breaks a rule
   1  i=0| task 0 waiting
   2  i=1| task 1 waiting
   3  i=2| task 2 waiting
   4  i=3| task 3 waiting
   5  i=4| task 4 waiting
   6  i=0| task 0 acquired            1 of 3
   7  i=2| task 2 acquired            2 of 3
   8  i=1| task 1 acquired            3 of 3
 > 9  i=4| task 4 acquired            4 of 3    at most 3 between `acquired` and `releasing`
"
    );
}

#[test]
fn a_count_below_zero_breaks_the_rule_for_its_own_value_only() {
    assert_eq!(
        explained(
            "+| {what=in} {room=a}",
            "- at most 1 between `in {room}` and `out {room}`",
            &run("in a\nin b\nout a\nout a\n")
        ),
        "\
x: line 4 breaks a rule
   1     in a                       1 of 1
   2     in b
   3     out a                      0 of 1
 > 4     out a                      an end before its beginning    at most 1 between `in {room}` and `out {room}`
"
    );
}

#[test]
fn n_reached_is_told_after_the_last_line() {
    let rules = "- at most 2 between `in` and `out`, 2 reached";
    let failure = failure("in\nout\nin\nout", rules, &run("in\nout\nin\nout\n"));
    assert_eq!((failure.kind, failure.line), (Kind::Rule, None));
    assert_eq!(
        failure.explain("x"),
        "\
x: the output breaks a rule: 1 is the most that was reached
   1     in                         1 of 2
   2     out                        0 of 2
   3     in                         1 of 2
   4     out                        0 of 2
the rule: at most 2 between `in` and `out`, 2 reached
"
    );
}

#[test]
fn before_never_and_the_sorted_rules_break_on_a_line() {
    assert_eq!(
        explained("A| a\nB| b", "- `a` before `b`", &run("b\na\n")),
        "\
x: line 1 breaks a rule
 > 1  B| b                          `a` before `b`
   2  A| a
"
    );
    assert_eq!(
        explained("a\nb\nc", "- never `b`", &run("a\nb\nc\n")),
        "\
x: line 2 breaks a rule
   1     a
 > 2     b                          never `b`
   3     c
"
    );
    let sorted = |rule: &str| explained("+| at {n=1}", rule, &run("at 2\nat 4\nat 3\n"));
    assert_eq!(
        sorted("- `at {n}` ascending"),
        "\
x: line 3 breaks a rule
   1     at 2
   2     at 4                       4
 > 3     at 3                       3    `at {n}` ascending
"
    );
    assert_eq!(
        explained("+| id {n=1 s}", "- `{n}` distinct", &run("id 1 s\nid 2 s\nid 1000 ms\n")),
        "\
x: line 3 breaks a rule
   1     id 1 s                     1 s
   2     id 2 s
 > 3     id 1000 ms                 1000 ms    `{n}` distinct
"
    );
    assert!(
        sorted("- first 3 `at {n}` descending")
            .contains(" > 2     at 4                       4    first 3")
    );
}

#[test]
fn a_line_that_no_row_matches_is_shown_with_the_nearest_row() {
    let failure = failure(TASKS, PERMITS, &run("task 0 waiting\ntask 0 aquired\nmore\n"));
    assert_eq!((failure.kind, failure.line), (Kind::NoRow, Some(2)));
    assert_eq!(failure.target, "i        | task {i} acquired");
    assert_eq!(failure.lanes, ["i=0", "", ""]);
    assert_eq!(
        failure.explain("x"),
        "\
x: no row matches line 2
   1  i=0| task 0 waiting
 > 2    ?| task 0 aquired             the nearest row, with the difference marked:
           task 0 acquired    (i        | task {i} acquired)
                   ^
   3    ?| more
"
    );
    assert_eq!(
        explained("hello there", "", &run("hello\n")),
        "\
x: no row matches line 1
 > 1  ?| hello                      the nearest row, with the difference marked:
         hello there
              ^^^^^^
"
    );
}

#[test]
fn the_nearest_row_is_shown_with_the_values_that_are_bound() {
    // Whether another row says the name or none does.
    for rows in ["port {port=8080}\non {port}", "port {port=8080}\non it"] {
        assert_eq!(
            explained(rows, "", &run("port 7\nport 9\n")),
            "\
x: no row matches line 2
   1     port 7
 > 2  ?| port 9                     the nearest row, with the difference marked:
         port 7    (port {port=8080})
              ^
"
        );
    }
    assert_eq!(
        explained("took {t=5 ms}, {n=3} left", "", &run("took 12 s, 8 lost\n")),
        "\
x: no row matches line 1
 > 1  ?| took 12 s, 8 lost          the nearest row, with the difference marked:
         took 12 s, 8 left    (took {t=5 ms}, {n=3} left)
                       ^^
"
    );
}

#[test]
fn of_rows_equally_near_the_one_that_is_open_is_shown() {
    for (output, row) in [("ad", "ab"), ("ab\nad", "ac")] {
        assert_eq!(failure("ab\nac", "", &run(output)).target, row);
    }
}

#[test]
fn a_joined_line_is_compared_with_the_row_that_it_begins_with() {
    let output = "task 3 waitingtask 1 waiting\n";
    assert_eq!(
        failure(TASKS, "", &run(output)).explain("x").lines().nth(2),
        Some("         task 3 waiting    (i in 0..5| task {i} waiting)")
    );
}

#[test]
fn a_sample_that_stands_for_any_value_is_not_marked_as_a_difference() {
    assert_eq!(
        explained("job {n=1} took {t=5 ms}", "", &run("job 12 toko 80 ms\n")),
        "\
x: no row matches line 1
 > 1  ?| job 12 toko 80 ms          the nearest row, with the difference marked:
         job 12 took 5 ms    (job {n=1} took {t=5 ms})
                  ^^^
"
    );
    // Unless nothing else differs.
    let same = explained("took {t=5 ms}", "", &run("took 5 km\n"));
    assert!(same.ends_with("\n                ^^\n"), "{same}");
}

#[test]
fn a_row_that_holds_backquotes_is_quoted_in_two() {
    let early = explained("run `a`\nrun `b`", "", &run("run `b`\n"));
    assert!(early.contains("`` run `b` `` still needs `` run `a` ``"), "{early}");
}

#[test]
fn where_there_is_no_row_to_show_the_failure_says_so() {
    assert_eq!(
        explained("", "", &run("hm\n")),
        "x: no row matches line 1\n > 1  ?| hm                         the nearest row is an empty line\n"
    );
    assert_eq!(
        explained("err| y", "", &run("hm\n")),
        "x: no row matches line 1\n > 1  ?| hm                         the transcript expects no output\n"
    );
}

#[test]
fn a_skipped_row_has_had_its_turn() {
    let skipped = failure("A?| x\nA| y\nA| z", "", &run("y\nx\n"));
    assert_eq!((skipped.kind, skipped.target.as_str()), (Kind::NoRow, "A?| x"));
    assert_eq!(
        skipped.explain("x"),
        "\
x: no row matches line 2
   1  A| y
 > 2  ?| x                          `A?| x` would take it, but its turn has passed
"
    );
    // Also where another row looks more like the line.
    let other = failure("A?| x [..]\nA| y\nA| z is long", "", &run("y\nx is long\n"));
    assert_eq!(other.target, "A?| x [..]");
}

#[test]
fn a_line_that_is_too_early_names_what_must_come_first() {
    let early = failure(TASKS, "", &run("task 0 waiting\ntask 1 acquired\n"));
    assert_eq!((early.kind, early.line), (Kind::TooEarly, Some(2)));
    assert_eq!(early.target, "i        | task {i} acquired");
    assert_eq!(
        early.explain("x"),
        "\
x: line 2 comes too early
   1  i=0| task 0 waiting
 > 2    ?| task 1 acquired            `i=1| task 1 acquired` still needs `i=1| task 1 waiting`
"
    );
    assert_eq!(
        explained(TASKS, "", &run("task 3 waiting\nall 5 tasks done\n")),
        "\
x: line 2 comes too early
   1  i=3| task 3 waiting
 > 2    ?| all 5 tasks done           `all 5 tasks done` still needs `i=0| task 0 waiting`, `i=1| task 1 waiting`, \
         `i=2| task 2 waiting` and 2 more
"
    );
    // In the order of the transcript.
    let crossed = explained("A| a\nB| b\nB| c\nA| d\nend", "", &run("a\nend\n"));
    assert!(crossed.contains("needs `B| b` and `A| d`\n"), "{crossed}");
    assert_eq!(
        explained("A+| {n=1} a\n?| b\n\n~?| c\n| A | B", "", &run("A | B\n")),
        "x: line 1 comes too early\n > 1  ?| A | B                      `A | B` still needs `A+| {n=1} a` and `an empty line`\n"
    );
}

#[test]
fn a_line_once_too_often_names_the_line_before() {
    let often = failure(TASKS, "", &run("task 0 waiting\ntask 3 waiting\ntask 0 waiting\n"));
    assert_eq!((often.kind, often.line), (Kind::OnceTooOften, Some(3)));
    assert_eq!(often.target, "i in 0..5| task {i} waiting");
    assert_eq!(
        often.explain("x"),
        "\
x: line 3 comes once too often
   1  i=0| task 0 waiting
   2  i=3| task 3 waiting
 > 3    ?| task 0 waiting             line 1 was the one for `i=0| task 0 waiting`
"
    );
    assert_eq!(
        explained("A+| x\nA| y\nA| z", "", &run("x\nx\ny\nx\n")),
        "\
x: line 4 comes once too often
   1  A| x
   2  A| x
   3  A| y
 > 4  ?| x                          `A+| x` took line 1, and has ended since
"
    );
    assert!(
        explained("got {v=1}\n?| end {v}", "", &run("got 7\ngot 7\n"))
            .contains("line 1 was the one for `got 7`")
    );
}

#[test]
fn an_output_that_ended_lists_what_each_lane_still_expected() {
    let panicked = Output {
        stderr: b"thread 'main' panicked at src/main.rs:3:5:\nboom\n",
        status: Status::Exited(101),
        ..run("task 1 waiting\ntask 0 waiting\ntask 1 acquired\n")
    };
    let ended = failure(TASKS, "", &panicked);
    assert_eq!((ended.kind, ended.line), (Kind::Ended, None));
    // The first in the order of the transcript.
    assert_eq!(ended.target, "i in 0..5| task {i} waiting");
    assert_eq!((ended.lanes.len(), ended.err_lanes), (3, vec![String::new(), String::new()]));
    assert_eq!(
        explained(TASKS, "", &panicked),
        "\
x: the output ended after line 3
   1  i=1| task 1 waiting
   2  i=0| task 0 waiting
   3  i=1| task 1 acquired
still expected:
    i=2| task 2 waiting
    i=3| task 3 waiting
    i=4| task 4 waiting
    i=0| task 0 acquired
    i=1| task 1 releasing
    all 5 tasks done
standard error:
   1  ?| thread 'main' panicked at src/main.rs:3:5:
   2  ?| boom
the exit status is 101
"
    );
    // Of two readings the one that is nearer to the end.
    let two = explained("A| x\nA| y\nB| x\nend", "", &run("x\n"));
    assert!(two.ends_with("still expected:\n    A| x\n    end\n"), "{two}");
    let many =
        explained("i in 0..30| {i}", "", &Output { status: Status::Signalled(11), ..run("") });
    assert!(
        many.starts_with("x: the output is empty\nstill expected:\n    i=0| 0\n    i=1| 1\n"),
        "{many}"
    );
    assert!(many.ends_with("    i=19| 19\n    and 10 more\nended by signal 11 (SEGV)\n"), "{many}");
}

#[test]
fn a_value_out_of_bounds_is_told_with_the_rule() {
    let out =
        failure("start\ntook {t=5 ms}", "- {t} < 1 s\n- {t} > 1 ms", &run("start\ntook 2 min\n"));
    assert_eq!(
        (out.kind, out.line, out.target.as_str()),
        (Kind::OutOfBounds, Some(2), "{t} < 1 s")
    );
    assert_eq!(
        out.explain("x"),
        "\
x: line 2 has a value out of bounds
   1     start
 > 2  ?| took 2 min                 `t` is 2 min    {t} < 1 s
"
    );
}

#[test]
fn a_wrong_exit_status_is_told_when_the_output_is_right() {
    let with =
        |status| failure("a\nerr| b", "", &Output { stdout: b"a\n", stderr: b"b\n", status });
    let three = with(Status::Exited(3));
    assert_eq!((three.kind, three.line, three.target.as_str()), (Kind::Exit, None, "exit 0"));
    assert_eq!(
        (three.lanes.concat(), three.err_lanes.concat()),
        ("main".to_owned(), "err".to_owned())
    );
    assert_eq!(
        three.explain("x"),
        "\
x: the exit status is 3, and 0 is right
   1     a
standard error:
   1  err| b
"
    );
    assert!(
        with(Status::Signalled(6))
            .explain("x")
            .starts_with("x: ended by signal 6 (ABRT), and exit status 0 is right\n")
    );
    assert!(
        with(Status::Signalled(40))
            .explain("x")
            .starts_with("x: ended by signal 40, and exit status 0 is right\n")
    );
}

#[test]
fn a_wrong_end_is_told_where_a_signal_is_right() {
    let transcript = parse("a", "");
    let with = |status| {
        let run = Output { stdout: b"a\n", stderr: b"", status };
        match transcript.check(&run, Status::Signalled(2)) {
            Verdict::Illegal(failure) => failure,
            other => panic!("{other:?}"),
        }
    };
    let zero = with(Status::Exited(0));
    assert_eq!((zero.kind, zero.target.as_str()), (Kind::Exit, "exit SIGINT"));
    let told = "x: the exit status is 0, and an end by signal 2 (INT) is right\n";
    assert!(zero.explain("x").starts_with(told));
    let told = "x: ended by signal 9 (KILL), and signal 2 (INT) is right\n";
    assert!(with(Status::Signalled(9)).explain("x").starts_with(told));
}

#[test]
fn standard_error_is_explained_like_standard_output() {
    let with = |rows: &str, stderr: &str| {
        explained(rows, "", &Output { stderr: stderr.as_bytes(), ..run("a\n") })
    };
    let silent = "standard error must be empty: there is no `err` row";
    assert_eq!(
        with("a", "warning\n"),
        format!(
            "x: no row matches line 1 of standard error\n   1     a\nstandard error:\n > 1  ?| warning                    {silent}\n"
        )
    );
    assert_eq!(
        with("a\nerr| b\nerr| c {n=1}", "c 5\n"),
        "\
x: line 1 of standard error comes too early
   1     a
standard error:
 > 1  ?| c 5                        `err| c {n=1}` still needs `err| b`
"
    );
    assert_eq!(
        with("a\nerr| b\nerr| c", "b\nb\n"),
        "\
x: line 2 of standard error comes once too often
   1     a
standard error:
   1  err| b
 > 2    ?| b                          line 1 was the one for `err| b`
"
    );
    assert_eq!(
        with("a\nerr| b\nerr+| c", "b\n"),
        "\
x: standard error ended after line 1
   1     a
still expected:
    err+| c
standard error:
   1  err| b
"
    );
    assert!(
        with("a\nerr| b", "")
            .starts_with("x: standard error is empty\n   1     a\nstill expected:\n    err| b\n")
    );
    let failure = failure("a", "", &Output { stderr: b"warning\n", ..run("a\n") });
    assert_eq!((failure.line, failure.on_stderr, failure.target.as_str()), (Some(1), true, "err"));
}

#[test]
fn control_characters_and_bytes_that_are_not_utf_8_are_shown_harmlessly() {
    let run = Output { stdout: b"\x1b[31mred\xff\n", ..run("") };
    assert_eq!(
        explained("red", "", &run),
        "\
x: no row matches line 1
 > 1  ?| \\u{1b}[31mred\u{fffd}             the nearest row, with the difference marked:
         red
         ^^^
"
    );
}

#[test]
fn a_page_is_as_wide_as_its_numbers_lanes_and_notes() {
    assert_eq!(
        explained("A| a\nmain\ni in 10..11| b", "- never `b`", &run("a\nmain\nb\n")),
        "\
x: line 3 breaks a rule
   1     A| a
   2        main
 > 3  i=10| b                          never `b`
"
    );
    // The notes stand beside the widest line that has one, up to a limit.
    let wide = |width| {
        explained("+| [..]", "- never `x`", &run(&("\n".repeat(9) + &"y".repeat(width) + " x\n")))
    };
    assert!(wide(38).ends_with(&format!(" > 10     {} x    never `x`\n", "y".repeat(38))));
    assert!(wide(70).starts_with("x: line 10 breaks a rule\n    1\n    2\n"));
    assert!(wide(70).ends_with(&format!(" > 10     {} x    never `x`\n", "y".repeat(70))));
    // One long line does not push the notes of the others away.
    let long = "y".repeat(70);
    let two =
        explained("+| [..]", "- at most 1 between `x` and `z`", &run(&format!("x {long}\nx\n")));
    assert!(two.contains(&format!(" > 2     x{}    2 of 1", " ".repeat(59))), "{two}");
}

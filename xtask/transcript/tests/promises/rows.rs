//! Gutters and lanes: which orders a transcript allows.

use crate::support::{is_legal, parse, run};
use std::ops::Range;
use transcript::{Output, Status, Verdict};

/// Asserts on outputs written with a `/` between the lines.
fn legal(rows: &str, yes: &[&str], no: &[&str]) {
    for (outputs, expected) in [(yes, true), (no, false)] {
        for output in outputs {
            let stdout: String = output.split('/').flat_map(|line| [line, "\n"]).collect();
            assert_eq!(is_legal(rows, "", &stdout), expected, "{rows}\n--\n{stdout}");
        }
    }
}

#[test]
fn a_main_row_is_after_every_row_above_and_before_every_row_below() {
    legal("a\nb", &["a/b"], &["b/a", "a", "b", "a/a/b", "a/b/b"]);
    legal("A| a\nmain\nB| b", &["a/main/b"], &["a/b/main", "b/main/a", "main/a/b"]);
}

#[test]
fn lanes_are_in_order_within_and_in_any_order_with_each_other() {
    let lanes = "A| a1\nB| b1\nA| a2\nB| b2";
    legal(
        lanes,
        &["a1/a2/b1/b2", "b1/b2/a1/a2", "a1/b1/b2/a2"],
        &["a2/a1/b1/b2", "a1/b2/a2/b1", "a1/a2/b1"],
    );
}

#[test]
fn a_range_is_a_lane_for_each_number_with_the_last_excluded() {
    let lanes = "i in 2..4| {i} on\ni| {i} off";
    legal(
        lanes,
        &["2 on/2 off/3 on/3 off", "3 on/2 on/2 off/3 off"],
        &["2 on/3 off/3 on/2 off", "2 on/2 off"],
    );
    legal(lanes, &[], &["2 on/2 off/3 on/3 off/4 on/4 off", "1 on/1 off/2 on/2 off"]);
}

#[test]
fn a_lane_goes_on_after_a_main_row_and_may_get_another_range_there() {
    let rows = "i in 0..2| a {i}\nA| x\nmain\ni| b {i}\nA| y";
    legal(rows, &["a 1/x/a 0/main/y/b 0/b 1"], &["a 1/x/a 0/b 0/main/y/b 1"]);
    let rows = "i in 0..2| a {i}\nmain\ni in 1..4| b {i}\ni| c {i}";
    legal(rows, &["a 1/a 0/main/b 3/c 3/b 1/b 2/c 2/c 1"], &["a 1/a 0/main/b 0/c 0/b 1/c 1"]);
}

#[test]
fn a_row_in_no_lane_stands_anywhere_between_the_main_rows_around_it() {
    let rows = "first\nA| a\nA| b\n~| x\n~| x\nlast";
    legal(
        rows,
        &["first/x/a/x/b/last", "first/a/b/x/x/last", "first/x/x/a/b/last"],
        &["x/first/a/b/x/last"],
    );
    legal(rows, &[], &["first/a/b/x/last/x", "first/a/b/x/last"]);
}

#[test]
fn plus_takes_one_or_more_and_question_mark_at_most_one() {
    legal("+| a\nb", &["a/b", "a/a/a/b"], &["b", "a/b/a"]);
    legal("?| a\nb", &["a/b", "b"], &["a/a/b"]);
    legal("i in 0..2+| t {i}\nend", &["t 0/t 1/t 0/t 0/end"], &["t 0/t 0/end"]);
    legal("i in 0..2?| t {i}\nend", &["t 1/end", "end"], &["t 1/t 1/end"]);
    legal("~?| x\na\n~+| y", &["a/y", "x/a/y/y"], &["a/x/y", "x/a"]);
    legal("A+ | a\nA?  | b", &["a/a", "a/b"], &["b"]);
}

#[test]
fn the_lines_of_a_plus_row_follow_each_other_within_their_lane_only() {
    legal("A+| a\nA| z\nB| b", &["a/b/a/z", "a/a/z/b"], &["a/z/a/b", "a/b/z/a"]);
}

#[test]
fn dots_take_any_lines_until_the_next_row_of_their_lane_or_in_main() {
    legal("a\n...\nz", &["a/z", "a/what/ever/z", "a/z/z"], &["what/a/z", "a/z/what"]);
    legal("A| a\nA| ...\nA| z\nB| b", &["a/1/b/2/z", "a/z/b"], &["1/a/z/b", "a/z/1/b"]);
    legal("i in 0..2| ...\ni| end {i}\nover", &["x/end 1/y/end 0/over"], &["end 1/end 0/y/over"]);
    legal("...", &["", "a/b"], &[]);
}

#[test]
fn a_main_row_that_takes_no_line_still_separates() {
    legal("A| a\n?| m\nB| b", &["a/m/b", "a/b"], &["b/a", "b/m/a"]);
    legal("A| a\n...\nB| b", &["a/b", "a/x/b"], &["b/a"]);
    legal("?| a\n?| b\nA?| c\n+| d\n+| d", &["d/d", "a/d/d", "b/c/d/d/d"], &["d", "b/a/d/d", "a"]);
}

#[test]
fn a_row_that_matches_the_next_row_too_is_not_taken_greedily() {
    legal("+| [..]\nb\nb", &["x/b/b", "b/b/b"], &["b/b", "x/b"]);
    legal("A| [..]\nB| b\nB| c", &["b/b/c", "b/c/b", "x/b/c"], &["b/c/c/x", "x/c/b"]);
    legal("?| a\n?| [..]\na", &["a", "a/a", "a/a/a", "x/a"], &["x/x/a", "a/x"]);
}

#[test]
fn an_empty_row_matches_an_empty_line_and_white_space_at_the_end_does_not_count() {
    legal("a\n\nb", &["a//b", "a/ \t/b"], &["a/b", "a///b"]);
    legal("a  \nA|\nb\t", &["a \t//b \r"], &["a/b"]);
    legal("|\nb", &["/b"], &["b"]);
    legal("  a", &["  a"], &["a", " a", "\ta"]);
    legal("a\tb", &["a\tb"], &["a b"]);
    legal("took [..]\n[..] [..]", &["took/", "took 5/x y"], &["took5/"]);
}

#[test]
fn carriage_returns_and_a_missing_last_newline_do_not_count() {
    assert!(is_legal("a\nb", "", "a\r\nb\r\n"));
    assert!(is_legal("a\nb", "", "a\nb"));
    assert!(!is_legal("a\nb", "", "a\nb\n\n"));
    let crlf = parse("A| a\nB| b", "").count();
    let rows = "# Output\r\n\r\n```text\r\nA| a\r\nB| b\r\n```\r\n";
    assert_eq!(transcript::Transcript::parse(rows).map(|t| t.count()), Ok(crlf));
}

#[test]
fn bytes_that_are_not_utf_8_match_only_wildcards_and_dots() {
    let check = |rows: &str, stdout: &[u8]| {
        let run = Output { stdout, ..run("") };
        matches!(parse(rows, "").check(&run, 0), Verdict::Legal(_))
    };
    assert!(check("a[..]z", b"a\xff\xfez\n"));
    assert!(check("...", b"\xff\n"));
    assert!(check("µ[..]", "µ\u{ff}".as_bytes()));
    assert!(!check("{w=word}", b"w\xff\n"));
    assert!(!check("\u{fffd}", b"\xff\n"));
}

#[test]
fn only_the_first_bar_counts_and_an_empty_gutter_is_the_escape() {
    legal("A| b | c", &["b | c"], &[]);
    legal("| A | B", &["A | B"], &[]);
    legal("| A| b", &["A| b"], &[]);
    legal("a very long main row | with a bar", &["a very long main row | with a bar"], &[]);
    legal("seventeen........| x", &["seventeen........| x"], &[]);
    legal("a_b| x", &["a_b| x"], &[]);
}

#[test]
fn standard_error_has_a_lane_of_its_own_and_must_else_be_empty() {
    let check = |rows: &str, stderr: &str| {
        let run = Output { stdout: b"a\n", stderr: stderr.as_bytes(), status: Status::Exited(0) };
        matches!(parse(rows, "").check(&run, 0), Verdict::Legal(_))
    };
    assert!(check("a", ""));
    assert!(!check("a", "\n"));
    let rows = "err| one\na\nerr+| more\nerr?| last";
    assert!(check(rows, "one\nmore\nmore\n"));
    assert!(check(rows, "one\nmore\nlast\n"));
    assert!(!check(rows, "more\none\n"));
    assert!(!check(rows, "one\n"));
    assert!(check("err| ...\na", "any\nthing\n"));
    // `err` rows do not order standard output.
    assert!(is_legal("A| a\nerr?| x\nB| b", "", "b\na\n"));
}

#[test]
fn interchangeable_lanes_are_no_ambiguity() {
    let sixteen = "hello\n".repeat(16) + &"done\n".repeat(16) + "bye\n";
    assert!(is_legal("i in 0..16| hello\ni| done\nbye", "", &sixteen));
    assert!(!is_legal("i in 0..16| hello\ni| done\nbye", "", &format!("done\n{sixteen}")));
    let values: String = (0..16)
        .map(|v| format!("got {v}\n"))
        .chain((0..16).map(|v| format!("gave {v}\n")))
        .collect();
    assert!(is_legal("i in 0..16| got {v=0}\ni| gave {v}", "", &values));
    // Which lanes skipped `a` is open, so the same values may sit in different lanes.
    let lines = |word: &str| (0..24).map(|v| format!("{word} {v}\n")).collect::<Vec<_>>().concat();
    let skipping = "a\n".repeat(12) + &lines("b") + &lines("c");
    assert!(is_legal("i in 0..24?| a\ni| b {v=0}\ni| c {v}", "", &skipping));
    let floats = "x\n".repeat(300);
    assert!(is_legal(&["~| x"; 300].join("\n"), "", &floats));
}

#[test]
fn lanes_that_carry_values_past_a_main_row_are_told_apart_by_them() {
    let rows = "i in 0..3| got {v=a}\nall got\ni| had {v}\ni| {v} is {i}";
    let output = "got x\ngot y\ngot z\nall got\nhad z\nhad x\nx is 2\nhad y\n";
    assert!(is_legal(rows, "", &format!("{output}z is 0\ny is 1\n")));
    assert!(!is_legal(rows, "", &format!("{output}z is 0\nz is 1\n")));
    assert!(!is_legal(rows, "", &format!("{output}z is 2\ny is 1\n")));
}

#[test]
fn past_ten_thousand_states_the_verdict_is_a_third_one() {
    let transcript = parse("start\ni in 0..40| hello\ni| bye {i}\nA| alone", "");
    let output = "start\n".to_owned() + &"hello\n".repeat(20);
    let Verdict::TooAmbiguous(ambiguity) = transcript.check(&run(&output), 0) else {
        panic!("told")
    };
    // Of 40 lanes, 3 have 9,880 choices and 4 have 91,390.
    assert_eq!((ambiguity.line, ambiguity.on_stderr), (5, false));
    assert_eq!(
        ambiguity.explain("x"),
        "x: too ambiguous: up to line 5 the output can be read in too many ways; the rows that compete for \
         lines:\n    i in 0..40| hello\n"
    );
}

/// The text for each number, each on its line.
fn each(numbers: Range<usize>, line: impl Fn(usize) -> String) -> String {
    numbers.map(|number| line(number) + "\n").collect::<Vec<_>>().concat()
}

#[test]
fn work_is_bounded_as_states_are() {
    let verdict = |rows: &str, output: &str| parse(rows, "").check(&run(output), 0);
    let lanes = "i in 0..13+| tick\ni| task {i} done";
    assert!(matches!(verdict(lanes, &"tick\n".repeat(20)), Verdict::Illegal(_)));
    let seven = ['A', 'B', 'C', 'D', 'E', 'F', 'G']
        .map(|lane| format!("{lane}| x {{v{lane}=1}}\n{lane}+| w {{v{lane}}}"));
    let long = "x".repeat(10_000);
    let hard = [
        (lanes, "tick\n".repeat(33)),
        (lanes, "tick\n".repeat(100)),
        (lanes, "tick\n".repeat(1_000)),
        ("i in 0..140?| x\ni?| end {i}\nA+| z", "x\nx\n".to_owned() + &"z\n".repeat(990)),
        (
            &seven.join("\n"),
            each(0..7, |n| format!("x {n}")) + &each(0..980, |n| format!("w {}", n % 7)),
        ),
        // Few states, each of them large: no more than the first line makes.
        ("i in 0..1000| x {v=1}\ni| y {v} {i}", "x 0\n".to_owned()),
        // One state, with much to look at in each line.
        ("i in 0..1000?| [..]x {i}", each(0..1_000, |n| format!("{long} {n}"))),
    ];
    for (rows, output) in &hard {
        let Verdict::TooAmbiguous(ambiguity) = verdict(rows, output) else { panic!("{rows}") };
        assert!(!ambiguity.rows.is_empty());
    }
}

#[test]
fn an_output_that_can_be_read_in_one_way_may_be_long() {
    let long = each(0..20_000, |n| format!("{} at {n}", n % 1_000));
    assert!(is_legal("i in 0..1000+| {i} at {n=0}", "", &long));
    let long = each(0..5_000, |n| format!("{} {}", n % 10, "x".repeat(1_000)));
    assert!(is_legal("i in 0..10+| {i} [..]", "", &long));
}

#[test]
fn whether_dots_have_begun_makes_no_state_of_its_own() {
    let rows = ['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I'];
    let rows = rows.map(|lane| format!("{lane}| ...\n{lane}| end {lane}")).join("\n");
    let ends = "end I\nend A\nend B\nend C\nend D\nend E\nend F\nend G\nend H\n";
    assert!(is_legal(&rows, "", &("x\n".repeat(20) + ends)));
    assert!(is_legal(&rows, "", &("x\n".repeat(1_000) + ends)));
    assert!(!is_legal(&rows, "", &("x\n".repeat(20) + ends + "x\n")));
}

#[test]
fn two_runs_of_one_order_read_the_same_whatever_their_values_and_repetitions() {
    let transcript = parse("A+| {n=1} a\n~| t {t=1 ms}\n...\nend", "");
    let order = |stdout: &str| match transcript.check(&run(stdout), 0) {
        Verdict::Legal(reading) => reading.order,
        other => panic!("{other:?}"),
    };
    assert_eq!(order("5 a\n6 a\nt 7 s\n8 a\nx\nend\n"), ["1 a", "t 1 ms", "end"]);
    assert_eq!(order("t 0 s\n5 a\nend\n"), ["t 1 ms", "1 a", "end"]);
}

//! Values: what a sample stands for, who binds a name, and who may say it.

use crate::support::{is_legal, parse};
use transcript::{Output, Status, Verdict};

/// Does a row `v {x=SAMPLE}` take the line `v VALUE`?
fn takes(sample: &str, value: &str) -> bool {
    is_legal(&format!("v {{x={sample}}}"), "", &format!("v {value}\n"))
}

#[test]
fn a_value_looks_like_its_sample() {
    let kinds: [(&str, &[&str], &[&str]); 4] = [
        ("-7", &["0", "-12", "007"], &["1.5", "+1", "--1", "1e3", "a", "", "1 ms"]),
        ("1.5", &["0", "-12", "2.25", "-0.5"], &["1.", ".5", "1.5.2", "1,5", "1 s"]),
        (
            "5 ms",
            &["5ms", "5 ns", "1.5us", "1.5 µs", "0 s", "2 min"],
            &["-5 ms", "5", "5  ms", "5 h", "5 mins", "ms"],
        ),
        ("ok", &["OK", "a_1", "42", "_"], &["a-b", "a b", "ä", ""]),
    ];
    for (sample, yes, no) in kinds {
        for (values, expected) in [(yes, true), (no, false)] {
            for value in values {
                assert_eq!(takes(sample, value), expected, "{sample}: {value}");
            }
        }
    }
}

#[test]
fn a_value_takes_all_it_can() {
    assert!(is_legal("{n=1}.5", "", "7.5\n"));
    assert!(!is_legal("{n=1.0}.5", "", "7.5\n"));
    assert!(is_legal("{n=1.0}.5", "", "7.0.5\n"));
    assert!(is_legal("{w=a}-{n=1}", "", "b--2\n"));
    assert!(is_legal("{t=1 s}econd", "", "3 second\n"));
}

#[test]
fn a_number_or_a_brace_is_written_into_the_text() {
    assert!(is_legal("i in 9..12| <{i}{i}>", "", "<1010>\n<99>\n<1111>\n"));
    assert!(is_legal("{{{n=1}}} }}{{", "", "{5} }{\n"));
    assert!(is_legal("{{n}}", "", "{n}\n"));
}

#[test]
fn a_name_is_the_same_value_again_character_for_character_in_any_lane() {
    let rows = "A| port {port=8080}\nB| on {port}\nB| again {port}";
    assert!(is_legal(rows, "", "port 7\non 7\nagain 7\n"));
    assert!(!is_legal(rows, "", "port 7\non 07\nagain 7\n"));
    assert!(!is_legal(rows, "", "port 7\non 7\nagain 8\n"));
    // Whichever line comes first binds.
    assert!(is_legal(rows, "", "on 7\nport 7\nagain 7\n"));
    assert!(!is_legal(rows, "", "on 7\nport 8\nagain 7\n"));
    assert!(is_legal("{a=x} is {a}", "", "y is y\n"));
    assert!(!is_legal("{a=x} is {a}", "", "y is z\n"));
}

#[test]
fn a_name_bound_in_an_unrolled_lane_is_that_lanes_own() {
    let rows = "i in 0..2| {i} has {v=a}\ni| {i} had {v}";
    assert!(is_legal(rows, "", "0 has x\n1 has y\n1 had y\n0 had x\n"));
    assert!(!is_legal(rows, "", "0 has x\n1 has y\n1 had x\n0 had y\n"));
    // Also where the lanes do not name themselves.
    let rows = "i in 0..3| got {v=a}\ni| gave {v}";
    assert!(is_legal(rows, "", "got x\ngot y\ngave y\ngot z\ngave z\ngave x\n"));
    assert!(!is_legal(rows, "", "got x\ngot y\ngave y\ngot z\ngave z\ngave y\n"));
    assert!(is_legal(rows, "", "got x\ngot x\ngave x\ngave x\ngot x\ngave x\n"));
    let rows = "i in 0..3| got {v=a}\ni| then\ni| gave {v}";
    for gave in ["x", "y", "z"] {
        let rest = ["x", "y", "z"].into_iter().filter(|v| *v != gave);
        let rest: Vec<String> = rest.map(|v| format!("then\ngave {v}\n")).collect();
        assert!(is_legal(
            rows,
            "",
            &format!("got x\ngot y\ngot z\nthen\ngave {gave}\n{}", rest.concat())
        ));
    }
}

#[test]
fn a_name_bound_in_a_plus_row_has_a_value_for_each_line() {
    let rows = "+| {n=1} and {n}\nend";
    assert!(is_legal(rows, "", "1 and 1\n2 and 2\nend\n"));
    assert!(!is_legal(rows, "", "1 and 1\n1 and 2\nend\n"));
    assert!(is_legal("i in 0..2+| {i}: {n=1}", "", "0: 1\n0: 2\n1: 3\n0: 4\n"));
}

#[test]
fn what_could_have_bound_either_way_is_not_decided_too_early() {
    // The first line may be A's or B's; only the last tells.
    let rows = "A| {a=1}\nB| {b=1}\nend {a}";
    for end in ["1", "2"] {
        assert!(is_legal(rows, "", &format!("1\n2\nend {end}\n")));
    }
    assert!(!is_legal(rows, "", "1\n2\nend 3\n"));
}

#[test]
fn standard_error_shares_the_names_of_standard_output() {
    let check = |rows: &str, stdout: &str, stderr: &str| {
        let status = Status::Exited(0);
        let run = Output { stdout: stdout.as_bytes(), stderr: stderr.as_bytes(), status };
        matches!(parse(rows, "").check(&run, 0), Verdict::Legal(_))
    };
    let rows = "port {port=1}\nerr| on {port}";
    assert!(check(rows, "port 7\n", "on 7\n"));
    assert!(!check(rows, "port 7\n", "on 8\n"));
    let rows = "port {port}\nerr| on {port=1}\nerr| {x=1}\nerr| {x}";
    assert!(check(rows, "port 7\n", "on 7\n2\n2\n"));
    assert!(!check(rows, "port 7\n", "on 8\n2\n2\n"));
    assert!(!check(rows, "port 7\n", "on 7\n2\n3\n"));
    // What standard output leaves open, standard error may settle.
    let rows = "A| {a=1}\nB| {b=1}\nerr| {b}";
    assert!(check(rows, "1\n2\n", "1\n"));
    assert!(check(rows, "1\n2\n", "2\n"));
    assert!(!check(rows, "1\n2\n", "3\n"));
}

#[test]
fn a_name_may_be_spelled_like_a_letter_that_is_no_lane() {
    assert!(is_legal("A| {i=5}\nB| {i}", "", "7\n7\n"));
}

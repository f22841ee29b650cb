//! What stands round a transcript: documentation, title, directives.

use crate::support::mistakes_in_source;
use std::time::Duration;
use transcript::{Head, Output, Status, Verdict};

const SOURCE: &str = "#!/usr/bin/env run
// A comment.
//! Title: one sentence.
//!
//! # Notes
//!
//! ```text
//! not this one
//! ```
//!
//! # Output
//!
//! Prose, and a fence that is not marked so:
//! ```
//! # Always
//! ```
//! ~~~text
//! A| a
//!
//! B| ```
//! ~~~
//!
//! # Always
//!
//! - `a`
//!   before `b`
//!
//! # Else
//!
//! - no rule
";

#[test]
fn a_section_is_read_from_the_documentation_at_the_head_of_its_source() {
    let source = SOURCE.replace("`b`", "`a`").replace("B| ```", "A| a");
    let head = Head::parse(&format!("{source}\nfn main() {{}}\n//! # Output\n")).unwrap();
    assert_eq!(head.title, "Title: one sentence");
    assert_eq!(head.transcript.count().to_string(), "0");
    let head = Head::parse(&source.replace("`a`\n//!   before `a`", "never `b`")).unwrap();
    assert_eq!(head.transcript.count().to_string(), "1");
    let run = Output { stdout: b"a\n\na\n", stderr: b"", status: Status::Exited(0) };
    assert!(matches!(head.check(&run), Verdict::Legal(_)));
}

#[test]
fn a_mistake_is_told_where_it_stands_in_the_source() {
    assert_eq!(
        mistakes_in_source(&SOURCE.replace("A| a", "A|  {")).as_str().split(": ").next(),
        Some("18:9")
    );
    assert_eq!(
        mistakes_in_source(SOURCE).as_str(),
        "26:15: expected a pattern that matches a line some row of standard output can take: a rule that is never met \
         checks nothing"
    );
    assert_eq!(
        mistakes_in_source(&SOURCE.replace("before `b`", "`b`")).split(' ').next(),
        Some("25:10:")
    );
}

#[test]
fn directives_say_how_a_section_is_run() {
    let source = "//! T.\n//!\n//! # Output\n//! ```text\n//! a\n//! ```\n//@ exit: 3\n//@ args: --clients  2\n//@ timeout: 10s\n\
                  fn main() {}\n    //@ alone\n//@cores:2\n//@ no-twin: it has: reasons\n";
    let directives = Head::parse(source).unwrap().directives;
    assert_eq!(directives.exit, Status::Exited(3));
    assert_eq!(directives.timeout, Duration::from_secs(10));
    assert_eq!(directives.args, ["--clients", "2"]);
    assert_eq!((directives.alone, directives.cores), (true, 2));
    assert_eq!(directives.no_twin.as_deref(), Some("it has: reasons"));
}

#[test]
fn a_wrong_directive_is_a_mistake() {
    let one_of = "expected a directive, one of exit, args, timeout, alone, cores, no-twin, found ";
    let exit = "expected `exit: STATUS`, from 0 to 255, or `exit: SIGNAL`, as in SIGINT";
    for (directive, told) in [
        ("exit: 300", format!("{exit}, found `exit: 300`").as_str()),
        ("exit: SIG", &format!("{exit}, found `exit: SIG`")),
        ("exit: INT", &format!("{exit}, found `exit: INT`")),
        ("exit: SIGUSR1", &format!("{exit}, found `exit: SIGUSR1`")),
        ("exit", &format!("{exit}, found `exit`")),
        ("args:", "expected `args: ARGUMENTS`, found `args:`"),
        ("timeout: 1", "expected `timeout: SECONDS`, from 1s to 3600s, found `timeout: 1`"),
        ("timeout: 0s", "expected `timeout: SECONDS`, from 1s to 3600s, found `timeout: 0s`"),
        ("timeout: 3601s", "expected `timeout: SECONDS`, from 1s to 3600s, found `timeout: 3601s`"),
        ("alone:", "expected `alone` by itself, found `alone:`"),
        ("alone: x", "expected `alone` by itself, found `alone: x`"),
        ("cores: 0", "expected `cores: NUMBER`, 1 or more, found `cores: 0`"),
        ("no-twin", "expected `no-twin: REASON`, found `no-twin`"),
        ("nope", &format!("{one_of}`nope`")),
        ("Exit: 3", &format!("{one_of}`Exit: 3`")),
    ] {
        let source =
            format!("//! T.\n//! # Output\n//! ```text\n//! a\n//! ```\n//@ {directive}\n");
        assert_eq!(mistakes_in_source(&source), format!("6:5: {told}"));
    }
    let twice = "//! T.\n//! # Output\n//! ```text\n//! a\n//! ```\n//@ exit: 3\n//@ exit: 4\n";
    assert_eq!(mistakes_in_source(twice), "7:5: expected `exit` once; the first is on line 6");
}

/// The source of a section with this behind its documentation, from line 6 on.
fn with(code: &str) -> String {
    format!("//! T.\n//! # Output\n//! ```text\n//! a\n//! ```\n{code}\n")
}

#[test]
fn what_is_nearly_a_directive_is_a_mistake() {
    let told = "expected `//@` and a directive, alone on its line";
    for code in [
        "// @ exit: 3",
        "// @exit: 3",
        "    //\t@ exit: 3",
        "/// @ exit: 3",
        "///@ exit: 3",
        "fn main() {} //@ exit: 3",
        "fn main() {} // @ exit: 3",
        "/* a */ //@ exit: 3",
        "let (a, b) = ('\"', '\\''); //@ exit: 3",
        "let a: &'a str = r#\"\"#; //@ exit: 3",
        "let (é, b) = (\"\\\"\\\\\", b\"\"); //@ exit: 3",
    ] {
        let before = code.split("//").next().expect("it has a comment");
        let due = format!("7:{}: {told}", before.chars().count() + 1);
        assert_eq!(mistakes_in_source(&with(&format!("\n{code}"))), due, "{code}");
    }
}

#[test]
fn what_only_looks_like_a_directive_is_none() {
    for code in [
        "let source = \"\n//@ exit: 3\n\";",
        "let source = \"\\\"\n//@ exit: 3\";",
        "let source = r##\"\n\"# //@ exit: 3\n//@ exit: 3\"##;",
        "let source = b\"//@ exit: 3\"; let c = '\"'; let source = \" //@ exit: 3\";",
        "/* /* */\n//@ exit: 3\n*/",
        "// see //@ exit",
        "// somebody@example.org",
        "a /@ b",
    ] {
        let head = Head::parse(&with(code)).unwrap_or_else(|e| panic!("{code}: {}", e[0]));
        assert_eq!(head.directives.exit, Status::Exited(0), "{code}");
        let head = Head::parse(&with(&format!("{code}\n//@ exit: 4"))).unwrap();
        assert_eq!(head.directives.exit, Status::Exited(4), "{code}: it is over there");
    }
    // A row of the output may begin so.
    let row = with("").replace("//! a\n", "//! @ exit: 3\n");
    assert_eq!(Head::parse(&row).unwrap().directives.exit, Status::Exited(0));
}

#[test]
fn a_section_without_title_or_transcript_is_a_mistake() {
    let title = "1:1: expected a title: `//! Title: one sentence.`";
    let transcript =
        "1:1: expected a transcript: a heading `# Output`, and under it a fence marked `text`";
    assert_eq!(mistakes_in_source("fn main() {}\n//! late\n"), format!("{title}\n{transcript}"));
    assert_eq!(mistakes_in_source("//! Title.\n"), transcript);
    assert_eq!(mistakes_in_source("//! # Output\n//! ```text\n//! a\n//! ```\n"), title);
    assert_eq!(
        mistakes_in_source("\n//!\n//! # Output\n//! ```text\n//! a\n//! ```\n"),
        title.replace("1:1", "2:1")
    );
}

#[test]
fn the_status_that_a_directive_says_is_the_right_one() {
    let head =
        Head::parse("//! T.\n//! # Output\n//! ```text\n//! a\n//! ```\n//@ exit: 3\n").unwrap();
    for (status, is_right) in [
        (Status::Exited(3), true),
        (Status::Exited(0), false),
        (Status::Signalled(3), false),
        (Status::Unjudged, true),
    ] {
        let verdict = head.check(&Output { stdout: b"a\n", stderr: b"", status });
        assert_eq!(matches!(verdict, Verdict::Legal(_)), is_right, "{status:?}");
    }
}

#[test]
fn the_signal_that_a_directive_says_is_the_right_end() {
    for (name, number) in [("SIGINT", 2), ("SIGTERM", 15), ("SIGKILL", 9)] {
        let source =
            format!("//! T.\n//! # Output\n//! ```text\n//! a\n//! ```\n//@ exit: {name}\n");
        let head = Head::parse(&source).unwrap();
        assert_eq!(head.directives.exit, Status::Signalled(number));
        for (status, is_right) in [
            (Status::Signalled(number), true),
            (Status::Signalled(1), false),
            (Status::Exited(0), false),
            (Status::Exited(128 + number), false), // what a shell makes of it
            (Status::Unjudged, true),
        ] {
            let verdict = head.check(&Output { stdout: b"a\n", stderr: b"", status });
            assert_eq!(matches!(verdict, Verdict::Legal(_)), is_right, "{status:?}");
        }
    }
}

//! Any bytes: nothing panics, and nothing takes long.

use proptest::prelude::*;
use std::time::{Duration, Instant};
use transcript::{Head, Output, Status, Transcript, Verdict};

const ROWS: &str = "start [..]\ni in 0..3| {i} got {v=5 ms}\ni+| {i} {n=1}\ni| {i} had {v}\nA?| a {p=8080}\nA| ...\nA| z\n\
                    ~| go\n?| {p}\n+| {w=word} {{}}\n| b | c\nerr| x {p}\nerr+| {e=1.5}\nerr| ...";
const RULES: &str = "- `go` before `{i} had`\n- at most 2 between `got {t=1 s}` and `had {t}`, 2 reached\n- never `[..]q`\n\
                     - first 2 `1 {n}` ascending\n- {v} < 1 min\n- sometimes `z`";
const OUTPUT: &str = "start x\n0 got 1 ms\n1 got 2 ms\n0 1\n1 7\ngo\n2 got 1 ms\n0 had 1 ms\n2 3\n1 had 2 ms\n2 had 1 ms\n\
                      any\nz\n80\nw {}\nb | c\n";

fn source() -> String {
    let lines = format!("Title.\n\n# Output\n\n```text\n{ROWS}\n```\n\n# Always\n\n{RULES}");
    lines.lines().fold(String::new(), |all, line| all + "//! " + line + "\n") + "//@ exit: 0\n"
}

/// Bytes and pieces of the notation, to be put in somewhere.
fn scrap() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        prop::sample::select(vec![
            "A| ",
            "i in 0..3| ",
            "i| ",
            "~| ",
            "err| ",
            "+| ",
            "?",
            "...",
            "[..]",
            "{i}",
            "{x=1}",
            "{x}",
            "{{",
            "}",
            "\n",
            "//! ",
            "```",
            "# Always",
            "- never `",
            "`",
            " before ",
            ", 2 reached",
            "0..1000",
            "1.5",
            "µs",
            " ",
            "-",
        ])
        .prop_map(|piece| piece.as_bytes().to_vec()),
        prop::collection::vec(any::<u8>(), 0..4),
    ]
}

/// A text with a few places cut out or filled in.
fn mangled(text: String) -> impl Strategy<Value = Vec<u8>> {
    let change = (any::<prop::sample::Index>(), 0..6_usize, scrap());
    prop::collection::vec(change, 0..4).prop_map(move |changes| {
        let mut bytes = text.clone().into_bytes();
        for (at, cut, scrap) in changes {
            let at = at.index(bytes.len() + 1);
            let end = (at + cut).min(bytes.len());
            bytes.splice(at..end, scrap);
        }
        bytes
    })
}

/// Everything the library can do.
fn all(source: &[u8], stdout: &[u8], stderr: &[u8]) {
    let start = Instant::now();
    let run = Output { stdout, stderr, status: Status::Exited(0) };
    let source = String::from_utf8_lossy(source);
    let _ = Transcript::parse(&source);
    if let Ok(head) = Head::parse(&source) {
        match head.check(&run) {
            Verdict::Legal(reading) => assert!(reading.order.len() <= reading.lanes.len()),
            Verdict::Illegal(failure) => assert!(failure.explain("x").ends_with('\n')),
            Verdict::TooAmbiguous(ambiguity) => assert!(!ambiguity.rows.is_empty()),
        }
        let _ = head.mutants(&run);
        let _ = head.transcript.count().to_string();
    }
    // A count may take a second; the bound says only that it ends.
    assert!(start.elapsed() < Duration::from_mins(1));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_read_or_refused(source: Vec<u8>, stdout: Vec<u8>, stderr: Vec<u8>) {
        all(&source, &stdout, &stderr);
    }

    #[test]
    fn any_notation_is_read_or_refused(scraps in prop::collection::vec(scrap(), 0..20), stdout: Vec<u8>) {
        let fence = b"//! T.\n//! # Output\n//! ```text\n//! ".to_vec();
        let source = [fence, scraps.concat(), b"\n//! ```\n".to_vec()].concat();
        all(&source, &stdout, b"");
    }

    #[test]
    fn a_mangled_transcript_and_output_are_judged_or_refused(
        source in mangled(source()),
        stdout in mangled(OUTPUT.to_owned()),
        stderr in mangled("x 80\n1.5\n2\nmore\n".to_owned()),
    ) {
        all(&source, &stdout, &stderr);
    }
}

#[test]
fn what_is_mangled_is_legal_before() {
    let head = Head::parse(&source()).unwrap_or_else(|errors| panic!("{}", errors[0]));
    let run = Output {
        stdout: OUTPUT.as_bytes(),
        stderr: b"x 80\n1.5\n2\nmore\n",
        status: Status::Exited(0),
    };
    match head.check(&run) {
        Verdict::Legal(_) => {}
        Verdict::Illegal(failure) => panic!("{}", failure.explain("x")),
        Verdict::TooAmbiguous(ambiguity) => panic!("{}", ambiguity.explain("x")),
    }
}

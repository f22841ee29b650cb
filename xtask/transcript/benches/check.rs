//! How long checking and counting take: a table of medians, no verdict on them.
//!
//! `cargo bench -p transcript`. Each row states its answer too, so that a fast wrong one shows.

use std::{
    fmt::Write as _,
    hint::black_box,
    time::{Duration, Instant},
};
use transcript::{Head, Output, Status, Verdict};

/// Odd, so that the median is one of the measurements.
const REPETITIONS: usize = 15;

fn main() {
    println!("{:<58} {:>10} {:>10} {:>10}", "", "least", "median", "most");
    for (lanes, rows) in [(100, 50), (100, 100), (100, 200), (100, 400)] {
        checked(
            &format!("{lanes} lanes that name themselves, {} lines", lanes * rows),
            &lanes_that_name_themselves(lanes, rows, ""),
            &in_turn(lanes, rows),
        );
    }
    let rules = "//! # Always\n//!\n//! - at most 100 between `step 0` and `step 99`\n\
                 //! - `{i}: step 0` before `{i}: step 99`\n//! - first 500 `{i}: step 0` distinct\n";
    checked(
        "the same, 10,000 lines, with three rules",
        &lanes_that_name_themselves(100, 100, rules),
        &in_turn(100, 100),
    );
    checked(
        "one row that repeats, with a value, 10,000 lines",
        &section("+| at {n=0}", "//! # Always\n//!\n//! - `{n}` ascending\n"),
        &(0..10_000).fold(String::new(), |all, n| all + &format!("at {n}\n")),
    );
    let sixteen = "hello\n".repeat(16) + &"done\n".repeat(16) + "bye\n";
    checked(
        "sixteen lanes that print the same two lines",
        &section("i in 0..16| hello\n//! i| done\n//! bye", ""),
        &sixteen,
    );
    counted(
        "count: five tasks, three permits, reached",
        &section(
            "i in 0..5| task {i} waiting\n//! i| task {i} acquired\n//! i| task {i} releasing\n//! all 5 tasks done",
            "//! # Always\n//!\n//! - at most 3 between `acquired` and `releasing`, 3 reached\n",
        ),
        "73,483,200",
    );
    counted(
        "count: sixteen lanes that print the same two lines",
        &section("i in 0..16| hello\n//! i| done\n//! bye", ""),
        "35,357,670",
    );
    counted(
        "count: sixteen workers and an event",
        &section(
            "i in 0..16| worker {i} waiting\n//! i| worker {i} running\n//! ~| go!",
            "//! # Always\n//!\n//! - `go!` before `running`\n",
        ),
        "28,689,244,926,600,482,163,523,584,000,000",
    );
}

fn section(rows: &str, always: &str) -> Head {
    let source = format!(
        "//! Measured.\n//!\n//! # Output\n//!\n//! ```text\n//! {rows}\n//! ```\n//!\n{always}"
    );
    Head::parse(&source).unwrap_or_else(|errors| panic!("{}", errors[0]))
}

fn lanes_that_name_themselves(lanes: usize, rows: usize, always: &str) -> Head {
    let mut text = format!("i in 0..{lanes}| thread {{i}}: step 0");
    for row in 1..rows {
        let _ = write!(text, "\n//! i| thread {{i}}: step {row}");
    }
    section(&text, always)
}

/// Each lane one line, again and again: all lanes are open from the first line to the last.
fn in_turn(lanes: usize, rows: usize) -> String {
    let mut output = String::new();
    for row in 0..rows {
        for lane in 0..lanes {
            let _ = writeln!(output, "thread {lane}: step {row}");
        }
    }
    output
}

fn checked(what: &str, section: &Head, output: &str) {
    let run = Output { stdout: output.as_bytes(), stderr: b"", status: Status::Exited(0) };
    measured(what, || match section.check(&run) {
        Verdict::Legal(reading) => assert_eq!(reading.lanes.len(), output.lines().count()),
        Verdict::Illegal(failure) => panic!("{}", failure.explain(what)),
        Verdict::TooAmbiguous(ambiguity) => panic!("{}", ambiguity.explain(what)),
    });
}

fn counted(what: &str, section: &Head, expected: &str) {
    measured(what, || {
        assert_eq!(black_box(section).transcript.count().to_string(), expected, "{what}");
    });
}

fn measured(what: &str, work: impl Fn()) {
    let mut times: Vec<Duration> = (0..REPETITIONS)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed()
        })
        .collect();
    times.sort_unstable();
    let shown = |at: usize| format!("{:.2} ms", times[at].as_secs_f64() * 1e3);
    println!(
        "{what:<58} {:>10} {:>10} {:>10}",
        shown(0),
        shown(REPETITIONS / 2),
        shown(REPETITIONS - 1)
    );
}

//! Two Fibonacci numbers, in turn and on two threads: in Rust, and in Python as it runs here.
//!
//! The table of the cheatsheet's "Performance Problem - GIL", with `fib(20)` for `fib(35)`, as
//! often as fits the time: so Python need not compute for twenty seconds. Each language is a case
//! with its own work in turn as the baseline: its ratio says what the second thread was good for.
//! Starting the threads counts, in both.

use std::hint::black_box;
use std::process::ExitCode;
use std::thread;
use tests_and_benches::{Python, pythons};
use threads::fib;
use versus::Case;

/// `fib(20)` twice.
const PAIR: u64 = 2 * 6_765;

fn main() -> ExitCode {
    versus::main("no_gil", |cases| {
        let pythons = pythons();
        Python::note(&pythons, cases);
        let case = cases.case("no_gil, Rust");
        case.context("in turn", "in turn", |pairs| some_fib(pairs) + some_fib(pairs));
        case.context("on two threads", "on two threads", on_two_threads);
        set_beside_the_cheatsheet(case);
        for python in pythons {
            let call = |function| {
                let python = python.clone();
                move |pairs| python.call(include_str!("no_gil.py"), function, pairs)
            };
            let case = cases.case(&format!("no_gil, {}", python.name()));
            case.python("in turn", call("in_turn"));
            case.python("on two threads", call("on_two_threads"));
            set_beside_the_cheatsheet(case);
        }
    })
}

fn set_beside_the_cheatsheet(case: &mut Case<'_>) {
    case.item("fib(20) twice").answer(|pairs| pairs * PAIR).baseline("in turn");
    case.note("in turn", "cheatsheet", || "9.51 s (Python, fib(35))".to_owned());
    case.note("on two threads", "cheatsheet", || "11.31 s, a speed-up of 0.84".to_owned());
    case.note("on two threads", "limit", || "a speed-up of 2 on two free cores".to_owned());
}

fn on_two_threads(pairs: u64) -> u64 {
    thread::scope(|s| {
        let both = [(); 2].map(|()| s.spawn(|| some_fib(pairs)));
        both.map(|thread| thread.join().expect("fib does not panic")).iter().sum()
    })
}

fn some_fib(times: u64) -> u64 {
    (0..times).map(|_| fib(black_box(20))).sum()
}

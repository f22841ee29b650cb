//! Two Fibonacci numbers by two workers, threads or processes: in Rust, and in Python as it runs here.
//!
//! The table of the cheatsheet's "PoolExecutor", with `fib(20)` for `fib(35)`, as often as fits the time.
//! Each language is a case with its threads as the baseline: the ratio says what processes were good for. To
//! start the workers and to end them counts, as in the cheatsheet; runs are long enough for it not to matter
//! much.

use executor::{Executor, Job, Processes, Threads};
use serde::{Deserialize, Serialize};
use std::hint::black_box;
use std::process::ExitCode;
use std::time::Duration;
use tests_and_benches::{Python, pythons};
use versus::Case;

/// `fib(20)` twice.
const PAIR: u64 = 2 * 6_765;

/// `fib(20)`, so many times.
#[derive(Serialize, Deserialize)]
struct SomeFib(u64);

impl Job for SomeFib {
    type Output = u64;

    fn run(self) -> u64 {
        (0..self.0).map(|_| threads::fib(black_box(20))).sum()
    }
}

fn main() -> ExitCode {
    executor::worker::<SomeFib>();
    versus::main("threads_vs_processes", |cases| {
        let pythons = pythons();
        Python::note(&pythons, cases);
        let case = cases.case("threads_vs_processes, Rust");
        case.ours("threads", "threads", by(|| Threads::new(2).expect("two threads start")));
        case.ours("processes", "processes", by(|| Processes::new(2).expect("two processes start")));
        set_beside_the_cheatsheet(case);
        for python in pythons {
            let call = |function| {
                let python = python.clone();
                let source = include_str!("threads_vs_processes.py");
                move |pairs| python.call(source, function, pairs)
            };
            let case = cases.case(&format!("threads_vs_processes, {}", python.name()));
            case.python("threads", call("threads"));
            case.python("processes", call("processes"));
            set_beside_the_cheatsheet(case);
        }
    })
}

fn set_beside_the_cheatsheet(case: &mut Case<'_>) {
    case.item("fib(20) twice").answer(|pairs| pairs * PAIR);
    case.baseline("threads");
    for id in ["threads", "processes"] {
        case.at_least(id, Duration::from_millis(300));
    }
    case.note("threads", "cheatsheet", || "12.55 s (Python, fib(35))".to_owned());
    case.note("processes", "cheatsheet", || "5.54 s, a speed-up of 2.27".to_owned());
}

/// Starts an executor, has two jobs done, and ends it.
fn by<E: Executor<SomeFib>>(start: impl Fn() -> E) -> impl Fn(u64) -> u64 {
    move |pairs| {
        let results = start().map([SomeFib(pairs), SomeFib(pairs)]).expect("it is open");
        results.map(|result| result.expect("fib does not fail")).sum()
    }
}

//! Performance problem: GIL. Rust has none: two threads compute at the same time.
//!
//! Cheatsheet section S03: "Performance Problem - GIL".
//! Differs: Python's global interpreter lock lets one thread compute at a time, so there the
//! same work took 1.19 times as long on two threads as in turn. Rust has no such lock. The ratio
//! depends on cores and load, so it is reported, with both, and never asserted.
//!
//! # Output
//!
//! First a round that is not measured, to see both threads inside the work at once.
//!
//! ```text
//! i in 1..3| thread {i} starts
//! i        | thread {i} done
//! fib({n=35}) twice, {rounds=5} rounds, {build=dev} build, {cores=2} cores
//! load average: [..]
//! in turn:        {turn=65.3ms} (from {turn_min=64.9ms} to {turn_max=68.1ms})
//! on two threads: {both=33.1ms} (from {both_min=32.6ms} to {both_max=39.0ms})
//! two threads are {ratio=1.97} times as fast as one
//! every fib({n}) was {value=9227465}
//! ```
//!
//! # Always
//!
//! - at most 2 between `starts` and `done`, 2 reached

//@ timeout: 120s

use std::hint::black_box;
use std::sync::Barrier;
use std::time::{Duration, Instant};
use std::{fs, thread};
use threads::fib;

const N: u32 = 35;
const VALUE: u64 = 9_227_465;
const ROUNDS: usize = 5;

fn main() {
    // Nobody computes before both threads are there.
    let start = &Barrier::new(2);
    on_two_threads(|id| {
        println!("thread {id} starts");
        start.wait();
        work();
        println!("thread {id} done");
    });

    // In turn and at once by turns, so that a change of the load meets both.
    let (mut in_turn, mut at_once) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        in_turn.push(time(|| {
            work();
            work();
        }));
        at_once.push(time(|| {
            on_two_threads(|_| {
                start.wait();
                work();
            });
        }));
    }
    in_turn.sort();
    at_once.sort();

    let build = if cfg!(debug_assertions) { "dev" } else { "release" };
    let cores = thread::available_parallelism().map_or(1, usize::from);
    println!("fib({N}) twice, {ROUNDS} rounds, {build} build, {cores} cores");
    let load = fs::read_to_string("/proc/loadavg").unwrap_or("unknown".into());
    println!("load average: {}", load.trim_end());
    println!("in turn:        {}", median_and_spread(&in_turn));
    println!("on two threads: {}", median_and_spread(&at_once));
    let ratio = in_turn[ROUNDS / 2].as_secs_f64() / at_once[ROUNDS / 2].as_secs_f64();
    println!("two threads are {ratio:.2} times as fast as one");
    println!("every fib({N}) was {VALUE}");
}

/// `black_box` on both sides: the compiler knows neither the question nor that nobody wants the
/// answer, and so cannot delete the work.
fn work() {
    assert_eq!(black_box(fib(black_box(N))), VALUE);
}

fn on_two_threads(job: impl Fn(u32) + Sync) {
    let job = &job;
    thread::scope(|s| {
        s.spawn(move || job(1));
        s.spawn(move || job(2));
    });
}

fn time(job: impl FnOnce()) -> Duration {
    let start = Instant::now();
    job();
    start.elapsed()
}

fn median_and_spread(sorted: &[Duration]) -> String {
    let (least, median, most) = (sorted[0], sorted[ROUNDS / 2], sorted[ROUNDS - 1]);
    format!("{median:.1?} (from {least:.1?} to {most:.1?})")
}

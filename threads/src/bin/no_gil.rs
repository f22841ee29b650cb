//! The GIL's performance problem: with no lock round the interpreter, two threads compute at once.
//!
//! Cheatsheet section S03: "Performance Problem - GIL".
//! Differs: there, the same work took 1.19 times as long on two threads as in turn. How much two
//! threads gain depends on cores and load, so it is printed with both, and never asserted.
//!
//! # Output
//!
//! First a round that is not measured, to see both threads inside the work at once. Processor time
//! is what all threads used together: on two threads it may be twice the time that passed. The
//! total is printed by Python alone: here the compiler refuses to lose an update so.
//!
//! ```text
//! i in 1..3| thread {i} starts
//! i        | thread {i} done
//! fib({n=35}) twice, {build=dev} build, {cores=2} cores
//! load average: [..]
//! T+| in turn: 2 numbers, 1 thread, {one=65.321ms}, processor {one_cpu=65.310ms}
//! B+| at once: 2 numbers, 2 threads, {two=33.123ms}, processor {two_cpu=66.112ms}
//! median of {rounds=5}: {turn=65.321ms} in turn, {both=33.123ms} at once
//! two threads are {ratio=1.972} times as fast as one
//! ?| two threads have each added 1, and the total is 1
//! every fib({n}) was {value=9227465}
//! ```
//!
//! # Always
//!
//! - at most 2 between `starts` and `done`, 2 reached
//! - {one_cpu} >= 1ms
//! - {two_cpu} >= 1ms

//@ timeout: 120s

use std::collections::HashSet;
use std::hint::black_box;
use std::sync::Barrier;
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};
use threads::{build_and_cores, fib, load_average, processor_time};

const N: u32 = 35;
const VALUE: u64 = 9_227_465;
const ROUNDS: usize = 5;

fn main() {
    section::ends_with_its_reader();
    let start = &Barrier::new(2); // nobody computes before both threads are there
    on_two_threads(|id| {
        println!("thread {id} starts");
        start.wait();
        let computed = work();
        println!("thread {id} done");
        computed
    });

    println!("fib({N}) twice, {}", build_and_cores());
    println!("load average: {}", load_average());
    let (mut in_turn, mut at_once) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        // By turns, so that a change of the load meets both.
        in_turn.push(measured("in turn", || vec![work(), work()]));
        let at_the_barrier = |_| {
            start.wait();
            work()
        };
        at_once.push(measured("at once", || on_two_threads(at_the_barrier)));
    }
    let (turn, both) = (median(in_turn), median(at_once));
    println!("median of {ROUNDS}: {turn:.3?} in turn, {both:.3?} at once");
    let ratio = turn.as_secs_f64() / both.as_secs_f64();
    println!("two threads are {ratio:.3} times as fast as one");
    println!("every fib({N}) was {VALUE}");
}

/// Computes one number, and says which thread did.
fn work() -> ThreadId {
    // Without `black_box` the compiler might know the answer, or that nobody wants it.
    assert_eq!(black_box(fib(black_box(N))), VALUE);
    thread::current().id()
}

fn on_two_threads(job: impl Fn(u32) -> ThreadId + Sync) -> Vec<ThreadId> {
    let job = &job;
    thread::scope(|s| {
        let threads = [1, 2].map(|id| s.spawn(move || job(id)));
        threads.map(|thread| thread.join().expect("the work panicked")).into()
    })
}

fn measured(how: &str, job: impl FnOnce() -> Vec<ThreadId>) -> Duration {
    let (start, before) = (Instant::now(), processor_time());
    let by = job();
    let (processor, wall) = (processor_time().saturating_sub(before), start.elapsed());
    let (numbers, threads) = (by.len(), by.iter().collect::<HashSet<_>>().len());
    let threads = if threads == 1 { "1 thread" } else { &format!("{threads} threads") };
    println!("{how}: {numbers} numbers, {threads}, {wall:.3?}, processor {processor:.3?}");
    wall
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

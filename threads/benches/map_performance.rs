//! A function applied to every item: in a loop, and divided among threads in three ways.
//!
//! The table of the cheatsheet's "Compare with “map” performance", 999,999 squares, and what it
//! leaves open: how much work must an item be before a second thread pays? The break-even curve
//! answers that for items of 1 ns to 1 ms. A share for each thread (a chunk) costs little more than
//! starting the threads; an item for each task pays for a box, a queue and an answer every time.
//!
//! As in the cheatsheet, pools stand ready before the clock starts, and are awake. The scope starts
//! its threads within the measured time: that is what using it costs. The answer is the sum of the
//! results, once.

use bench_support::{Python, pythons, timed};
use std::cell::LazyCell;
use std::hint::black_box;
use std::process::ExitCode;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use versus::{Answer, Case};

/// The cost of an item on the curve, in nanoseconds, and how many make a map: enough for ten
/// milliseconds, within reason.
const COSTS: [(u32, usize); 7] = [
    (1, 10_000),
    (10, 10_000),
    (100, 10_000),
    (1_000, 10_000),
    (10_000, 1_000),
    (100_000, 100),
    (1_000_000, 16),
];

fn main() -> ExitCode {
    versus::main("map_performance", |cases| {
        let pythons = pythons();
        Python::note(&pythons, cases);
        let pool = Arc::new(Pool::new(cores()));
        let square = |x: u64| x * x;
        let case = cases.case("map_performance, Rust").item("999,999 squares");
        add_all(case, &pool, 999_999, square);
        for python in pythons {
            let call = |function| {
                let python = python.clone();
                move |maps| python.call(include_str!("map_performance.py"), function, maps)
            };
            cases
                .case(&format!("map_performance, {}", python.name()))
                .item("999,999 squares")
                .answer(move |_| sum(numbers(999_999).map(square)))
                .baseline("map", call("plain"))
                .variant("pool.map", call("pool"))
                .note("map", "cheatsheet", || "0.385 s".to_owned())
                .note("pool.map", "cheatsheet", || "0.563 s, a speed-up of 0.68".to_owned())
                .note("pool.map", "limit", || "a speed-up of 2 on two free cores".to_owned());
        }

        let steps_per_ns = steps_per_ns();
        for (cost, items) in COSTS {
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // `as` saturates
            let steps = (f64::from(cost) * steps_per_ns).round().max(1.0) as u64;
            let work = move |x| (0..steps).fold(x, step);
            let case = cases.case(&format!("map_performance, {items} items of {cost} ns"));
            case.item("map");
            case.point("map_performance: break-even", "cost of an item in ns", cost.into());
            add_all(case, &pool, items, work);
        }
    })
}

/// Every way to apply `work` to the numbers below `items`, in Rust.
fn add_all(case: &mut Case<'_>, pool: &Arc<Pool>, items: usize, work: impl Work) {
    // Computed once, and only in a process that measures this case.
    let answer = LazyCell::new(move || sum(numbers(items).map(work)));
    case.answer(move |_| *answer);
    case.baseline("a loop", repeat(move || numbers(items).map(work).collect()));
    case.variant("chunks in a scope", repeat(move || chunks(items, work)));
    #[cfg(feature = "peers")]
    case.variant("rayon", repeat(move || rayon(items, work)));
    let pool = Arc::clone(pool);
    case.variant("a box per item", repeat(move || pool.map(items, work)));
}

trait Work: Fn(u64) -> u64 + Copy + Send + Sync + 'static {}
impl<F: Fn(u64) -> u64 + Copy + Send + Sync + 'static> Work for F {}

fn repeat(map: impl Fn() -> Vec<u64>) -> impl Fn(u64) -> Answer {
    move |maps| {
        // One map before the clock starts. A pool that has slept for long may find all its workers
        // woken on one core, for the ten milliseconds until the system spreads them.
        black_box(map());
        let (results, took) = timed(|| {
            let mut results = Vec::new();
            for _ in 0..maps {
                results = black_box(map());
            }
            results
        });
        Answer::from(sum(results)).took(took)
    }
}

fn chunks(items: usize, work: impl Work) -> Vec<u64> {
    let mut results = vec![0; items];
    let length = items.div_ceil(cores());
    thread::scope(|s| {
        for (chunk, results) in results.chunks_mut(length).enumerate() {
            s.spawn(move || {
                for (x, result) in (chunk * length..).zip(results) {
                    *result = work(x as u64);
                }
            });
        }
    });
    results
}

#[cfg(feature = "peers")]
fn rayon(items: usize, work: impl Work) -> Vec<u64> {
    use rayon::prelude::*;
    (0..items).into_par_iter().map(|x| work(x as u64)).collect()
}

/// Workers that take boxed jobs from one channel, as in the cheatsheet's "Thread Pool Template".
struct Pool {
    jobs: Sender<Job>,
}

type Job = Box<dyn FnOnce() + Send>;

impl Pool {
    /// The workers end by themselves when the pool is gone.
    fn new(workers: usize) -> Pool {
        let (jobs, queue) = channel::<Job>();
        let queue = Arc::new(Mutex::new(queue));
        for _ in 0..workers {
            let queue = Arc::clone(&queue);
            // A function of its own gives the lock back before the job runs.
            let next = move || queue.lock().expect("nobody panics with the lock").recv();
            thread::spawn(move || {
                while let Ok(job) = next() {
                    job();
                }
            });
        }
        Pool { jobs }
    }

    fn map(&self, items: usize, work: impl Work) -> Vec<u64> {
        let (done, results) = channel();
        for x in 0..items {
            let done = done.clone();
            let job = move || done.send((x, work(x as u64))).expect("`map` waits for all of them");
            self.jobs.send(Box::new(job)).expect("the workers live as long as the pool");
        }
        drop(done); // `results` ends when the last job is done
        let mut sorted = vec![0; items];
        for (x, result) in results {
            sorted[x] = result;
        }
        sorted
    }
}

fn numbers(items: usize) -> impl Iterator<Item = u64> {
    (0..items).map(|x| x as u64)
}

fn sum(results: impl IntoIterator<Item = u64>) -> u64 {
    results.into_iter().fold(0, u64::wrapping_add)
}

fn cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// One or two nanoseconds of work. It needs the number of the step before, and two steps are not
/// one with other constants: the compiler can neither skip nor merge them.
fn step(x: u64, _: u64) -> u64 {
    (x ^ (x >> 7)).wrapping_mul(6_364_136_223_846_793_005)
}

/// The shortest of a few times: whatever else runs can only make it longer.
fn steps_per_ns() -> f64 {
    let steps = 100_000;
    let time = || timed(|| black_box((0..black_box(steps)).fold(1, step))).1.wall;
    let shortest = (0..20).map(|_| time()).min().unwrap_or_default();
    steps as f64 / shortest.as_nanos().max(1) as f64
}

//! A function applied to every item: in a loop, and divided among threads in five ways.
//!
//! The table of the cheatsheet's "Compare with “map” performance", 999,999 squares, and what it
//! leaves open: how much work must an item be before a second thread pays? The break-even curve
//! answers that for items of 1 ns to 1 ms. A share for each thread (a chunk) costs starting the
//! threads, and filling the results with zeros: safe code can give a thread no memory that holds
//! nothing yet. `par_map` and the pool's `map` collect each piece by itself, and copy the pieces
//! together. An item for each task pays for a box, a queue and an answer every time.
//!
//! As in the cheatsheet, pools stand ready before the clock starts, and are awake. The scope starts
//! its threads within the measured time: that is what using it costs. The answer is the sum of the
//! results, once.

use std::cell::LazyCell;
use std::hint::black_box;
use std::process::ExitCode;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread;
use tests_and_benches::{Python, pythons, timed};
use threads::{ThreadPool, par_map};
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
        let pool = Arc::new(ThreadPool::new(cores()).expect("start threads"));
        let square = |x: u64| x * x;
        let case = cases.case("map_performance, Rust").item("999,999 squares");
        add_all(case, &pool, 999_999, move || square);
        case.note("loop", "cheatsheet", || "0.385 s (Python's map)".to_owned());
        let pool_map = || "0.563 s (pool.map), a speed-up of 0.68".to_owned();
        case.note("boxes", "cheatsheet", pool_map);
        case.remark(
            "A square costs next to nothing, so what surrounds it decides. The threads of rayon stand \
             ready, and write into memory as it comes; the chunks start their threads each time, and \
             fill the results with zeros first.",
        );
        case.remark(&format!("Limit: a speed-up of {}, the number of cores.", cores()));
        for python in pythons {
            let call = |function| {
                let python = python.clone();
                move |maps| python.call(include_str!("map_performance.py"), function, maps)
            };
            cases
                .case(&format!("map_performance, {}", python.name()))
                .item("999,999 squares")
                .answer(move |_| sum(numbers(999_999).map(square)))
                .baseline("map")
                .python("map", call("plain"))
                .python("pool.map", call("pool"))
                .note("map", "cheatsheet", || "0.385 s".to_owned())
                .note("pool.map", "cheatsheet", || "0.563 s, a speed-up of 0.68".to_owned())
                .note("pool.map", "limit", || "a speed-up of 2 on two free cores".to_owned());
        }

        for (cost, items) in COSTS {
            let case = cases.case(&format!("map_performance, {items} items of {cost} ns"));
            case.item("map");
            case.point("map_performance: break-even", "cost of an item in ns", cost.into());
            let steps = LazyCell::new(move || steps_of(cost, items));
            add_all(case, &pool, items, move || {
                let steps = *steps;
                move |x| (0..steps).fold(x, step)
            });
        }
    })
}

/// Every way to apply a function to the numbers below `items`, in Rust. `work` makes the function, when
/// it is first needed: a process measures one case of all.
fn add_all<W: Work>(
    case: &mut Case<'_>,
    pool: &Arc<ThreadPool>,
    items: usize,
    work: impl Fn() -> W + 'static,
) {
    let (work, pool) = (Rc::new(work), Arc::clone(pool));
    let map = |map: fn(&ThreadPool, usize, W) -> Vec<u64>| {
        let (work, pool) = (Rc::clone(&work), Arc::clone(&pool));
        repeat(move || map(&pool, items, work()))
    };
    case.baseline("loop").context(
        "loop",
        "a loop",
        map(|_, items, work| numbers(items).map(work).collect()),
    );
    case.context("chunks", "chunks in a scope", map(|_, items, work| chunks(items, work)));
    case.peer("rayon", "rayon", map(|_, items, work| rayon(items, work)));
    case.ours(
        "par_map",
        "par_map",
        map(|_, items, work| par_map(0..items, move |x| work(x as u64))),
    );
    let pool_map =
        |pool: &ThreadPool, items, work: W| pool.map(0..items, move |x: usize| work(x as u64));
    case.ours("pool_map", "ThreadPool::map", map(pool_map));
    case.context(
        "boxes",
        "a box per item",
        map(|pool, items, work| a_box_per_item(pool, items, work)),
    );
    let answer = LazyCell::new(move || sum(numbers(items).map(work())));
    case.answer(move |_| *answer);
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

fn rayon(items: usize, work: impl Work) -> Vec<u64> {
    use rayon::prelude::*;
    (0..items).into_par_iter().map(|x| work(x as u64)).collect()
}

fn a_box_per_item(pool: &ThreadPool, items: usize, work: impl Work) -> Vec<u64> {
    let (done, results) = channel();
    for x in 0..items {
        let done = done.clone();
        let job = move || done.send((x, work(x as u64))).expect("we wait for all of them");
        pool.execute(job).expect("the pool is open");
    }
    drop(done); // `results` ends when the last job is done
    let mut sorted = vec![0; items];
    for (x, result) in results {
        sorted[x] = result;
    }
    sorted
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

/// One or two nanoseconds of work. Each step needs the number of the one before, and the compiler knows
/// no formula for two at once: it can neither skip steps nor fold them.
fn step(x: u64, _: u64) -> u64 {
    (x ^ (x >> 7)).wrapping_mul(6_364_136_223_846_793_005)
}

/// How many steps cost so many nanoseconds an item, in the loop over that many items: a processor
/// works at the steps of neighbouring items at the same time, so few steps cost less than their sum.
fn steps_of(cost: u32, items: usize) -> u64 {
    // A look of a millisecond or one item, the shortest of a few: whatever else runs only makes it longer.
    let items = items.min(1_000_000 / cost as usize).max(1);
    let cost_of = |steps: u64| {
        let steps = black_box(steps);
        let work = |x| (0..steps).fold(x, step);
        let look = |_| timed(|| black_box(numbers(items).map(work).collect::<Vec<_>>())).1.wall;
        let shortest = (0..5).map(look).min().unwrap_or_default();
        shortest.as_nanos().max(1) as f64 / items as f64
    };
    let mut steps = 1;
    for _ in 0..4 {
        let scaled = steps as f64 * f64::from(cost) / cost_of(steps);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // `as` saturates
        let rounded = scaled.round() as u64;
        steps = rounded.max(1);
    }
    steps
}

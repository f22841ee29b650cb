//! Executor map: results come in the order of the jobs, or in the order in which they are done.
//!
//! Cheatsheet section S19: "PoolExecutor", its `map`.
//! Differs: there are two workers, not three, so that the order in which the jobs are done can be
//! forced. The cheatsheet does not show the second order; in Python that is `as_completed`.
//!
//! # Output
//!
//! The first job is held back: one worker is stuck in it, and the other does the rest, one after
//! the other.
//!
//! ```text
//! submitted: 5 jobs; run, before anybody has asked for a result: 4
//! in the order of the jobs: 1 1 2 3 5
//! as they are done: fib(2) = 1
//! as they are done: fib(3) = 2
//! as they are done: fib(4) = 3
//! as they are done: fib(5) = 5
//! and the first at last: fib(1) = 1
//! ```

use executor::{Executor, Job, Threads};
use serde::{Deserialize, Serialize};
use std::error::Error;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};
use threads::fib;

#[derive(Serialize, Deserialize)]
struct Fib(u32);

impl Job for Fib {
    type Output = u64;

    fn run(self) -> u64 {
        if self.0 == 1 {
            until_let_go();
        }
        RUN.fetch_add(1, Relaxed);
        fib(self.0)
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    section::ends_with_its_reader();
    let pool = Threads::new(2)?;

    let held_back = hold_back_the_first();
    let results = pool.map([1, 2, 3, 4, 5].map(Fib))?;
    let run = until_four_have_run();
    println!(
        "submitted: {} jobs; run, before anybody has asked for a result: {run}",
        results.len()
    );
    drop(held_back);
    let results: Vec<_> =
        results.map(|result| result.map(|it| it.to_string())).collect::<Result<_, _>>()?;
    println!("in the order of the jobs: {}", results.join(" "));

    let held_back = hold_back_the_first();
    let mut results = pool.map_unordered([1, 2, 3, 4, 5].map(Fib))?;
    for (number, result) in results.by_ref().take(4) {
        println!("as they are done: fib({}) = {}", number + 1, result?);
    }
    drop(held_back);
    for (number, result) in results {
        println!("and the first at last: fib({}) = {}", number + 1, result?);
    }
    Ok(())
}

/// How many jobs have been run.
static RUN: AtomicUsize = AtomicUsize::new(0);

/// Forces the order: whoever has this keeps job 1 from ending.
fn hold_back_the_first() -> MutexGuard<'static, ()> {
    static HELD_BACK: Mutex<()> = Mutex::new(());
    HELD_BACK.lock().unwrap_or_else(PoisonError::into_inner)
}

fn until_let_go() {
    drop(hold_back_the_first());
}

/// Waits until jobs 2 to 5 have run, or for five seconds, should they not.
fn until_four_have_run() -> usize {
    let limit = Instant::now() + Duration::from_secs(5);
    while RUN.load(Relaxed) < 4 && Instant::now() < limit {
        thread::yield_now();
    }
    RUN.load(Relaxed)
}

//! Threads against processes: the same jobs for both; in Rust, processes are not there for speed.
//!
//! Cheatsheet section S20: "PoolExecutor", threads against processes.
//! Differs: there the processes took 5.54 s and the threads 12.55 s, for Python's interpreter lets one thread
//! compute at a time. Rust's threads compute at the same time, as processes do, and need neither a process's start
//! nor the way of the jobs to it. What a process gives is isolation.
//!
//! # Output
//!
//! A job comes back with the id of the process that has done it.
//!
//! ```text
//! Threads:   fib({n=35}) twice: {a=9227465} and {b=9227465}, by this process
//! Processes: fib({n}) twice: {a} and {b}, by other processes
//! {rounds=5} rounds, executors started and ended in each; {build=dev} build, {cores=2} cores
//! Threads:   {threads=33.1ms} (from {threads_min=32.5ms} to {threads_max=40.1ms})
//! Processes: {processes=38.3ms} (from {processes_min=37.9ms} to {processes_max=45.0ms})
//! processes took {ratio=1.16} times as long as threads
//! ```

use executor::{Executor, Job, Processes, Threads};
use serde::{Deserialize, Serialize};
use std::error::Error;
use std::hint::black_box;
use std::process;
use std::time::{Duration, Instant};
use threads::fib;

const N: u32 = 35;
const ROUNDS: usize = 5;

#[derive(Serialize, Deserialize)]
struct Fib(u32);

impl Job for Fib {
    type Output = (u64, u32);

    fn run(self) -> (u64, u32) {
        (fib(black_box(self.0)), process::id())
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    executor::worker::<Fib>(); // a worker process stays in here
    println!("Threads:   {}", twice(&Threads::new(2)?)?);
    println!("Processes: {}", twice(&Processes::new(2)?)?);

    // By turns, so that a change of the load meets both.
    let (mut threads, mut processes) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        threads.push(time(|| twice(&Threads::new(2)?))?);
        processes.push(time(|| twice(&Processes::new(2)?))?);
    }
    let build = if cfg!(debug_assertions) { "dev" } else { "release" };
    let cores = executor::cores();
    println!("{ROUNDS} rounds, executors started and ended in each; {build} build, {cores} cores");
    println!("Threads:   {}", median_and_spread(&mut threads));
    println!("Processes: {}", median_and_spread(&mut processes));
    let ratio = processes[ROUNDS / 2].as_secs_f64() / threads[ROUNDS / 2].as_secs_f64();
    println!("processes took {ratio:.2} times as long as threads");
    Ok(())
}

/// The job, twice at once, by whichever kind of worker.
fn twice(executor: &impl Executor<Fib>) -> Result<String, Box<dyn Error>> {
    let results: Result<Vec<_>, _> = executor.map([Fib(N), Fib(N)])?.collect();
    let [(one, by), (other, by_too)] = results?[..] else { return Err("two results, not".into()) };
    let by = match [by, by_too].map(|id| id == process::id()) {
        [true, true] => "this process",
        [false, false] => "other processes",
        _ => "one of each",
    };
    Ok(format!("fib({N}) twice: {one} and {other}, by {by}"))
}

fn time<T>(work: impl FnOnce() -> Result<T, Box<dyn Error>>) -> Result<Duration, Box<dyn Error>> {
    let start = Instant::now();
    work()?;
    Ok(start.elapsed())
}

fn median_and_spread(times: &mut [Duration]) -> String {
    times.sort();
    let (least, median, most) = (times[0], times[ROUNDS / 2], times[ROUNDS - 1]);
    format!("{median:.1?} (from {least:.1?} to {most:.1?})")
}

//! Threads against processes: one trait feeds both, and in Rust processes are not for speed.
//!
//! Cheatsheet section S20: "PoolExecutor", threads against processes.
//! Differs: there the processes took 5.54 s and the threads 12.55 s, because only one of Python's
//! threads computes at a time. Rust's threads compute at the same time, as processes do; they need
//! not be started as programs, nor must their jobs be sent. What a process gives is isolation.
//!
//! # Output
//!
//! A job comes back with the id of the process that has done it. A round starts an executor, has
//! two jobs done, and ends the executor, as the cheatsheet's functions do.
//!
//! ```text
//! fib({n=35}) = {value=9227465}, twice, {build=dev} build, {cores=2} cores
//! load average: [..]
//! T+| Threads: {value} {value}, by this process, {one=33.123ms}
//! P+| Processes: {value} {value}, by other processes, {other=38.123ms}
//! median of {rounds=3}: Threads {threads=33.123ms}, Processes {processes=38.123ms}
//! processes take {ratio=1.151} times as long
//! ```

//@ timeout: 120s

use executor::{Executor, Job, Processes, Threads};
use serde::{Deserialize, Serialize};
use std::error::Error;
use std::hint::black_box;
use std::process;
use std::time::{Duration, Instant};
use threads::{build_and_cores, fib, load_average};

const N: u32 = 35;
const VALUE: u64 = 9_227_465;
const ROUNDS: usize = 3;

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
    println!("fib({N}) = {VALUE}, twice, {}", build_and_cores());
    println!("load average: {}", load_average());
    let (mut threads, mut processes) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        // By turns, so that a change of the load meets both.
        threads.push(measured("Threads", || twice(&Threads::new(2)?))?);
        processes.push(measured("Processes", || twice(&Processes::new(2)?))?);
    }
    let (threads, processes) = (median(threads), median(processes));
    println!("median of {ROUNDS}: Threads {threads:.3?}, Processes {processes:.3?}");
    let ratio = processes.as_secs_f64() / threads.as_secs_f64();
    println!("processes take {ratio:.3} times as long");
    Ok(())
}

/// Two jobs at once, by whichever kind of worker.
fn twice(executor: &impl Executor<Fib>) -> Result<Vec<(u64, u32)>, Box<dyn Error>> {
    Ok(executor.map([Fib(N), Fib(N)])?.collect::<Result<_, _>>()?)
}

fn measured<W>(name: &str, work: W) -> Result<Duration, Box<dyn Error>>
where
    W: FnOnce() -> Result<Vec<(u64, u32)>, Box<dyn Error>>,
{
    let start = Instant::now();
    let results = work()?;
    let took = start.elapsed();
    let here = results.iter().filter(|(_, id)| *id == process::id()).count();
    let by = ["other processes", "one of each", "this process"][here];
    let values: Vec<_> = results.iter().map(|(value, _)| value.to_string()).collect();
    println!("{name}: {}, by {by}, {took:.3?}", values.join(" "));
    Ok(took)
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

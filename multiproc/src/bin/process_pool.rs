//! A pool of processes: five workers share nothing, and do what threads do just as fast.
//!
//! Cheatsheet section S14: "Multiprocessing", solving the GIL problem via processes.
//! Differs: in Python only processes use several processors, so the cheatsheet compares five of them with
//! no concurrency at all. Here five threads stand between: they already have the speed. What the
//! processes add is that nothing one of them does can harm another.
//!
//! # Output
//!
//! The times are the machine's. With two processors, five equal jobs take three turns on two workers, but
//! five threads or processes share the two evenly.
//!
//! ```text
//! five times fib({n=35}), {profile=dev} build
//! in turn: [{value=9227465}, {value}, {value}, {value}, {value}] in {turn=151.23 ms}
//! five threads: [{value}, {value}, {value}, {value}, {value}] in {threads=80.12 ms}
//! five processes: [{value}, {value}, {value}, {value}, {value}] in {processes=81.34 ms}
//! 5 workers did it
//! this process is one of them: false
//! no child is left: true
//! ```

use multiproc::{Job, ProcessPool};
use nix::errno::Errno;
use nix::sys::wait::waitpid;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::error::Error;
use std::hint::black_box;
use std::io::{self, Read};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::time::Instant;
use std::{process, thread};
use threads::fib;

const N: u32 = 35;

/// What is sent to a worker. A closure could not be.
#[derive(Serialize, Deserialize)]
struct Fib {
    n: u32,
    gate: SocketAddr,
}

impl Job for Fib {
    type Output = (u64, u32);

    fn run(self) -> (u64, u32) {
        until_all_have_come(self.gate);
        (fib(self.n), process::id())
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    multiproc::worker::<Fib>(); // a worker is this program again, and stays in here

    let profile = if cfg!(debug_assertions) { "dev" } else { "release" };
    println!("five times fib({N}), {profile} build");
    let (values, time) = timed(|| [N; 5].map(|n| fib(black_box(n))));
    println!("in turn: {values:?} in {time}");

    let (values, time) = timed(|| {
        thread::scope(|s| [N; 5].map(|n| s.spawn(move || fib(n))).map(|it| it.join().unwrap()))
    });
    println!("five threads: {values:?} in {time}");

    let (gate, pool) = (gate_for(5)?, ProcessPool::new(5)?);
    let (outcomes, time) = timed(|| pool.map([N; 5].map(|n| Fib { n, gate })));
    let found: Vec<(u64, u32)> = outcomes.into_iter().collect::<Result<_, _>>()?;
    let (values, workers): (Vec<u64>, BTreeSet<u32>) = found.into_iter().unzip();
    println!("five processes: {values:?} in {time}");
    println!("{} workers did it", workers.len());
    println!("this process is one of them: {}", workers.contains(&process::id()));
    drop(pool);
    println!("no child is left: {}", waitpid(None, None) == Err(Errno::ECHILD));
    Ok(())
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, String) {
    let start = Instant::now();
    let found = work();
    (found, format!("{:.2} ms", start.elapsed().as_secs_f64() * 1000.0))
}

/// Forces the lesson: a worker that has come stays until all have. So each of the five does one job, and they
/// are at it together. Without this, a quick one might do two.
fn until_all_have_come(gate: SocketAddr) {
    let closed = TcpStream::connect(gate).and_then(|mut gate| gate.read(&mut [0]));
    assert_eq!(closed.expect("the gate is there"), 0);
}

/// A gate that lets them through when so many have come.
fn gate_for(count: usize) -> io::Result<SocketAddr> {
    let gate = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = gate.local_addr()?;
    thread::spawn(move || gate.incoming().take(count).collect::<Vec<_>>());
    Ok(address)
}

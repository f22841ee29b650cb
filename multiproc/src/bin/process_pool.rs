//! A pool of processes: five jobs on five workers, each of them a process of its own.
//!
//! Cheatsheet section S14: "Multiprocessing", "Solving GIL problem via processes".
//! Differs: in Python only processes use several processors, so the cheatsheet compares five of
//! them with no concurrency at all. Here five threads stand between the two, and already have the
//! speed. What processes add is isolation: what one of them does to its memory harms no other.
//!
//! # Output
//!
//! The times are the machine's, and nothing is claimed about them.
//!
//! ```text
//! five times fib({n=35}), {build=dev} build, {cores=2} cores
//! in turn: [{value=9227465}, {value}, {value}, {value}, {value}] in {turn=151.23 ms}
//! five threads: [{value}, {value}, {value}, {value}, {value}] in {threads=80.12 ms}
//! five processes: [{value}, {value}, {value}, {value}, {value}] in {processes=81.34 ms}
//! 5 workers did it
//! this process is one of them: false
//! no child is left: true
//! ```

use multiproc::{Job, ProcessPool};
use nix::errno::Errno::ECHILD;
use nix::sys::wait::{WaitPidFlag, waitpid};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::error::Error;
use std::hint::black_box;
use std::io::{self, Read};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::time::Instant;
use std::{process, thread};
use threads::{build_and_cores, fib};

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

    println!("five times fib({N}), {}", build_and_cores());
    let (values, time) = timed(|| [N; 5].map(|n| fib(black_box(n))));
    println!("in turn: {values:?} in {time:.2} ms");

    let jobs = five_jobs()?;
    let (values, time) = timed(|| {
        thread::scope(|s| jobs.map(|it| s.spawn(|| it.run().0)).map(|it| it.join().unwrap()))
    });
    println!("five threads: {values:?} in {time:.2} ms");

    let (jobs, pool) = (five_jobs()?, ProcessPool::new(5)?);
    let (outcomes, time) = timed(|| pool.map(jobs));
    let found = outcomes.into_iter().map(Result::unwrap);
    let (values, workers): (Vec<u64>, BTreeSet<u32>) = found.unzip();
    println!("five processes: {values:?} in {time:.2} ms");
    println!("{} workers did it", workers.len());
    println!("this process is one of them: {}", workers.contains(&process::id()));
    drop(pool);
    println!("no child is left: {}", waitpid(None, Some(WaitPidFlag::WNOHANG)) == Err(ECHILD));
    Ok(())
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, f64) {
    let start = Instant::now();
    (work(), start.elapsed().as_secs_f64() * 1000.0)
}

/// Forces the lesson: whoever has come stays until all five have. So they are at work together, and
/// each worker does one job. Without this, a quick one might do two.
fn until_all_have_come(gate: SocketAddr) {
    let closed = TcpStream::connect(gate).and_then(|mut gate| gate.read(&mut [0]));
    assert_eq!(closed.expect("the gate is there"), 0);
}

/// Five jobs, and the gate that lets them through when all have come.
fn five_jobs() -> io::Result<[Fib; 5]> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let gate = listener.local_addr()?;
    thread::spawn(move || listener.incoming().take(5).collect::<Vec<_>>());
    Ok([N; 5].map(|n| Fib { n, gate }))
}

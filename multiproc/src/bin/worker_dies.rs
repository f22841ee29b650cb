//! A worker dies: a dead worker costs one job, whose error says how, and the pool goes on.
//!
//! Beyond the cheatsheet. With Python 3.11, `map` of a `Pool` never returns when a worker is killed
//! in a job; a `ProcessPoolExecutor` gives up all jobs that are left, and takes no others.
//!
//! The pool has one worker, so nobody else could have done the jobs behind the deadly ones.
//!
//! # Output
//!
//! ```text
//! job 0: 0
//! job 1: 1
//! job 2: the worker ended: signal 6 (ABRT)
//! job 3: 9
//! job 4: the worker ended: exit status 7
//! job 5: 25
//! job 6: the worker ended: signal 9 (KILL)
//! job 7: 49
//! 5 results, 3 errors
//! 4 workers, one after the other
//! no child is left: true
//! ```
//@ no-twin: Python's pools hang or break when a worker dies

use multiproc::{Job, ProcessPool};
use nix::errno::Errno::ECHILD;
use nix::sys::signal::{Signal, raise};
use nix::sys::wait::{WaitPidFlag, waitpid};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::error::Error;
use std::process;

#[derive(Serialize, Deserialize)]
enum Work {
    Square(u64),
    Abort,
    Exit(i32),
    Kill,
}

impl Job for Work {
    type Output = (u64, u32);

    fn run(self) -> (u64, u32) {
        match self {
            Work::Square(number) => return (number * number, process::id()),
            Work::Abort => process::abort(),
            Work::Exit(status) => process::exit(status),
            Work::Kill => raise(Signal::SIGKILL).expect("a process may kill itself"),
        }
        unreachable!("it is dead")
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    multiproc::worker::<Work>();

    let pool = ProcessPool::new(1)?;
    let mut jobs: Vec<Work> = (0..8).map(Work::Square).collect();
    (jobs[2], jobs[4], jobs[6]) = (Work::Abort, Work::Exit(7), Work::Kill);
    let (mut workers, mut errors) = (BTreeSet::new(), 0);
    let outcomes = pool.map(jobs);
    let count = outcomes.len();
    for (number, outcome) in outcomes.into_iter().enumerate() {
        match outcome {
            Ok((square, worker)) => {
                workers.insert(worker);
                println!("job {number}: {square}");
            }
            Err(error) => {
                errors += 1;
                println!("job {number}: {error}");
            }
        }
    }
    println!("{} results, {errors} errors", count - errors);
    println!("{} workers, one after the other", workers.len());
    drop(pool);
    println!("no child is left: {}", waitpid(None, Some(WaitPidFlag::WNOHANG)) == Err(ECHILD));
    Ok(())
}

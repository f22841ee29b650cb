//! Thread pool template: a few workers run all jobs, and a job that panics costs none of them.
//!
//! Cheatsheet section S05: "Thread Pool Template".
//! Differs: there the workers are never stopped: the program ends under them. Here `wait_complete`
//! lets them finish what is queued, and joins them. (Dropping this pool would join nobody.)
//!
//! # Output
//!
//! The job that panics is the first. Later all five workers must be there for jobs 1 to 5 to meet.
//! What std reports of a panic goes to standard error.
//!
//! ```text
//! err| ...
//! P| a job panicked: out of luck
//! A| fib(30) = 832040
//! B| fib(30) = 832040
//! C| fib(30) = 832040
//! i in 1..6| job {i} has begun
//! i        | job {i} has met four others
//! all jobs have ended, and 5 workers are joined
//! ```
//!
//! # Always
//!
//! - at most 5 between `has begun` and `has met`, 5 reached

use crossbeam::channel::{Sender, bounded};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Barrier};
use std::thread::{self, JoinHandle};
use threads::fib;

fn main() {
    section::ends_with_its_reader();
    let pool = Pool::new(5);
    pool.add_task(|| panic!("out of luck"));
    for _ in 0..3 {
        pool.add_task(|| println!("fib(30) = {}", fib(30)));
    }
    let five = Arc::new(Barrier::new(5));
    for id in 1..=5 {
        let five = Arc::clone(&five);
        pool.add_task(move || {
            println!("job {id} has begun");
            five.wait(); // forces as many workers as jobs
            println!("job {id} has met four others");
        });
    }
    let joined = pool.wait_complete();
    println!("all jobs have ended, and {joined} workers are joined");
}

type Job = Box<dyn FnOnce() + Send>;

struct Pool {
    jobs: Sender<Job>,
    workers: Vec<JoinHandle<()>>,
}

impl Pool {
    fn new(size: usize) -> Pool {
        let (sender, jobs) = bounded::<Job>(size);
        let worker = || {
            let jobs = jobs.clone();
            thread::spawn(move || jobs.into_iter().for_each(run))
        };
        Pool { jobs: sender, workers: (0..size).map(|_| worker()).collect() }
    }

    fn add_task(&self, job: impl FnOnce() + Send + 'static) {
        self.jobs.send(Box::new(job)).expect("the workers live as long as the pool");
    }

    fn wait_complete(self) -> usize {
        drop(self.jobs); // ends the loops of the workers, which would else wait for more
        self.workers.into_iter().filter_map(|worker| worker.join().ok()).count()
    }
}

fn run(job: Job) {
    if let Err(why) = catch_unwind(AssertUnwindSafe(job)) {
        let formatted = why.downcast_ref::<String>().map(String::as_str);
        let text = formatted.or_else(|| why.downcast_ref().copied()); // a literal is a `&str`
        println!("a job panicked: {}", text.unwrap_or("without a text"));
    }
}

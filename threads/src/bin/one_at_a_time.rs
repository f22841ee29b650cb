//! One at a time: a lock that is held through the job makes a pool of four a pool of one.
//!
//! Beyond the cheatsheet: the classic fault of a thread pool written by hand.
//! Differs: Python's `queue.Queue` has a lock of its own, and gives it back before the job is run.
//! Std's receiver needs a lock around it, and how long that is held depends on one `let`. (The
//! receiver here is crossbeam's, used as one must use std's; the last worker does without the
//! lock.)
//!
//! # Output
//!
//! The jobs stay until `main` has looked. The first two pools have one worker, so that nobody can
//! hold the lock but the job's own worker; the others have four.
//!
//! ```text
//! while let: the queue is locked while 1 of 1 jobs run: true
//! let first: the queue is locked while 1 of 1 jobs run: false
//! let first: the queue is locked while 4 of 4 jobs run: false
//! clone: the queue is locked while 4 of 4 jobs run: false
//! ```

use crossbeam::channel::{Receiver, unbounded};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::thread;
use std::time::{Duration, Instant};

type Job = fn();
type Queue = Mutex<Receiver<Job>>;

fn while_let(queue: &Queue) {
    while let Ok(job) = queue.lock().expect("no job panics").recv() {
        job(); // the guard that `lock` has made lives until the end of this block
    }
}

fn let_first(queue: &Queue) {
    loop {
        let job = queue.lock().expect("no job panics").recv(); // the guard ends here
        let Ok(job) = job else { break };
        job();
    }
}

fn clone(queue: &Queue) {
    let own = queue.lock().expect("no job panics").clone();
    own.iter().for_each(|job| job());
}

fn main() {
    section::ends_with_its_reader();
    run("while let", while_let, 1);
    run("let first", let_first, 1);
    run("let first", let_first, 4);
    run("clone", clone, 4);
}

fn run(name: &str, worker: fn(&Queue), size: usize) {
    let (sender, receiver) = unbounded::<Job>();
    (0..size).for_each(|_| sender.send(stay).expect("we have the receiver"));
    drop(sender); // so the workers end after these jobs
    let queue = Queue::new(receiver);
    LEAVE.store(false, SeqCst);
    thread::scope(|s| {
        (0..size).for_each(|_| drop(s.spawn(|| worker(&queue))));
        let (running, locked) = (until_running(size), queue.try_lock().is_err());
        println!("{name}: the queue is locked while {running} of {size} jobs run: {locked}");
        LEAVE.store(true, SeqCst);
    });
}

static RUNNING: AtomicUsize = AtomicUsize::new(0);
static LEAVE: AtomicBool = AtomicBool::new(false);

/// The job. Forces all jobs to run at once, if the pool lets them: it stays until `main` has
/// looked.
fn stay() {
    RUNNING.fetch_add(1, SeqCst);
    while !LEAVE.load(SeqCst) {
        thread::yield_now();
    }
    RUNNING.fetch_sub(1, SeqCst);
}

/// How many jobs run: `size`, or as many as do when a time has passed in which all would.
fn until_running(size: usize) -> usize {
    let limit = Instant::now() + Duration::from_secs(5);
    while RUNNING.load(SeqCst) < size && Instant::now() < limit {
        thread::yield_now();
    }
    RUNNING.load(SeqCst)
}

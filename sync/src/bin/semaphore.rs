//! Control primitive resources: five tasks share three permits.
//!
//! Cheatsheet section S11: "Control primitive resources", using `Semaphore`.
//! Differs: here a permit is a value. Dropping it is the only way to give it back, so it cannot be
//! given back twice, nor kept by a holder that panics. The cheatsheet prints "release" after the
//! permit has gone back, so its log can show four holders of three permits. Here every line is
//! printed while it is true.
//!
//! # Output
//!
//! Each task is a lane: its three lines come in this order, and lanes may interleave freely. But no
//! permit goes back before all five have asked.
//!
//! ```text
//! i in 0..5| task {i} waiting
//! i        | task {i} acquired
//! i        | task {i} releasing
//! all 5 tasks done
//! ```
//!
//! # Always
//!
//! - at most 3 between `acquired` and `releasing`, 3 reached
//! - at most 5 between `waiting` and `releasing`, 5 reached

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;
use sync::Semaphore;

const TASKS: usize = 5;

fn main() {
    section::ends_with_its_reader();
    let permits = &Semaphore::new(3);
    let served = &AtomicUsize::new(0);
    thread::scope(|s| {
        for id in 0..TASKS {
            s.spawn(move || {
                println!("task {id} waiting");
                let permit = permits.acquire();
                println!("task {id} acquired");
                until_all_have_asked(permits, served);
                println!("task {id} releasing");
                drop(permit);
            });
        }
    });
    println!("all {TASKS} tasks done");
}

/// Forces the tasks to meet: a holder stays until every task has a permit, has had one, or waits
/// for one. So the first three always meet inside, and a fourth that got in would be seen.
fn until_all_have_asked(permits: &Semaphore, served: &AtomicUsize) {
    served.fetch_add(1, Relaxed); // a count, and nothing is published by it
    while served.load(Relaxed) + permits.waiting() < TASKS {
        thread::yield_now();
    }
}

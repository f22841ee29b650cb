//! Control primitive resources: five tasks share three permits.
//!
//! Cheatsheet section S11: "Control primitive resources", using `Semaphore`.
//! Differs: Python's semaphore also has a bare `release()`, which can be forgotten or called
//! twice. Here dropping the permit is the only way to give it back. The cheatsheet prints
//! "release" after giving the permit back, so its log can show four holders of three permits. We
//! print while the permit is held: a line states what is true while it is printed.
//!
//! # Output
//!
//! Each task has a lane: its three lines come in this order, mixed with those of the others.
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

use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;
use sync::Semaphore;

const TASKS: usize = 5;
const PERMITS: usize = 3;

fn main() {
    let permits = &Semaphore::new(PERMITS);
    let (holders, all_taken) = (&AtomicUsize::new(0), &Barrier::new(PERMITS));
    thread::scope(|s| {
        for id in 0..TASKS {
            s.spawn(move || {
                println!("task {id} waiting");
                let _permit = permits.acquire();
                println!("task {id} acquired");
                // The first three holders wait here for each other, and until the other tasks wait
                // for a permit: so all permits are taken at once in every run, and a fourth
                // would be seen. Relaxed: the count publishes nothing else.
                if holders.fetch_add(1, Relaxed) < PERMITS {
                    if all_taken.wait().is_leader() {
                        while permits.waiting() < TASKS - PERMITS {
                            thread::yield_now();
                        }
                    }
                    all_taken.wait();
                }
                println!("task {id} releasing");
            }); // the permit is dropped here, and who waits for one may go on
        }
    });
    println!("all {TASKS} tasks done");
}

//! Lock order checker: a wrong order is reported on a run that does not hang.
//!
//! Beyond the cheatsheet: its section "Deadlock" shows the fault, but not how to find it in time.
//! Differs: here the tasks run one after the other, as they often do in a test, so neither ever
//! waits. Yet task2 is stopped when it takes the locks in the opposite order, because the checker
//! remembers the order in which task1 took them.
//!
//! # Output
//!
//! The report is the message of a panic, and so goes to standard error.
//!
//! ```text
//! one order:
//! task1: No deadlock
//! task1 has ended
//! task2: No deadlock
//! task2 has ended
//! two orders:
//! task1: No deadlock
//! task1 has ended
//! task2 has panicked
//! err| ...
//! err| [..]Found cycle in mutex dependency graph[..]
//! err| ...
//! ```

use std::thread::{self, Builder};
use tracing_mutex::stdsync::tracing::Mutex;

fn main() {
    section::ends_with_its_reader();
    println!("one order:");
    let (lock1, lock2) = (&Mutex::new(()), &Mutex::new(()));
    run(1, lock1, lock2);
    run(2, lock1, lock2);

    println!("two orders:");
    let (lock1, lock2) = (&Mutex::new(()), &Mutex::new(()));
    run(1, lock1, lock2);
    run(2, lock2, lock1);
}

/// Runs a task to its end, before the next one begins.
fn run(id: u32, first: &Mutex<()>, second: &Mutex<()>) {
    let task = || {
        let _first = first.lock();
        let _second = second.lock(); // where the order can be wrong
        println!("task{id}: No deadlock");
    };
    let ended = thread::scope(|s| {
        let thread = Builder::new().name(format!("task{id}"));
        thread.spawn_scoped(s, task).expect("a thread starts").join()
    });
    println!("task{id} has {}", if ended.is_ok() { "ended" } else { "panicked" });
}

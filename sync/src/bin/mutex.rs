//! Mutex lock: the number is inside the lock, and one task at a time gets to it.
//!
//! Cheatsheet section S08: "Mutex lock".
//! Differs: Python's lock stands beside what it protects, and only care connects the two. Here the
//! lock owns the number and lends it through a guard: no task gets to the number without the lock,
//! and a guard unlocks when it is dropped. The cheatsheet's tasks hardly ever meet. Here task2 asks
//! while task1 is inside, in every run.
//!
//! # Output
//!
//! There is no freedom: task2 is refused before task1 leaves, and gets the lock after it.
//!
//! ```text
//! task1 get: 0
//! task2 asks, and is refused: true
//! task1 release: 1
//! task2 get: 1
//! task2 release: 2
//! both have counted: 2
//! ```

use std::sync::{Barrier, Mutex, TryLockError};
use std::thread;

fn main() {
    section::ends_with_its_reader();
    let counter = Mutex::new(0);
    let task1 = || {
        let mut count = counter.lock().unwrap(); // an error only if a holder has panicked
        println!("task1 get: {count}");
        meet(); // task1 is inside,
        meet(); // and task2 has been refused
        *count += 1;
        println!("task1 release: {count}");
    }; // the guard ends with its block, as Python's `with`
    let task2 = || {
        meet();
        let refused = matches!(counter.try_lock(), Err(TryLockError::WouldBlock));
        println!("task2 asks, and is refused: {refused}");
        meet();
        let mut count = counter.lock().unwrap();
        println!("task2 get: {count}");
        *count += 1;
        println!("task2 release: {count}");
        drop(count); // or at once, as Python's `release`
    };
    thread::scope(|s| {
        s.spawn(task1);
        s.spawn(task2);
    });
    println!("both have counted: {}", counter.into_inner().unwrap()); // nobody else is left
}

/// Forces the tasks to meet: both come here twice, and task1 keeps the lock from the first time to
/// the second. Without this, one task may be done before the other begins.
fn meet() {
    static BOTH: Barrier = Barrier::new(2);
    BOTH.wait();
}

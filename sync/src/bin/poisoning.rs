//! Poisoning: a holder that panics may leave data half changed, and std's mutex tells the next one.
//!
//! Beyond the cheatsheet: its section "Mutex lock" has nothing that fails.
//! Differs: Python's lock is released when its `with` block fails, and tells nobody, and neither
//! does parking_lot's. Std's is released too, but from then on `lock` returns an error, which
//! contains the guard.
//!
//! # Output
//!
//! The message of a panic goes to standard error. There are three panics: task1's, that of task2,
//! which unwraps the error, and the one under parking_lot's lock.
//!
//! ```text
//! std:
//! before: Ok([10, 0])
//! task1 has panicked: true
//! task2 has panicked: true
//! task3 finds: Err(PoisonError[..])
//! the guard in the error: [3, 0]
//! repaired, not cleared: Err(PoisonError[..])
//! cleared: Ok([10, 0])
//! task4 has panicked: false
//! after: Ok([8, 2])
//! parking_lot:
//! before: [10, 0]
//! task1 has panicked: true
//! task2 finds: [3, 0]
//! err| ...
//! err| thread 'task1'[..]
//! err| 7 is too much
//! err| ...
//! err| thread 'task2'[..]
//! err| called `Result::unwrap()` on an `Err` value: PoisonError[..]
//! err| ...
//! err| thread 'task1'[..]
//! err| 7 is too much
//! err| ...
//! ```
//@ no-twin: Python's locks know nothing of what happens while they are held

use std::sync::Mutex;
use std::thread::{self, Builder};

fn main() {
    section::ends_with_its_reader();
    println!("std:");
    let accounts = Mutex::new([10, 0]);
    println!("before: {:?}", accounts.lock());
    run("task1", || transfer(7, &mut accounts.lock().unwrap()));
    run("task2", || transfer(2, &mut accounts.lock().unwrap()));

    println!("task3 finds: {:?}", accounts.lock());
    if let Err(poisoned) = accounts.lock() {
        let mut guard = poisoned.into_inner();
        println!("the guard in the error: {guard:?}");
        guard[0] = 10 - guard[1]; // undoes the half transfer, which the lock cannot know
    }
    println!("repaired, not cleared: {:?}", accounts.lock());
    accounts.clear_poison();
    println!("cleared: {:?}", accounts.lock());
    run("task4", || transfer(2, &mut accounts.lock().unwrap()));
    println!("after: {:?}", accounts.lock());

    println!("parking_lot:");
    let accounts = parking_lot::Mutex::new([10, 0]);
    println!("before: {:?}", accounts.lock());
    run("task1", || transfer(7, &mut accounts.lock()));
    println!("task2 finds: {:?}", accounts.lock());
}

/// Before and after it, the two accounts hold 10 together.
fn transfer(amount: i32, accounts: &mut [i32; 2]) {
    accounts[0] -= amount;
    assert!(amount <= 5, "{amount} is too much"); // too late: one account has changed already
    accounts[1] += amount;
}

fn run(name: &str, task: impl FnOnce() + Send) {
    let ended = thread::scope(|s| {
        let thread = Builder::new().name(name.to_owned());
        thread.spawn_scoped(s, task).expect("a thread starts").join()
    });
    println!("{name} has panicked: {}", ended.is_err());
}

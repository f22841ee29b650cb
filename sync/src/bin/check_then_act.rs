//! Check, then act: what you saw while you held the lock need not hold when you lock again.
//!
//! Beyond the cheatsheet: its section "Mutex lock" has one line under the lock, so this cannot
//! happen there.
//! Differs: every access to the account is locked, and it is overdrawn all the same. task1 unlocks
//! between its check and its payment, and task2 comes between the two, in every run. The cure
//! holds the lock from the check to the payment, and task2 comes at the same place.
//!
//! # Output
//!
//! There is no freedom: task1 goes on when task2 has paid, or has found that it must wait.
//!
//! ```text
//! locked twice:
//! task1 checks, 80 are there: true
//! task2 comes, and the lock is taken: false
//! task2 checks, 80 are there: true
//! task2 has paid, 20 are left
//! task1 has paid, -60 are left
//! overdrawn: true
//! locked once:
//! task1 checks, 80 are there: true
//! task2 comes, and the lock is taken: true
//! task1 has paid, 20 are left
//! task2 checks, 80 are there: false
//! overdrawn: false
//! ```

use std::sync::{Barrier, Mutex, TryLockError};
use std::thread;

fn main() {
    section::ends_with_its_reader();
    println!("locked twice:");
    two_tasks(|id, account, gap| {
        let enough = *account.lock().unwrap() >= 80; // gives the lock back at the semicolon
        println!("task{id} checks, 80 are there: {enough}");
        gap();
        if enough {
            let mut balance = account.lock().unwrap();
            *balance -= 80; // from what is there now, which nobody has checked
            println!("task{id} has paid, {balance} are left");
        }
    });

    println!("locked once:");
    two_tasks(|id, account, gap| {
        let mut balance = account.lock().unwrap();
        let enough = *balance >= 80;
        println!("task{id} checks, 80 are there: {enough}");
        gap();
        if enough {
            *balance -= 80;
            println!("task{id} has paid, {balance} are left");
        }
    });
}

/// Forces the tasks to meet: in the gap that task1 leaves between its check and its payment, task2
/// comes and gets as far as it can, which is to its end or to a lock that is taken.
fn two_tasks(pay: impl Fn(u32, &Mutex<i32>, &dyn Fn()) + Sync) {
    let (account, pay, meet) = (&Mutex::new(100), &pay, &Barrier::new(2));
    thread::scope(|s| {
        let task2_comes = || {
            s.spawn(|| {
                let taken = matches!(account.try_lock(), Err(TryLockError::WouldBlock));
                println!("task2 comes, and the lock is taken: {taken}");
                if taken {
                    meet.wait(); // it gets no further
                    pay(2, account, &|| ());
                } else {
                    pay(2, account, &|| ());
                    meet.wait();
                }
            });
            meet.wait();
        };
        pay(1, account, &task2_comes);
    });
    println!("overdrawn: {}", *account.lock().unwrap() < 0);
}

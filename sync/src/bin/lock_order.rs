//! Lock order: three ways to take two locks without a deadlock.
//!
//! Cheatsheet section S09: "Deadlock", which shows no cure.
//! Differs: the cheatsheet's tasks still take two locks, but no cycle of waits can close. In the first cure
//! both take lock1 before lock2, in the second `lock_both` finds the order, and in the third only
//! task1 ever waits while it holds a lock. Each cure meets the other task in every run.
//!
//! # Output
//!
//! The third cure knows only one order. task1 can have lock2 only after task2 has backed off, and task2
//! can have lock1 only when task1 has finished.
//!
//! ```text
//! one order:
//! 2 tasks wait for lock1, and lock2 is free: true
//! i in 1..3| task{i}: No deadlock
//! both at once:
//! 2 tasks wait for lock1, and lock2 is free: true
//! i        | task{i}: No deadlock
//! lock1 holds 5, lock2 holds 5
//! backing off:
//! task2: backs off
//! task1: No deadlock
//! task2: No deadlock
//! ```

use std::{sync::Barrier, thread};
use sync::{Watched, lock_both};

fn main() {
    section::ends_with_its_reader();
    let (lock1, lock2) = (&Watched::new("lock1", 10), &Watched::new("lock2", 0));

    println!("one order:");
    let task = |id| {
        let _first = lock1.lock();
        let _second = lock2.lock();
        println!("task{id}: No deadlock");
    };
    both_at_lock1([lock1, lock2], || task(1), || task(2));

    println!("both at once:");
    let task = |id, from, to, amount| {
        let (mut from, mut to) = lock_both(from, to); // in one order, whichever we name first
        *from -= amount;
        *to += amount;
        println!("task{id}: No deadlock");
    };
    both_at_lock1([lock1, lock2], || task(1, lock1, lock2, 7), || task(2, lock2, lock1, 2));
    println!("lock1 holds {}, lock2 holds {}", *lock1.lock(), *lock2.lock());

    println!("backing off:");
    let each_holds_one = &Barrier::new(2);
    let task1 = || {
        let _first = lock1.lock();
        each_holds_one.wait();
        let _second = lock2.lock(); // waits: task2 will back off
        println!("task1: No deadlock");
    };
    let task2 = || {
        let second = lock2.lock();
        each_holds_one.wait();
        let _both = if let Some(first) = lock1.try_lock() {
            (first, second)
        } else {
            println!("task2: backs off");
            drop(second); // begins again, with empty hands
            lock_both(lock1, lock2)
        };
        println!("task2: No deadlock");
    };
    thread::scope(|s| {
        s.spawn(task1);
        s.spawn(task2);
    });
}

/// Forces the tasks to meet: keeps lock1 until both wait for it. If one of them had taken lock2 first, it
/// would be holding it now.
fn both_at_lock1(locks: [&Watched<i32>; 2], task1: impl Fn() + Send, task2: impl Fn() + Send) {
    let kept = locks[0].lock();
    thread::scope(|s| {
        s.spawn(task1);
        s.spawn(task2);
        while locks[0].waiting() < 2 {
            thread::yield_now();
        }
        let (waiting, free) = (locks[0].waiting(), locks[1].try_lock().is_some());
        println!("{waiting} tasks wait for lock1, and lock2 is free: {free}");
        drop(kept);
    });
}

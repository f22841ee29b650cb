//! Lock order: three ways to take two locks without a deadlock.
//!
//! Cheatsheet section S09: "Deadlock", which shows no cure.
//! Differs: the cheatsheet's tasks still take two locks, but no cycle of waits can close. In the
//! first cure both take lock1 before lock2, in the second `lock_both` finds the order, and in the
//! third only task1 ever waits while it holds a lock. Under each cure the tasks meet in every run,
//! and pay from what one lock holds to what the other holds: 7 there, and 2 back.
//!
//! # Output
//!
//! The third cure has only one order. task1 can have lock2 only after task2 has backed off, and
//! task2 can have lock1 only when task1 has finished.
//!
//! ```text
//! one order:
//! 2 tasks wait for lock1, and lock2 is free: true
//! i in 1..3| task{i}: No deadlock
//! both at once:
//! 2 tasks wait for lock1, and lock2 is free: true
//! i        | task{i}: No deadlock
//! backing off:
//! task2: backs off
//! task1: No deadlock
//! task2: No deadlock
//! lock1 holds 0, lock2 holds 15
//! ```

use std::{sync::Barrier, thread};
use sync::{Watched, lock_both};

fn main() {
    section::ends_with_its_reader();
    let (lock1, lock2) = (&Watched::new("lock1", 15), &Watched::new("lock2", 0));

    println!("one order:");
    let task = |id, amount| {
        let mut first = lock1.lock();
        let mut second = lock2.lock();
        pay(id, amount, &mut first, &mut second);
    };
    both_at_lock1([lock1, lock2], || task(1, 7), || task(2, -2));

    println!("both at once:");
    let task = |id, amount, from, to| {
        let (mut from, mut to) = lock_both(from, to); // in one order, whichever we name first
        pay(id, amount, &mut from, &mut to);
    };
    both_at_lock1([lock1, lock2], || task(1, 7, lock1, lock2), || task(2, 2, lock2, lock1));

    println!("backing off:");
    let each_holds_one = &Barrier::new(2);
    thread::scope(|s| {
        s.spawn(|| {
            let mut first = lock1.lock();
            each_holds_one.wait();
            let mut second = lock2.lock(); // waits: task2 will back off
            pay(1, 7, &mut first, &mut second);
        });
        s.spawn(|| {
            let second = lock2.lock();
            each_holds_one.wait();
            let (mut first, mut second) = if let Some(first) = lock1.try_lock() {
                (first, second)
            } else {
                println!("task2: backs off");
                drop(second); // begins again, with empty hands
                lock_both(lock1, lock2)
            };
            pay(2, 2, &mut second, &mut first);
        });
    });
    println!("lock1 holds {}, lock2 holds {}", *lock1.lock(), *lock2.lock());
}

/// What a task does when it has both locks.
fn pay(id: u32, amount: i32, from: &mut i32, to: &mut i32) {
    (*from, *to) = (*from - amount, *to + amount);
    println!("task{id}: No deadlock");
}

/// Forces the tasks to meet: keeps lock1 until both wait for it. If one of them had taken lock2
/// first, it would be holding it now.
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

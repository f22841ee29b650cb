//! Lock order: the deadlock cured in three ways, and found on a run that does not hang.
//!
//! Cheatsheet section: "Deadlock", which shows no cure.
//! Differs from `deadlock`: in the first cure task2's two `lock` lines have changed places, so both
//! tasks are the same, and the barrier stands before them. It cannot stand between them any more:
//! the task that has lock1 would wait there for one that waits for lock1. Just that is the cure:
//! who waits for one of the locks never holds the other. In the third cure the barrier stands where
//! `deadlock` has it.
//!
//! # Output
//!
//! ```text
//! one order:
//! i in 1..3| task{i}: No deadlock
//! both at once:
//! i        | task{i}: No deadlock
//! giving way:
//! i        | task{i}: No deadlock
//! checked order, one task after the other:
//! task1: No deadlock
//! task2: Found cycle in mutex dependency graph
//! both locks free: true
//! ```

use std::{mem, panic, sync::Barrier, thread};
use sync::{Watched, lock_both};
use tracing_mutex::stdsync::tracing::Mutex;

fn main() {
    let (lock1, lock2) = (&Watched::new("lock1", ()), &Watched::new("lock2", ()));
    let meet = &Barrier::new(2);

    println!("one order:");
    let task = |id| {
        meet.wait();
        let _first = lock1.lock();
        let _second = lock2.lock();
        println!("task{id}: No deadlock");
    };
    at_once(|| task(1), || task(2));

    println!("both at once:");
    let task = |id, one, other| {
        meet.wait();
        let _both = lock_both(one, other); // takes them in one order, whichever we name first
        println!("task{id}: No deadlock");
    };
    at_once(|| task(1, lock1, lock2), || task(2, lock2, lock1));

    println!("giving way:");
    let task = |id, one, other| give_way(id, [one, other], meet);
    at_once(|| task(1, lock1, lock2), || task(2, lock2, lock1));

    println!("checked order, one task after the other:");
    check_order();

    let free = lock1.try_lock().is_some() && lock2.try_lock().is_some();
    println!("both locks free: {free}");
}

fn at_once(task1: impl FnOnce() + Send, task2: impl FnOnce() + Send) {
    thread::scope(|s| {
        s.spawn(task1);
        s.spawn(task2);
    });
}

/// Never waits for a lock while holding one.
fn give_way(id: u32, [mut one, mut other]: [&Watched<()>; 2], meet: &Barrier) {
    let mut meet = Some(meet);
    loop {
        let held = one.lock();
        if let Some(meet) = meet.take() {
            meet.wait(); // the first time: now each task holds what the other one wants
        }
        if let Some(_both) = other.try_lock() {
            println!("task{id}: No deadlock");
            return;
        }
        // Back off: hold nothing, and begin again with the lock that was missing.
        drop(held);
        mem::swap(&mut one, &mut other);
    }
}

/// `tracing-mutex` notes the order of all locks, and panics when a thread goes against it, even
/// if nobody else is there to be waited for.
fn check_order() {
    let (lock1, lock2) = (&Mutex::new(()), &Mutex::new(()));
    let task = |id, one: &Mutex<()>, other: &Mutex<()>| {
        let _first = one.lock();
        let _second = other.lock();
        println!("task{id}: No deadlock");
    };
    panic::set_hook(Box::new(|_| ())); // we print the panic's message ourselves
    thread::scope(|s| {
        for (id, one, other) in [(1, lock1, lock2), (2, lock2, lock1)] {
            if let Err(panic) = s.spawn(move || task(id, one, other)).join() {
                let report = panic.downcast_ref().map_or("", String::as_str);
                println!("task{id}: {}", report.trim_end_matches(':'));
            }
        }
    });
}

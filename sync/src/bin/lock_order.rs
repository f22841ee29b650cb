//! Lock order: the deadlock cured in three ways, and found on a run that does not hang.
//!
//! Cheatsheet section S09: "Deadlock", which shows no cure.
//! Differs from `deadlock`: in the first cure task2's two `lock` lines have changed places, so both
//! tasks are the same. The barrier cannot stand between them any more: the task that has lock1 would
//! wait there for one that waits for lock1. Just that is the cure: who waits for lock1 never holds
//! lock2. So `main` keeps lock1 until both tasks wait for it, and then finds lock2
//! free. In the third cure the barrier stands where `deadlock` has it.
//!
//! # Output
//!
//! ```text
//! one order:
//! both tasks wait for lock1, and lock2 is free: true
//! i in 1..3| task{i}: No deadlock
//! both at once:
//! both tasks wait for lock1, and lock2 is free: true
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

    println!("one order:");
    let task = |id| {
        let _first = lock1.lock();
        let _second = lock2.lock();
        println!("task{id}: No deadlock");
    };
    behind(lock1, lock2, || task(1), || task(2));

    println!("both at once:");
    let task = |id, one, other| {
        let _both = lock_both(one, other); // takes them in one order, whichever we name first
        println!("task{id}: No deadlock");
    };
    behind(lock1, lock2, || task(1, lock1, lock2), || task(2, lock2, lock1));

    println!("giving way:");
    let meet = &Barrier::new(2);
    let task = |id, one, other| give_way(id, [one, other], meet);
    at_once(|| task(1, lock1, lock2), || task(2, lock2, lock1));

    println!("checked order, one task after the other:");
    check_order();

    let free = lock1.try_lock().is_some() && lock2.try_lock().is_some();
    println!("both locks free: {free}");
}

/// Keeps lock1 until both tasks wait for it. Whoever took lock2 first would be seen.
fn behind(
    lock1: &Watched<()>,
    lock2: &Watched<()>,
    task1: impl FnOnce() + Send,
    task2: impl FnOnce() + Send,
) {
    let kept = lock1.lock();
    thread::scope(|s| {
        s.spawn(task1);
        s.spawn(task2);
        while lock1.waiting() < 2 {
            thread::yield_now();
        }
        let free = lock2.try_lock().is_some();
        println!("both tasks wait for lock1, and lock2 is free: {free}");
        drop(kept);
    });
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

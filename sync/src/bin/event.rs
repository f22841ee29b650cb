//! Ensure tasks have been done: three tasks wait until something has happened, and then all three go on.
//!
//! Cheatsheet section S12: "Ensure tasks has done", using `Event`.
//! Differs: std has no event. One that happens only once is a `OnceLock` of `()`; one that is cleared, and
//! happens again, is `sync::Event`. The cheatsheet sleeps three seconds, so that all three probably wait when
//! it sets the event. `OnceLock` does not need that: a task that comes late goes on at once.
//!
//! # Output
//!
//! At first, `waiting` and `go!` are in no order: a task may begin to wait before the event or after it.
//! In the rounds, all wait before it.
//!
//! ```text
//! once:
//! i in 1..4| {i} waiting
//! i        | {i} running
//! ~        | go!
//! again and again:
//! i in 1..4| round 1: {i} waiting
//! round 1: go!
//! i        | round 1: {i} running
//! round 1: all have run
//! i in 1..4| round 2: {i} waiting
//! round 2: go!
//! i        | round 2: {i} running
//! round 2: all have run
//! ```
//!
//! # Always
//!
//! - `go!` before `running`

use std::sync::OnceLock;
use std::thread::{self, ScopedJoinHandle};
use sync::Event;

fn main() {
    section::ends_with_its_reader();
    println!("once:");
    let started = &OnceLock::new();
    thread::scope(|s| {
        for id in 1..=3 {
            s.spawn(move || {
                println!("{id} waiting");
                started.wait();
                println!("{id} running");
            });
        }
        println!("go!");
        started.set(()).expect("nobody else sets it");
    });

    println!("again and again:");
    let go = &Event::new();
    for round in 1..=2 {
        thread::scope(|s| {
            let tasks = [1, 2, 3].map(|id| {
                s.spawn(move || {
                    println!("round {round}: {id} waiting");
                    go.wait();
                    println!("round {round}: {id} running");
                })
            });
            until_all_wait(go, &tasks);
            println!("round {round}: go!");
            go.set();
            go.clear(); // the next round has to wait; these three go on, woken or not
        });
        println!("round {round}: all have run");
    }
}

/// Forces the tasks to wait: `set` comes when each of them does, or has ended without waiting. Without this, `clear`
/// may come before one begins to wait, and then nobody would wake it.
fn until_all_wait(event: &Event, tasks: &[ScopedJoinHandle<'_, ()>]) {
    let ended = || tasks.iter().filter(|task| task.is_finished()).count();
    while event.waiting() + ended() < tasks.len() {
        thread::yield_now();
    }
}

//! Ensure tasks have been done: three tasks wait for an event, and one `set` lets all of them go.
//!
//! Cheatsheet section S12: "Ensure tasks has done", using `Event`.
//! Differs: the cheatsheet sleeps for three seconds, so that all wait before the event is set. Here
//! it is set as soon as one of them waits. The others may come later, and find it set.
//!
//! # Output
//!
//! Each task waits, then runs. `sets` comes before every `runs` and after the first `waits`, but
//! the second and the third `waits` may come before or after it.
//!
//! ```text
//! i in 1..4| task {i} waits
//! i        | task {i} runs
//! ~        | main sets the event
//! all have run, and it is still set: true
//! ```
//!
//! # Always
//!
//! - `sets` before `runs`
//! - `task {i} waits` before `sets`

use std::thread;
use sync::Event;

fn main() {
    section::ends_with_its_reader();
    let event = &Event::new();
    thread::scope(|s| {
        for id in 1..=3 {
            s.spawn(move || {
                println!("task {id} waits");
                event.wait();
                println!("task {id} runs");
            });
        }
        until_one_waits(event);
        println!("main sets the event");
        event.set();
    });
    println!("all have run, and it is still set: {}", event.is_set());
}

/// Forces the lesson: the event is set when one task waits for it, not when all do.
fn until_one_waits(event: &Event) {
    while event.waiting() == 0 {
        thread::yield_now();
    }
}

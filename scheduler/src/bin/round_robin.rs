//! Simple round-robin scheduler: tasks take turns, because each of them ends its turn itself.
//!
//! Cheatsheet section S17: "Simple round-robin scheduler". Differs: the cheatsheet's tasks are
//! generators. Stable Rust has none, but what a generator offers its caller, one value a call until
//! there are no more, is an iterator.
//!
//! # Output
//!
//! One thread and no lock: the order is the same in every run.
//!
//! ```text
//! 1
//! 1
//! 1
//! 1
//! 2
//! 2
//! 3
//! done
//! 5
//! done
//! ```

use std::collections::VecDeque;
use threads::fib;

fn main() {
    section::ends_with_its_reader();
    let mut tasks = VecDeque::from([fibs(5), fibs(3)]);
    while let Some(mut task) = tasks.pop_front() {
        match task.next() {
            Some(value) => {
                println!("{value}");
                tasks.push_back(task);
            }
            None => println!("done"),
        }
    }
}

/// `fib(1)` to `fib(n)`: one a turn.
fn fibs(n: u32) -> impl Iterator<Item = u64> {
    (1..=n).map(fib)
}

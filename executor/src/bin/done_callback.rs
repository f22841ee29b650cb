//! Future object, with callbacks: a callback is called once, by the worker, or at once if the task is done.
//!
//! Cheatsheet section S22: "Future Object", `add_done_callback`.
//! Differs: a callback is handed what the task has come to, as a reference, and not the task: Python's gets the
//! future, and asks it for the result. Each line says which thread it comes from.
//!
//! # Output
//!
//! No task ends before its callback is there, but for the last: that one gets it when it has ended.
//!
//! ```text
//! all have their callbacks
//! ~| res: 832040, on a worker
//! ~| res: 1346269, on a worker
//! ~| res: 2178309, on a worker
//! end
//! res: 55, on the main thread
//! ```

use executor::{TaskError, Threads};
use std::error::Error;
use std::sync::{Arc, Mutex};
use std::thread;
use threads::fib;

fn main() -> Result<(), Box<dyn Error>> {
    section::ends_with_its_reader();
    let gate = Arc::new(Mutex::new(()));
    let mut ended = {
        let pool = Threads::new(3)?;
        let _held_back = gate.lock(); // dropped at the end of the block, and before the pool
        for n in 30..33 {
            let gate = Arc::clone(&gate);
            let mut task = pool.spawn(move || {
                until_all_have_callbacks(&gate);
                fib(n)
            })?;
            task.on_done(handler);
        }
        println!("all have their callbacks");
        pool.spawn(|| fib(10))?
    }; // waits for all tasks, and for their callbacks
    println!("end");
    ended.on_done(handler); // here and now
    Ok(())
}

fn handler(outcome: &Result<u64, TaskError>) {
    let thread = thread::current();
    let here = thread.name().unwrap_or("no name");
    let here = if here == "main" { "the main thread" } else { "a worker" };
    match outcome {
        Ok(res) => println!("res: {res}, on {here}"),
        Err(error) => println!("{error}, on {here}"),
    }
}

/// Forces the lesson: a task that had ended before would have its callback run by `main`.
fn until_all_have_callbacks(gate: &Mutex<()>) {
    drop(gate.lock());
}

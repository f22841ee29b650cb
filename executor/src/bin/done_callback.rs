//! Future object, with callbacks: each callback is called once, by the worker or, if late, at once.
//!
//! Cheatsheet section S22: "Future Object", `add_done_callback`.
//! Differs: a callback is handed what the task has come to, by reference. Python's is handed the
//! future, and asks it for the result. And each line says which thread has called back.
//!
//! # Output
//!
//! No task ends before its callback is there, except for the last one: that gets it afterwards.
//!
//! ```text
//! all have their callbacks
//! ~| res: 832040, called by its worker
//! ~| res: 1346269, called by its worker
//! ~| res: 2178309, called by its worker
//! end
//! res: 55, called by main
//! and then main goes on
//! ```

use executor::{TaskError, Threads};
use std::error::Error;
use std::sync::{Arc, Mutex};
use std::thread::{self, ThreadId};
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
                fib_and_worker(n)
            })?;
            task.on_done(handler);
        }
        println!("all have their callbacks");
        pool.spawn(|| fib_and_worker(10))?
    }; // waits for all tasks, and for their callbacks
    println!("end");
    ended.on_done(handler); // here and now
    println!("and then main goes on");
    Ok(())
}

fn handler(outcome: &Result<(u64, ThreadId), TaskError>) {
    let here = thread::current();
    match outcome {
        Ok((res, worker)) if *worker == here.id() => println!("res: {res}, called by its worker"),
        Ok((res, _)) => println!("res: {res}, called by {}", here.name().unwrap_or("a stranger")),
        Err(error) => println!("{error}"),
    }
}

/// The number, and the thread that has computed it.
fn fib_and_worker(n: u32) -> (u64, ThreadId) {
    (fib(n), thread::current().id())
}

/// Forces the lesson: a task that had ended before would have its callback called by `main`.
fn until_all_have_callbacks(gate: &Mutex<()>) {
    drop(gate.lock());
}

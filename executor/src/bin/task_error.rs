//! Future error handling: own error, panic, cancelled task and dead worker are told apart.
//!
//! Cheatsheet section S23: "Future error handling".
//! Differs: in Python all of these are exceptions. Here an error that the task has found is a part
//! of its result, and whatever else has happened to the task is a `TaskError`. A worker that dies
//! costs one job; in Python it breaks the executor for good.
//!
//! # Output
//!
//! Whoever waits goes on when the callback has returned. What std reports of a panic goes to
//! standard error.
//!
//! ```text
//! err| ...
//! callback handler
//! get RuntimeError
//! a panic: spam
//! a result: 4
//! an error of its own: invalid[..]
//! cancelled
//! a dead worker: [..]
//! a result: 9
//! ```

use executor::{Executor, Job, Processes, TaskError, Threads};
use serde::{Deserialize, Serialize};
use std::error::Error;
use std::num::ParseIntError;
use std::sync::mpsc::channel;
use std::{panic::panic_any, process};

/// What Python's function raises.
struct RuntimeError(&'static str);

/// What the tasks return: a number, or an error of their own.
type Parsed = Result<u64, ParseIntError>;

#[derive(Serialize, Deserialize)]
struct Square(u64);

impl Job for Square {
    type Output = u64;

    fn run(self) -> u64 {
        if self.0 == 13 {
            process::abort(); // no panic, and nothing in the worker survives it
        }
        self.0 * self.0
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    executor::worker::<Square>(); // a worker process stays in here
    let threads = Threads::new(1)?;
    let mut spam = threads.spawn(|| panic_any(RuntimeError("spam")))?;
    spam.on_done(handler);
    tell(spam.result());
    tell(threads.spawn(|| "4".parse())?.result());
    tell(threads.spawn(|| "four".parse())?.result());

    let (open, gate) = channel::<()>();
    drop(threads.spawn(move || gate.recv())?); // keeps the one worker from the next task
    let queued = threads.spawn(|| "5".parse())?;
    queued.cancel();
    drop(open);
    tell(queued.result());

    let processes = Processes::new(1)?;
    let (lost, next) = (processes.submit(Square(13))?, processes.submit(Square(3))?);
    tell(lost.result().map(Ok));
    tell(next.result().map(Ok));
    Ok(())
}

fn handler(outcome: &Result<Parsed, TaskError>) {
    println!("callback handler");
    if let Err(TaskError::Panicked(panic)) = outcome
        && panic.payload().is::<RuntimeError>()
    {
        println!("get RuntimeError");
    }
}

fn tell(outcome: Result<Parsed, TaskError>) {
    match outcome {
        Ok(Ok(number)) => println!("a result: {number}"),
        Ok(Err(error)) => println!("an error of its own: {error}"),
        Err(TaskError::Panicked(panic)) => {
            let payload = panic.into_payload().downcast::<RuntimeError>();
            println!("a panic: {}", payload.map_or("of another kind", |error| error.0));
        }
        Err(TaskError::Cancelled) => println!("cancelled"),
        Err(TaskError::WorkerDied(exit)) => println!("a dead worker: {exit}"),
        Err(other) => println!("{other}"),
    }
}

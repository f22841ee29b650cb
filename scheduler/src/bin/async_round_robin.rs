//! Async round robin: the same tasks as `async fn`, which do not know what runs them.
//!
//! Beyond the cheatsheet: Python's generators have grown into coroutines, and `async fn` is their
//! Rust counterpart: a function that can stop in the middle and go on later. Differs: a generator
//! hands each value to the code that runs it. These tasks print by themselves and hand nothing
//! over, so any executor can run them.
//!
//! # Output
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
//! run by another executor, the same lines: true
//! ```

use futures::executor::LocalPool;
use futures::task::LocalSpawnExt;
use scheduler::{Scheduler, yield_now};
use std::cell::RefCell;
use std::io;
use std::rc::Rc;
use threads::fib;

fn main() -> io::Result<()> {
    section::ends_with_its_reader();
    let ours = Rc::new(RefCell::new(Vec::new()));
    let mut scheduler = Scheduler::new()?;
    for n in [5, 3] {
        let ours = Rc::clone(&ours);
        scheduler.spawn(fibs(n, move |line| {
            println!("{line}");
            ours.borrow_mut().push(line);
        }));
    }
    scheduler.run()?;

    let theirs = Rc::new(RefCell::new(Vec::new()));
    let mut executor = LocalPool::new();
    for n in [5, 3] {
        let theirs = Rc::clone(&theirs);
        let task = fibs(n, move |line| theirs.borrow_mut().push(line));
        executor.spawner().spawn_local(task).expect("it still takes tasks");
    }
    executor.run();
    println!("run by another executor, the same lines: {}", ours == theirs);
    Ok(())
}

/// Says `fib(1)` to `fib(n)`: one a turn.
async fn fibs(n: u32, say: impl Fn(String)) {
    for k in 1..=n {
        say(fib(k).to_string());
        yield_now().await;
    }
    say("done".to_owned());
}

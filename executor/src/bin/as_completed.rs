//! Future object, as completed: each result is handed out as soon as it is there.
//!
//! Cheatsheet section S22: "Future Object", `as_completed`.
//! Differs: the cheatsheet shows one of six legal orders; here one order is forced as well. And
//! "future" has two meanings. The work behind Python's `Future`, and behind our `Task`, is being
//! done whether or not anybody waits for it. A `Future` of Rust is like a coroutine of Python's
//! `asyncio`: it does nothing until it is polled.
//!
//! # Output
//!
//! ```text
//! ~| res: 832040
//! ~| res: 1346269
//! ~| res: 2178309
//! end
//! as_completed, let go as 3 1 2: 3 1 2
//! FuturesUnordered, let go as 3 1 2: 3 1 2
//! a task that nobody waits for has begun: true
//! a future that nobody polls has begun: false
//! and now it is polled: true
//! ```

use executor::{Task, TaskError, Threads, as_completed};
use futures::executor::{block_on, block_on_stream};
use futures::stream::FuturesUnordered;
use std::error::Error;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::mpsc::{Sender, channel};
use threads::fib;

fn main() -> Result<(), Box<dyn Error>> {
    section::ends_with_its_reader();
    let pool = Threads::new(3)?;
    let mut tasks = Vec::new();
    for n in 30..33 {
        tasks.push(pool.spawn(move || fib(n))?);
    }
    for (_, res) in as_completed(tasks) {
        println!("res: {}", res?);
    }
    println!("end");

    let (gates, tasks) = held_back(&pool)?;
    let done = as_completed(tasks).map(|(_, outcome)| outcome);
    println!("as_completed, let go as 3 1 2: {}", let_go_as_3_1_2(&gates, done)?);

    let (gates, tasks) = held_back(&pool)?;
    let futures: FuturesUnordered<_> = tasks.into_iter().map(Task::into_future).collect();
    let done = block_on_stream(futures);
    println!("FuturesUnordered, let go as 3 1 2: {}", let_go_as_3_1_2(&gates, done)?);

    let _task = pool.spawn(|| TASK_BEGUN.store(true, Relaxed))?;
    let future = async { FUTURE_BEGUN.store(true, Relaxed) };
    drop(pool); // so that whatever begins by itself has begun
    println!("a task that nobody waits for has begun: {}", TASK_BEGUN.load(Relaxed));
    println!("a future that nobody polls has begun: {}", FUTURE_BEGUN.load(Relaxed));
    block_on(future);
    println!("and now it is polled: {}", FUTURE_BEGUN.load(Relaxed));
    Ok(())
}

static TASK_BEGUN: AtomicBool = AtomicBool::new(false);
static FUTURE_BEGUN: AtomicBool = AtomicBool::new(false);

type HeldBack = (Vec<Sender<()>>, Vec<Task<u32>>);

/// Three tasks, none of which ends before its gate is opened.
fn held_back(pool: &Threads) -> Result<HeldBack, Box<dyn Error>> {
    let (mut gates, mut tasks) = (Vec::new(), Vec::new());
    for number in 1..=3 {
        let (open, gate) = channel();
        gates.push(open);
        tasks.push(pool.spawn(move || {
            let _opened = gate.recv();
            number
        })?);
    }
    Ok((gates, tasks))
}

/// Forces the order: the next task is let go when the one before has come.
fn let_go_as_3_1_2(
    gates: &[Sender<()>],
    mut done: impl Iterator<Item = Result<u32, TaskError>>,
) -> Result<String, Box<dyn Error>> {
    let mut order = Vec::new();
    for number in [3, 1, 2] {
        gates[number - 1].send(())?;
        order.push(done.next().ok_or("one of them has not come")??.to_string());
    }
    Ok(order.join(" "))
}

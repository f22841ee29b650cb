//! Future object, as completed: each result is handed out as soon as it is there.
//!
//! Cheatsheet section S22: "Future Object", `as_completed`.
//! Differs: the cheatsheet shows one of six legal orders; here one order is forced as well. And "future" has
//! two meanings. The work behind Python's `Future`, and behind our `Task`, is being done whether or not anybody
//! waits. A `Future` of Rust is like a coroutine of Python's `asyncio`: it does nothing until it is polled.
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
    println!("as_completed, let go as 3 1 2:{}", let_go_as_3_1_2(&gates, done)?);

    let (gates, tasks) = held_back(&pool)?;
    let futures: FuturesUnordered<_> = tasks.into_iter().map(Task::into_future).collect();
    let done = block_on_stream(futures);
    println!("FuturesUnordered, let go as 3 1 2:{}", let_go_as_3_1_2(&gates, done)?);

    static BEGUN: [AtomicBool; 2] = [const { AtomicBool::new(false) }; 2];
    let task = pool.spawn(|| BEGUN[0].store(true, Relaxed))?;
    let future = async { BEGUN[1].store(true, Relaxed) };
    drop(pool); // so that whatever begins by itself has begun
    println!("a task that nobody waits for has begun: {}", BEGUN[0].load(Relaxed));
    println!("a future that nobody polls has begun: {}", BEGUN[1].load(Relaxed));
    block_on(future);
    println!("and now it is polled: {}", BEGUN[1].load(Relaxed));
    Ok(task.result()?)
}

/// Three tasks, none of which ends before its gate is opened.
fn held_back(pool: &Threads) -> Result<(Vec<Sender<()>>, Vec<Task<u32>>), Box<dyn Error>> {
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
    let mut order = String::new();
    for number in [3, 1, 2] {
        gates[number - 1].send(())?;
        let number = done.next().ok_or("one of them has not come")??;
        order += &format!(" {number}");
    }
    Ok(order)
}

//! What “with ThreadPoolExecutor” does: the end of the block waits for every job.
//!
//! Cheatsheet section S21: "What “with ThreadPoolExecutor” doing?".
//! Differs: the cheatsheet's second form drops its own result, and prints that of the first once
//! more. Here the second prints its own. After `shutdown(wait=True)` Python refuses a new job when
//! it comes; here such a program does not compile.
//!
//! # Output
//!
//! The three jobs cannot end before the end of the block has begun.
//!
//! ```text
//! 832040
//! the block ends
//! i in 0..3| job {i} ends
//! after the block: 3 of 3 jobs have ended
//! 832040
//! ```

use executor::{Shutdown, Threads};
use std::error::Error;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use threads::fib;

fn main() -> Result<(), Box<dyn Error>> {
    section::ends_with_its_reader();
    let (gate, ended) = (Arc::new(Mutex::new(())), Arc::new(AtomicUsize::new(0)));
    {
        let pool = Threads::new(3)?;
        println!("{}", pool.spawn(|| fib(30))?.result()?);

        let _held_back = gate.lock(); // what is declared last is dropped first: before the pool
        for id in 0..3 {
            let (gate, ended) = (Arc::clone(&gate), Arc::clone(&ended));
            let job = move || {
                until_the_block_ends(&gate);
                println!("job {id} ends");
                ended.fetch_add(1, Relaxed);
            };
            drop(pool.spawn(job)?); // detached: nobody waits for its result
        }
        println!("the block ends");
    } // `drop(pool)` stands here, unseen
    println!("after the block: {} of 3 jobs have ended", ended.load(Relaxed));

    let pool = Threads::new(3)?;
    let task = pool.spawn(|| fib(30))?;
    pool.shutdown(Shutdown::Wait); // what `drop` does, said aloud
    match task.try_result() {
        Ok(result) => println!("{}", result?),
        Err(_) => println!("the job has not ended"),
    }
    Ok(())
}

/// Forces the lesson: no job ends before the end of the block, so that somebody has to wait.
fn until_the_block_ends(gate: &Mutex<()>) {
    drop(gate.lock());
}

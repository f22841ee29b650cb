//! Compare with "map" performance: a job must be worth more than it costs to hand it over.
//!
//! Cheatsheet section S07: "Compare with “map” performance".
//! Differs: there, 999,999 squares on ten threads took 1.46 times as long as in a plain `map`,
//! since the threads take turns (the GIL). Here they do not, and yet a job for each item takes far
//! longer than the plain loop, for another reason: the handing over.
//!
//! # Output
//!
//! The times differ with build, cores and load. What can be checked is that all results are equal.
//!
//! ```text
//! {build=dev} build, {cores=2} cores
//! load average: [..]
//! a loop: {items=999999} squares in {plain=2.1ms}
//! a job for each item: {items_each=999999} squares in {each=412ms}
//! a chunk of items for each job: {items_chunks=999999} squares in {chunks=3.1ms}
//! ?| rayon: {items_rayon=999999} squares in {rayon=1.9ms}
//! the sum of the squares is 333331833335499999
//! equal results: {ways=4} of {ways}
//! ```

use rayon::prelude::*;
use std::sync::mpsc::channel;
use std::time::Instant;
use std::{io, thread};
use threads::{ThreadPool, build_and_cores, load_average};

const ITEMS: usize = 999_999;

fn main() -> io::Result<()> {
    section::ends_with_its_reader();
    println!("{}", build_and_cores());
    println!("load average: {}", load_average());
    let pool = &ThreadPool::new(thread::available_parallelism()?.get())?;
    rayon::spawn(|| ()); // starts its threads: they are not what is measured

    let ways: [(&str, &dyn Fn() -> Vec<u64>); 4] = [
        ("a loop", &|| (0..ITEMS).map(square).collect()),
        ("a job for each item", &|| a_job_for_each_item(pool)),
        ("a chunk of items for each job", &|| pool.map(0..ITEMS, square)),
        ("rayon", &|| (0..ITEMS).into_par_iter().map(square).collect()),
    ];
    let results = ways.map(|(name, way)| {
        let start = Instant::now();
        let squares = way();
        println!("{name}: {} squares in {:.3?}", squares.len(), start.elapsed());
        squares
    });
    let equal = results.iter().filter(|result| **result == results[0]).count();
    println!("the sum of the squares is {}", results[0].iter().sum::<u64>());
    println!("equal results: {equal} of {}", results.len());
    Ok(())
}

fn square(x: usize) -> u64 {
    (x as u64).pow(2)
}

/// A box, a place in the queue, and an answer, a million times.
fn a_job_for_each_item(pool: &ThreadPool) -> Vec<u64> {
    let (sender, answers) = channel();
    for x in 0..ITEMS {
        let sender = sender.clone();
        let job = move || sender.send((x, square(x))).expect("we wait for it");
        pool.execute(job).expect("the pool is open");
    }
    drop(sender); // the answers end with the last job
    let mut squares = vec![0; ITEMS];
    for (x, square) in answers {
        squares[x] = square;
    }
    squares
}

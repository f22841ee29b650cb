//! Using a thread pool's map: the results come in the order of the items, whatever is done first.
//!
//! Cheatsheet section S06: "Using multiprocessing ThreadPool".
//! Differs: there one class does it, here three ways do: the crate `rayon`, this chapter's pool,
//! and chunks by hand in a scope. (Since the cheatsheet was written, Python's documentation has the
//! class too.)
//!
//! # Output
//!
//! In each way item 0 waits for 2, 3 and 4, so it cannot be done first. What std reports of the
//! panic goes to standard error.
//!
//! ```text
//! err| ...
//! {a=rayon}: [0, 1, 4, 9, 16], and item 0 was done after 2, 3 and 4: true
//! {b=pool}: [0, 1, 4, 9, 16], and item 0 was done after 2, 3 and 4: true
//! {c=chunks}: [0, 1, 4, 9, 16], and item 0 was done after 2, 3 and 4: true
//! a panic arrives: item 2 is out of luck
//! all the others were done: [0, 1, 3, 4]
//! ```

use rayon::prelude::*;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, MutexGuard};
use std::{mem, thread};
use threads::ThreadPool;

const ITEMS: [u64; 5] = [0, 1, 2, 3, 4];

fn main() {
    section::ends_with_its_reader();
    // A thread for each item: item 0 blocks the one it is on.
    let threads = rayon::ThreadPoolBuilder::new().num_threads(5).build().expect("start threads");
    let parallel = || ITEMS.into_par_iter().with_max_len(1).map(square).collect::<Vec<_>>();
    show("rayon", &threads.install(parallel));

    let pool = ThreadPool::new(5).expect("start threads");
    show("pool", &pool.map(ITEMS, square));

    let squares = thread::scope(|s| {
        let chunk = |items: &'static [u64]| s.spawn(|| items.iter().map(|&x| square(x)).collect());
        let threads: Vec<_> = ITEMS.chunks(2).map(chunk).collect();
        let results = threads.into_iter().map(|thread| thread.join().expect("no square panics"));
        results.collect::<Vec<Vec<_>>>().concat()
    });
    show("chunks", &squares);

    let unlucky = |x| if x == 2 { panic!("item {x} is out of luck") } else { done().push(x) };
    let panicked = catch_unwind(AssertUnwindSafe(|| pool.map(ITEMS, unlucky)));
    let why = panicked.expect_err("item 2 panics");
    println!("a panic arrives: {}", why.downcast_ref::<String>().expect("panics with a text"));
    let mut others = mem::take(&mut *done());
    others.sort_unstable();
    println!("all the others were done: {others:?}");
}

fn show(name: &str, squares: &[u64]) {
    let done = mem::take(&mut *done());
    let place = |x| done.iter().position(|&y| y == x);
    let after = [2, 3, 4].into_iter().all(|x| place(x) < place(0));
    println!("{name}: {squares:?}, and item 0 was done after 2, 3 and 4: {after}");
}

/// Forces the order in which items are done: 0 waits for those of all other chunks.
fn square(x: u64) -> u64 {
    while x == 0 && done().iter().filter(|&&y| y > 1).count() < 3 {
        thread::yield_now();
    }
    done().push(x);
    x * x
}

/// The items that are done, in that order.
fn done() -> MutexGuard<'static, Vec<u64>> {
    static DONE: Mutex<Vec<u64>> = Mutex::new(Vec::new());
    DONE.lock().expect("nobody panics with the lock")
}

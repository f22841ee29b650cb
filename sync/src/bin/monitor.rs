//! Monitor: one task at a time is inside, and there one method may call another.
//!
//! Cheatsheet section S10: "Implement Monitor", using `RLock`.
//! Differs: there every method locks, also one that another method calls, so the lock has to let its holder
//! in again. In Rust, better let public methods lock once and call private ones on `&mut` of what is
//! locked. Both forms are here. The cheatsheet sleeps five seconds in `foo`, so that task 2 has time to
//! come. Here it comes while task 1 is in `foo`, in every run.
//!
//! # Output
//!
//! There is no freedom: task 2 is refused before task 1 leaves, and enters after it.
//!
//! ```text
//! 1 in foo
//! 1 asks again, and gets in: false
//! 2 asks, and gets in: false
//! 1 in ker
//! 2 in ker
//! locks once, calls of ker: 2
//! 1 in foo
//! 1 asks again, and gets in: true
//! 2 asks, and gets in: false
//! 1 in ker
//! 2 in ker
//! locks again, calls of ker: 2
//! ```

use parking_lot::ReentrantMutex;
use std::cell::Cell;
use std::sync::{Barrier, Mutex};
use std::thread;

fn main() {
    section::ends_with_its_reader();
    let monitor = LocksOnce(Mutex::new(Inner(0)));
    meet(|gap| monitor.foo(1, gap), || monitor.0.try_lock().is_ok(), || monitor.ker(2));
    println!("locks once, calls of ker: {}", monitor.0.lock().unwrap().0);

    let monitor = LocksAgain(ReentrantMutex::new(Cell::new(0)));
    meet(|gap| monitor.foo(1, gap), || monitor.0.try_lock().is_some(), || monitor.ker(2));
    println!("locks again, calls of ker: {}", monitor.0.lock().get());
}

/// The form that Rust prefers. Its methods are for others, and lock.
struct LocksOnce(Mutex<Inner>);

impl LocksOnce {
    fn foo(&self, id: u32, gap: &dyn Fn()) {
        let mut inner = self.0.lock().unwrap();
        println!("{id} in foo");
        gap();
        inner.ker(id); // `self.ker` would lock again
    }

    fn ker(&self, id: u32) {
        self.0.lock().unwrap().ker(id);
    }
}

/// What is locked: the calls of `ker`. Whoever can call a method with `&mut self` has locked already.
struct Inner(u32);

impl Inner {
    fn ker(&mut self, id: u32) {
        println!("{id} in ker");
        self.0 += 1;
    }
}

/// The form of the cheatsheet. Every method locks, also when another one calls it; none gets a `&mut`.
struct LocksAgain(ReentrantMutex<Cell<u32>>);

impl LocksAgain {
    fn foo(&self, id: u32, gap: &dyn Fn()) {
        let _inside = self.0.lock();
        println!("{id} in foo");
        gap();
        self.ker(id);
    }

    fn ker(&self, id: u32) {
        let calls = self.0.lock();
        println!("{id} in ker");
        calls.set(calls.get() + 1);
    }
}

/// Forces the tasks to meet: in the gap that `foo` leaves before it calls `ker`, task 2 comes, and task 1 goes
/// on when task 2 has been refused. Without this, one may be done before the other begins.
fn meet(task1: impl FnOnce(&dyn Fn()), enters: impl Fn() -> bool + Sync, task2: impl Fn() + Sync) {
    let asked = Barrier::new(2);
    thread::scope(|s| {
        task1(&|| {
            println!("1 asks again, and gets in: {}", enters()); // and leaves that level at once
            s.spawn(|| {
                println!("2 asks, and gets in: {}", enters());
                asked.wait();
                task2();
            });
            asked.wait();
        });
    });
}

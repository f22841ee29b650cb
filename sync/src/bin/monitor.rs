//! Monitor: a method that locks calls another one that locks, without waiting for itself.
//!
//! Cheatsheet section S10: "Implement “Monitor”", using `RLock`.
//! Differs: first comes the form that Rust prefers. Its public methods lock once, and call private
//! ones on what is locked. Then comes the cheatsheet's own form, on a re-entrant lock. Task 2 comes
//! while task 1 is in `foo`, so that the order is the same in every run; the cheatsheet leaves it
//! to a sleep.
//!
//! # Output
//!
//! ```text
//! lock once:
//! 1 in foo
//! 2 is refused: true
//! 1 in ker
//! 2 in ker
//! calls of ker: 2
//! re-entrant:
//! 1 in foo
//! 2 is refused: true
//! 1 in ker
//! 2 in ker
//! calls of ker: 2
//! a plain lock refuses its own holder: true
//! ```

use std::sync::{Barrier, Mutex};
use std::{cell::Cell, thread};

fn main() {
    section::ends_with_its_reader();
    println!("lock once:");
    let once = LockOnce(Mutex::new(0));
    meet_in_foo(|| once.foo(1), || once.0.try_lock().is_err(), || once.ker(2));
    println!("calls of ker: {}", once.0.lock().unwrap());
    println!("re-entrant:");
    let again = Reentrant(parking_lot::ReentrantMutex::new(Cell::new(0)));
    meet_in_foo(|| again.foo(1), || again.0.try_lock().is_none(), || again.ker(2));
    println!("calls of ker: {}", again.0.lock().get());

    let _inside = once.0.lock(); // to call `lock` again would hang, or panic
    println!("a plain lock refuses its own holder: {}", once.0.try_lock().is_err());
}

/// Counts the calls of `ker`.
struct LockOnce(Mutex<u32>);

impl LockOnce {
    fn foo(&self, id: u32) {
        let mut count = self.0.lock().unwrap();
        println!("{id} in foo");
        stay_until_2_is_refused();
        Self::ker_inside(&mut count, id); // locks nothing
    }

    fn ker(&self, id: u32) {
        Self::ker_inside(&mut self.0.lock().unwrap(), id);
    }

    /// For methods that have locked: nothing else has this `&mut`.
    fn ker_inside(count: &mut u32, id: u32) {
        *count += 1;
        println!("{id} in ker");
    }
}

/// The same, in a `Cell`: the guard of a re-entrant lock gives no `&mut`.
struct Reentrant(parking_lot::ReentrantMutex<Cell<u32>>);

impl Reentrant {
    fn foo(&self, id: u32) {
        let _inside = self.0.lock();
        println!("{id} in foo");
        stay_until_2_is_refused();
        self.ker(id); // locks again
    }

    fn ker(&self, id: u32) {
        let count = self.0.lock();
        count.set(count.get() + 1);
        println!("{id} in ker");
    }
}

/// Forces the tasks to meet: 2 comes while 1 is in `foo`.
fn meet_in_foo(one: impl FnOnce() + Send, refused: impl Fn() -> bool, two: impl FnOnce()) {
    thread::scope(|s| {
        s.spawn(one);
        MEET.wait();
        println!("2 is refused: {}", refused());
        MEET.wait();
        two();
    });
}

fn stay_until_2_is_refused() {
    MEET.wait();
    MEET.wait();
}

static MEET: Barrier = Barrier::new(2);

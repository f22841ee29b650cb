//! Create a thread: `spawn` runs a closure beside its caller, and `join` waits for its result.
//!
//! Cheatsheet section S02: "Create a thread via “threading”".
//! Differs: Python makes a thread in one step and starts it in another, and drops what its function
//! returns. (The cheatsheet's second form starts only `t1`, yet shows two lines; here both are
//! started.)
//!
//! # Output
//!
//! Two workers print in either order. Whoever joins them goes on when both have ended.
//!
//! ```text
//! main runs in ThreadId({main=1})
//! i in 1..3| I am worker {i} in ThreadId({id=2})
//! squares: 1 and 4
//! i        | I am worker {i} in a thread called worker-{i}
//! both have ended
//! ```
//!
//! # Always
//!
//! - first 3 `ThreadId({x=1})` distinct

use std::io;
use std::sync::Barrier;
use std::thread::{self, Builder, JoinHandle};

fn main() -> io::Result<()> {
    section::ends_with_its_reader();
    println!("main runs in {:?}", thread::current().id());

    // A function. `move` gives the closure its own `id`: the thread may outlive this block.
    let both = [1, 2].map(|id| thread::spawn(move || work(id)));
    let [one, two] = both.map(|worker| worker.join().expect("a worker panicked"));
    println!("squares: {one} and {two}");

    // An object. Its thread owns it, and has a name.
    let (one, two) = (Worker { id: 1 }.start()?, Worker { id: 2 }.start()?);
    one.join().expect("worker 1 panicked");
    two.join().expect("worker 2 panicked");
    println!("both have ended");
    Ok(())
}

fn work(id: u32) -> u32 {
    until_both_are_alive();
    println!("I am worker {id} in {:?}", thread::current().id());
    id * id
}

struct Worker {
    id: u32,
}

impl Worker {
    fn start(self) -> io::Result<JoinHandle<()>> {
        Builder::new().name(format!("worker-{}", self.id)).spawn(|| self.run())
    }

    fn run(self) {
        until_both_are_alive();
        let name = thread::current().name().map(str::to_owned).unwrap_or_default();
        println!("I am worker {} in a thread called {name}", self.id);
    }
}

/// Forces the lesson: a worker goes on only when there are two. If they were run one after the
/// other, the first would wait here for ever.
fn until_both_are_alive() {
    static BOTH: Barrier = Barrier::new(2);
    BOTH.wait();
}

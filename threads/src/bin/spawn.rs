//! Create a thread: from a function, from an object, and inside a scope.
//!
//! Cheatsheet section S02: "Create a thread via “threading”".
//! Differs: Python starts a thread in two steps, and drops what it returns. Here `spawn` makes and
//! starts it, and `join` gives its result. The cheatsheet's class is a struct with a method that
//! takes `self`, so one object cannot run twice. (The cheatsheet's second form starts only `t1`,
//! yet shows both lines; here both are started.)
//!
//! # Output
//!
//! Two workers print in either order. Who joins them goes on when both have ended.
//!
//! ```text
//! i in 1..3| I am worker {i}
//! squares: 1 and 4
//! i        | I am worker {i} in a thread called worker-{i}
//! both are back
//! i        | I am worker {i} and borrow: hello
//! letters: 5 and 5, and hello is still ours
//! ```

use std::io;
use std::thread::{self, Builder, JoinHandle};

fn main() -> io::Result<()> {
    // A function. `move` gives the closure its own `id`, since the thread may outlive this block.
    let threads = [1, 2].map(|id| thread::spawn(move || work(id)));
    let [one, two] = threads.map(|thread| thread.join().expect("a worker panicked"));
    println!("squares: {one} and {two}");

    // An object. The thread owns it, and has a name.
    let (one, two) = (Worker { id: 1 }.start()?, Worker { id: 2 }.start()?);
    one.join().expect("worker 1 panicked");
    two.join().expect("worker 2 panicked");
    println!("both are back");

    // A scope. It ends only when its threads have ended, so they may borrow what outlives it.
    let word = String::from("hello");
    let mut letters = [0, 0];
    thread::scope(|s| {
        for (id, letters) in (1..).zip(&mut letters) {
            let word = &word;
            s.spawn(move || {
                println!("I am worker {id} and borrow: {word}");
                *letters = word.len();
            });
        }
    });
    let [one, two] = letters;
    println!("letters: {one} and {two}, and {word} is still ours");
    Ok(())
}

fn work(id: u32) -> u32 {
    println!("I am worker {id}");
    id * id
}

struct Worker {
    id: u32,
}

impl Worker {
    fn start(self) -> io::Result<JoinHandle<()>> {
        let name = format!("worker-{}", self.id);
        Builder::new().name(name).spawn(|| self.run())
    }

    fn run(self) {
        let thread = thread::current();
        let name = thread.name().unwrap_or("no name");
        println!("I am worker {} in a thread called {name}", self.id);
    }
}

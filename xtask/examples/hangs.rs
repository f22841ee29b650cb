//! Never ends: main waits for a thread that waits for ever.
//!
//! # Output
//!
//! ```text
//! begun
//! ```

use std::thread;

fn main() {
    let sleeper = thread::spawn(|| {
        loop {
            thread::park();
        }
    });
    println!("begun");
    sleeper.join().expect("it never ends");
}

//! Prints all it should, and something to standard error.
//!
//! # Output
//!
//! ```text
//! done
//! ```

fn main() {
    println!("done");
    eprintln!("and a warning");
}

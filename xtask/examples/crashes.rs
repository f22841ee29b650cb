//! Prints all it should, then dies by a signal.
//!
//! # Output
//!
//! ```text
//! done
//! ```

fn main() {
    println!("done");
    std::process::abort();
}

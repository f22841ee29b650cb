//! Prints all it should, then exits with the wrong status.
//!
//! # Output
//!
//! ```text
//! done
//! ```

fn main() {
    println!("done");
    std::process::exit(3);
}

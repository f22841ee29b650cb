//! Prints without end.
//!
//! # Output
//!
//! ```text
//! y
//! ```

fn main() {
    loop {
        println!("y");
    }
}

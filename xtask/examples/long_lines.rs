//! Prints lines longer than any buffer, on both outputs.
//!
//! # Output
//!
//! ```text
//! [..]
//! short
//! err| [..]
//! ```

fn main() {
    let long = "x".repeat(300_000);
    println!("{long}");
    eprintln!("{long}");
    println!("short");
}

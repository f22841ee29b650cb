//! Never ends, and does not heed the signal TERM.
//!
//! # Output
//!
//! ```text
//! deaf
//! ```

use signal_hook::consts::SIGTERM;
use std::sync::Arc;
use std::time::Duration;
use std::{io, thread};

fn main() -> io::Result<()> {
    signal_hook::flag::register(SIGTERM, Arc::default())?;
    println!("deaf");
    loop {
        thread::sleep(Duration::from_mins(10));
    }
}

//! Never ends, not even its line, and does not heed the signal TERM.
//!
//! # Output
//!
//! ```text
//! deaf
//! ```

use signal_hook::consts::SIGTERM;
use std::io::Write;
use std::sync::Arc;
use std::time::Duration;
use std::{io, thread};

fn main() -> io::Result<()> {
    signal_hook::flag::register(SIGTERM, Arc::default())?;
    print!("deaf");
    io::stdout().flush()?;
    loop {
        thread::sleep(Duration::from_mins(10));
    }
}

//! Closes both outputs and lives on.
//!
//! # Output
//!
//! ```text
//! silence
//! ```

use nix::unistd::{dup2_stderr, dup2_stdout};
use std::fs::File;
use std::time::Duration;
use std::{io, thread};

fn main() -> io::Result<()> {
    println!("silence");
    let nowhere = File::create("/dev/null")?;
    dup2_stdout(&nowhere)?;
    dup2_stderr(&nowhere)?;
    loop {
        thread::sleep(Duration::from_mins(10));
    }
}

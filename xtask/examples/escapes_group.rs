//! Ends, but leaves a process that has left its group.
//!
//! # Output
//!
//! ```text
//! done
//! ```

use std::os::unix::process::CommandExt;
use std::process::Command;
use std::time::Duration;
use std::{env, thread};

fn main() -> std::io::Result<()> {
    if env::args().len() > 1 {
        thread::sleep(Duration::from_mins(10));
        return Ok(());
    }
    Command::new(env::current_exe()?).arg("stay").process_group(0).spawn()?;
    println!("done");
    Ok(())
}

//! A time limit: it ends a program that never ends, and everything the program has started.
//!
//! Beyond the cheatsheet. Python's `timeout=` kills the program alone: its children live on, and
//! hold the pipes that the caller reads.
//!
//! # Output
//!
//! ```text
//! the program leads group {group=4711}
//! its child is in group {group} and deaf to TERM
//! silent for 100 ms: the limit is over
//! the program: signal 15 (TERM)
//! its child: gone by KILL, {waited=503 ms} after TERM
//! group {group}: nobody is left
//! ```
//!
//! # Always
//!
//! - {waited} >= 500 ms

use nix::sys::signal::{SigSet, Signal};
use nix::unistd::getpgrp;
use shell::{Group, TimedOut};
use std::error::Error;
use std::io::{ErrorKind, Write};
use std::process::Command;
use std::time::{Duration, Instant};
use std::{env, io};

fn main() -> Result<(), Box<dyn Error>> {
    match env::args().nth(1).as_deref() {
        Some("program") => return program(),
        Some(_) => return child_of_program(),
        None => {}
    }
    // The whole group gets the end we read from; nobody ever writes to the other.
    let (theirs, mut ours) = io::pipe()?;
    let this = env::current_exe()?;
    let mut group = Group::spawn(Command::new(this).arg("program").stdin(theirs))?;
    let id = group.id();

    // Both are up when both have spoken. The limit counts from here, so that a busy machine does
    // not change what we see.
    for _ in 0..2 {
        println!("{}", group.next_line().ok_or("it ended early")?.text());
    }
    if let Err(TimedOut) = group.next_line_timeout(Duration::from_millis(100)) {
        println!("silent for 100 ms: the limit is over");
    }
    // All of the grace, for the child is deaf; how much longer is up to the machine.
    let asked = Instant::now();
    let ended = group.stop(Duration::from_millis(500));
    let waited = asked.elapsed().as_millis();
    println!("the program: {}", ended.exit);
    if ended.killed {
        println!("its child: gone by KILL, {waited} ms after TERM");
    }

    // The system itself knows whether somebody alive still has the other end.
    match ours.write(b"anybody there?") {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => {
            println!("group {id}: nobody is left");
        }
        _ => println!("group {id}: somebody lives on"),
    }
    Ok(())
}

fn program() -> Result<(), Box<dyn Error>> {
    println!("the program leads group {}", getpgrp());
    Command::new(env::current_exe()?).arg("child").spawn()?;
    for_ever()
}

fn child_of_program() -> Result<(), Box<dyn Error>> {
    SigSet::from(Signal::SIGTERM).thread_block()?;
    let group = getpgrp();
    println!("its child is in group {group} and deaf to TERM");
    for_ever()
}

/// Waits for words that never come. (If `main` is killed, their end comes, and nothing is left.)
fn for_ever() -> Result<(), Box<dyn Error>> {
    io::stdin().read_line(&mut String::new())?;
    Ok(())
}

//! A time limit: end a program that never ends, and everything that it has started.
//!
//! Beyond the cheatsheet. In Python, `subprocess.run(timeout=...)` kills the program alone and
//! `communicate(timeout=...)` kills nothing: what the program has started lives on.
//!
//! # Output
//!
//! ```text
//! the program leads group {group=4711}
//! its child is in group {group} and deaf to TERM
//! silent for {silent=100 ms}: the limit is over
//! the program: signal 15 (TERM)
//! its child: gone by KILL, {waited=503 ms} after TERM
//! group {group}: no process is left
//! ```
//!
//! # Always
//!
//! - {silent} >= 100 ms
//! - {waited} >= 500 ms

use nix::sys::signal::{SigSet, Signal};
use nix::unistd::getpgrp;
use shell::{Group, TimedOut};
use std::error::Error;
use std::io::{ErrorKind, PipeWriter, Write};
use std::process::Command;
use std::time::{Duration, Instant};
use std::{env, io};

fn main() -> Result<(), Box<dyn Error>> {
    if let Some(role) = env::args().nth(1) {
        return endless(&role);
    }
    let this = env::current_exe()?;
    let (theirs, ours) = io::pipe()?;
    // When this statement ends, the command is dropped, and `theirs` with it: now only the group
    // has that end.
    let mut group = Group::spawn(Command::new(this).arg("program").stdin(theirs))?;
    let id = group.id();

    // Both are up when both have spoken. The limit begins only then, so that a busy machine does
    // not change what we see.
    for _ in 0..2 {
        println!("{}", group.next_line().ok_or("it ended early")?.text());
    }
    let start = Instant::now();
    if let Err(TimedOut) = group.next_line_timeout(Duration::from_millis(100)) {
        println!("silent for {} ms: the limit is over", start.elapsed().as_millis());
    }
    let asked = Instant::now();
    let ended = group.stop(Duration::from_millis(500));
    let waited = asked.elapsed().as_millis();
    println!("the program: {}", ended.exit);
    if ended.killed {
        println!("its child: gone by KILL, {waited} ms after TERM");
    }
    let left = if has_no_reader(ours) { "no process is left" } else { "a process lives on" };
    println!("group {id}: {left}");
    Ok(())
}

/// The whole group has the reading end of this pipe as its standard input. The system counts the
/// readers that live: when the last one is gone, writing fails.
fn has_no_reader(mut pipe: PipeWriter) -> bool {
    pipe.write(b"anybody there?").is_err_and(|error| error.kind() == ErrorKind::BrokenPipe)
}

/// The program, which starts a child, or that child.
fn endless(role: &str) -> Result<(), Box<dyn Error>> {
    let group = getpgrp();
    if role == "program" {
        println!("the program leads group {group}");
        Command::new(env::current_exe()?).arg("child").spawn()?;
    } else {
        SigSet::from(Signal::SIGTERM).thread_block()?;
        println!("its child is in group {group} and deaf to TERM");
    }
    // Waits for words that never come. (If `main` is killed, the input ends, and so do both.)
    io::stdin().read_line(&mut String::new())?;
    Ok(())
}

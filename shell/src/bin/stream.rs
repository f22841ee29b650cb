//! Live lines: both outputs of a running program, each line as it comes.
//!
//! Beyond the cheatsheet, whose `communicate` shows nothing until the program has ended.
//!
//! The program waits after each line until we have answered it. Whoever collects its output and
//! answers later waits for a line that waits for the answer.
//!
//! # Output
//!
//! ```text
//! stdout: step 1 done
//! stderr: step 2 done, but slowly
//! stdout: step 3 done
//! stderr: step 4 done, but slowly
//! stdout: the end, without a newline
//! exit status 0
//! 4 lines were answered, each before the next was written
//! ```

use shell::Group;
use std::error::Error;
use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Duration;
use std::{env, io};

fn main() -> Result<(), Box<dyn Error>> {
    if env::args().nth(1).is_some() {
        return child();
    }
    let this = env::current_exe()?;
    let mut group = Group::spawn(Command::new(this).arg("child").stdin(Stdio::piped()))?;
    let mut answers = group.stdin.take().ok_or("standard input is not piped")?;

    let mut answered = 0;
    while let Some(line) = group.next_line() {
        println!("{}: {}", line.source, line.text());
        if line.bytes.ends_with(b"\n") {
            writeln!(answers, "go on")?;
            answered += 1;
        }
    }
    // No more lines: it has closed both outputs, and is about to end.
    group.wait_timeout(Duration::from_mins(1));
    println!("{}", group.stop(Duration::ZERO).exit);
    println!("{answered} lines were answered, each before the next was written");
    Ok(())
}

/// The program whose lines we read.
fn child() -> Result<(), Box<dyn Error>> {
    for step in 1..=4 {
        if step % 2 == 1 {
            println!("step {step} done");
        } else {
            eprintln!("step {step} done, but slowly");
        }
        let mut answer = String::new();
        io::stdin().read_line(&mut answer)?;
        assert_eq!(answer, "go on\n");
    }
    print!("the end, without a newline");
    Ok(())
}

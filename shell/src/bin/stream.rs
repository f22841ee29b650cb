//! Live lines: show both outputs of a running program, each line as it comes, and answer them.
//!
//! Beyond the cheatsheet, whose `communicate` returns nothing until the program has ended.
//!
//! # Output
//!
//! The program asks four questions and waits for an answer to each. A caller that collects the
//! output and answers afterwards would wait for ever: the first question would be the last line.
//!
//! ```text
//! stdout: step 1 is done, go on?
//! stderr: step 2 was slow, go on?
//! stdout: step 3 is done, go on?
//! stderr: step 4 was slow, go on?
//! stdout: 4 answers, and no newline here
//! exit status 0
//! ```

use shell::Group;
use std::error::Error;
use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Duration;
use std::{env, io};

fn main() -> Result<(), Box<dyn Error>> {
    if env::args().nth(1).is_some() {
        return program();
    }
    let mut command = Command::new(env::current_exe()?);
    let mut group = Group::spawn(command.arg("program").stdin(Stdio::piped()))?;
    let mut answers = group.stdin.take().ok_or("standard input is not piped")?;

    while let Some(line) = group.next_line() {
        println!("{}: {}", line.source, line.text());
        if line.text().ends_with('?') {
            writeln!(answers, "yes")?;
        }
    }
    // It has closed both outputs, and is about to end.
    group.wait_timeout(Duration::from_mins(1));
    println!("{}", group.stop(Duration::ZERO).exit);
    Ok(())
}

/// The program whose lines we read. It counts the answers it really gets.
fn program() -> Result<(), Box<dyn Error>> {
    let mut answers = 0;
    for step in 1..=4 {
        if step % 2 == 1 {
            println!("step {step} is done, go on?");
        } else {
            eprintln!("step {step} was slow, go on?");
        }
        let mut answer = String::new();
        io::stdin().read_line(&mut answer)?;
        answers += usize::from(answer == "yes\n");
    }
    print!("{answers} answers, and no newline here");
    Ok(())
}

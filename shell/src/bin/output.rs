//! Execute a shell command: a program's two outputs, how it ended, and what it cost.
//!
//! Cheatsheet section S01: "Execute a shell command", which runs `time echo hello python` and prints
//! stdout, stderr and the return code.
//! Differs: `time` is a program that small systems lack and that prints differently on each, so
//! its three figures come from the system here. The program we run is this one again, with an
//! argument: the only one that is sure to be there.
//!
//! # Output
//!
//! ```text
//! stdout: "hello rust\n"
//! stderr: "two words said\n"
//! exit status 0
//! {real=1.52 ms} real, {user=0.41 ms} user, {system=0.80 ms} system ({profile=dev})
//! far more than a pipe holds: 1048576 bytes on stdout, 1048576 on stderr
//! gave up: exit status 3
//! was killed: signal 9 (KILL)
//! cannot start `./no-such-program`: no such file
//! no child is left
//! ```

use nix::errno::Errno;
use nix::sys::signal::{Signal, raise};
use nix::sys::wait::waitpid;
use std::error::Error;
use std::io::Write;
use std::process::{self, Command};
use std::time::{Duration, Instant};
use std::{env, io};

fn main() -> Result<(), Box<dyn Error>> {
    if let Some(role) = env::args().nth(1) {
        return child(&role);
    }
    let this = env::current_exe()?;

    let start = Instant::now();
    let hello = shell::output(Command::new(&this).arg("hello"))?;
    let real = start.elapsed();
    println!("stdout: {:?}", String::from_utf8(hello.stdout)?);
    println!("stderr: {:?}", String::from_utf8(hello.stderr)?);
    println!("{}", hello.exit);
    let [real, user, system] = [real, hello.user, hello.system].map(in_ms);
    let profile = if cfg!(debug_assertions) { "dev" } else { "release" };
    println!("{real} real, {user} user, {system} system ({profile})");

    let flood = shell::output(Command::new(&this).arg("flood"))?;
    let [out, err] = [flood.stdout.len(), flood.stderr.len()];
    println!("far more than a pipe holds: {out} bytes on stdout, {err} on stderr");

    let gave_up = shell::output(Command::new(&this).arg("give up"))?;
    println!("gave up: {}", gave_up.exit);
    let killed = shell::output(Command::new(&this).arg("be killed"))?;
    println!("was killed: {}", killed.exit);
    if let Err(error) = shell::output(&mut Command::new("./no-such-program")) {
        println!("{error}");
    }

    // Asking for the end of any child: "no such child" means that all have been reaped.
    match waitpid(None, None) {
        Err(Errno::ECHILD) => println!("no child is left"),
        other => println!("a child was left: {other:?}"),
    }
    Ok(())
}

/// What the programs that `main` runs do.
fn child(role: &str) -> Result<(), Box<dyn Error>> {
    match role {
        "hello" => {
            println!("hello rust");
            eprintln!("two words said");
        }
        // A little to the one, a little to the other: neither pipe may be left undrained.
        "flood" => {
            for _ in 0..64 {
                io::stdout().write_all(&[b'.'; 16_384])?;
                io::stderr().write_all(&[b'!'; 16_384])?;
            }
        }
        "give up" => process::exit(3),
        _ => raise(Signal::SIGKILL)?,
    }
    Ok(())
}

fn in_ms(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1000.0)
}

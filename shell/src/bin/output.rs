//! Execute a shell command: run a program, and get what it printed, how it ended and what it cost.
//!
//! Cheatsheet section S01: "Execute a shell command", using `Popen` and `communicate`.
//! Differs: the cheatsheet has the program `time` print the times, but it prints them in another
//! form on each system, and small systems lack it. Here the system itself is asked. The program
//! that we run is this one again, with an argument: the only one that is sure to be there.
//!
//! # Output
//!
//! ```text
//! stdout: "hello rust\n"
//! stderr: "two words said\n"
//! ended: exit status: 0
//! more than a pipe holds: 1048576 bytes on stdout, 1048576 bytes on stderr
//! gave up: exit status: 3
//! was killed: signal: 9 (SIGKILL)
//! computed: {real=52.3ms} real, {user=50.4ms} user, {system=801.0µs} system ({build=dev})
//! no child is left
//! ```
//!
//! # Always
//!
//! - {real} >= 50 ms
//! - {user} >= 50 ms

use nix::errno::Errno;
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::signal::{Signal, raise};
use nix::sys::time::TimeValLike;
use nix::sys::wait::waitpid;
use std::error::Error;
use std::hint::black_box;
use std::io::Write;
use std::process::{self, Command};
use std::time::Instant;
use std::{env, io};

fn main() -> Result<(), Box<dyn Error>> {
    if let Some(role) = env::args().nth(1) {
        return program(&role);
    }
    let this = env::current_exe()?;
    let run = |role| Command::new(&this).arg(role).output();

    let hello = run("say hello")?;
    println!("stdout: {:?}", String::from_utf8(hello.stdout)?);
    println!("stderr: {:?}", String::from_utf8(hello.stderr)?);
    println!("ended: {}", hello.status);

    let flood = run("fill both pipes")?;
    let [out, err] = [flood.stdout.len(), flood.stderr.len()];
    println!("more than a pipe holds: {out} bytes on stdout, {err} bytes on stderr");

    println!("gave up: {}", run("give up")?.status);
    println!("was killed: {}", run("be killed")?.status);

    // std does not tell what a program has cost; the `output` of this crate does.
    let start = Instant::now();
    let busy = shell::output(Command::new(&this).arg("compute"))?;
    let [real, user, system] = [start.elapsed(), busy.user, busy.system];
    let build = if cfg!(debug_assertions) { "dev" } else { "release" };
    println!("computed: {real:.1?} real, {user:.1?} user, {system:.1?} system ({build})");

    // Waits for any child: the error "no such child" says that all have been reaped.
    match waitpid(None, None) {
        Err(Errno::ECHILD) => println!("no child is left"),
        _ => println!("a child is left"),
    }
    Ok(())
}

/// What the programs that `main` runs do.
fn program(role: &str) -> Result<(), Box<dyn Error>> {
    match role {
        "say hello" => {
            println!("hello rust");
            eprintln!("two words said");
        }
        // By turns: a caller that reads only one of the pipes soon waits for us, and we for it.
        "fill both pipes" => {
            for _ in 0..64 {
                io::stdout().write_all(&[b'.'; 16_384])?;
                io::stderr().write_all(&[b'!'; 16_384])?;
            }
        }
        "give up" => process::exit(3),
        "be killed" => raise(Signal::SIGKILL)?,
        // Until the system says that 50 ms of user time are spent, however fast the machine is.
        _ => {
            while getrusage(UsageWho::RUSAGE_SELF)?.user_time().num_milliseconds() < 50 {
                black_box((0..100_000_u64).fold(0, |sum, n| black_box(sum + n)));
            }
        }
    }
    Ok(())
}

//! A process for each promise: what one opens, starts or ignores is nobody else's.

#![allow(dead_code, reason = "each test file uses what it needs")]

use libtest_mimic::{Arguments, Failed, Trial};
use nix::errno::Errno;
use nix::sys::signal::{Signal, killpg};
use nix::sys::wait::waitpid;
use nix::unistd::getpgrp;
use std::os::fd::AsFd;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};
use std::time::Duration;
use std::{env, fs, io, thread};

/// A name and what is done under it.
pub(crate) type Named = (&'static str, fn());

/// The functions with their names.
#[macro_export]
macro_rules! named {
    ($($function:ident),* $(,)?) => { &[$((stringify!($function), $function as fn())),*] };
}

/// Says to the program that it is one of the children, and which.
const ROLE: &str = "SHELL_TEST_ROLE";

/// What must not hang ends after this, and says so. Nothing else depends on it.
const HANGS: Duration = Duration::from_mins(1);

/// The `main` of a test file: in a child, does what its name says; else keeps each promise in a
/// child. `roles` are programs that the promises run.
pub(crate) fn main(promises: &'static [Named], roles: &'static [Named]) -> ExitCode {
    if let Ok(role) = env::var(ROLE) {
        thread::spawn(|| {
            thread::sleep(HANGS);
            eprintln!("it hangs");
            // The whole family: what it runs may hang, too.
            let _ends_us = killpg(getpgrp(), Signal::SIGKILL);
        });
        let mut all = promises.iter().chain(roles);
        let (_, function) = all.find(|(name, _)| *name == role).expect("a known role");
        function();
        return ExitCode::SUCCESS;
    }
    let trial = |&(name, _): &Named| Trial::test(name, move || keep(name));
    let trials = promises.iter().map(trial).collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// This test file's program in another role.
pub(crate) fn this(role: &str) -> Command {
    let mut command = Command::new(env::current_exe().expect("this program has a path"));
    command.env(ROLE, role);
    command
}

/// The same, started by a shell that has arranged something before.
pub(crate) fn this_after(shell: &str, arrangement: &str, role: &str) -> Command {
    let this = this(role);
    let mut command = Command::new(shell);
    command.args(["-c", &format!("{arrangement}; exec \"$0\"")]);
    command.arg(this.get_program()).env(ROLE, role);
    command
}

fn keep(promise: &str) -> Result<(), Failed> {
    // std's own, lest a mistake in ours hides itself.
    let child = this(promise).process_group(0).output()?;
    if child.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&child.stderr);
    Err(format!("{}\n{said}", child.status).into())
}

/// A shell script.
pub(crate) fn sh(script: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", script]);
    command
}

/// How many descriptors this process has open.
pub(crate) fn open_files() -> usize {
    fs::read_dir("/dev/fd").expect("a list of descriptors").count()
}

/// Asserts that every child of this process has been reaped.
pub(crate) fn no_child_is_left() {
    assert_eq!(waitpid(None, None), Err(Errno::ECHILD));
}

/// Waits until nobody alive holds the reading end of this pipe.
pub(crate) fn nobody_holds(writer: &io::PipeWriter) {
    use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
    let mut end = [PollFd::new(writer.as_fd(), PollFlags::empty())];
    while poll(&mut end, PollTimeout::NONE) == Err(Errno::EINTR) {}
    assert!(end[0].any().unwrap_or(true));
}

//! `cargo xtask ci`: everything that CI checks, in order, with a summary.

use crate::course::Course;
use crate::{Outcome, build, screen, stop};
use anyhow::{Context, Result};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::process::{Command, ExitStatus};
use std::thread;

/// Does all that CI does.
#[derive(clap::Args)]
pub struct Args {}

/// The two commands of the README, as it gives them.
pub const README_COMMANDS: [&str; 2] = ["cargo xtask verify", "cargo test --workspace"];

/// Every step: variables, and words parted by one blank each.
const STEPS: [(&[(&str, &str)], &str); 9] = [
    (&[], "cargo fmt --all --check"),
    (&[], "cargo clippy --workspace --all-targets --all-features -- -D warnings"),
    (&[], README_COMMANDS[0]),
    (&[], README_COMMANDS[1]),
    // Stable rustdoc does not look at the code of a `compile_fail,E0373`, a bootstrap one does.
    (&[("RUSTC_BOOTSTRAP", "1")], "cargo test --workspace --doc"),
    (&[("RUSTDOCFLAGS", "-D warnings")], "cargo doc --workspace --no-deps"),
    // A fault that shows in two of five runs is not left to one.
    (&[], "cargo xtask verify --python --repeat 5"),
    (&[], "cargo xtask sabotage"),
    (&[], "cargo xtask bench --check"),
];

/// Runs the task: every step, also after one that failed.
///
/// # Errors
///
/// There is no workspace, or cargo cannot be started.
pub fn run(_args: &Args) -> Result<Outcome> {
    let root = Course::load()?.root;
    let mut rows = Vec::new();
    let mut outcome = Outcome::Held;
    for (variables, words) in STEPS {
        let mut shown = words.to_owned();
        for (name, value) in variables {
            shown = format!("{name}='{value}' {shown}");
        }
        if stop::requested() {
            rows.push(vec![shown, "not run".to_owned()]);
            continue;
        }
        screen::print(&format!("\n$ {shown}"));
        let mut step = Command::new(build::cargo());
        step.args(words.split(' ').skip(1)).envs(variables.iter().copied()).current_dir(&root);
        let status = wait(step).with_context(|| format!("cannot run `{words}`"))?;
        if !status.success() {
            outcome = Outcome::Failed;
            screen::print(&format!("failed: {shown} ({status})"));
        }
        rows.push(vec![shown, if status.success() { "ok" } else { "FAILED" }.to_owned()]);
    }
    screen::print(&format!("\n{}", screen::table(&["step", "result"], rows)));
    Ok(outcome)
}

/// Waits for a step. Ctrl-C reaches it from the terminal; any other signal is passed on.
fn wait(mut step: Command) -> Result<ExitStatus> {
    let mut child = step.spawn()?;
    let mut told = false;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        if stop::requested() && !told {
            told = true;
            // A failure means that it has just ended.
            let _ = kill(Pid::from_raw(child.id().cast_signed()), Signal::SIGTERM);
        }
        thread::sleep(stop::TICK);
    }
}

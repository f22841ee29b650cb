//! `cargo xtask`: the course's own tasks.

#![forbid(unsafe_code)]

use clap::Parser;
use std::io::{self, Write};
use std::process::ExitCode;
use xtask::{Outcome, bench, ci, list, matching, sabotage, stop, verify};

/// The course's own tasks.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

/// Every task, once: clap writes the help from it, `main` is one `match` over it.
#[derive(clap::Subcommand)]
enum Task {
    /// Run every section and check its output
    Verify(verify::Args),
    /// Ask whether an output is a legal one of a section
    Match(matching::Args),
    /// List the course
    List(list::Args),
    /// Break the sections on purpose: each patch must be noticed where it says
    Sabotage(sabotage::Args),
    /// Measure, and write the tables and charts
    Bench(bench::Args),
    /// Do everything that CI does, in the same order
    Ci(ci::Args),
}

fn main() -> ExitCode {
    // What we start inherits none of the descriptors that we were given.
    close_fds::set_fds_cloexec(3, &[]);
    let task = match Cli::try_parse() {
        Ok(cli) => cli.task,
        Err(help) => {
            // Nothing is left to be said to an output that has been closed.
            let _ = help.print();
            return ExitCode::from(if help.use_stderr() { 2 } else { 0 });
        }
    };
    let outcome = stop::catch_signals().and_then(|()| match task {
        Task::Verify(args) => verify::run(&args),
        Task::Match(args) => matching::run(&args),
        Task::List(args) => list::run(&args),
        Task::Sabotage(args) => sabotage::run(&args),
        Task::Bench(args) => bench::run(&args),
        Task::Ci(args) => ci::run(&args),
    });
    let outcome = outcome.unwrap_or_else(|error| {
        let _ = writeln!(io::stderr(), "error: {error:#}");
        Outcome::Unable
    });
    ExitCode::from(stop::exit_status().unwrap_or(outcome as u8))
}

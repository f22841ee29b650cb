//! `cargo xtask bench`: measures the cases of the chapters' benches, and writes tables and charts.
//!
//! Every round of a case is a process of its own ([`process`]): one that crashes or hangs takes no
//! other case with it. What they measured goes to result files ([`kept`]), and all that is shown is made from
//! these ([`render`]): whole results of a full run are kept in `performance/`, those of a quick,
//! partial or broken-off run in `target/bench/`.

#![allow(
    clippy::format_push_string,
    reason = "texts are put together from pieces; `write!` would add an error that cannot happen"
)]

pub mod curve;
pub mod dots;
pub mod draw;
pub mod kept;
pub mod lines;
pub mod measure;
pub mod page;
pub mod peers;
pub mod process;
pub mod progress;
pub mod render;
pub mod sentence;
pub mod table;
pub mod targets;

use crate::screen::{self, Screen};
use crate::{Outcome, processes, stop};
use anyhow::{Context, Result, ensure};
use measure::{Measured, Session};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::time::Instant;
use targets::{Bench, Listed, Workspace};
use versus::{Machine, Settings};

/// Measures, and writes tables and charts.
#[derive(clap::Args)]
pub struct Args {
    /// Chapters, benches or cases; all, when none is named
    #[arg(value_name = "FILTER")]
    filters: Vec<String>,
    /// Fewer and shorter rounds; the results go to `target/bench`, not to `performance`
    #[arg(long)]
    quick: bool,
    /// So many rounds, at least 6
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(6..))]
    rounds: Option<u16>,
    /// Measure nothing: write tables, charts and the READMEs' sentences again from the results in
    /// `performance`, with the labels that the benches have now
    #[arg(long, conflicts_with_all = ["filters", "quick", "rounds", "check"])]
    render: bool,
    /// Measure nothing: fail if a table, chart or sentence is not that of the results, or these not of the cases
    #[arg(long, conflicts_with_all = ["filters", "quick", "rounds"])]
    check: bool,
}

/// Runs the task.
///
/// # Errors
///
/// Nothing could be done at all: no workspace, an unknown filter, an unwritable file.
pub fn run(args: &Args) -> Result<Outcome> {
    let workspace = Workspace::load()?;
    ensure!(!workspace.benches.is_empty(), "{} has no bench", workspace.root.display());
    if args.render || args.check {
        let (listed, outcome) = list(&workspace, &workspace.benches, args.check)?;
        let task = if args.check { kept::check } else { kept::write };
        return Ok(outcome.max(task(&workspace, &listed)?));
    }
    measure(&workspace, args)
}

fn measure(workspace: &Workspace, args: &Args) -> Result<Outcome> {
    let start = Instant::now();
    let load = Machine::here().load; // before the build adds to it
    let (mut listed, mut outcome) = list(workspace, &named(workspace, &args.filters), false)?;
    if listed.is_empty() || stop::requested() {
        return Ok(outcome);
    }
    targets::select(&mut listed, &args.filters)?;

    let seed = versus::random_seed();
    let mut settings = if args.quick { Settings::quick(seed) } else { Settings::full(seed) };
    settings.rounds = args.rounds.map_or(settings.rounds, usize::from);
    let circumstances = circumstances(&workspace.root);
    let session = Session { workspace, settings, quick: args.quick, circumstances, load };
    let cases = listed.iter().flat_map(|bench| &bench.report.cases);
    let screen = Screen::new((cases.count() * settings.rounds) as u64);
    let measured = session.measure(&listed, &screen);
    screen.clear();
    processes::end_orphans();
    let Measured { outcome: found, kept, passing } = measured?;
    outcome = outcome.max(found);

    if kept {
        let rendered = kept::write(workspace, &listed)?;
        outcome = outcome.max(rendered);
        if rendered != Outcome::Unable {
            screen::print("\nkept in performance/; tables and charts: PERFORMANCE.md");
        }
    }
    if !passing.is_empty() {
        let page = kept::passing_folder(workspace).join("PERFORMANCE.md");
        render::write(&render::page(&passing, &page, "", workspace))?;
        screen::print(&format!("\ntables and charts of this run: {}", page.display()));
    }
    screen::print(&format!("{:.0} s", start.elapsed().as_secs_f64()));
    if let Some(reason) = stop::reason() {
        screen::aside(&format!("stopped by {reason}"));
    }
    Ok(outcome)
}

/// The compiler and the commit: what a bench itself cannot know.
fn circumstances(root: &Path) -> BTreeMap<String, String> {
    let said = |program: &str, arguments: &[&str]| {
        let ran = shell::output(Command::new(program).args(arguments).current_dir(root)).ok()?;
        let text = String::from_utf8(ran.stdout).ok()?;
        ran.exit.success().then(|| text.trim().to_owned())
    };
    // `rustc 1.95.0 (59807616e 2026-04-14)`
    let rustc = said("rustc", &["--version"]);
    let rustc = rustc.and_then(|version| Some(version.split(' ').nth(1)?.to_owned()));
    let commit = said("git", &["describe", "--always", "--abbrev=12", "--dirty", "--exclude=*"]);
    let facts = [("rustc", rustc), ("commit", commit)];
    let or_unknown = |fact: Option<String>| fact.unwrap_or_else(|| "unknown".to_owned());
    facts.map(|(name, fact)| (name.to_owned(), or_unknown(fact))).into()
}

/// The benches that have to be built for these filters: those that they name, or all if one may be
/// the name of a case, which only the built bench knows.
fn named(workspace: &Workspace, filters: &[String]) -> Vec<Bench> {
    let benches = &workspace.benches;
    let names_one = |filter: &String| benches.iter().any(|bench| bench.is(filter));
    if filters.is_empty() || !filters.iter().all(names_one) {
        return benches.clone();
    }
    let named = |bench: &&Bench| filters.iter().any(|filter| bench.is(filter));
    benches.iter().filter(named).cloned().collect()
}

/// Builds these benches and asks each for its cases; of one that cannot be asked, says why, and of a
/// variant that failed when it was tried out. `trying` is as in [`Bench::list`].
fn list(workspace: &Workspace, benches: &[Bench], trying: bool) -> Result<(Vec<Listed>, Outcome)> {
    let programs = workspace.build(benches, screen::aside)?;
    let mut outcome = Outcome::Held;
    let mut listed = Vec::new();
    for bench in benches {
        if stop::requested() {
            break;
        }
        let program = programs.get(&bench.name);
        let program = program.with_context(|| format!("{}: it was not built", bench.name));
        match program.and_then(|program| bench.list(program, trying)) {
            Ok(asked) => {
                for (case, variant, why) in asked.report.failures() {
                    let name = &bench.name;
                    screen::aside(&format!("error: {name}: `{case}`: variant `{variant}`: {why}"));
                    outcome = outcome.max(Outcome::Failed);
                }
                listed.push(asked);
            }
            Err(_) if stop::requested() => {}
            Err(error) => {
                screen::aside(&format!("error: {error:#}"));
                outcome = Outcome::Unable;
            }
        }
    }
    Ok((listed, outcome))
}

//! `cargo xtask bench`: measures the cases of the chapters' benches, and writes tables and charts.
//!
//! Every round of a case is a process of its own ([`process`]): one that crashes or hangs takes no
//! other case with it. What they measured goes to result files ([`store`]), and all that is shown is made from
//! these ([`render`]): whole results of a full run are kept in `performance/`, those of a quick,
//! partial or broken-off run in `target/bench/`.

#![allow(
    clippy::format_push_string,
    reason = "texts are put together from pieces; `write!` would add an error that cannot happen"
)]

pub mod chart;
pub mod curve;
pub mod dots;
pub mod draw;
pub mod facts;
pub mod kept;
pub mod lines;
pub mod measure;
pub mod page;
pub mod peers;
pub mod process;
pub mod progress;
pub mod render;
pub mod sentence;
pub mod store;
pub mod table;
pub mod targets;

use crate::screen::{self, Screen};
use crate::{Outcome, processes, stop};
use anyhow::{Context, Result, ensure};
use measure::{Measured, Plan};
use std::fs::{self, File};
use std::io;
use std::path::PathBuf;
use std::time::Instant;
use store::Store;
use targets::{Bench, Listed, Workspace};
use versus::{Report, Settings};

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
    /// Write all results of this run, with every sample
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Measure nothing: write tables, charts and the READMEs' sentences again from the results in `performance`
    #[arg(long, conflicts_with_all = ["filters", "quick", "rounds", "json", "check"])]
    render: bool,
    /// Measure nothing: fail if a table, chart or sentence is not that of the results, or these not of the cases
    #[arg(long, conflicts_with_all = ["filters", "quick", "rounds", "json"])]
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
    if args.render {
        return kept::write(&workspace);
    }
    if args.check {
        let (listed, outcome) = list(&workspace, &workspace.benches, true)?;
        let found = kept::check(&workspace, &listed)?;
        return Ok(outcome.max(found));
    }
    measure(&workspace, args)
}

fn measure(workspace: &Workspace, args: &Args) -> Result<Outcome> {
    let start = Instant::now();
    // So that what forbids a file is known before anything runs. Nothing in it is lost by that.
    if let Some(file) = &args.json {
        let opened = File::options().append(true).create(true).open(file);
        opened.with_context(|| format!("cannot write {}", file.display()))?;
    }
    let facts = facts::gather(&workspace.root); // the load before the build adds to it
    let (listed, mut outcome) = list(workspace, &named(workspace, &args.filters), false)?;
    if listed.is_empty() || stop::requested() {
        return Ok(outcome);
    }
    let selected = targets::select(listed, &args.filters)?;

    let seed = versus::random_seed();
    let mut settings = if args.quick { Settings::quick(seed) } else { Settings::full(seed) };
    settings.rounds = args.rounds.map_or(settings.rounds, usize::from);
    let passing = Store::passing(&workspace.target);
    let plan = Plan {
        settings,
        quick: args.quick,
        facts: &facts,
        kept: &Store::kept(&workspace.root),
        passing: &passing,
    };
    let cases = selected.iter().flat_map(|(bench, _)| &bench.cases);
    let screen = Screen::new((cases.count() * settings.rounds) as u64);
    let measured = plan.measure(&selected, &screen);
    screen.clear();
    processes::end_orphans();
    let Measured { outcome: found, reports } = measured?;
    outcome = outcome.max(found);

    if let Some(file) = &args.json {
        let reports: Vec<_> = reports.iter().map(|(report, _)| report).collect();
        let written = serde_json::to_string(&reports).map_err(io::Error::from);
        written
            .and_then(|text| fs::write(file, text + "\n"))
            .with_context(|| format!("cannot write {}", file.display()))?;
    }
    if reports.iter().any(|(_, keep)| *keep) {
        let rendered = kept::write(workspace)?;
        outcome = outcome.max(rendered);
        if rendered != Outcome::Unable {
            screen::print("\nkept in performance/; tables and charts: PERFORMANCE.md");
        }
    }
    let others: Vec<Report> =
        reports.into_iter().filter_map(|(report, keep)| (!keep).then_some(report)).collect();
    if !others.is_empty() {
        let page = passing.folder().join("PERFORMANCE.md");
        render::write(&render::page(&others, &page, "", workspace))?;
        screen::print(&format!("\ntables and charts of this run: {}", page.display()));
    }
    screen::print(&format!("{:.0} s", start.elapsed().as_secs_f64()));
    if let Some(reason) = stop::reason() {
        screen::aside(&format!("stopped by {reason}"));
    }
    Ok(outcome)
}

/// The benches that have to be built for these filters: those that they name, or all if one may be
/// the name of a case, which only the built bench knows.
fn named(workspace: &Workspace, filters: &[String]) -> Vec<Bench> {
    let benches = &workspace.benches;
    let chosen = |bench: &&Bench| filters.iter().any(|name| bench.is(name));
    if filters.is_empty() || !filters.iter().all(|name| benches.iter().any(|bench| bench.is(name)))
    {
        return benches.clone();
    }
    benches.iter().filter(chosen).cloned().collect()
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
        let asked = match programs.get(&bench.name) {
            Some(program) => bench.list(program, trying),
            None => Err(anyhow::anyhow!("{}: it was not built", bench.name)),
        };
        match asked {
            Ok((bench, failures)) => {
                for failure in failures {
                    screen::aside(&format!("error: {failure}"));
                    outcome = outcome.max(Outcome::Failed);
                }
                listed.push(bench);
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

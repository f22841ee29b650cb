//! The program around a bench: its options, its output, its exit status.

use crate::bench::Bench;
use crate::{CaseResult, Cases, Clock, Report, Settings, Step, SystemClock, random_seed};
use anyhow::{Context, Result, bail, ensure};
use clap::{Parser, value_parser};
use std::{
    env,
    ffi::OsString,
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
};

/// The `main` of a bench target: measures what `define` defines, as the command line says.
///
/// Tables go to standard output, errors to standard error. The status is 0 if every variant has its
/// figures, 1 if one has failed, 2 if there was nothing to measure or no place to write.
///
/// # Deadlocks
///
/// As [`measure`](fn@crate::measure): nobody here ends a variant that never ends.
///
/// # Examples
///
/// A file in `benches/`, with `harness = false` in the manifest:
///
/// ```no_run
/// use std::{hint::black_box, process::ExitCode};
///
/// fn main() -> ExitCode {
///     versus::main("sum", |cases| {
///         cases.case("ones").item("number")
///             .answer(|items| items)
///             .baseline("iterator")
///             .context("iterator", "an iterator", |items| (0..items).map(|_| black_box(1)).sum::<u64>())
///             .context("loop", "a plain loop", |items| {
///                 let mut sum = 0;
///                 for _ in 0..items {
///                     sum += black_box(1);
///                 }
///                 sum
///             });
///     })
/// }
/// ```
pub fn main<'a>(name: &str, define: impl FnOnce(&mut Cases<'a>)) -> ExitCode {
    let mut cases = Cases::new();
    define(&mut cases);
    let arguments = env::args_os().skip(1);
    let clock = SystemClock::new();
    match run(name, cases, arguments, &clock, &mut io::stdout(), &mut io::stderr()) {
        Ok(report) if report.failures().next().is_none() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            if let Some(usage) = error.downcast_ref::<clap::Error>() {
                usage.exit();
            }
            // Nobody is left to tell if this fails too.
            let _ = writeln!(io::stderr(), "{name}: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// What [`main`] does, with all that it takes from the process given from outside. `arguments` are
/// those after the program's name; `progress` is written to only if they ask for it.
///
/// # Deadlocks
///
/// As [`measure`](fn@crate::measure).
///
/// # Errors
///
/// A mistake in the arguments, in the cases or in the file of earlier rounds, found before anything is
/// measured, or an output that cannot be written. The help that `--help` asks for is an error of clap's
/// too. A variant that fails is none, but stands in the report.
///
/// # Examples
///
/// ```
/// let mut cases = versus::Cases::new();
/// cases.case("ones").baseline("loop").context("loop", "a loop", |items| items);
/// let clock = versus::SystemClock::new();
/// let (mut out, mut progress) = (Vec::new(), Vec::new());
/// versus::run("sum", cases, ["--list".into()], &clock, &mut out, &mut progress).unwrap();
/// assert_eq!(out, b"ones\n");
/// ```
pub fn run(
    name: &str,
    mut cases: Cases<'_>,
    arguments: impl IntoIterator<Item = OsString>,
    clock: &dyn Clock,
    out: &mut dyn Write,
    progress: &mut dyn Write,
) -> Result<Report> {
    let options = Options::try_parse_from(arguments)?;
    cases.check()?;
    options.select(&mut cases)?;
    let mut report = Report::new(name, options.settings());
    report.circumstances.extend(cases.circumstances);
    let mut say = |text: String| out.write_all(text.as_bytes()).context("cannot write the table");
    let mut watch = |step: &Step| {
        if options.progress {
            // A watcher that has gone away is no reason to stop.
            // At once: each write could wake the watcher, on a core that the run needs.
            let _ = progress.write_all(format!("{}\n", serde_json::json!(step)).as_bytes());
        }
    };
    let task = options.task();
    match task {
        Task::AddARound => report = options.rounds_before(report)?,
        Task::Measure => say(format!("{name}: {}\n", report.in_words()))?,
        Task::List | Task::TryOut => {}
    }
    // Before anything is measured, so that a path that cannot be written costs no time.
    options.save(&report)?;
    for case in &mut cases.cases {
        let known = report.cases.iter().position(|result| result.name == case.name);
        let at = known.unwrap_or(report.cases.len());
        if known.is_none() {
            report.cases.push(CaseResult::new(case));
        }
        let (result, settings) = (&mut report.cases[at], &report.settings);
        result.check_same(case)?;
        let mut bench = Bench { case, result, settings, clock, watch: &mut watch };
        let mut text = String::new();
        match task {
            Task::List => text = format!("{}\n", bench.case.name),
            Task::TryOut => bench.try_out(),
            Task::AddARound => bench.add_rounds(1),
            Task::Measure => {
                bench.add_rounds(usize::MAX);
                text = format!("\n{}", bench.result);
            }
        }
        // After every case, so that its figures outlive a later one that never ends, and before
        // they are printed, which may fail.
        options.save(&report)?;
        say(text)?;
    }
    if let Task::TryOut = task {
        say(answers(&report))?;
    }
    Ok(report)
}

fn answers(report: &Report) -> String {
    let line = |(case, variant, failure)| format!("{case}: {variant}: {failure}\n");
    let wrong: String = report.failures().map(line).collect();
    if wrong.is_empty() {
        let name = &report.name;
        return format!("{name}: every variant tried out, all answers right; --bench measures\n");
    }
    wrong
}

/// Measures the cases of this bench side by side.
#[derive(Parser)]
#[command(no_binary_name = true, args_override_self = true)]
#[command(override_usage = "[OPTIONS] [FILTER]...")]
#[allow(clippy::struct_excessive_bools, reason = "each is an option of its own")]
struct Options {
    /// Only the cases whose name contains one of these
    #[arg(value_name = "FILTER")]
    filters: Vec<String>,
    /// Measure; `cargo bench` says so by itself. Without it, only try out: one item for each variant,
    /// whose answer is checked
    #[arg(long)]
    bench: bool,
    /// 15 rounds of 10 ms a run, instead of 31 of 30 ms
    #[arg(long)]
    quick: bool,
    /// So many rounds, at least 6: fewer give no interval of 95 %
    #[arg(long, value_name = "N", value_parser = value_parser!(u16).range(6..))]
    rounds: Option<u16>,
    /// The order of another run again
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Write samples and circumstances there, after every case
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Add one round to the cases in the FILE of --json, which may be missing, and print nothing: so
    /// each round can be a process of its own
    #[arg(long, requires = "json")]
    more: bool,
    /// A filter is a whole name
    #[arg(long)]
    exact: bool,
    /// Print the cases' names, measure nothing; with --json FILE, write the cases and their variants
    /// there, without samples
    #[arg(long, conflicts_with = "more")]
    list: bool,
    /// A line of JSON on standard error before every run
    #[arg(long)]
    progress: bool,
}

enum Task {
    List,
    TryOut,
    AddARound,
    Measure,
}

impl Options {
    /// What cargo bench says to every bench comes after what somebody asked for.
    fn task(&self) -> Task {
        match self {
            Options { list: true, .. } => Task::List,
            Options { more: true, .. } => Task::AddARound,
            Options { bench: true, .. } => Task::Measure,
            _ => Task::TryOut,
        }
    }

    fn settings(&self) -> Settings {
        let seed = self.seed.unwrap_or_else(random_seed);
        let usual = if self.quick { Settings::quick(seed) } else { Settings::full(seed) };
        Settings { rounds: self.rounds.map_or(usual.rounds, usize::from), ..usual }
    }

    /// Leaves the cases that a filter names. Every filter must name one.
    fn select(&self, cases: &mut Cases<'_>) -> Result<()> {
        let names = |filter: &str, case: &str| {
            if self.exact { case == filter } else { case.contains(filter) }
        };
        let idle = |filter: &&String| !cases.names().any(|case| names(filter, case));
        if let Some(filter) = self.filters.iter().find(idle) {
            let known = cases.names().collect::<Vec<_>>().join(", ");
            bail!("no case matches `{filter}`; there are: {known}");
        }
        let chosen = |case: &str| self.filters.iter().any(|filter| names(filter, case));
        cases.cases.retain(|case| self.filters.is_empty() || chosen(&case.name));
        Ok(())
    }

    /// The report to which a round is added: that of the file, if there is one. Rounds of another
    /// program, of another build or on another machine are no rounds of the same. The seed stays that
    /// of the first.
    fn rounds_before(&self, now: Report) -> Result<Report> {
        let Some(path) = self.json.as_ref().filter(|path| path.exists()) else { return Ok(now) };
        let kind = |report: &Report| {
            let Report { name, profile, machine, .. } = report;
            let Settings { rounds, run_ms, .. } = report.settings;
            let cores = machine.cores;
            format!("{name}, {profile} build, {rounds} rounds of {run_ms} ms on {cores} cores")
        };
        let then = Report::read(path)?;
        let (now, then_is) = (kind(&now), kind(&then));
        ensure!(now == then_is, "--more: the file is of {then_is}, not of {now}");
        Ok(then)
    }

    fn save(&self, report: &Report) -> Result<()> {
        let Some(path) = &self.json else { return Ok(()) };
        report.write(path).with_context(|| format!("cannot write {}", path.display()))
    }
}

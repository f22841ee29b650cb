//! The program around a bench: its options, its output, its exit status.

use crate::{
    Case, CaseResult, Cases, Clock, Report, Settings, Step, SystemClock, measure, measure_more,
    random_seed, try_out,
};
use anyhow::{Context, Result, bail, ensure};
use std::{
    env,
    ffi::OsString,
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
    str::FromStr,
};

const UNWRITTEN: &str = "cannot write the table";

const USAGE: &str = "\
Usage: [FILTER]... [OPTION]...
Measures the cases whose name contains one of the filters; without a filter, all.

  --bench      measure; cargo bench says so by itself. Without it, only try out:
               one item for each variant, whose answer is checked
  --quick      15 rounds of 10 ms a run, instead of 31 of 30 ms
  --rounds N   so many rounds, at least 6
  --seed N     the order of another run again
  --json FILE  write samples and circumstances there, after every case
  --more       add one round to the cases in the FILE of --json, which may be
               missing, and print nothing: so each round can be a process of
               its own
  --exact      a filter is a whole name
  --list       print the cases' names, measure nothing; with --json FILE,
               write the cases and their variants there, without samples
  --progress   a line of JSON on standard error before every run
  --help       this text
";

/// The `main` of a bench target: measures what `define` defines, as the command line says.
///
/// Tables go to standard output, errors to standard error. The status is 0 if every variant has its
/// figures, 1 if one has failed, 2 if there was nothing to measure or no place to write.
///
/// # Deadlocks
///
/// As [`measure`]: nobody here ends a variant that never ends.
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
/// As [`measure`].
///
/// # Errors
///
/// A mistake in the arguments, in the cases or in the file of earlier rounds, found before anything is
/// measured, or an output that cannot be written. A variant that fails is no error here, but stands in the report.
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
    let options = Options::parse(arguments)?;
    cases.check()?;
    options.select(&mut cases)?;
    let mut report = Report::new(name, options.settings);
    report.circumstances.extend(cases.circumstances);
    let mut watch = |step: &Step| {
        if options.progress {
            // A watcher that has gone away is no reason to stop.
            // At once: each write could wake the watcher, on a core that the run needs.
            let _ = progress.write_all(format!("{}\n", serde_json::json!(step)).as_bytes());
        }
    };
    match options.task {
        Task::Help => write!(out, "{USAGE}").context(UNWRITTEN)?,
        Task::List => {
            cases
                .cases
                .iter()
                .try_for_each(|case| writeln!(out, "{}", case.name))
                .context(UNWRITTEN)?;
            let listed = cases.cases.iter().map(CaseResult::new).collect();
            options.save(&Report { cases: listed, ..report.clone() })?;
        }
        Task::Try => {
            for case in &mut cases.cases {
                report.cases.push(try_out(case, clock, &mut watch)?);
            }
            options.save(&report)?;
            write_answers(&report, out).context(UNWRITTEN)?;
        }
        Task::More => {
            if let Some(then) = options.saved()? {
                check_same(&report, &then)?;
                report = then;
            }
            more(&mut report, &mut cases.cases, clock, &mut watch)?;
            options.save(&report)?;
        }
        Task::Measure => {
            writeln!(out, "{name}: {}", report.in_words()).context(UNWRITTEN)?;
            // Before anything is measured, so that a path that cannot be written costs no time.
            options.save(&report)?;
            for case in &mut cases.cases {
                let result = measure(case, &options.settings, clock, &mut watch)?;
                let table = format!("\n{result}");
                report.cases.push(result);
                // After every case, so that its figures outlive a later one that never ends, and before
                // they are printed, which may fail.
                options.save(&report)?;
                out.write_all(table.as_bytes()).context(UNWRITTEN)?;
            }
        }
    }
    Ok(report)
}

/// Rounds of another program, of another build or on another machine are no rounds of the same. The
/// seed stays that of the first.
fn check_same(now: &Report, then: &Report) -> Result<()> {
    let kind = |report: &Report| {
        let Settings { rounds, run_ms, .. } = report.settings;
        let Report { name, profile, machine, .. } = report;
        format!(
            "{name}, {profile} build, {rounds} rounds of {run_ms} ms on {} cores",
            machine.cores
        )
    };
    let (now, then) = (kind(now), kind(then));
    ensure!(now == then, "--more: the file is of {then}, not of {now}");
    Ok(())
}

/// Adds a round to each of the cases, as far as they have been measured.
fn more(
    report: &mut Report,
    cases: &mut [Case<'_>],
    clock: &dyn Clock,
    watch: &mut dyn FnMut(&Step),
) -> Result<()> {
    for case in cases {
        let place = report.cases.iter().position(|result| result.name == case.name);
        let place = place.unwrap_or_else(|| {
            report.cases.push(CaseResult::new(case));
            report.cases.len() - 1
        });
        measure_more(case, &mut report.cases[place], &report.settings, clock, watch)?;
    }
    Ok(())
}

fn write_answers(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let name = &report.name;
    for (case, variant, failure) in report.failures() {
        writeln!(out, "{case}: {variant}: {failure}")?;
    }
    if report.failures().next().is_none() {
        writeln!(out, "{name}: every variant tried out, all answers right; --bench measures")?;
    }
    Ok(())
}

struct Options {
    settings: Settings,
    json: Option<PathBuf>,
    filters: Vec<String>,
    exact: bool,
    progress: bool,
    task: Task,
}

enum Task {
    Try,
    Measure,
    More,
    List,
    Help,
}

impl Options {
    fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Self> {
        let settings = Settings::full(random_seed());
        let (json, filters, exact, progress) = (None, Vec::new(), false, false);
        let mut options = Options { settings, json, filters, exact, progress, task: Task::Try };
        let mut rounds = None;
        let mut arguments = arguments.into_iter();
        while let Some(argument) = arguments.next() {
            let argument = argument.to_string_lossy().into_owned();
            let mut value = || {
                let value =
                    arguments.next().filter(|value| !value.to_string_lossy().starts_with("--"));
                value.with_context(|| format!("{argument} needs a value"))
            };
            match argument.as_str() {
                "--quick" => options.settings = Settings::quick(options.settings.seed),
                "--rounds" => rounds = Some(number(&argument, &value()?)?),
                "--seed" => options.settings.seed = number(&argument, &value()?)?,
                "--json" => options.json = Some(value()?.into()),
                "--exact" => options.exact = true,
                "--list" => options.task = Task::List,
                "--progress" => options.progress = true,
                "--help" => options.task = Task::Help,
                // What cargo bench says to every bench; a task that was named stays.
                "--bench" if matches!(options.task, Task::Try) => options.task = Task::Measure,
                "--bench" => {}
                "--more" => options.task = Task::More,
                unknown if unknown.starts_with('-') => {
                    bail!("there is no option {unknown}; see --help")
                }
                filter => options.filters.push(filter.to_owned()),
            }
        }
        // After the loop, as `--quick` may come before or after it.
        options.settings.rounds = rounds.unwrap_or(options.settings.rounds);
        let enough = options.settings.rounds >= 6;
        ensure!(enough, "--rounds: fewer than 6 give no interval of 95 %");
        let nowhere = matches!(options.task, Task::More) && options.json.is_none();
        ensure!(!nowhere, "--more needs the file of --json");
        Ok(options)
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

    /// The report of earlier rounds, if there is one.
    fn saved(&self) -> Result<Option<Report>> {
        match &self.json {
            Some(path) if path.exists() => Ok(Some(Report::read(path)?)),
            _ => Ok(None),
        }
    }

    fn save(&self, report: &Report) -> Result<()> {
        let Some(path) = &self.json else { return Ok(()) };
        report.write(path).with_context(|| format!("cannot write {}", path.display()))
    }
}

fn number<N: FromStr>(option: &str, value: &OsString) -> Result<N> {
    let number = value.to_str().and_then(|value| value.parse().ok());
    number.with_context(|| format!("{option} {}: not a number", value.display()))
}

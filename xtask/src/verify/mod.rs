//! `cargo xtask verify`: builds and runs every section and checks its output.

pub mod json;
pub mod judge;
pub mod plan;
pub mod queue;
pub mod report;
pub mod runner;
pub mod tally;

use crate::course::Course;
use crate::screen::aside;
use crate::{Outcome, build, stop};
use anyhow::Result;
use json::JsonFile;
use parking_lot::Mutex;
use plan::Plan;
use queue::Queue;
use report::Results;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

/// Builds the sections, runs each, and checks what it prints against its transcript.
#[derive(clap::Args)]
pub struct Args {
    /// Chapters or sections; all, when none is named
    #[arg(value_name = "FILTER")]
    filters: Vec<String>,
    /// Run the Python twins as well
    #[arg(long)]
    python: bool,
    /// Run each so many times
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    repeat: u32,
    /// So many at once; as many as there are cores, if not given
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    jobs: Option<u32>,
    /// The time limit of every run (10s, 500ms, 2min)
    #[arg(long, value_name = "TIME", value_parser = time)]
    timeout: Option<Duration>,
    /// Write every line of every run, with time, stream and lane
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Drop, double and swap the lines of a legal output, and list what goes unnoticed
    #[arg(long)]
    mutate: bool,
}

/// Reads `10s`, `500ms` or `2min`; a number alone counts seconds.
fn time(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().map(Duration::from_secs);
    match seconds.or_else(|_| humantime::parse_duration(text)) {
        Ok(Duration::ZERO) => Err("nothing ends in no time".to_owned()),
        Ok(time) => Ok(time),
        Err(error) => Err(format!("expected a time such as 10s or 500ms: {error}")),
    }
}

/// Runs the task.
///
/// # Errors
///
/// Nothing could be run at all: no workspace, an unknown filter, an unwritable report.
pub fn run(args: &Args) -> Result<Outcome> {
    let start = Instant::now();
    let course = Course::load()?;
    let sections = course.select(&args.filters)?;
    let json = args.json.as_deref().map(JsonFile::create).transpose()?;
    let python = args.python.then(plan::python);
    let mut results = Results::new(args.repeat, json);
    let mut plans = Plans::new();
    for section in &sections {
        let plan = Plan::rust(section, args.timeout);
        let twin = python.as_ref().zip(plan.as_ref().ok());
        let twin = twin.map(|(python, plan)| plan.twin(&course, python));
        plans.extend(results.open(section, false, plan));
        plans.extend(twin.and_then(|twin| results.open(section, true, twin)));
    }
    for link in &course.dead_links {
        results.complain(Outcome::Unable, link.clone());
    }
    if args.python {
        for twin in plan::stray_twins(&course, &sections) {
            results.complain(Outcome::Unable, format!("{}: belongs to no section", twin.display()));
        }
    }

    let (queue, results) = (Queue::new(args.repeat), Mutex::new(results));
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let workers = args.jobs.map_or(cores, |jobs| jobs as usize);
    thread::scope(|scope| {
        for _ in 0..workers.min(plans.len() * args.repeat as usize) {
            scope.spawn(|| work(&plans, &queue, args.mutate, &results));
        }
        build(&course.root, &plans, &queue, &results);
    });
    Ok(results.into_inner().close(start.elapsed()))
}

/// What is to be run, by the numbers that the results and the queue have for it.
type Plans<'a> = BTreeMap<usize, Plan<'a>>;

/// Builds the sections. Whatever is there goes into the queue at once: while some sections are built,
/// others wait for their clocks and children.
fn build(root: &Path, plans: &Plans<'_>, queue: &Queue, results: &Mutex<Results<'_>>) {
    let add = |subject: usize, program: &Path| {
        queue.add(subject, program, plans[&subject].head.directives.alone);
    };
    let mut left = BTreeMap::new();
    for (subject, plan) in plans {
        match &plan.python {
            Some(python) => add(*subject, python),
            None => drop(left.insert(plan.section.name.as_str(), *subject)),
        }
    }
    let names: Vec<_> = left.keys().copied().collect();
    let built = |name: &str, program: PathBuf| {
        if let Some(subject) = left.remove(name) {
            add(subject, &program);
        }
    };
    let say = |line: &str| results.lock().screen.beside(|| aside(line));
    let all = build::build(root, None, &names, built, say);
    queue.complete();
    if stop::requested() {
        return; // a build that was stopped is no failure
    }
    let mut results = results.lock();
    for subject in left.into_values() {
        results.not_built(subject);
    }
    let why = match all {
        Ok(true) => return,
        Ok(false) => "cargo build failed; its message stands above".to_owned(),
        Err(error) => format!("{error:#}"),
    };
    results.complain(Outcome::Unable, why);
}

/// One of the workers: takes runs from the queue until none is left.
fn work(plans: &Plans<'_>, queue: &Queue, mutate: bool, results: &Mutex<Results<'_>>) {
    while let Some(turn) = queue.next() {
        results.lock().started(turn.subject);
        let checked = plans[&turn.subject].check(&turn.program, mutate);
        queue.done(turn.subject);
        match checked {
            Ok(checked) => results.lock().over(turn.subject, turn.round, checked),
            Err(so_far) => results.lock().stopped(turn.subject, &so_far),
        }
    }
}

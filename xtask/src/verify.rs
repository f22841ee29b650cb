//! `cargo xtask verify`: builds and runs every section and checks its output.

use crate::Outcome;
use crate::course::Course;
use crate::json::Report;
use crate::ledger::{Event, Ledger};
use crate::plan::{self, Plan};
use crate::queue::{Queue, Subject};
use crate::report::Screen;
use anyhow::Result;
use std::path::PathBuf;
use std::sync::mpsc::{self, Sender};
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
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let number: u64 = digits.parse().map_err(|_| "expected a time such as 10s or 500ms")?;
    if number == 0 {
        return Err("nothing ends in no time".to_owned());
    }
    match &text[digits.len()..] {
        "ms" => Ok(Duration::from_millis(number)),
        "" | "s" => Ok(Duration::from_secs(number)),
        "min" => Ok(Duration::from_secs(number.saturating_mul(60))),
        unit => Err(format!("no unit is named `{unit}`; expected ms, s or min")),
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
    let report = args.json.as_deref().map(Report::create).transpose()?;
    let mut ledger = Ledger::new(report, args.repeat);
    let python = args.python.then(plan::python);
    for section in &sections {
        let plan = Plan::rust(section, args.timeout);
        let twin = match (&python, &plan) {
            (Some(python), Ok(plan)) => Some(plan.twin(&course, python)),
            _ => None,
        };
        ledger.open(section, false, plan);
        if let Some(twin) = twin {
            ledger.open(section, true, twin);
        }
    }
    for link in &course.dead_links {
        ledger.complain(Outcome::Unable, link.clone());
    }
    if args.python {
        for twin in plan::stray_twins(&course, &sections) {
            ledger.complain(Outcome::Unable, format!("{}: belongs to no section", twin.display()));
        }
    }
    let plans = ledger.plans();
    let screen = Screen::new(plans.len() as u64 * u64::from(args.repeat));
    ledger.show_decided(&screen);

    let (sender, inbox) = mpsc::channel();
    let queue = Queue::new(plans.iter().map(subject).collect(), args.repeat);
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let workers =
        args.jobs.map_or(cores, |jobs| jobs as usize).min(plans.len() * args.repeat as usize);
    thread::scope(|scope| {
        for _ in 0..workers {
            let sender = sender.clone();
            let (course, plans, queue) = (&course, &plans, &queue);
            scope.spawn(move || work(course, plans, queue, args.mutate, &sender));
        }
        scope.spawn(|| {
            // Dropped at the end, like the workers': without a sender the loop below ends.
            let sender = sender;
            let built = |index, program: PathBuf| queue.built(index, &program);
            let built = plan::build(&course, &plans, built, |line| screen.build(line));
            queue.build_over();
            let _ = sender.send(Event::Built(built));
        });
        for event in inbox {
            ledger.note(event, &screen);
        }
    });
    screen.clear();
    Ok(ledger.close(start.elapsed()))
}

fn subject(plan: &Plan<'_>) -> Subject {
    Subject { alone: plan.facts.directives.alone, program: plan.python.clone() }
}

/// One of the workers: takes runs from the queue until none is left.
///
/// Sending cannot fail: the receiver lives until the last sender is dropped.
fn work(course: &Course, plans: &[Plan<'_>], queue: &Queue, mutate: bool, sender: &Sender<Event>) {
    while let Some((job, program)) = queue.next() {
        let event = if let Some(program) = program {
            let _ = sender.send(Event::Started(job));
            match plans[job.subject].check(course, &program, mutate) {
                Ok(checked) => Event::Over(job, Box::new(checked)),
                Err(so_far) => Event::Stopped(job, so_far),
            }
        } else {
            Event::NotBuilt(job)
        };
        queue.done(job);
        let _ = sender.send(event);
    }
}

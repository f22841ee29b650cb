//! `cargo xtask verify`: builds and runs every section and checks its output.

pub mod json;
pub mod judge;
pub mod plan;
pub mod queue;
pub mod report;
pub mod runner;
pub mod tally;
pub mod workers;

use crate::course::{Course, Section};
use crate::screen::{Screen, aside, print};
use crate::{Outcome, processes, stop};
use anyhow::Result;
use json::JsonFile;
use judge::Judgement;
use plan::{Checked, Plan};
use queue::Queue;
use std::path::PathBuf;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};
use tally::Tally;
use workers::{Event, Planned};

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
    let mut ledger = Ledger {
        tallies: Vec::new(),
        complaints: Vec::new(),
        stopped: Vec::new(),
        json: args.json.as_deref().map(JsonFile::create).transpose()?,
        rounds: args.repeat,
    };
    let python = args.python.then(plan::python);
    let mut plans = Vec::new();
    for section in &sections {
        let plan = Plan::rust(section, args.timeout);
        let twin = match (&python, &plan) {
            (Some(python), Ok(plan)) => Some(plan.twin(&course, python)),
            _ => None,
        };
        plans.extend(ledger.open(section, false, plan));
        plans.extend(twin.and_then(|twin| ledger.open(section, true, twin)));
    }
    for link in &course.dead_links {
        ledger.complain(Outcome::Unable, link.clone());
    }
    if args.python {
        for twin in plan::stray_twins(&course, &sections) {
            ledger.complain(Outcome::Unable, format!("{}: belongs to no section", twin.display()));
        }
    }
    let screen = Screen::new(plans.len() as u64 * u64::from(args.repeat));
    let decided = |index: &usize| ledger.tallies[*index].over > 0;
    (0..ledger.tallies.len()).filter(decided).for_each(|index| ledger.show(index, &screen));

    let (sender, inbox) = mpsc::channel();
    let queue = Queue::new(args.repeat);
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let workers = args.jobs.map_or(cores, |jobs| jobs as usize);
    thread::scope(|scope| {
        let (course, plans, queue) = (&course, &*plans, &queue);
        for _ in 0..workers.min(plans.len() * args.repeat as usize) {
            let sender = sender.clone();
            scope.spawn(move || workers::work(course, plans, queue, args.mutate, &sender));
        }
        // Without a sender the loop ends: the workers drop theirs when no run is left.
        scope.spawn(move || workers::build(course, plans, queue, &sender));
        for event in inbox {
            ledger.note(event, &screen);
        }
    });
    screen.clear();
    Ok(ledger.close(start.elapsed()))
}

/// All that is known so far, and is told at the end.
struct Ledger<'a> {
    /// One for each section and twin.
    tallies: Vec<Tally<'a>>,
    /// What is the matter besides.
    complaints: Vec<(Outcome, String)>,
    /// What was under way when the runner was told to stop.
    stopped: Vec<String>,
    json: Option<JsonFile>,
    rounds: u32,
}

impl<'a> Ledger<'a> {
    /// Opens a tally. Gives its index and the plan back, unless that is already the judgement.
    fn open(
        &mut self,
        section: &'a Section,
        python: bool,
        plan: Result<Plan<'a>, Judgement>,
    ) -> Option<Planned<'a>> {
        let index = self.tallies.len();
        self.tallies.push(Tally::new(section, python));
        let plan = plan.map_err(|judgement| self.add(index, 0, Checked::without_run(judgement)));
        plan.ok().map(|plan| (index, plan))
    }

    fn complain(&mut self, outcome: Outcome, what: String) {
        self.complaints.push((outcome, what));
    }

    /// Takes note of an event, and shows it.
    fn note(&mut self, event: Event, screen: &Screen) {
        match event {
            Event::Cargo(line) => screen.build(&line),
            Event::Started(index) => screen.started(&self.tallies[index].name()),
            Event::Over(index, round, checked) => {
                self.add(index, round, *checked);
                screen.done(1);
                if self.rounds > 1 {
                    screen.tenth();
                }
                if self.tallies[index].over == self.rounds {
                    self.show(index, screen);
                }
            }
            Event::Stopped(index, so_far) => {
                let name = self.tallies[index].name();
                self.stopped.push(format!("\n--- {name}\n{so_far}"));
            }
            Event::NotBuilt(index) => {
                let why = "was not built; cargo's message stands above".to_owned();
                self.add(index, 0, Checked::without_run(Judgement::Unable(why)));
                screen.done(self.rounds);
                self.show(index, screen);
            }
            Event::Broken(why) => self.complain(Outcome::Unable, why),
        }
    }

    fn add(&mut self, index: usize, round: u32, checked: Checked) {
        let tally = &mut self.tallies[index];
        if let Some(json) = &mut self.json {
            json.add(tally, round, checked.run.as_ref(), &checked.judgement);
        }
        tally.add(checked);
    }

    /// All rounds are over: a line of its own, where there is no bar, or something did not hold.
    fn show(&self, index: usize, screen: &Screen) {
        let tally = &self.tallies[index];
        let line = report::line(tally);
        if tally.outcome() == Outcome::Held { screen.line(&line) } else { screen.say(&line) }
    }

    /// Tells all of it.
    fn close(mut self, time: Duration) -> Outcome {
        for (orphan, of) in processes::end_orphans() {
            let (name, pid, of) = (orphan.name, orphan.pid, of.join(", "));
            let what =
                format!("`{name}` (pid {pid}) got away from its section, one of these: {of}");
            self.complain(Outcome::Failed, what + "; it was ended");
        }
        if let Some(Err(error)) = self.json.take().map(JsonFile::write) {
            self.complain(Outcome::Unable, format!("{error:#}"));
        }
        print(&format!("\n{}\n", report::summary(&self.tallies, self.rounds)));
        let details = report::details(&self.tallies, self.rounds);
        if !details.is_empty() {
            print(&(details + "\n\n"));
        }
        for (_, complaint) in &self.complaints {
            aside(&format!("error: {complaint}"));
        }
        self.stopped.iter().for_each(|stopped| print(stopped));
        if let Some(reason) = stop::reason() {
            print(&format!("stopped by {reason}"));
        }
        print(&report::last_line(&self.tallies, time));
        let outcomes = self.complaints.iter().map(|(outcome, _)| *outcome);
        outcomes.chain(self.tallies.iter().map(Tally::outcome)).max().unwrap_or(Outcome::Held)
    }
}

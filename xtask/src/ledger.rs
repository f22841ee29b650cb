//! All that is known of a verification so far, and what is told of it at the end.

use crate::course::Section;
use crate::json::Report;
use crate::judge::Verdict;
use crate::plan::{Checked, Plan};
use crate::queue::Job;
use crate::report::{self, Screen, aside, print};
use crate::tally::Tally;
use crate::{Outcome, processes, stop};
use anyhow::Result;
use std::time::Duration;

/// What the other threads tell the one that keeps the ledger.
pub enum Event {
    /// A run begins.
    Started(Job),
    /// A run is over.
    Over(Job, Box<Checked>),
    /// A run was stopped with the runner; how far it had come.
    Stopped(Job, String),
    /// There will be no run of this subject: it was not built.
    NotBuilt(Job),
    /// The build is over; whether all was built.
    Built(Result<bool>),
}

/// A tally for each section and twin.
pub struct Ledger<'a> {
    tallies: Vec<Tally<'a>>,
    plans: Vec<Plan<'a>>,
    /// For each plan the index of its tally.
    tally_of: Vec<usize>,
    /// What is the matter besides.
    complaints: Vec<(Outcome, String)>,
    /// What was under way when the runner was told to stop.
    stopped: Vec<String>,
    report: Option<Report>,
    rounds: u32,
}

impl<'a> Ledger<'a> {
    /// An empty one, for so many rounds.
    pub fn new(report: Option<Report>, rounds: u32) -> Ledger<'a> {
        Ledger {
            tallies: Vec::new(),
            plans: Vec::new(),
            tally_of: Vec::new(),
            complaints: Vec::new(),
            stopped: Vec::new(),
            report,
            rounds,
        }
    }

    /// Opens a tally, with a plan or with the verdict on what cannot be run.
    pub fn open(&mut self, section: &'a Section, python: bool, plan: Result<Plan<'a>, Verdict>) {
        let index = self.tallies.len();
        self.tallies.push(Tally::new(section, python));
        match plan {
            Ok(plan) => {
                self.plans.push(plan);
                self.tally_of.push(index);
            }
            Err(verdict) => self.add(index, 0, Checked { run: None, verdict, mutants: None }),
        }
    }

    /// Takes out the plans; events speak of them by their index.
    pub fn plans(&mut self) -> Vec<Plan<'a>> {
        std::mem::take(&mut self.plans)
    }

    /// Shows what is known without a run.
    pub fn show_decided(&self, screen: &Screen) {
        self.tallies.iter().filter(|tally| tally.over > 0).for_each(|tally| screen.finished(tally));
    }

    /// Adds what is the matter besides the sections.
    pub fn complain(&mut self, outcome: Outcome, what: String) {
        self.complaints.push((outcome, what));
    }

    /// Takes note of an event, and shows it.
    pub fn note(&mut self, event: Event, screen: &Screen) {
        match event {
            Event::Started(job) => screen.started(&self.tallies[self.tally_of[job.subject]].name()),
            Event::Over(job, checked) => {
                let index = self.tally_of[job.subject];
                self.add(index, job.round, *checked);
                screen.done(1);
                if self.rounds > 1 {
                    screen.tenth();
                }
                if self.tallies[index].over == self.rounds {
                    screen.finished(&self.tallies[index]);
                }
            }
            Event::Stopped(job, so_far) => {
                let name = self.tallies[self.tally_of[job.subject]].name();
                self.stopped.push(format!("\n--- {name}\n{so_far}"));
            }
            Event::NotBuilt(job) => {
                let index = self.tally_of[job.subject];
                let verdict =
                    Verdict::Unable("was not built; cargo's message stands above".to_owned());
                self.add(index, 0, Checked { run: None, verdict, mutants: None });
                screen.done(self.rounds);
                screen.finished(&self.tallies[index]);
            }
            // A build that was stopped is no failure.
            Event::Built(Ok(built)) if built || stop::requested() => {}
            Event::Built(Ok(_)) => {
                self.complain(
                    Outcome::Unable,
                    "cargo build failed; its message stands above".to_owned(),
                );
            }
            Event::Built(Err(error)) => self.complain(Outcome::Unable, format!("{error:#}")),
        }
    }

    fn add(&mut self, index: usize, round: u32, checked: Checked) {
        let tally = &mut self.tallies[index];
        if let Some(report) = &mut self.report {
            report.add(tally, round, checked.run.as_ref(), &checked.verdict);
        }
        tally.add(checked);
    }

    /// Tells all of it.
    pub fn close(mut self, time: Duration) -> Outcome {
        for orphan in processes::end_orphans() {
            self.complain(
                Outcome::Failed,
                format!(
                    "`{}` (pid {}) got away from its section and hid which; it was ended",
                    orphan.name, orphan.pid
                ),
            );
        }
        if let Some(Err(error)) = self.report.take().map(Report::write) {
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

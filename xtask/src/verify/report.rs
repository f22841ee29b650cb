//! What is told of the sections as they are over; and at the end a table, then the failures
//! explained, then all of it in one line.

use super::json::JsonFile;
use super::judge::Judgement;
use super::plan::{Checked, Plan};
use super::tally::Tally;
use crate::course::Section;
use crate::screen::{Screen, aside, print, table};
use crate::{Outcome, processes, stop};
use std::time::Duration;
use transcript::Mutants;

/// What is known of all runs so far.
pub struct Results<'a> {
    /// Where it is shown.
    pub screen: Screen,
    /// One for each subject: a section, or a twin.
    tallies: Vec<Tally<'a>>,
    /// What is the matter besides.
    complaints: Vec<(Outcome, String)>,
    /// What was under way when the runner was told to stop.
    stopped: Vec<String>,
    json: Option<JsonFile>,
    rounds: u32,
}

impl<'a> Results<'a> {
    /// Nothing is known yet.
    pub fn new(rounds: u32, json: Option<JsonFile>) -> Results<'a> {
        let (tallies, complaints, stopped) = (Vec::new(), Vec::new(), Vec::new());
        Results { screen: Screen::new(0), tallies, complaints, stopped, json, rounds }
    }

    /// One more subject. Gives its number and its plan back, unless that is already the judgement.
    pub fn open(
        &mut self,
        section: &'a Section,
        python: bool,
        plan: Result<Plan<'a>, Judgement>,
    ) -> Option<(usize, Plan<'a>)> {
        let subject = self.tallies.len();
        self.tallies.push(Tally::new(section, python));
        let plan = plan.map_err(|judgement| self.decide(subject, judgement)).ok()?;
        self.screen.expect(self.rounds);
        Some((subject, plan))
    }

    /// There will be no run of it, and this is why.
    fn decide(&mut self, subject: usize, judgement: Judgement) {
        self.add(subject, 0, Checked { run: None, judgement, mutants: None });
        self.show(subject);
    }

    /// There will be no run of it, though there should.
    pub fn not_built(&mut self, subject: usize) {
        self.screen.done(self.rounds);
        let why = "was not built; cargo's message stands above".to_owned();
        self.decide(subject, Judgement::Unable(why));
    }

    /// A run begins.
    pub fn started(&self, subject: usize) {
        self.screen.started(&self.tallies[subject].name());
    }

    /// The run of this round is over.
    pub fn over(&mut self, subject: usize, round: u32, checked: Checked) {
        self.add(subject, round, checked);
        self.screen.done(1);
        if self.rounds > 1 {
            self.screen.tenth();
        }
        let tally = &self.tallies[subject];
        if tally.judged() + tally.unable == self.rounds {
            self.show(subject);
        }
    }

    /// A run was stopped with the runner; how far it had come.
    pub fn stopped(&mut self, subject: usize, so_far: &str) {
        self.stopped.push(format!("\n--- {}\n{so_far}", self.tallies[subject].name()));
    }

    /// Something else is the matter.
    pub fn complain(&mut self, outcome: Outcome, what: String) {
        self.complaints.push((outcome, what));
    }

    fn add(&mut self, subject: usize, round: u32, checked: Checked) {
        let tally = &mut self.tallies[subject];
        if let Some(json) = &mut self.json {
            json.add(tally, round, checked.run.as_ref(), &checked.judgement);
        }
        tally.add(checked);
    }

    /// All rounds are over: a line of its own, where there is no bar, or something did not hold.
    fn show(&self, subject: usize) {
        let tally = &self.tallies[subject];
        let line = format!("{:<28} {}  {}", tally.name(), tally.in_words(), seconds(tally.wall));
        if tally.outcome() == Outcome::Held {
            self.screen.line(&line);
        } else {
            self.screen.say(&line);
        }
    }

    /// Tells all of it.
    pub fn close(mut self, time: Duration) -> Outcome {
        self.screen.clear();
        for (orphan, of) in processes::end_orphans() {
            let (name, pid, of) = (orphan.name, orphan.pid, of.join(", "));
            let what =
                format!("`{name}` (pid {pid}) got away from its section, one of these: {of}");
            self.complain(Outcome::Failed, what + "; it was ended");
        }
        if let Some(Err(error)) = self.json.take().map(JsonFile::write) {
            self.complain(Outcome::Unable, format!("{error:#}"));
        }
        print(&format!("\n{}\n", self.summary()));
        let details = self.details();
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
        print(&self.in_one_line(time));
        let outcomes = self.complaints.iter().map(|(outcome, _)| *outcome);
        outcomes.chain(self.tallies.iter().map(Tally::outcome)).max().unwrap_or(Outcome::Held)
    }

    /// A row for each subject; the chapter stands at its first.
    fn summary(&self) -> String {
        let mut header = vec!["chapter", "section", "verdict", "time"];
        if self.rounds > 1 {
            header.extend(["orders seen", "of legal", "95 % sure: fails below"]);
        }
        let mut chapter = "";
        let mut rows = Vec::new();
        for tally in &self.tallies {
            let (now, name) = (tally.section.chapter.as_str(), &tally.section.name);
            let first = std::mem::replace(&mut chapter, now) != now;
            let mut row = vec![
                if first { now.to_owned() } else { String::new() },
                if tally.python { format!("{name} (python)") } else { name.clone() },
                tally.in_words(),
                seconds(tally.wall),
            ];
            if self.rounds > 1 {
                let none = || "-".to_owned();
                let head = tally.section.head().ok();
                let rate = tally.failure_rate_below().map(|rate| format!("{:.2} %", rate * 100.0));
                row.push(tally.orders.len().to_string());
                row.push(head.map_or_else(none, |head| head.transcript.count().rounded()));
                row.push(rate.unwrap_or_else(none));
            }
            rows.push(row);
        }
        table(&header, rows)
    }

    /// The failures explained, and what else is to be said below the table.
    fn details(&self) -> String {
        let mut lines = Vec::new();
        for tally in &self.tallies {
            let name = tally.name();
            lines.extend(tally.why.iter().map(|why| format!("\n--- {name}\n{}", why.trim_end())));
            if self.rounds > 1 {
                let seen = |(rule, seen): &(String, u32)| {
                    format!("{name}: {rule}: seen in {seen} of {} runs", tally.held)
                };
                lines.extend(tally.sometimes.iter().map(seen));
            }
            if let Some(Mutants { tried, missed, swaps }) = &tally.mutants {
                let unnoticed = missed.len();
                lines.push(format!(
                    "\n{name}: {tried} lines dropped or doubled, {unnoticed} unnoticed"
                ));
                lines.extend(missed.iter().map(|mutant| format!("  {mutant}")));
                lines.push(format!("{name}: {} swaps of neighbours are legal", swaps.len()));
                lines.extend(swaps.iter().map(|swap| format!("  {swap}")));
            }
        }
        lines.join("\n")
    }

    /// As `7 held, 1 failed`.
    fn in_one_line(&self, time: Duration) -> String {
        let of_all = self.tallies.iter().map(|tally| tally.in_words().to_lowercase());
        let of_all: Vec<_> = of_all.collect();
        let mut parts = Vec::new();
        // Whatever became of a subject, its words begin with one of these.
        for word in ["held", "failed", "could not run", "skipped", "not run"] {
            let count = of_all.iter().filter(|words| words.starts_with(word)).count();
            if count > 0 || word == "held" {
                parts.push(format!("{count} {word}"));
            }
        }
        format!("{} ({})", parts.join(", "), seconds(time))
    }
}

fn seconds(time: Duration) -> String {
    format!("{:.2} s", time.as_secs_f64())
}

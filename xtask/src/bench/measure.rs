//! Measures the cases: round by round, each round of a case in a process of its own.
//!
//! All cases have their first round before one has its second. What changes slowly (the machine next
//! door, the temperature) so meets every case alike, and is part of what its interval covers; and what
//! stays the same within a process (where its memory lies) differs from round to round.

use super::kept;
use super::page;
use super::process::{self, Job};
use super::progress::Progress;
use super::targets::Listed;
use crate::screen::{self, Screen};
use crate::{Outcome, stop};
use anyhow::Result;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;
use versus::{CaseResult, Report, Settings};

/// So long a bench may be silent. A run takes a fraction of a second, an interpreter's perhaps
/// some: who needs a minute for one will never end.
const SILENCE: Duration = Duration::from_mins(1);

/// How the benches are run.
pub struct Session<'a> {
    /// Rounds, their length, and the seed.
    pub settings: Settings,
    /// Short runs: a look, not a record.
    pub quick: bool,
    /// What is noted in every report.
    pub circumstances: &'a BTreeMap<String, String>,
    /// The machine's load before the build added to it.
    pub load: Option<f64>,
    /// Where whole results go.
    pub kept: &'a Path,
    /// Where the others go.
    pub passing: &'a Path,
}

/// What became of all benches.
pub struct Measured {
    /// The worst that happened.
    pub outcome: Outcome,
    /// The results, and whether they are kept with the sources.
    pub reports: Vec<(Report, bool)>,
}

/// A case under way.
struct Ongoing<'a> {
    bench: &'a Listed,
    name: &'a str,
    /// The bench program adds its rounds here.
    file: PathBuf,
    /// What the file holds; nothing before the first round, nor after a round that went wrong.
    report: Option<Report>,
    lost: bool,
}

impl Session<'_> {
    /// Measures one case after the other: two at once would disturb each other.
    ///
    /// `whole` says of each bench whether all of its cases are to be measured.
    ///
    /// # Errors
    ///
    /// There is no room for temporary files.
    pub fn measure(&self, benches: &[(Listed, bool)], screen: &Screen) -> Result<Measured> {
        let folder = process::folder()?;
        let cases = benches
            .iter()
            .flat_map(|(bench, _)| bench.cases.iter().map(move |case| (bench, &*case.name)));
        let mut all: Vec<_> = cases
            .enumerate()
            .map(|(number, (bench, name))| {
                let file = folder.path().join(format!("{number}.json"));
                Ongoing { bench, name, file, report: None, lost: false }
            })
            .collect();
        let outcome = self.all_rounds(&mut all, screen);

        let mut measured = Measured { outcome, reports: Vec::new() };
        for (bench, whole) in benches {
            let of_bench = all.iter().filter(|case| std::ptr::eq(case.bench, bench));
            let reports: Vec<_> = of_bench.filter_map(|case| case.report.clone()).collect();
            let finished = reports.len() == bench.cases.len() && self.are_finished(&reports);
            let Some(report) = reports.into_iter().reduce(merge) else { continue };
            let name = bench.bench.name.clone();
            let mut report = Report { name, ..report };
            report.circumstances.extend(self.circumstances.clone());
            report.machine.load = self.load;
            let keep = *whole && finished && !self.quick;
            if let Err(error) = kept::save(if keep { self.kept } else { self.passing }, &report) {
                // The figures are shown all the same, and those of the other benches kept.
                measured.outcome = Outcome::Unable;
                screen.beside(|| screen::aside(&format!("error: {error:#}")));
            }
            screen.say(&format!("\n{}: {}", report.name, report.in_words()));
            for table in page::tables(&report) {
                screen.say(&format!("\n{}", table.in_terminal()));
            }
            measured.reports.push((report, keep));
        }
        Ok(measured)
    }

    /// Visits every case that lacks rounds, again and again: a disturbed round is measured again at the
    /// next visit.
    fn all_rounds(&self, all: &mut [Ongoing<'_>], screen: &Screen) -> Outcome {
        let mut outcome = Outcome::Held;
        let mut progress = Progress::new(screen, all.len() * self.settings.rounds);
        loop {
            let due = all.iter_mut().filter(|case| self.is_due(case));
            let mut visited = 0;
            for case in due {
                if stop::requested() {
                    return outcome;
                }
                outcome = outcome.max(self.visit(case, &mut progress, screen));
                visited += 1;
            }
            if visited == 0 {
                return outcome;
            }
            progress.visited(all.iter().map(|case| self.rounds_done(case)).sum());
        }
    }

    /// Of a case that is lost, all rounds are over.
    fn rounds_done(&self, case: &Ongoing<'_>) -> usize {
        let none_lives = |case: &CaseResult| case.entries().all(|it| it.failure.is_some());
        let rounds_of = |report: &Report| report.cases.first().map_or(0, |case| case.rounds.len());
        match &case.report {
            None => {
                if case.lost {
                    self.settings.rounds
                } else {
                    0
                }
            }
            Some(report) if report.cases.iter().all(none_lives) => self.settings.rounds,
            Some(report) => rounds_of(report),
        }
    }

    fn is_due(&self, case: &Ongoing<'_>) -> bool {
        self.rounds_done(case) < self.settings.rounds
    }

    fn visit(
        &self,
        case: &mut Ongoing<'_>,
        progress: &mut Progress<'_>,
        screen: &Screen,
    ) -> Outcome {
        let name = full_name(&case.bench.bench.name, case.name);
        let before: Vec<_> = case.report.iter().flat_map(Report::failures).collect();
        match self.run(case, &mut |step| progress.step(&name, step)) {
            Ok(report) => {
                let mut outcome = Outcome::Held;
                for failed in report.failures().filter(|failed| !before.contains(failed)) {
                    let (_, variant, failure) = failed;
                    outcome = Outcome::Failed;
                    screen.say(&format!("{name}  FAILED: variant `{variant}`: {failure}"));
                }
                case.report = Some(report);
                outcome
            }
            Err(_) if stop::requested() => Outcome::Held,
            Err(error) => {
                (case.lost, case.report) = (true, None);
                screen.say(&format!("{name}  FAILED"));
                screen.beside(|| screen::aside(&format!("error: {name}: {error:#}")));
                Outcome::Failed
            }
        }
    }

    /// Lets the bench program add a round to the case's file.
    fn run(&self, case: &Ongoing<'_>, watch: &mut dyn FnMut(&versus::Step)) -> Result<Report> {
        let Settings { seed, rounds, .. } = self.settings;
        let mut arguments = vec!["--more".to_owned(), "--exact".to_owned(), case.name.to_owned()];
        arguments.extend(["--seed".to_owned(), seed.to_string()]);
        arguments.extend(["--rounds".to_owned(), rounds.to_string()]);
        arguments.extend(self.quick.then(|| "--quick".to_owned()));
        let job = Job {
            program: &case.bench.program,
            folder: &case.bench.bench.folder,
            arguments: &arguments,
            file: &case.file,
            limit: SILENCE,
        };
        let report = process::run(&job, watch)?;
        let found: Vec<_> = report.cases.iter().map(|found| &*found.name).collect();
        anyhow::ensure!(found == [case.name], "it measured {found:?} instead");
        Ok(report)
    }

    /// Whether every variant has its figures of every round.
    fn are_finished(&self, reports: &[Report]) -> bool {
        let rounds = |case: &CaseResult| case.rounds.len() == self.settings.rounds;
        let finished =
            |report: &Report| report.cases.iter().all(rounds) && report.failures().next().is_none();
        reports.iter().all(finished)
    }
}

/// A case with the bench it belongs to, unless it says so itself.
fn full_name(bench: &str, case: &str) -> String {
    if case.starts_with(bench) { case.to_owned() } else { format!("{bench}: {case}") }
}

/// Two reports of one bench as one. Machine and settings are the same; the date is that of the first.
fn merge(mut first: Report, second: Report) -> Report {
    first.circumstances.extend(second.circumstances);
    first.cases.extend(second.cases);
    first
}

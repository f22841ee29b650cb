//! Measures the cases: round by round, each round of a case in a process of its own.
//!
//! All cases have their first round before one has its second. What changes slowly (the machine next
//! door, the temperature) so meets every case alike, and is part of what its interval covers; and what
//! stays the same within a process (where its memory lies) differs from round to round.

use super::kept;
use super::page;
use super::process::{self, Job};
use super::progress::Progress;
use super::targets::{Listed, Workspace};
use crate::screen::{self, Screen};
use crate::{Outcome, stop};
use anyhow::Result;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;
use versus::{CaseResult, Report, Settings};

/// So long a bench may be silent. A run takes a fraction of a second, an interpreter's perhaps
/// some: who needs a minute for one will never end.
const SILENCE: Duration = Duration::from_mins(1);

/// How the benches are run.
pub struct Session<'a> {
    /// What is measured.
    pub workspace: &'a Workspace,
    /// Rounds, their length, and the seed.
    pub settings: Settings,
    /// Short runs: a look, not a record.
    pub quick: bool,
    /// What is noted in every report.
    pub circumstances: BTreeMap<String, String>,
    /// The machine's load before the build added to it.
    pub load: Option<f64>,
}

/// What became of all benches.
pub struct Measured {
    /// The worst that happened.
    pub outcome: Outcome,
    /// Whether there are results that are kept with the sources.
    pub kept: bool,
    /// The other results.
    pub passing: Vec<Report>,
}

/// A case under way.
struct Ongoing<'a> {
    bench: &'a Listed,
    name: &'a str,
    /// The bench program adds its rounds here.
    file: PathBuf,
    /// What the file holds; nothing before the first round, nor after a round that went wrong.
    report: Option<Report>,
    /// How many of its rounds are over: all, where none can follow.
    done: usize,
}

impl Session<'_> {
    /// Measures one case after the other: two at once would disturb each other.
    ///
    /// # Errors
    ///
    /// There is no room for temporary files.
    pub fn measure(&self, benches: &[Listed], screen: &Screen) -> Result<Measured> {
        let folder = process::folder()?;
        let cases = benches
            .iter()
            .flat_map(|bench| bench.report.cases.iter().map(move |case| (bench, &*case.name)));
        let mut all: Vec<_> = cases
            .enumerate()
            .map(|(number, (bench, name))| {
                let file = folder.path().join(format!("{number}.json"));
                Ongoing { bench, name, file, report: None, done: 0 }
            })
            .collect();
        let outcome = self.all_rounds(&mut all, screen);

        let mut measured = Measured { outcome, kept: false, passing: Vec::new() };
        for bench in benches {
            let of_bench = all.iter().filter(|case| std::ptr::eq(case.bench, bench));
            let reports: Vec<_> = of_bench.filter_map(|case| case.report.as_ref()).collect();
            let Some(report) = self.merged(bench, &reports) else { continue };
            let keep = bench.whole && !self.quick && self.is_finished(bench, &report);
            let folder = if keep { kept::folder } else { kept::passing_folder };
            if let Err(error) = kept::save(&folder(self.workspace), &report) {
                // The figures are shown all the same, and those of the other benches kept.
                measured.outcome = Outcome::Unable;
                screen.beside(|| screen::aside(&format!("error: {error:#}")));
            }
            screen.say(&format!("\n{}: {}", report.name, report.in_words()));
            for table in page::tables(&report) {
                screen.say(&format!("\n{}", table.in_terminal()));
            }
            measured.kept |= keep;
            measured.passing.extend((!keep).then_some(report));
        }
        Ok(measured)
    }

    /// Visits every case that lacks rounds, again and again: a disturbed round is measured again at the
    /// next visit.
    fn all_rounds(&self, all: &mut [Ongoing<'_>], screen: &Screen) -> Outcome {
        let rounds = self.settings.rounds;
        let mut outcome = Outcome::Held;
        let mut progress = Progress::new(screen, all.len() * rounds);
        while all.iter().any(|case| case.done < rounds) {
            for case in all.iter_mut().filter(|case| case.done < rounds) {
                if stop::requested() {
                    return outcome;
                }
                outcome = outcome.max(self.visit(case, &mut progress, screen));
            }
            progress.visited(all.iter().map(|case| case.done).sum());
        }
        outcome
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
                let living = |case: &CaseResult| case.entries().any(|it| it.failure.is_none());
                case.done = match report.cases.iter().find(|case| living(case)) {
                    Some(case) => case.rounds.len(),
                    None => self.settings.rounds,
                };
                case.report = Some(report);
                outcome
            }
            Err(_) if stop::requested() => Outcome::Held,
            Err(error) => {
                (case.done, case.report) = (self.settings.rounds, None);
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

    /// What was measured of a bench, as one report. Machine and settings are the same in all of its
    /// cases; the date is that of the first.
    fn merged(&self, bench: &Listed, reports: &[&Report]) -> Option<Report> {
        let mut report = Report {
            name: bench.bench.name.clone(),
            cases: reports.iter().flat_map(|report| report.cases.clone()).collect(),
            ..(*reports.first()?).clone()
        };
        report.circumstances.extend(self.circumstances.clone());
        report.machine.load = self.load;
        Some(report)
    }

    /// Whether every variant has its figures of every round.
    fn is_finished(&self, bench: &Listed, report: &Report) -> bool {
        let mut cases = report.cases.iter();
        report.cases.len() == bench.report.cases.len()
            && cases.all(|case| case.rounds.len() == self.settings.rounds)
            && report.failures().next().is_none()
    }
}

/// A case with the bench it belongs to, unless it says so itself.
fn full_name(bench: &str, case: &str) -> String {
    if case.starts_with(bench) { case.to_owned() } else { format!("{bench}: {case}") }
}

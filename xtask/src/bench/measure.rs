//! Measures the cases, each in a process of its own, and keeps what was finished.

use super::facts;
use super::page;
use super::process::{self, Job};
use super::progress::{self, Progress};
use super::store::Store;
use super::targets::Listed;
use crate::report::{self, Screen};
use crate::{Outcome, stop};
use anyhow::Result;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use versus::{CaseResult, Report, Settings};

/// So long a bench may be silent. A run takes a fraction of a second, an interpreter's perhaps
/// some: who needs a minute for one will never end.
const SILENCE: Duration = Duration::from_mins(1);

/// How the benches are run.
pub struct Plan<'a> {
    /// Rounds, their length, and the seed.
    pub settings: Settings,
    /// Short runs: a look, not a record.
    pub quick: bool,
    /// What is noted in every report.
    pub facts: &'a BTreeMap<String, String>,
    /// Where whole results go.
    pub kept: &'a Store,
    /// Where the others go.
    pub passing: &'a Store,
}

/// What became of all benches.
pub struct Measured {
    /// The worst that happened.
    pub outcome: Outcome,
    /// The results, and whether they are kept with the sources.
    pub reports: Vec<(Report, bool)>,
}

impl Plan<'_> {
    /// Measures one bench after the other: two at once would disturb each other.
    ///
    /// `whole` says of each whether all of its cases are to be measured.
    ///
    /// # Errors
    ///
    /// A result file cannot be written.
    pub fn measure(&self, benches: &[(Listed, bool)], screen: &Screen) -> Result<Measured> {
        let cases = benches.iter().flat_map(|(bench, _)| &bench.cases);
        let mut progress = Progress::new(screen, &self.settings, cases);
        let mut measured = Measured { outcome: Outcome::Held, reports: Vec::new() };
        for (bench, whole) in benches {
            let (report, finished) =
                self.bench(bench, &mut measured.outcome, &mut progress, screen);
            let Some(report) = report else { continue };
            let keep = *whole && finished && !self.quick;
            (if keep { self.kept } else { self.passing }).write(&report)?;
            screen.say(&format!("\n{}: {}", report.name, facts::paragraph(&report)));
            for table in page::tables(&report) {
                screen.say(&format!("\n{}", table.in_terminal()));
            }
            measured.reports.push((report, keep));
        }
        Ok(measured)
    }

    /// All cases of one bench in one report; whether every variant of each has its figures.
    fn bench(
        &self,
        bench: &Listed,
        outcome: &mut Outcome,
        progress: &mut Progress<'_>,
        screen: &Screen,
    ) -> (Option<Report>, bool) {
        let mut whole: Option<Report> = None;
        let mut finished = true;
        for case in &bench.cases {
            if stop::requested() {
                finished = false;
                break;
            }
            let start = Instant::now();
            let name = progress::name(&bench.bench.name, &case.name);
            match self.case(bench, case, progress) {
                Ok(report) => {
                    let mut words = format!("{:.1} s", start.elapsed().as_secs_f64());
                    for (_, variant, failure) in report.failures() {
                        finished = false;
                        *outcome = (*outcome).max(Outcome::Failed);
                        words += &format!("\n  FAILED: variant `{variant}`: {failure}");
                    }
                    progress.over(case);
                    screen.say(&format!("{name}  {words}{}", progress.left()));
                    whole = Some(merge(whole, report));
                }
                Err(error) => {
                    finished = false;
                    progress.over(case);
                    if !stop::requested() {
                        *outcome = (*outcome).max(Outcome::Failed);
                        screen.say(&format!("{name}  FAILED"));
                        screen.beside(|| report::aside(&format!("error: {name}: {error:#}")));
                    }
                }
            }
        }
        if let Some(whole) = &mut whole {
            whole.circumstances.extend(self.facts.clone());
        }
        (whole, finished)
    }

    fn case(
        &self,
        bench: &Listed,
        case: &CaseResult,
        progress: &mut Progress<'_>,
    ) -> Result<Report> {
        let Settings { seed, rounds, .. } = self.settings;
        let mut arguments = vec!["--exact".to_owned(), case.name.clone()];
        arguments.extend(["--seed".to_owned(), seed.to_string()]);
        arguments.extend(["--rounds".to_owned(), rounds.to_string()]);
        arguments.extend(self.quick.then(|| "--quick".to_owned()));
        let job = Job {
            program: &bench.program,
            folder: &bench.bench.folder,
            arguments: &arguments,
            limit: SILENCE,
        };
        let name = &bench.bench.name;
        let report = process::run(&job, &mut |step| progress.step(name, step, case.entries.len()))?;
        let found: Vec<_> = report.cases.iter().map(|found| &*found.name).collect();
        anyhow::ensure!(found == [&*case.name], "it measured {found:?} instead");
        Ok(Report { name: name.clone(), ..report })
    }
}

/// Two reports of one bench as one. Machine and settings are the same; the date is that of the first.
fn merge(whole: Option<Report>, report: Report) -> Report {
    let Some(mut whole) = whole else { return report };
    whole.circumstances.extend(report.circumstances);
    whole.cases.extend(report.cases);
    whole
}

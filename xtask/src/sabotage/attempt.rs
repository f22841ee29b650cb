//! Runs a broken section, and compares where that is noticed with what its patch says.
//!
//! What goes wrong only now and then does not show in one run, so a section is run until it fails:
//! 200 times at most. A short section does that within two seconds; a busy machine is given more, so that
//! its load is not taken for a fault of the transcript.

use super::patches::Patch;
use crate::Outcome;
use crate::verify::judge::{self, Judgement};
use crate::verify::runner::{self, End};
use anyhow::Result;
use std::ffi::OsString;
use std::path::Path;
use std::time::{Duration, Instant};

/// A section that hangs is ended after this part of its time limit: usually after ten seconds. One that
/// has long work to do, and several others beside it, is given its time.
const PART: u32 = 3;

/// One that holds is run again, up to so many runs in all, and not after so long.
const RUNS: u32 = 200;
const PATIENCE: Duration = Duration::from_secs(20);

/// Held: the sabotage was noticed where it should, so many times in a row. With what else is to be said.
///
/// # Errors
///
/// The program cannot be run.
pub(super) fn attempt(patch: &Patch<'_>, program: &Path, times: u32) -> Result<(Outcome, String)> {
    let mut most = 1;
    for _ in 0..times {
        let Some((verdict, runs)) = until_it_fails(patch, program)? else { break };
        if let Err(complaint) = caught(&verdict, runs, &patch.fails_at) {
            return Ok(complaint);
        }
        most = most.max(runs);
    }
    let by_chance = if most > 1 { format!("  by chance, in run {most}\n") } else { String::new() };
    Ok((Outcome::Held, by_chance))
}

/// The verdict on the last run of a section that is run until it fails, and how many there were; none,
/// when we are to stop.
fn until_it_fails(patch: &Patch<'_>, program: &Path) -> Result<Option<(Judgement, u32)>> {
    let arguments: Vec<_> = patch.head.directives.args.iter().map(OsString::from).collect();
    let limit = patch.head.directives.timeout / PART;
    let start = Instant::now();
    let mut runs = 0;
    loop {
        let run = runner::run(program, &arguments, limit)?;
        if matches!(run.end, End::Stopped(_)) {
            return Ok(None);
        }
        runs += 1;
        let verdict = judge::judge(&patch.section.name, patch.head, &run, limit);
        let last = runs == RUNS || start.elapsed() >= PATIENCE;
        if last || !matches!(verdict, Judgement::Held(_)) {
            return Ok(Some((verdict, runs)));
        }
    }
}

/// Does the verdict on the last of so many runs name this row or rule?
fn caught(verdict: &Judgement, runs: u32, fails_at: &str) -> Result<(), (Outcome, String)> {
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    match verdict {
        Judgement::Failed(failed) if words(&failed.target) == words(fails_at) => Ok(()),
        Judgement::Failed(failed) => Err((
            Outcome::Failed,
            format!(
                "  expected at: {fails_at}\n  noticed at:  {}\n{}",
                failed.target, failed.explanation
            ),
        )),
        Judgement::Held(_) => {
            let unnoticed = format!("it went unnoticed (runs: {runs})");
            Err((Outcome::Failed, format!("  expected at: {fails_at}\n  {unnoticed}\n")))
        }
        Judgement::Unable(why) | Judgement::Skipped(why) => Err((Outcome::Unable, why.clone())),
    }
}

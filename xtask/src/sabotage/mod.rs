//! `cargo xtask sabotage`: breaks the sections on purpose.
//!
//! A patch in a chapter's folder `sabotage` begins with a sentence that says what it breaks and
//! a line `fails at: ` with the row or rule at which that must be noticed; a `git diff` follows.
//! It is applied to a copy of the workspace, never to the workspace itself; the section is built
//! there, run, and judged by the transcript of the original.
//!
//! Which section that is, the patch's name says (`semaphore-extra-permit.patch`), or else the
//! source of a section that it changes.
//!
//! `--keep DIR` leaves such a copy for whoever reads the course: to run, to look at, and to break
//! further. Patches are ordinary ones; `git apply` takes them, too.
//!
//! What goes wrong only now and then does not show in one run, so a section is run until it fails:
//! 200 times at most. A short section does that within two seconds; a busy machine is given more, so that
//! its load is not taken for a fault of the transcript.

mod copy;
mod patches;

use crate::course::Course;
use crate::verify::judge::{self, Judgement};
use crate::verify::runner::{self, End};
use crate::{Outcome, build, screen, stop};
use anyhow::{Context, Result, bail, ensure};
use patches::Patch;
use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Applies each patch to a copy of the workspace, and checks that the section then fails exactly
/// where the patch says.
#[derive(clap::Args)]
pub struct Args {
    /// Chapters, sections or patches; all, when none is named
    #[arg(value_name = "FILTER")]
    filters: Vec<String>,
    /// Catch each so many times in a row. (What shows only by chance is run until it fails, up to 200
    /// times)
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    repeat: u32,
    /// Run nothing: leave the copy in DIR, a new folder, with the one named patch applied
    #[arg(long, value_name = "DIR", conflicts_with = "repeat")]
    keep: Option<PathBuf>,
}

/// A patched section that hangs is ended after this.
const LIMIT: Duration = Duration::from_secs(10);

/// A patched section that holds is run again, up to so many runs in all, and not after so long.
const RUNS: u32 = 200;
const PATIENCE: Duration = Duration::from_secs(20);

/// Runs the task.
///
/// # Errors
///
/// There is no workspace or no patch, a filter is unknown, or the copy cannot be made.
pub fn run(args: &Args) -> Result<Outcome> {
    let course = Course::load()?;
    let (patches, mistakes) = patches::select(&course, &args.filters)?;
    ensure!(!patches.is_empty() || !mistakes.is_empty(), "there is no patch for that");
    if let Some(folder) = &args.keep {
        return keep(&course, &patches, folder);
    }
    let workshop = Workshop::open(&course)?;
    let mut outcome = Outcome::Held;
    let mut done = 0;
    for mistake in mistakes {
        screen::print(&mistake);
        outcome = Outcome::Unable;
    }
    for patch in &patches {
        let (result, text) = workshop.attempt(patch, args.repeat)?;
        if stop::requested() {
            break;
        }
        let word = match result {
            Outcome::Held => "caught",
            Outcome::Failed => "MISSED",
            Outcome::Unable => "could not run",
        };
        done += usize::from(result == Outcome::Held);
        screen::print(&format!("{word:<7} {}: {}\n{text}", patch.file.display(), patch.sentence));
        outcome = outcome.max(result);
    }
    screen::print(&format!("{done} of {} patches caught", patches.len()));
    Ok(outcome)
}

/// Leaves a broken copy of the workspace in a folder, and says how to run it.
fn keep(course: &Course, patches: &[Patch<'_>], folder: &Path) -> Result<Outcome> {
    let [patch] = patches else {
        let names: Vec<_> = patches.iter().map(|patch| format!("\n  {}", patch.name)).collect();
        bail!("`--keep` leaves a copy broken in one way; name one of:{}", names.concat());
    };
    copy::new(course, folder)?;
    copy::apply(course, patch, folder)?;
    let (section, folder) = (patch.section, folder.display());
    screen::print(&format!(
        "A copy with this fault: {}\n\n  \
         cd {folder}\n  {}\n  cargo xtask verify {}\n\n\
         The check fails at: {}",
        patch.sentence,
        section.command(),
        section.name,
        patch.fails_at,
    ));
    Ok(Outcome::Held)
}

/// A copy of the workspace, in the target directory.
struct Workshop<'a> {
    course: &'a Course,
    tree: PathBuf,
    target: PathBuf,
    /// Held as long as the copy is used.
    _lock: File,
}

impl<'a> Workshop<'a> {
    fn open(course: &'a Course) -> Result<Workshop<'a>> {
        let folder = course.target.join("sabotage");
        fs::create_dir_all(folder.join("tree")).context("cannot make the copy's folder")?;
        // `git` compares paths: no link may be in them.
        let folder = folder.canonicalize().context("cannot find the copy's folder")?;
        let lock = File::create(folder.join("lock")).context("cannot lock the copy")?;
        lock.lock().context("cannot lock the copy")?;
        let (tree, target) = (folder.join("tree"), folder.join("target"));
        Ok(Workshop { course, tree, target, _lock: lock })
    }

    /// Held: the sabotage was noticed where it should. With what else is to be said.
    fn attempt(&self, patch: &Patch<'_>, repeat: u32) -> Result<(Outcome, String)> {
        let facts = match patch.section.facts() {
            Ok(facts) => facts,
            Err(mistakes) => return Ok((Outcome::Unable, mistakes)),
        };
        copy::restore(self.course, &self.tree)?;
        if let Err(error) = copy::apply(self.course, patch, &self.tree) {
            return Ok((Outcome::Unable, format!("  {error:#}\n")));
        }
        let (name, mut program, mut messages) = (patch.section.name.as_str(), None, Vec::new());
        let built = |_: &str, path| program = Some(path);
        let say = |line: &str| messages.push(format!("  {line}\n"));
        let all = build::build(&self.tree, Some(&self.target), &[name], built, say)?;
        let Some(program) = program.filter(|_| all) else {
            return Ok((Outcome::Unable, messages.concat()));
        };
        let mut most = 1;
        for _ in 0..repeat {
            let Some((verdict, runs)) = until_it_fails(&patch.section.name, facts, &program)?
            else {
                break;
            };
            if let Err(complaint) = caught(&verdict, runs, &patch.fails_at) {
                return Ok(complaint);
            }
            most = most.max(runs);
        }
        let by_chance =
            if most > 1 { format!("  by chance, in run {most}\n") } else { String::new() };
        Ok((Outcome::Held, by_chance))
    }
}

/// The verdict on the last run of a section that is run until it fails, and how many there were; none,
/// when we are to stop.
fn until_it_fails(
    name: &str,
    facts: &transcript::Section,
    program: &Path,
) -> Result<Option<(Judgement, u32)>> {
    let arguments: Vec<_> = facts.directives.args.iter().map(OsString::from).collect();
    let start = Instant::now();
    let mut runs = 0;
    loop {
        let run = runner::run(program, &arguments, LIMIT)?;
        if matches!(run.end, End::Stopped(_)) {
            return Ok(None);
        }
        runs += 1;
        let verdict = judge::judge(name, facts, &run, LIMIT);
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

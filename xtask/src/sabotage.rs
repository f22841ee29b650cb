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
//! Patches are ordinary ones. Whoever reads the course can apply one by hand, `git apply
//! sync/sabotage/semaphore-extra-permit.patch`, look what the section prints then, and take it back
//! with `git apply -R`.
//!
//! What goes wrong only now and then does not show in one run, so a section is run until it fails:
//! 200 times at most. A short section does that within two seconds; a busy machine is given more, so that
//! its load is not taken for a fault of the transcript.

use crate::course::{Course, Section};
use crate::judge::{self, Verdict};
use crate::runner::{self, End};
use crate::{Outcome, build, report, stop};
use anyhow::{Context, Result, bail, ensure};
use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{cell::RefCell, collections::BTreeSet, io};

/// Applies each patch to a copy of the workspace, and checks that the section then fails exactly
/// where the patch says.
#[derive(clap::Args)]
pub struct Args {
    /// Chapters or sections; all, when none is named
    #[arg(value_name = "FILTER")]
    filters: Vec<String>,
    /// Catch each so many times in a row. (What shows only by chance is run until it fails, up to 200
    /// times)
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    repeat: u32,
}

/// A patched section that hangs is ended after this.
const LIMIT: Duration = Duration::from_secs(10);

/// A patched section that holds is run again, up to so many runs in all, and not after so long.
const RUNS: u32 = 200;
const PATIENCE: Duration = Duration::from_secs(20);

struct Patch<'a> {
    /// From the workspace's folder.
    file: PathBuf,
    /// What it breaks.
    sentence: String,
    /// The row or rule.
    fails_at: String,
    section: &'a Section,
}

/// Runs the task.
///
/// # Errors
///
/// There is no workspace or no patch, a filter is unknown, or the copy cannot be made.
pub fn run(args: &Args) -> Result<Outcome> {
    let course = Course::load()?;
    let (patches, mistakes) = patches(&course, &course.select(&args.filters)?)?;
    ensure!(!patches.is_empty() || !mistakes.is_empty(), "there is no patch for that");
    let workshop = Workshop::open(&course)?;
    let mut outcome = Outcome::Held;
    let mut done = 0;
    for mistake in mistakes {
        report::print(&mistake);
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
        report::print(&format!("{word:<7} {}: {}\n{text}", patch.file.display(), patch.sentence));
        outcome = outcome.max(result);
    }
    report::print(&format!("{done} of {} patches caught", patches.len()));
    Ok(outcome)
}

/// The patches of these sections, and what is wrong with others.
fn patches<'a>(course: &Course, sections: &[&'a Section]) -> Result<(Vec<Patch<'a>>, Vec<String>)> {
    let folders: BTreeSet<_> =
        sections.iter().map(|section| section.folder.join("sabotage")).collect();
    let (mut patches, mut mistakes) = (Vec::new(), Vec::new());
    for folder in folders {
        let Ok(entries) = fs::read_dir(course.root.join(&folder)) else { continue };
        let mut names: Vec<_> =
            entries.flatten().map(|entry| folder.join(entry.file_name())).collect();
        names.retain(|name| name.extension().is_some_and(|extension| extension == "patch"));
        names.sort();
        for file in names {
            let text = fs::read_to_string(course.root.join(&file));
            let text = text.with_context(|| format!("cannot read {}", file.display()))?;
            match header(course, &file, &text) {
                Err(mistake) => mistakes.push(format!("{}: {mistake}", file.display())),
                Ok((sentence, fails_at, broken)) => {
                    // A patch of a section that the filter left out is passed over.
                    if let Some(section) =
                        sections.iter().find(|section| section.name == broken.name)
                    {
                        patches.push(Patch { file, sentence, fails_at, section });
                    }
                }
            }
        }
    }
    Ok((patches, mistakes))
}

/// The sentence, the row or rule, and the section of a patch.
fn header<'a>(
    course: &'a Course,
    file: &Path,
    text: &str,
) -> Result<(String, String, &'a Section)> {
    let mut lines = text.lines();
    let sentence = lines.next().unwrap_or_default().to_owned();
    let fails_at = lines.next().and_then(|line| line.strip_prefix("fails at: "));
    let fails_at = fails_at.context("line 2: expected `fails at: ` and a row or rule")?.to_owned();
    let name = file.file_stem().unwrap_or_default().to_string_lossy();
    let named = |section: &&Section| {
        file.starts_with(&section.folder)
            && name
                .strip_prefix(&section.name)
                .is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_alphanumeric()))
    };
    let changed =
        |section: &&Section| text.contains(&format!("+++ b/{}\n", section.source.display()));
    // `lock_order-x` is of `lock_order`, also where there is a section `lock`.
    let section = course.sections.iter().filter(named).max_by_key(|section| section.name.len());
    let section = section.or_else(|| course.sections.iter().find(changed));
    Ok((
        sentence,
        fails_at,
        section.context("neither its name nor what it changes tells the section")?,
    ))
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
        let restored = restore(&self.course.root, &self.tree, &self.course.target);
        restored.context("cannot copy the workspace")?;
        if let Err(error) = self.apply(patch) {
            return Ok((Outcome::Unable, format!("  {error:#}\n")));
        }
        let (mut program, messages) = (None, RefCell::new(Vec::new()));
        let built = build::build(
            &self.tree,
            Some(&self.target),
            std::slice::from_ref(&patch.section.name),
            |_, path| program = Some(path),
            |line| messages.borrow_mut().push(format!("  {line}\n")),
        )?;
        let Some(program) = program.filter(|_| built) else {
            return Ok((Outcome::Unable, messages.into_inner().concat()));
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

    fn apply(&self, patch: &Patch<'_>) -> Result<()> {
        let mut git = Command::new("git");
        git.arg("apply").arg(self.course.root.join(&patch.file)).current_dir(&self.tree);
        // The copy lies in the repository but is none of its folders: git must not find it.
        git.env("GIT_CEILING_DIRECTORIES", self.tree.parent().unwrap_or(&self.tree));
        let output = git.stdin(Stdio::null()).output().context("cannot run git")?;
        if !output.status.success() {
            bail!("does not apply: {}", String::from_utf8_lossy(&output.stderr).trim_end());
        }
        Ok(())
    }
}

/// The verdict on the last run of a section that is run until it fails, and how many there were; none,
/// when we are to stop.
fn until_it_fails(
    name: &str,
    facts: &transcript::Section,
    program: &Path,
) -> Result<Option<(Verdict, u32)>> {
    let arguments: Vec<_> = facts.directives.args.iter().map(OsString::from).collect();
    let start = Instant::now();
    let mut runs = 0;
    loop {
        let run = runner::run(program, &arguments, LIMIT)?;
        if run.end == End::Stopped {
            return Ok(None);
        }
        runs += 1;
        let verdict = judge::judge(name, facts, &run, LIMIT);
        let last = runs == RUNS || start.elapsed() >= PATIENCE;
        if last || !matches!(verdict, Verdict::Held(_)) {
            return Ok(Some((verdict, runs)));
        }
    }
}

/// Does the verdict on the last of so many runs name this row or rule?
fn caught(verdict: &Verdict, runs: u32, fails_at: &str) -> Result<(), (Outcome, String)> {
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    match verdict {
        Verdict::Failed(failed) if words(&failed.target) == words(fails_at) => Ok(()),
        Verdict::Failed(failed) => Err((
            Outcome::Failed,
            format!(
                "  expected at: {fails_at}\n  noticed at:  {}\n{}",
                failed.target, failed.explanation
            ),
        )),
        Verdict::Held(_) => {
            let unnoticed = format!("it went unnoticed (runs: {runs})");
            Err((Outcome::Failed, format!("  expected at: {fails_at}\n  {unnoticed}\n")))
        }
        Verdict::Unable(why) | Verdict::Skipped(why) => Err((Outcome::Unable, why.clone())),
    }
}

/// Makes `to` a copy of the sources in `from`. A file that is right already is not touched, so
/// that cargo builds only what a patch changed.
fn restore(from: &Path, to: &Path, target: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    let mut wanted = BTreeSet::new();
    for entry in fs::read_dir(from)? {
        let (path, name) = entry.map(|entry| (entry.path(), entry.file_name()))?;
        let skipped = [".git", "target", "__pycache__"].iter().any(|skipped| name == *skipped);
        if skipped || path == target {
            continue;
        }
        let copy = to.join(&name);
        if path.is_dir() {
            restore(&path, &copy, target)?;
        } else if path.is_file() {
            let content = fs::read(&path)?;
            if fs::read(&copy).ok().as_ref() != Some(&content) {
                fs::write(&copy, content)?;
            }
        }
        wanted.insert(name);
    }
    for entry in fs::read_dir(to)? {
        let (path, name) = entry.map(|entry| (entry.path(), entry.file_name()))?;
        if wanted.contains(&name) {
        } else if path.is_dir() {
            fs::remove_dir_all(path)?;
        } else {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

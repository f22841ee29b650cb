//! `cargo xtask sabotage`: breaks the sections on purpose.
//!
//! A patch in a chapter's folder `sabotage` begins with a sentence that says what it breaks and
//! a line `fails at: ` with the row or rule at which that must be noticed; a `git diff` follows.
//! It is applied to a copy of the workspace, never to the workspace itself; the section is built
//! there, run, and judged by the transcript of the original. While it runs, the next is built: many
//! hang until they are ended.
//!
//! Which section that is, the patch's name says (`semaphore-extra-permit.patch`), or else the
//! source of a section that it changes.
//!
//! `--keep DIR` leaves such a copy for whoever reads the course: to run, to look at, and to break
//! further. Patches are ordinary ones; `git apply` takes them, too.

mod attempt;
mod copy;
mod patches;
mod workshop;

use crate::course::Course;
use crate::verify::queue::Queue;
use crate::{Outcome, screen, stop};
use anyhow::{Result, bail, ensure};
use patches::Patch;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread;
use workshop::Workshop;

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

/// So many broken sections run at once for each core: those that take long only wait to be ended.
const RUNS_FOR_EACH_CORE: usize = 2;

/// Runs the task.
///
/// # Errors
///
/// There is no workspace or no patch, a filter is unknown, or the copy cannot be made.
pub fn run(args: &Args) -> Result<Outcome> {
    let course = Course::load()?;
    let (patches, mistakes) = patches::select(&course, &args.filters)?;
    ensure!(!patches.is_empty() || !mistakes.is_empty(), "there is no patch for that");
    for mistake in &mistakes {
        screen::print(mistake);
    }
    if let Some(folder) = &args.keep {
        return keep(&course, &patches, folder);
    }
    let workshop = Workshop::open(&course)?;
    let mut outcome = if mistakes.is_empty() { Outcome::Held } else { Outcome::Unable };
    let mut caught = 0;
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let (queue, (sender, results)) = (Queue::new(1), mpsc::channel());
    thread::scope(|scope| {
        let (workshop, patches, queue) = (&workshop, &*patches, &queue);
        // Sending cannot fail: the receiver lives until the last sender is dropped.
        for _ in 0..(cores * RUNS_FOR_EACH_CORE).min(patches.len()) {
            let sender = sender.clone();
            scope.spawn(move || {
                while let Some(turn) = queue.next() {
                    let patch = &patches[turn.subject];
                    let result = attempt::attempt(patch, &turn.program, args.repeat);
                    queue.done(turn.subject);
                    let _ = fs::remove_file(&turn.program); // all of them would fill a small disk
                    let _ = sender.send((patch, result));
                }
            });
        }
        scope.spawn(move || {
            for (at, patch) in patches.iter().enumerate() {
                match workshop.build(patch) {
                    _ if stop::requested() => break,
                    Ok(program) => queue.add(at, &program, patch.head.directives.alone),
                    Err(error) => drop(sender.send((patch, Err(error)))),
                }
            }
            queue.complete();
        });
        for (patch, result) in results {
            if stop::requested() {
                continue;
            }
            let unable = |error| (Outcome::Unable, format!("  {error:#}\n"));
            let (result, text) = result.unwrap_or_else(unable);
            let word = match result {
                Outcome::Held => "caught",
                Outcome::Failed => "MISSED",
                Outcome::Unable => "could not run",
            };
            caught += usize::from(result == Outcome::Held);
            outcome = outcome.max(result);
            screen::print(&format!(
                "{word:<7} {}: {}\n{text}",
                patch.file.display(),
                patch.sentence
            ));
        }
    });
    screen::print(&format!("{caught} of {} patches caught", patches.len()));
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

//! One bench program, run without trusting it: in a group of its own, ended when it hangs.

use crate::processes;
use crate::stop::{self, TICK};
use anyhow::{Context, Result, bail};
use shell::{Exit, Source};
use std::collections::VecDeque;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use versus::{Report, Step};

/// How much of what a program says on standard error is kept for its error.
const LAST_WORDS: usize = 10;

/// How long after TERM what still lives is killed.
const GRACE: Duration = Duration::from_millis(500);

/// What is to be run.
#[derive(Clone, Copy, Debug)]
pub struct Job<'a> {
    /// A program whose `main` is [`versus::main`].
    pub program: &'a Path,
    /// Where it runs.
    pub folder: &'a Path,
    /// Its arguments, those that ask for progress and name the result file excepted.
    pub arguments: &'a [String],
    /// The result file: it writes it, and may read what is there.
    pub file: &'a Path,
    /// It is ended when it has begun no run of a variant for so long: that long none may take.
    pub limit: Duration,
}

/// Runs it to its end, tells each of its steps, and reads its result file.
///
/// # Errors
///
/// It could not be started, crashed, hung, was ended because we are to stop, or left no report.
pub fn run(job: &Job<'_>, watch: &mut dyn FnMut(&Step)) -> Result<Report> {
    let folder = folder()?;
    let mut command = Command::new(job.program);
    command.args(job.arguments).arg("--progress").arg("--json").arg(job.file);
    command.current_dir(job.folder).stdin(Stdio::null()).env("TMPDIR", folder.path());
    tests_and_benches::tell_pythons(&mut command);

    let mut group = processes::spawn(&mut command)?;
    let mut heard = Instant::now();
    let mut last_step = None;
    let mut last_words = VecDeque::new();
    let hung = loop {
        if stop::requested() {
            break false;
        } else if heard.elapsed() > job.limit {
            break true;
        }
        match group.next_line_timeout(TICK) {
            Ok(Some(line)) => {
                if line.source == Source::Stdout {
                    // For a reader who runs it alone: we have its report.
                } else if let Ok(step) = serde_json::from_slice(&line.bytes) {
                    // Not at any line: a variant that never ends may talk all the while.
                    heard = Instant::now();
                    watch(&step);
                    last_step = Some(step);
                } else {
                    last_words.push_back(line.text().into_owned());
                    if last_words.len() > LAST_WORDS {
                        last_words.pop_front();
                    }
                }
            }
            Ok(None) if group.wait_timeout(TICK) => break false,
            Ok(None) | Err(_) => {}
        }
    };
    let ended = processes::stop(group, GRACE);
    let at = last_step.as_ref().map(place).unwrap_or_default();
    let said: Vec<_> = last_words.iter().map(|line| format!("\n  {line}")).collect();
    let said = said.concat();
    if stop::requested() {
        bail!("not finished");
    } else if hung {
        bail!("{at}took longer than {} s and has been ended{said}", job.limit.as_secs());
    }
    match ended.exit {
        // 1: a variant has failed, and the report says which and why.
        Exit::Code(0 | 1) => Report::read(job.file),
        exit => bail!("{at}ended with {exit}{said}"),
    }
}

/// A folder that goes when it is dropped.
///
/// # Errors
///
/// It cannot be made.
pub fn folder() -> Result<TempDir> {
    let folder = tempfile::Builder::new().prefix("xtask-").tempdir();
    folder.context("cannot make a temporary directory")
}

/// Where it was last, as the beginning of a sentence.
fn place(step: &Step) -> String {
    let Step { variant, round, .. } = step;
    match round {
        0 => format!("variant `{variant}`, before the first round, "),
        _ => format!("variant `{variant}`, in round {round}, "),
    }
}

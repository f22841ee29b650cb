//! The report file of `verify --json`: one document with every line of every run.
//!
//! ```json
//! {"interrupted": null,
//!  "runs": [{"chapter": "sync", "section": "semaphore", "kind": "rust", "round": 1,
//!            "verdict": "held", "target": null, "why": null, "exit": 0, "signal": null,
//!            "wall_nanos": 1, "user_nanos": 1, "system_nanos": 1,
//!            "lines": [{"nanos": 1, "stream": "stdout", "lane": "i=0", "text": "task 0 waiting",
//!                       "utf8": true}]}]}
//! ```
//!
//! `round` counts from 1. `lane` is null where no row took the line. `text` of a line that is
//! not UTF-8 (`utf8` is false) has the replacement character where it is not. A subject without
//! a run (skipped, or not built) has no lines, exit or times.

use super::judge::{Failed, Judgement};
use super::runner::Run;
use super::tally::Tally;
use crate::stop;
use anyhow::{Context, Result};
use serde_json::{Value, json};
use shell::{Exit, Line, Source};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A report that is being made.
pub struct JsonFile {
    path: PathBuf,
    file: File,
    runs: Vec<Value>,
}

impl JsonFile {
    /// Makes the file, so that what forbids it is known before anything runs.
    ///
    /// # Errors
    ///
    /// It cannot be made.
    pub fn create(path: &Path) -> Result<JsonFile> {
        let file =
            File::create(path).with_context(|| format!("cannot write {}", path.display()))?;
        Ok(JsonFile { path: path.to_path_buf(), file, runs: Vec::new() })
    }

    /// Adds a run, or why there was none.
    pub fn add(&mut self, tally: &Tally<'_>, round: u32, run: Option<&Run>, verdict: &Judgement) {
        let none: &[String] = &[];
        let (word, target, why, lanes, err_lanes) = match verdict {
            Judgement::Held(reading) => ("held", None, None, &*reading.lanes, &*reading.err_lanes),
            Judgement::Failed(Failed { target, explanation, lanes, err_lanes }) => {
                ("failed", Some(target), Some(explanation), &**lanes, &**err_lanes)
            }
            Judgement::Unable(why) => ("could not run", None, Some(why), none, none),
            Judgement::Skipped(why) => ("skipped", None, Some(why), none, none),
        };
        let (exit, signal) = match run.map(|run| run.ended.exit) {
            Some(Exit::Code(code)) => (Some(code), None),
            Some(Exit::Signal(signal)) => (None, Some(signal)),
            Some(Exit::Unknown) | None => (None, None),
        };
        self.runs.push(json!({
            "chapter": tally.section.chapter,
            "section": tally.section.name,
            "kind": if tally.python { "python" } else { "rust" },
            "round": round + 1,
            "verdict": word,
            "target": target,
            "why": why,
            "exit": exit,
            "signal": signal,
            "wall_nanos": run.map(|run| nanos(run.wall)),
            "user_nanos": run.map(|run| nanos(run.ended.user)),
            "system_nanos": run.map(|run| nanos(run.ended.system)),
            "lines": run.map_or_else(Vec::new, |run| lines(run, lanes, err_lanes)),
        }));
    }

    /// Writes all of it.
    ///
    /// # Errors
    ///
    /// It cannot be written.
    pub fn write(self) -> Result<()> {
        let document = json!({ "interrupted": stop::reason(), "runs": self.runs });
        let mut file = BufWriter::new(self.file);
        let written = serde_json::to_writer(&mut file, &document).map_err(Into::into);
        let written = written.and_then(|()| writeln!(file).and_then(|()| file.flush()));
        written.with_context(|| format!("cannot write {}", self.path.display()))
    }
}

fn lines(run: &Run, lanes: &[String], err_lanes: &[String]) -> Vec<Value> {
    let (mut lanes, mut err_lanes) = (lanes.iter(), err_lanes.iter());
    let line = |(time, line): &(Duration, Line)| {
        let (stream, lane) = match line.source {
            Source::Stdout => ("stdout", lanes.next()),
            Source::Stderr => ("stderr", err_lanes.next()),
        };
        json!({
            "nanos": nanos(*time),
            "stream": stream,
            "lane": lane.filter(|lane| !lane.is_empty()),
            "text": line.text(),
            "utf8": str::from_utf8(&line.bytes).is_ok(),
        })
    };
    run.lines.iter().map(line).collect()
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

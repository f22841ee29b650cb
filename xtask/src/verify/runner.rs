//! Runs one program without trusting it.
//!
//! It gets a session, a process group and an empty temporary directory of its own (its current directory,
//! and `TMPDIR`), an empty standard input, a time limit, and an environment that is the same
//! everywhere: `PATH` and `HOME` from outside, and what [`environment`] lists. All it prints is
//! read to the end, up to [`LIMIT`] bytes. When [`run`] returns, nothing of it is left.

use super::session;
use crate::processes::{self, Process};
use crate::stop::{self, TICK};
use anyhow::{Context, Result, ensure};
use shell::{Exit, Line, Source};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, ffi::OsString, path::Path};

/// A program that prints more than this is ended: 4 MiB, each line counted with its time stamp.
pub const LIMIT: usize = 4 << 20;

/// How long after TERM what still lives is killed.
const GRACE: Duration = Duration::from_millis(500);

/// What happened in a run.
#[derive(Debug)]
pub struct Run {
    /// Its standard output.
    pub stdout: Vec<u8>,
    /// Its standard error.
    pub stderr: Vec<u8>,
    /// One for each line of either, in the order in which they came.
    pub stamps: Vec<Stamp>,
    /// Why it ended.
    pub end: End,
    /// How its first process ended.
    pub exit: Exit,
    /// What outlived that, and had to be ended.
    pub outlived: Vec<Process>,
    /// Whether there was such a thing (where they cannot be named, too).
    pub left_behind: bool,
    /// From the start to the end.
    pub wall: Duration,
    /// Its processor time in user mode.
    pub user: Duration,
    /// Its processor time in the kernel.
    pub system: Duration,
}

/// When a line came, and where it ends.
#[derive(Clone, Copy, Debug)]
pub struct Stamp {
    /// Nanoseconds from the start of the program until its end was read.
    pub nanos: u64,
    /// Which output it came from.
    pub source: Source,
    /// Where it ends in that output.
    pub end: usize,
}

/// Why a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// By itself.
    Itself,
    /// At its time limit; what each of its threads was waiting in.
    Limit(Vec<String>),
    /// It printed more than [`LIMIT`].
    Flood,
    /// The runner was told to stop; what each of its threads was waiting in.
    Stopped(Vec<String>),
}

/// The variables that a run has, besides its own `TMPDIR`.
pub fn environment() -> impl Iterator<Item = (&'static str, OsString)> {
    let fixed = [
        ("LANG", "C.UTF-8"),
        ("TZ", "UTC"),
        ("RUST_BACKTRACE", "0"),
        ("PYTHONDONTWRITEBYTECODE", "1"), // a twin leaves nothing beside its source
    ];
    let inherited =
        ["PATH", "HOME"].into_iter().filter_map(|name| Some((name, env::var_os(name)?)));
    fixed.into_iter().map(|(name, value)| (name, value.into())).chain(inherited)
}

/// Runs a program with these arguments to its end, or to this limit.
///
/// # Errors
///
/// It cannot be started.
pub fn run(program: &Path, arguments: &[OsString], limit: Duration) -> Result<Run> {
    let folder = tempfile::Builder::new().prefix("xtask-").tempdir();
    let folder = folder.context("cannot make a temporary directory")?;
    let mark = folder.path();
    let mut command = Command::new(program);
    command.args(arguments).current_dir(mark).stdin(Stdio::null());
    command.env_clear().envs(environment()).env("TMPDIR", mark);
    session::leads_its_own(&mut command);

    let start = Instant::now();
    let mut group = processes::spawn(&mut command)?;
    let id = group.id();
    let mut log = Log::default();
    let mut end = loop {
        let left = limit.saturating_sub(start.elapsed());
        if stop::requested() {
            break End::Stopped(processes::waits(id, mark));
        } else if left.is_zero() {
            break End::Limit(processes::waits(id, mark));
        }
        match group.next_line_timeout(left.min(TICK)) {
            Ok(Some(line)) => {
                log.add(&line, start.elapsed());
                if log.size() > LIMIT {
                    break End::Flood;
                }
            }
            Ok(None) if group.wait_timeout(left.min(TICK)) => break End::Itself,
            // Nothing for now, or it closed both outputs and lives on.
            Err(_) | Ok(None) => {}
        }
    };
    // Of a program that hangs, also the line it hangs in.
    while let Some(line) = group.unfinished_line() {
        log.add(&line, start.elapsed());
    }
    let wall = start.elapsed();
    let mut outlived = Vec::new();
    if end == End::Itself {
        outlived = processes::outlivers(id, mark);
        if stop::requested() {
            end = End::Stopped(Vec::new()); // what was found has not had its moment to end by itself
        }
    }
    let (ended, all_escaped) = processes::stop_run(group, mark, GRACE);
    ensure!(ended.exit != Exit::Unknown, "its exit status was lost");
    for escaped in all_escaped {
        if outlived.iter().all(|known| known.pid != escaped.pid) {
            outlived.push(escaped);
        }
    }
    Ok(Run {
        left_behind: !outlived.is_empty() || (end == End::Itself && ended.left_behind),
        stdout: log.stdout,
        stderr: log.stderr,
        stamps: log.stamps,
        end,
        exit: ended.exit,
        outlived,
        wall,
        user: ended.user,
        system: ended.system,
    })
}

#[derive(Default)]
struct Log {
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    stamps: Vec<Stamp>,
}

impl Log {
    fn add(&mut self, line: &Line, now: Duration) {
        let text = match line.source {
            Source::Stdout => &mut self.stdout,
            Source::Stderr => &mut self.stderr,
        };
        // A long line comes in pieces: this may be more of the last line of its output.
        let continued = text.last().is_some_and(|byte| *byte != b'\n');
        text.extend_from_slice(&line.bytes);
        let nanos = u64::try_from(now.as_nanos()).unwrap_or(u64::MAX);
        let stamp = Stamp { nanos, source: line.source, end: text.len() };
        let same = |stamp: &&mut Stamp| stamp.source == line.source;
        match self.stamps.iter_mut().rfind(same) {
            Some(last) if continued => *last = stamp,
            _ => self.stamps.push(stamp),
        }
    }

    fn size(&self) -> usize {
        self.stdout.len() + self.stderr.len() + size_of_val(self.stamps.as_slice())
    }
}

impl Run {
    /// Each line in the order in which they came, with its time and output, without its newline.
    pub fn lines(&self) -> impl Iterator<Item = (Stamp, &[u8])> {
        let mut starts = [0, 0];
        self.stamps.iter().map(move |stamp| {
            let (start, text) = match stamp.source {
                Source::Stdout => (&mut starts[0], &self.stdout),
                Source::Stderr => (&mut starts[1], &self.stderr),
            };
            let line = &text[*start..stamp.end];
            *start = stamp.end;
            (*stamp, line.strip_suffix(b"\n").unwrap_or(line))
        })
    }
}

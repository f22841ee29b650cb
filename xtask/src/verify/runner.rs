//! Runs one program without trusting it.
//!
//! It gets a session, a process group and an empty temporary directory of its own (its current directory,
//! and `TMPDIR`), an empty standard input, a time limit, and an environment that is the same everywhere,
//! `PATH` and `HOME` excepted. All it prints is read to the end, up to [`LIMIT`] bytes. When [`run`]
//! returns, nothing of it is left.

use crate::processes::{self, Process};
use crate::stop::{self, TICK};
use anyhow::{Context, Result, ensure};
use nix::unistd::{Pid, getpgrp, setpgid, setsid};
use shell::{Ended, Exit, Line, Source};
use std::os::unix::process::CommandExt;
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
    /// The lines of both outputs in the order in which they came, each with the time from the start of
    /// the program until its end was read.
    pub lines: Vec<(Duration, Line)>,
    /// Why it ended.
    pub end: End,
    /// How its first process ended, and the processor time that took.
    pub ended: Ended,
    /// What outlived that, and had to be ended; as far as it is known (see [`Run::left_behind`]).
    pub outlived: Vec<Process>,
    /// From the start to the end.
    pub wall: Duration,
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

/// The variables that a run has, besides its own `TMPDIR`, and `PATH` and `HOME` from outside.
const ENVIRONMENT: [(&str, &str); 4] = [
    ("LANG", "C.UTF-8"),
    ("TZ", "UTC"),
    ("RUST_BACKTRACE", "0"),
    ("PYTHONDONTWRITEBYTECODE", "1"), // a twin leaves nothing beside its source
];

/// Runs a program with these arguments to its end, or to this limit.
///
/// # Errors
///
/// It cannot be started.
pub fn run(program: &Path, arguments: &[OsString], limit: Duration) -> Result<Run> {
    let folder = tempfile::Builder::new().prefix("xtask-").tempdir();
    let folder = folder.context("cannot make a temporary directory")?;
    let mut command = Command::new(program);
    command.args(arguments).current_dir(&folder).stdin(Stdio::null());
    command.env_clear().envs(ENVIRONMENT).env("TMPDIR", folder.path());
    command.envs(["PATH", "HOME"].iter().filter_map(|name| Some((name, env::var_os(name)?))));
    lead_a_session(&mut command);

    let start = Instant::now();
    let mut group = processes::spawn(&mut command)?;
    let mut log = Log { start, lines: Vec::new(), size: 0 };
    let mut end = loop {
        let left = limit.saturating_sub(start.elapsed());
        if stop::requested() {
            break End::Stopped(processes::waits(&group));
        } else if left.is_zero() {
            break End::Limit(processes::waits(&group));
        }
        match group.next_line_timeout(left.min(TICK)) {
            Ok(Some(line)) => log.add(line),
            Ok(None) if group.wait_timeout(left.min(TICK)) => break End::Itself,
            // Nothing for now, or it closed both outputs and lives on.
            Err(_) | Ok(None) => {}
        }
        if log.size > LIMIT {
            break End::Flood;
        }
    };
    // Of one that is to be ended, also what it has printed just now, and the line it hangs in.
    while log.size <= LIMIT
        && let Ok(Some(line)) = group.next_line_timeout(Duration::ZERO)
    {
        log.add(line);
    }
    while let Some(line) = group.unfinished_line() {
        log.add(line);
    }
    let wall = start.elapsed();
    let mut outlived = Vec::new();
    if end == End::Itself {
        outlived = processes::outlivers(&group);
        if stop::requested() {
            end = End::Stopped(Vec::new()); // what was found has not had its moment to end by itself
        }
    }
    let (ended, all_escaped) = processes::stop_run(group, GRACE);
    ensure!(ended.exit != Exit::Unknown, "its exit status was lost");
    for escaped in all_escaped {
        if outlived.iter().all(|known| known.pid != escaped.pid) {
            outlived.push(escaped);
        }
    }
    Ok(Run { lines: log.lines, end, ended, outlived, wall })
}

/// Lets a program that is started as the leader of a group lead a session too: it has no controlling
/// terminal then, from which it could read, or which could signal it.
#[allow(unsafe_code, reason = "`Command` has no stable way to start a session")]
fn lead_a_session(command: &mut Command) {
    let ours = getpgrp();
    let start_session = move || {
        // The leader of a group may not start a session: it steps back into our group for a moment.
        // Started from outside a container we have a group without a number, and it stays where it is.
        let _ = setpgid(Pid::from_raw(0), ours).and_then(|()| setsid());
        Ok(())
    };
    // SAFETY: the closure runs in a child that has one thread of several, so it may do only what a
    // signal handler may.
    // 1. It calls `setpgid` and `setsid`, which POSIX lists as async-signal-safe.
    // 2. It allocates nothing and takes no lock: it owns a number.
    // 3. It touches no memory or descriptor of ours.
    unsafe { command.pre_exec(start_session) };
}

/// What has been printed so far.
struct Log {
    start: Instant,
    lines: Vec<(Duration, Line)>,
    size: usize,
}

impl Log {
    fn add(&mut self, piece: Line) {
        self.size += piece.bytes.len() + size_of::<(Duration, Line)>();
        let now = self.start.elapsed();
        // A long line comes in pieces: this may be more of the last line of its output.
        match self.lines.iter_mut().rfind(|(_, line)| line.source == piece.source) {
            Some((time, line)) if !line.bytes.ends_with(b"\n") => {
                line.bytes.extend(piece.bytes);
                *time = now;
            }
            _ => self.lines.push((now, piece)),
        }
    }
}

impl Run {
    /// All that came from one output.
    pub fn output(&self, source: Source) -> Vec<u8> {
        let lines = self.lines.iter().filter(|(_, line)| line.source == source);
        lines.flat_map(|(_, line)| &line.bytes).copied().collect()
    }

    /// Had something to be ended that outlived it? Where it cannot be named, too.
    pub fn left_behind(&self) -> bool {
        !self.outlived.is_empty() || self.end == End::Itself && self.ended.left_behind
    }
}

//! The expected output of a concurrent program: parse, match, count, explain.

use num_bigint::BigUint;
use std::{fmt, time::Duration};

/// What the source of a section says about its output.
#[derive(Clone, Debug)]
pub struct Section {
    /// The first sentence of the file's documentation.
    pub title: String,
    /// How the section is to be run.
    pub directives: Directives,
    /// Which outputs are legal.
    pub transcript: Transcript,
}

/// The `//@` lines of a section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directives {
    /// The exit status that is right.
    pub exit: i32,
    /// Arguments for the checked run.
    pub args: Vec<String>,
    /// The time limit of the checked run.
    pub timeout: Duration,
    /// Needs a quiet machine: run after the others, by itself.
    pub alone: bool,
    /// Skipped where there are fewer cores than this.
    pub cores: usize,
    /// Why this section has no Python twin, if it has none.
    pub no_twin: Option<String>,
}

/// A mistake in a transcript: where, and what was expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// Line of the source, from 1.
    pub line: usize,
    /// Column of the source in characters, from 1.
    pub column: usize,
    /// What is wrong and what was expected.
    pub message: String,
}

/// Prints `line:column: message`, so that `file:` can stand before it.
impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.message)
    }
}

/// A parsed transcript.
#[derive(Clone, Debug)]
pub struct Transcript {}

/// What a finished program left behind.
#[derive(Clone, Copy, Debug)]
pub struct Run<'a> {
    /// All of its standard output.
    pub stdout: &'a [u8],
    /// All of its standard error.
    pub stderr: &'a [u8],
    /// How it ended.
    pub status: Status,
}

/// How a program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// By itself, with this status.
    Exited(i32),
    /// By this signal.
    Signalled(i32),
    /// From outside, by its runner (a time-out, say): the status is not judged.
    Unjudged,
}

/// The answer of [`Section::check`].
#[derive(Clone, Debug)]
pub enum Verdict {
    /// The output is legal.
    Legal(Reading),
    /// The output is not legal, and why.
    Illegal(Box<Failure>),
    /// The transcript allows too many readings to tell.
    TooAmbiguous(Box<Ambiguity>),
}

/// One way to read a legal output.
#[derive(Clone, Debug)]
pub struct Reading {
    /// The lane of each line of standard output: `main`, `A`, `i=0`, `~`.
    pub lanes: Vec<String>,
    /// The same for standard error: `err`.
    pub err_lanes: Vec<String>,
    /// Each `sometimes` rule as written, and whether this run showed it.
    pub sometimes: Vec<(String, bool)>,
    /// The order of the lines without their values: two runs with equal `order` are one of
    /// the [`Transcript::count`] outputs.
    pub order: Vec<String>,
}

/// Which of the seven things went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// No row matches this line.
    NoRow,
    /// A row would take this line, but other lines must come first.
    TooEarly,
    /// The rows that would take this line have all been used.
    OnceTooOften,
    /// The output ended before every row was used.
    Ended,
    /// A rule of `# Always` broke.
    Rule,
    /// A value is out of the bounds that a rule sets.
    OutOfBounds,
    /// The exit status is not the right one.
    Exit,
}

/// Why an output is not legal.
#[derive(Clone, Debug)]
pub struct Failure {
    /// Which of the seven things went wrong.
    pub kind: Kind,
    /// The line at fault, from 1; none for the end of the output and the exit status.
    pub line: Option<usize>,
    /// The row or the rule at fault, as the transcript writes it.
    pub target: String,
    /// The lanes of the lines of standard output; empty for a line that no row took.
    pub lanes: Vec<String>,
    /// The same for standard error.
    pub err_lanes: Vec<String>,
}

impl Failure {
    /// The whole explanation, for a section of this name; ends with a newline.
    pub fn explain(&self, _name: &str) -> String {
        todo!()
    }
}

/// Why a transcript is too ambiguous for an output.
#[derive(Clone, Debug)]
pub struct Ambiguity {
    /// The line at which the readings became too many, from 1.
    pub line: usize,
    /// The rows at fault, as the transcript writes them.
    pub rows: Vec<String>,
}

impl Ambiguity {
    /// The whole explanation, for a section of this name; ends with a newline.
    pub fn explain(&self, _name: &str) -> String {
        todo!()
    }
}

impl Section {
    /// Reads the source of a section: title, directives, transcript.
    ///
    /// # Errors
    ///
    /// Every mistake found, in the order of the lines.
    pub fn parse(_source: &str) -> Result<Section, Vec<ParseError>> {
        todo!()
    }

    /// Is this run legal?
    pub fn check(&self, _run: &Run<'_>) -> Verdict {
        todo!()
    }

    /// Tries the line mutants of a legal run.
    pub fn mutants(&self, _run: &Run<'_>) -> Mutants {
        todo!()
    }
}

impl Transcript {
    /// The number of different legal outputs.
    pub fn count(&self) -> Count {
        todo!()
    }
}

/// A number of legal outputs; prints with thousands separated by commas.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Count {
    /// Just so many.
    Exactly(BigUint),
    /// More than could be counted.
    TooMany,
}

impl fmt::Display for Count {
    fn fmt(&self, _f: &mut fmt::Formatter<'_>) -> fmt::Result {
        todo!()
    }
}

/// What became of the line mutants of a legal run.
#[derive(Clone, Debug, Default)]
pub struct Mutants {
    /// How many lines were dropped or doubled.
    pub tried: usize,
    /// Dropped and doubled lines that went unnoticed: `drop line 3: text`.
    pub missed: Vec<String>,
    /// The swaps of neighbours that are legal: the freedom that the transcript gives, one by
    /// one: `lines 3 and 4: a <-> b`.
    pub swaps: Vec<String>,
}

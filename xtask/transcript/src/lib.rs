//! The expected output of a concurrent program: parse, match, count, explain.
#![forbid(unsafe_code)]
#![warn(clippy::print_stdout, clippy::print_stderr)]

mod amount;
mod count;
mod explain;
mod judge;
mod matcher;
mod mutants;
mod order;
mod possible;
mod rows;
mod rules;
mod source;
mod text;

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
pub struct Transcript {
    order: order::Order,
    rules: Vec<rules::Rule>,
    bounds: Vec<rules::Bound>,
}

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
    report: String,
}

impl Failure {
    /// The whole explanation, for a section of this name; ends with a newline.
    pub fn explain(&self, name: &str) -> String {
        format!("{name}: {}", self.report)
    }
}

/// Why a transcript is too ambiguous for an output.
#[derive(Clone, Debug)]
pub struct Ambiguity {
    /// The line at which the readings became too many, from 1.
    pub line: usize,
    /// That line is one of standard error.
    pub on_stderr: bool,
    /// The rows at fault, as the transcript writes them.
    pub rows: Vec<String>,
}

impl Ambiguity {
    /// The whole explanation, for a section of this name; ends with a newline.
    pub fn explain(&self, name: &str) -> String {
        let stream = if self.on_stderr { " of standard error" } else { "" };
        let mut text = format!(
            "{name}: too ambiguous: line {}{stream} can be read in more than {} ways; the rows that compete for lines:\n",
            self.line,
            matcher::MOST_STATES
        );
        for row in &self.rows {
            text.push_str(&format!("    {row}\n"));
        }
        text
    }
}

impl Section {
    /// Reads the source of a section: title, directives, transcript.
    ///
    /// # Errors
    ///
    /// Every mistake found, in the order of the lines.
    pub fn parse(source: &str) -> Result<Section, Vec<ParseError>> {
        let docs = source::docs(source);
        let title = source::title(&docs).map_err(|e| vec![e]);
        let directives = source::directives(source);
        let transcript = Transcript::from_docs(&docs);
        match (title, directives, transcript) {
            (Ok(title), Ok(directives), Ok(transcript)) => {
                Ok(Section { title, directives, transcript })
            }
            (title, directives, transcript) => {
                let errors = [title.err(), directives.err(), transcript.err()];
                let mut errors: Vec<ParseError> = errors.into_iter().flatten().flatten().collect();
                errors.sort_by_key(|e| (e.line, e.column));
                Err(errors)
            }
        }
    }

    /// Is this run legal?
    pub fn check(&self, run: &Run<'_>) -> Verdict {
        self.transcript.check(run, self.directives.exit)
    }

    /// Tries the line mutants of a legal run.
    pub fn mutants(&self, run: &Run<'_>) -> Mutants {
        self.transcript.mutants(run, self.directives.exit)
    }
}

impl Transcript {
    /// Reads a transcript from Markdown: the fence under `# Output`, the bullets under
    /// `# Always`.
    ///
    /// # Errors
    ///
    /// Every mistake found, in the order of the lines.
    pub fn parse(markdown: &str) -> Result<Transcript, Vec<ParseError>> {
        let line = |(number, text)| source::Line { text, number, column: 1 };
        let lines: Vec<_> = (1..).zip(markdown.lines()).map(line).collect();
        Transcript::from_docs(&lines)
    }

    fn from_docs(docs: &[source::Line<'_>]) -> Result<Transcript, Vec<ParseError>> {
        let parts = source::parts(docs)?;
        let mut errors = Vec::new();
        let rows =
            parts.rows.iter().filter_map(|l| rows::Row::parse(l).map_err(|e| errors.push(e)).ok());
        let rows = rows.collect();
        if !errors.is_empty() {
            return Err(errors);
        }
        let order = order::Order::new(rows).map_err(sorted)?;
        let (rules, bounds) = rules::parse(&parts.bullets, &order).map_err(sorted)?;
        Ok(Transcript { order, rules, bounds })
    }
}

fn sorted(mut errors: Vec<ParseError>) -> Vec<ParseError> {
    errors.sort_by_key(|e| (e.line, e.column));
    errors
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
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Count::Exactly(number) = self else {
            return f.pad("too many to count");
        };
        let digits = number.to_string();
        let grouped: Vec<&str> =
            digits.as_bytes().rchunks(3).rev().map(|c| str::from_utf8(c).unwrap_or("")).collect();
        f.pad(&grouped.join(","))
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

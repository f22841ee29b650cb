//! What is shown: a progress bar on a terminal and plain lines elsewhere, then a table, then the
//! failures explained.

use crate::Outcome;
use crate::stop;
use crate::tally::Tally;
use comfy_table::{ContentArrangement, Row, Table, presets};
use console::Term;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::{self, ErrorKind, Write};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::{env, time::Duration};
use transcript::Mutants;

/// Prints a text to standard output, with a newline if it has none.
///
/// If that cannot be written, the runner is to stop: quietly when the reader has gone.
pub fn print(text: &str) {
    let text = text.strip_suffix('\n').unwrap_or(text);
    let mut output = io::stdout().lock();
    if stop::requested() && stop::reason().is_none() {
        return; // it has failed before
    }
    match writeln!(output, "{text}").and_then(|()| output.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => stop::reader_gone(),
        Err(error) => {
            stop::output_failed();
            aside(&format!("error: cannot write to standard output: {error}"));
        }
        Ok(()) => {}
    }
}

/// Prints a line to standard error; if nobody can read that, it is lost.
pub fn aside(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}

/// Where the progress is shown.
pub struct Screen {
    bar: Option<ProgressBar>,
    runs: u64,
    done: AtomicU64,
}

impl Screen {
    /// For so many runs. Plain lines, unless both outputs go to a terminal that can do more and
    /// `NO_COLOR` is not set.
    pub fn new(runs: u64) -> Screen {
        let set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
        let dumb = env::var_os("TERM").is_none_or(|term| term == "dumb");
        let plain =
            set("NO_COLOR") || dumb || !Term::stdout().is_term() || !Term::stderr().is_term();
        let bar = || {
            let style = ProgressStyle::with_template("[{bar:20}] {pos}/{len} {wide_msg}");
            let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
            ProgressBar::new(runs).with_style(style.progress_chars("=> "))
        };
        Screen { bar: (!plain).then(bar), runs, done: AtomicU64::new(0) }
    }

    /// A run begins.
    pub fn started(&self, name: &str) {
        if let Some(bar) = &self.bar {
            bar.set_message(name.to_owned());
        }
    }

    /// So many runs are over.
    pub fn done(&self, runs: u32) {
        self.done.fetch_add(u64::from(runs), Relaxed);
        if let Some(bar) = &self.bar {
            bar.inc(u64::from(runs));
        }
    }

    /// Where there is no bar, a line after each tenth of all runs.
    pub fn tenth(&self) {
        let (done, runs) = (self.done.load(Relaxed), self.runs);
        if done * 10 / runs > (done - 1) * 10 / runs {
            self.line(&format!("{done} of {runs} runs are over"));
        }
    }

    /// All rounds of a section are over: a line of its own where there is no bar.
    pub fn finished(&self, tally: &Tally<'_>) {
        if self.bar.is_none() || tally.outcome() != Outcome::Held {
            let (name, words) = (tally.name(), tally.in_words());
            self.beside(|| print(&format!("{name:<28} {words}  {}", seconds(tally.wall))));
        }
    }

    /// A line that says how far we are, where there is no bar to show it.
    pub fn line(&self, text: &str) {
        if self.bar.is_none() {
            print(text);
        }
    }

    /// Prints a text to standard output, beside the bar.
    pub fn say(&self, text: &str) {
        self.beside(|| print(text));
    }

    /// Shows a line of cargo's.
    pub fn build(&self, line: &str) {
        self.beside(|| aside(line));
    }

    /// Takes the bar away.
    pub fn clear(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    /// Lets something be printed without disturbing the bar.
    pub fn beside(&self, print: impl FnOnce()) {
        match &self.bar {
            Some(bar) => bar.suspend(print),
            None => print(),
        }
    }
}

/// A terminal that is narrower breaks the rows of a table itself: cells of a few letters each could
/// not be read.
const NARROWEST: u16 = 60;

/// A table that is as wide as the terminal, or as it likes.
pub fn table(header: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_style(presets::ASCII_MARKDOWN).set_content_arrangement(ContentArrangement::Dynamic);
    if let Some((_, width @ NARROWEST..)) = Term::stdout().size_checked() {
        table.set_width(width);
    }
    table.set_header(header.to_vec()).add_rows(rows.into_iter().map(Row::from));
    table.trim_fmt() + "\n"
}

/// The text with its first letter in upper case.
pub fn upper(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// A row for each section; the chapter stands at its first.
pub fn summary(tallies: &[Tally<'_>], repeat: u32) -> String {
    let mut header = vec!["chapter", "section", "verdict", "time"];
    if repeat > 1 {
        header.extend(["orders seen", "of legal", "95 % sure: fails below"]);
    }
    let mut chapter = "";
    let mut rows = Vec::new();
    for tally in tallies {
        let (now, name) = (tally.section.chapter.as_str(), &tally.section.name);
        let first = std::mem::replace(&mut chapter, now) != now;
        let mut row = vec![
            if first { now.to_owned() } else { String::new() },
            if tally.python { format!("{name} (python)") } else { name.clone() },
            tally.in_words(),
            seconds(tally.wall),
        ];
        if repeat > 1 {
            let facts = tally.section.facts.as_ref();
            row.push(tally.orders.len().to_string());
            row.push(
                facts.map_or_else(|_| "-".to_owned(), |facts| facts.transcript.count().rounded()),
            );
            let rate = tally.failure_rate_below();
            row.push(rate.map_or_else(|| "-".to_owned(), |rate| format!("{:.2} %", rate * 100.0)));
        }
        rows.push(row);
    }
    table(&header, rows)
}

/// The failures explained, and what else is to be said below the table.
pub fn details(tallies: &[Tally<'_>], repeat: u32) -> String {
    let mut lines = Vec::new();
    for tally in tallies {
        let name = tally.name();
        let failure = tally.failure.iter().map(|failed| &failed.explanation);
        for why in failure.chain(&tally.unable) {
            lines.push(format!("\n--- {name}\n{}", why.trim_end()));
        }
        if repeat > 1 {
            let seen = |(rule, seen): &(String, u32)| {
                format!("{name}: {rule}: seen in {seen} of {} runs", tally.held)
            };
            lines.extend(tally.sometimes.iter().map(seen));
        }
        if let Some(Mutants { tried, missed, swaps }) = &tally.mutants {
            let unnoticed = missed.len();
            lines
                .push(format!("\n{name}: {tried} lines dropped or doubled, {unnoticed} unnoticed"));
            lines.extend(missed.iter().map(|mutant| format!("  {mutant}")));
            lines.push(format!("{name}: {} swaps of neighbours are legal", swaps.len()));
            lines.extend(swaps.iter().map(|swap| format!("  {swap}")));
        }
    }
    lines.join("\n")
}

/// All of it in one line: `7 held, 1 failed`.
pub fn last_line(tallies: &[Tally<'_>], time: Duration) -> String {
    let count = |is: fn(&Tally<'_>) -> bool| tallies.iter().filter(|tally| is(tally)).count();
    let parts = [
        (count(|t| t.outcome() == Outcome::Held && t.rounds() > 0), "held"),
        (count(|t| t.outcome() == Outcome::Failed), "failed"),
        (count(|t| t.outcome() == Outcome::Unable), "could not run"),
        (count(|t| t.skipped.is_some()), "skipped"),
        (
            count(|t| t.outcome() == Outcome::Held && t.rounds() == 0 && t.skipped.is_none()),
            "not run",
        ),
    ];
    let parts = parts.iter().filter(|(count, word)| *count > 0 || *word == "held");
    let parts: Vec<_> = parts.map(|(count, word)| format!("{count} {word}")).collect();
    format!("{} ({})", parts.join(", "), seconds(time))
}

fn seconds(time: Duration) -> String {
    format!("{:.2} s", time.as_secs_f64())
}

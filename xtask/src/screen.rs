//! What is shown while a task is at work: a progress bar on a terminal, and plain lines elsewhere; and
//! how text and tables are written.

use crate::stop;
use comfy_table::{ContentArrangement, Row, Table, presets};
use console::Term;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::env;
use std::io::{self, ErrorKind, IsTerminal, Write};

/// Prints a text to standard output, with a newline if it has none.
///
/// If that cannot be written, the runner is to stop: quietly when the reader has gone.
pub fn print(text: &str) {
    let text = text.strip_suffix('\n').unwrap_or(text);
    let mut output = io::stdout().lock();
    if stop::requested() && stop::reason().is_none() {
        return; // it has failed before
    }
    if let Err(error) = writeln!(output, "{text}").and_then(|()| output.flush()) {
        let reader_gone = error.kind() == ErrorKind::BrokenPipe;
        stop::output_failed(reader_gone);
        if !reader_gone {
            aside(&format!("error: cannot write to standard output: {error}"));
        }
    }
}

/// Prints a line to standard error; if nobody can read that, it is lost.
pub fn aside(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}

/// Where the progress is shown: by a bar, which is hidden where plain lines take its place.
pub struct Screen {
    bar: ProgressBar,
}

impl Screen {
    /// For so many runs. Plain lines, unless both outputs go to a terminal that can do more and
    /// `NO_COLOR` is not set.
    pub fn new(runs: u64) -> Screen {
        // Standard error and `TERM`, the bar looks at itself.
        let plain = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let target = if plain || !io::stdout().is_terminal() {
            ProgressDrawTarget::hidden()
        } else {
            ProgressDrawTarget::stderr()
        };
        let style = ProgressStyle::with_template("[{bar:20}] {pos}/{len} {wide_msg}");
        let style = style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> ");
        Screen { bar: ProgressBar::with_draw_target(Some(runs), target).with_style(style) }
    }

    /// So many runs more are to come.
    pub fn expect(&self, runs: u32) {
        self.bar.inc_length(runs.into());
    }

    /// A run begins.
    pub fn started(&self, name: &str) {
        self.bar.set_message(name.to_owned());
    }

    /// So many runs are over.
    pub fn done(&self, runs: u32) {
        self.bar.inc(runs.into());
    }

    /// Where there is no bar, a line after each tenth of all runs.
    pub fn tenth(&self) {
        let (done, runs) = (self.bar.position(), self.bar.length().unwrap_or(1));
        if done * 10 / runs > (done - 1) * 10 / runs {
            self.line(&format!("{done} of {runs} runs are over"));
        }
    }

    /// A line that says how far we are, where there is no bar to show it.
    pub fn line(&self, text: &str) {
        if self.bar.is_hidden() {
            print(text);
        }
    }

    /// Prints a text to standard output, beside the bar.
    pub fn say(&self, text: &str) {
        self.beside(|| print(text));
    }

    /// Lets something be printed without disturbing the bar.
    pub fn beside(&self, print: impl FnOnce()) {
        self.bar.suspend(print);
    }

    /// Takes the bar away.
    pub fn clear(&self) {
        self.bar.finish_and_clear();
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

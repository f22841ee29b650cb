//! How a failure is laid out: the whole output, each line with its lane, and beside the lines what
//! there is to say.

use crate::{
    Failure, Kind, Verdict,
    case::{Case, Stream},
    reader::{Towards, in_common},
    state::State,
};
use std::fmt;

/// A headline, and everything below it.
pub(crate) struct Page {
    headline: String,
    /// The stream that the headline speaks of.
    stream: Stream,
    out: Side,
    err: Side,
    /// Lines after the output.
    pub(crate) after: Vec<String>,
    /// How the program ended, if not well.
    pub(crate) status: Option<String>,
}

/// One stream.
struct Side {
    lines: Vec<String>,
    /// Empty for a line that no row took.
    lanes: Vec<String>,
    /// The line that failed, from 0.
    failing: Option<usize>,
    /// What stands beside each line.
    notes: Vec<Vec<String>>,
    /// What stands below the failing line, under its text.
    below: Vec<String>,
}

impl Side {
    fn new(output: &[&[u8]], lanes: Vec<String>) -> Side {
        Side {
            lines: output.iter().map(|line| printable(&String::from_utf8_lossy(line))).collect(),
            lanes,
            failing: None,
            notes: vec![Vec::new(); output.len()],
            below: Vec::new(),
        }
    }
}

impl Page {
    pub(crate) fn new(headline: String, case: &Case<'_>, stream: Stream, state: &State) -> Page {
        let (lanes, err_lanes) = case.lanes(state);
        let (out, err) = (Side::new(&case.out, lanes), Side::new(&case.err, err_lanes));
        let status = (!case.has_ended_well()).then(|| case.ending());
        Page { headline, stream, out, err, after: Vec::new(), status }
    }

    fn side(&mut self) -> &mut Side {
        match self.stream {
            Stream::Out => &mut self.out,
            Stream::Err => &mut self.err,
        }
    }

    /// The page as a verdict.
    pub(crate) fn failure(self, kind: Kind, target: String) -> Verdict {
        Verdict::Illegal(Box::new(Failure {
            kind,
            line: self.out.failing.or(self.err.failing).map(|at| at + 1),
            on_stderr: self.stream == Stream::Err,
            target,
            report: self.to_string(),
            lanes: self.out.lanes,
            err_lanes: self.err.lanes,
        }))
    }

    /// Writes something beside a line.
    pub(crate) fn note(&mut self, line: usize, note: String) {
        self.side().notes[line].push(note);
    }

    /// Marks the line that failed, and writes beside it why.
    pub(crate) fn fail(&mut self, line: usize, why: impl Into<String>) {
        self.side().failing = Some(line);
        self.note(line, why.into());
    }

    /// Shows a row below the line that failed, with the difference marked; where a sample stands for
    /// any value, only if nothing else differs.
    pub(crate) fn compare(&mut self, line: &str, row: &Towards, written: &str) {
        let (line, shown) = (printable(line), printable(&row.text));
        let (same, same_end) = in_common(&line, &shown);
        let differs = same..(shown.chars().count() - same_end).max(same + 1);
        let is_free = |at: &usize| row.free.iter().any(|free| free.contains(at));
        let all_free = differs.clone().all(|at| is_free(&at));
        let is_marked = |at: &usize| differs.contains(at) && (all_free || !is_free(at));
        let marks = (0..differs.end).map(|at| if is_marked(&at) { '^' } else { ' ' });
        let marks: String = marks.collect();
        let below = &mut self.side().below;
        below.push(if row.text == written {
            shown
        } else {
            format!("{shown}    ({})", printable(written))
        });
        below.push(marks.trim_end().to_owned());
    }
}

impl fmt::Display for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.headline)?;
        write!(f, "{}", self.out)?;
        for line in &self.after {
            writeln!(f, "{line}")?;
        }
        if !self.err.lines.is_empty() {
            writeln!(f, "standard error:")?;
            write!(f, "{}", self.err)?;
        }
        self.status.iter().try_for_each(|status| writeln!(f, "{status}"))
    }
}

/// The text before the notes is at least as wide as this, so that the notes of most pages stand
/// in one column, and at most as wide as that, so that one long line does not push them away.
const TEXT_WIDTH: (usize, usize) = (23, 60);

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number_width = self.lines.len().to_string().len();
        // A main row has no gutter, as in the transcript.
        let lanes = self.lanes.iter().filter(|lane| *lane != "main");
        let gutter_width = lanes.map(|lane| lane.chars().count()).max().unwrap_or(0).max(1);
        let explained = self.lines.iter().zip(&self.notes).filter(|(_, notes)| !notes.is_empty());
        let text_width = explained.map(|(line, _)| line.chars().count()).max().unwrap_or(0);
        let text_width = text_width.clamp(TEXT_WIDTH.0, TEXT_WIDTH.1);
        for (at, (text, notes)) in self.lines.iter().zip(&self.notes).enumerate() {
            let is_failing = self.failing == Some(at);
            let mark = if is_failing { " >" } else { "  " };
            let gutter = match self.lanes[at].as_str() {
                "main" => format!("{:gutter_width$} ", ""),
                "" => format!("{:>gutter_width$}|", "?"),
                label => format!("{label:>gutter_width$}|"),
            };
            let start = format!("{mark} {:>number_width$}  {gutter} ", at + 1);
            let whole = match notes.as_slice() {
                [] => format!("{start}{text}"),
                notes => format!("{start}{text:text_width$}    {}", notes.join("    ")),
            };
            writeln!(f, "{}", whole.trim_end())?;
            for line in self.below.iter().filter(|_| is_failing) {
                writeln!(f, "{:indent$}{line}", "", indent = start.chars().count())?;
            }
        }
        Ok(())
    }
}

/// Control characters would move the reader's cursor.
fn printable(text: &str) -> String {
    let mut printable = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() && c != '\t' {
            printable.extend(c.escape_default());
        } else {
            printable.push(c);
        }
    }
    printable
}

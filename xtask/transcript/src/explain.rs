//! How a failure reads: the whole output, each line with its lane, and what is wrong beside it.

use crate::{
    matcher::{State, Values},
    order::Order,
    rows::Mode,
    text::{Atom, Slot},
};
use std::fmt;

/// Everything that is shown below the headline.
pub(crate) struct Page {
    pub(crate) out: Side,
    pub(crate) err: Side,
    /// Lines after the output.
    pub(crate) after: Vec<String>,
    status: Option<String>,
}

/// One stream.
#[derive(Default)]
pub(crate) struct Side {
    lines: Vec<String>,
    lanes: Vec<String>,
    /// The line that failed, from 0.
    pub(crate) failing: Option<usize>,
    /// What stands beside a line.
    pub(crate) notes: Vec<(usize, String)>,
    /// What stands below the failing line, under its text.
    below: Vec<String>,
}

impl Page {
    pub(crate) fn new(
        out: &[&[u8]],
        lanes: &[String],
        err: &[&[u8]],
        err_lanes: &[String],
        status: Option<String>,
    ) -> Page {
        let side = |lines: &[&[u8]], lanes: &[String]| Side {
            lines: lines.iter().map(|l| printable(&String::from_utf8_lossy(l))).collect(),
            lanes: lanes.to_vec(),
            ..Side::default()
        };
        Page { out: side(out, lanes), err: side(err, err_lanes), after: Vec::new(), status }
    }
}

impl Side {
    /// Shows the row that is most like the line, with the difference marked.
    pub(crate) fn nearest(
        &mut self,
        at: usize,
        line: &[u8],
        order: &Order,
        step: usize,
        state: &State,
    ) {
        let line = String::from_utf8_lossy(line);
        let row = towards(order, step, &state.values, &line);
        let (a, b): (Vec<char>, Vec<char>) = (line.chars().collect(), row.chars().collect());
        let prefix = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
        let most = a.len().min(b.len()) - prefix;
        let suffix =
            a.iter().rev().zip(b.iter().rev()).take(most).take_while(|(x, y)| x == y).count();
        let marked = b.len().saturating_sub(prefix + suffix).max(1);
        let written = &order.rows[order.steps[step].row].written;
        self.notes.push((at, "the nearest row is below, the difference marked".to_owned()));
        self.below.push(format!("{}    ({written})", printable(&row)));
        self.below.push(format!("{}{}", " ".repeat(prefix), "^".repeat(marked)));
    }
}

impl fmt::Display for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.out)?;
        for line in &self.after {
            writeln!(f, "{line}")?;
        }
        if !self.err.lines.is_empty() {
            writeln!(f, "standard error:")?;
            write!(f, "{}", self.err)?;
        }
        match &self.status {
            Some(status) => writeln!(f, "{status}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = self.lines.len().to_string().len();
        let lane = self
            .lanes
            .iter()
            .map(|l| if l == "main" { 0 } else { l.chars().count() })
            .max()
            .unwrap_or(0)
            .max(1);
        let noted = self.notes.iter().filter_map(|(at, _)| self.lines.get(*at));
        let width = noted.map(|l| l.chars().count()).max().unwrap_or(0).min(60);
        for (at, text) in self.lines.iter().enumerate() {
            let mark = if self.failing == Some(at) { " >" } else { "  " };
            let gutter = match self.lanes[at].as_str() {
                "main" => format!("{:lane$} ", ""),
                "" => format!("{:>lane$}|", "?"),
                label => format!("{label:>lane$}|"),
            };
            let notes: Vec<&str> =
                self.notes.iter().filter(|n| n.0 == at).map(|n| n.1.as_str()).collect();
            let start = format!("{mark} {:>number$}  {gutter} ", at + 1);
            if notes.is_empty() {
                writeln!(f, "{}", format!("{start}{text}").trim_end())?;
            } else {
                writeln!(f, "{start}{text:width$}    {}", notes.join("    "))?;
            }
            if self.failing == Some(at) {
                for line in &self.below {
                    writeln!(f, "{:indent$}{line}", "", indent = start.chars().count())?;
                }
            }
        }
        Ok(())
    }
}

/// A row as one of its lanes reads it: `` `i=2| task 2 acquired` ``.
pub(crate) fn quote(order: &Order, step: usize, values: &Values) -> String {
    let Some(s) = order.steps.get(step) else {
        return String::new();
    };
    let mut text = String::new();
    for atom in &s.text.atoms {
        match atom {
            Atom::Literal(literal) => text.push_str(literal),
            Atom::Wild => text.push_str("[..]"),
            Atom::Value { slot, name, .. } => match slot {
                Slot::Kept(slot) if values[*slot].is_some() => {
                    text.extend(values[*slot].as_deref())
                }
                _ => {
                    let name = &order.names[*name];
                    text.push_str(&format!("{{{}={}}}", name.name, name.sample));
                }
            },
        }
    }
    let text = if s.mode == Mode::Any { "...".to_owned() } else { text };
    let mark = match s.mode {
        Mode::Repeated => "+",
        Mode::Optional => "?",
        Mode::Once | Mode::Any => "",
    };
    match (s.lane.as_str(), mark) {
        ("main", "") => format!("`{text}`"),
        ("main", mark) => format!("`{mark}| {text}`"),
        (lane, mark) => format!("`{lane}{mark}| {text}`"),
    }
}

/// A row with the values of a line as far as the line follows it, then with samples.
fn towards(order: &Order, step: usize, values: &Values, line: &str) -> String {
    let mut text = String::new();
    for atom in &order.steps[step].text.atoms {
        let rest = line.strip_prefix(text.as_str());
        match atom {
            Atom::Literal(literal) => text.push_str(literal),
            Atom::Wild => text.push_str("[..]"),
            Atom::Value { kind, slot, name } => {
                let bound = match slot {
                    Slot::Kept(slot) => values[*slot].as_deref(),
                    Slot::Line(_) => None,
                };
                let found = rest.and_then(|rest| Some(&rest[..kind.take(rest.as_bytes())?]));
                text.push_str(bound.or(found).unwrap_or(&order.names[*name].sample));
            }
        }
    }
    text
}

/// Control characters would move the reader's cursor.
fn printable(text: &str) -> String {
    let escape = |c: char| {
        if c.is_control() && c != '\t' { c.escape_default().to_string() } else { c.to_string() }
    };
    text.chars().map(escape).collect()
}

/// A signal by number and, where all systems agree on it, by name.
pub(crate) fn signal(number: i32) -> String {
    let name = match number {
        1 => " (HUP)",
        2 => " (INT)",
        3 => " (QUIT)",
        4 => " (ILL)",
        5 => " (TRAP)",
        6 => " (ABRT)",
        8 => " (FPE)",
        9 => " (KILL)",
        11 => " (SEGV)",
        13 => " (PIPE)",
        14 => " (ALRM)",
        15 => " (TERM)",
        _ => "",
    };
    format!("signal {number}{name}")
}

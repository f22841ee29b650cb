//! How one state reads the lines: the rows in words, with the values that are bound.

use crate::{
    case::{Case, Stream},
    names::Name,
    place::Track,
    rows::Mode,
    state::State,
    text::{Atom, Taken},
};
use std::{
    collections::{HashMap, HashSet},
    ops::Range,
};

/// With so many rows a line is compared, to find the one most like it.
const MOST_COMPARED: usize = 1_000;

/// What each step that would take a line takes from it.
pub(crate) type Takers = HashMap<usize, Vec<Taken>>;

/// One state of a stream, and the lines that led to it.
pub(crate) struct Reader<'r> {
    pub(crate) case: &'r Case<'r>,
    pub(crate) stream: Stream,
    pub(crate) state: &'r State,
    /// The steps that took the lines of this stream.
    steps: Vec<usize>,
    /// The first line of each such step.
    first_line: HashMap<usize, usize>,
}

impl<'r> Reader<'r> {
    pub(crate) fn new(case: &'r Case<'r>, stream: Stream, state: &'r State) -> Reader<'r> {
        let mut steps = state.trail.steps();
        if stream == Stream::Err {
            steps.drain(..case.lines(Stream::Out).len());
        }
        // From the last to the first, so that the first stays.
        let first_line = steps.iter().enumerate().rev().map(|(line, step)| (*step, line)).collect();
        Reader { case, stream, state, steps, first_line }
    }

    /// The lines so far and the steps that took them.
    pub(crate) fn used(&self) -> impl Iterator<Item = (usize, usize)> {
        self.steps.iter().copied().enumerate()
    }

    /// Would this step take a line from which it takes these values, if it were its turn?
    pub(crate) fn would_take(&self, step: usize, line: usize, takers: &Takers) -> bool {
        let line = self.case.lines(self.stream)[line];
        takers.get(&step).is_some_and(|taken| {
            taken.iter().all(|Taken { name, slot, range }| {
                let bound = self.value(step, *name, *slot);
                bound.is_none_or(|bound| bound.as_bytes() == &line[range.clone()])
            })
        })
    }

    /// The value that is bound to a name of this step. One that no other row says is not kept by
    /// the matcher, but it is bound by the line that the step took.
    fn value(&self, step: usize, name: usize, slot: Option<usize>) -> Option<String> {
        match slot {
            Some(slot) => self.state.value(slot).map(str::to_owned),
            // A `+` row binds for each line.
            None if self.mode(step) == Mode::Repeated => None,
            None => {
                let line = self.case.lines(self.stream)[*self.first_line.get(&step)?];
                let taken = self.case.matcher(self.stream).take(step, line, &mut 0)?;
                let Taken { range, .. } = taken.into_iter().find(|taken| taken.name == name)?;
                Some(String::from_utf8_lossy(&line[range]).into_owned())
            }
        }
    }

    pub(crate) fn mode(&self, step: usize) -> Mode {
        self.case.transcript.order.steps[step].mode
    }

    /// The row of a step, as the transcript writes it.
    pub(crate) fn written(&self, step: usize) -> String {
        let order = &self.case.transcript.order;
        order.rows[order.steps[step].row].written.clone()
    }

    /// The text of a row with the values that are bound; what stands for another is told from the
    /// text before it.
    fn text(&self, step: usize, mut unbound: impl FnMut(&str, &Name) -> String) -> String {
        let order = &self.case.transcript.order;
        let mut text = String::new();
        for atom in &order.steps[step].text.atoms {
            match atom {
                Atom::Literal(literal) => text.push_str(literal),
                Atom::Wild => text.push_str("[..]"),
                Atom::Value { slot, name, .. } => {
                    let bound = self.value(step, *name, *slot);
                    let value = bound.unwrap_or_else(|| unbound(&text, order.names.get(*name)));
                    text.push_str(&value);
                }
            }
        }
        text
    }

    /// A row as its lane reads it: with the values that are bound, else as it is written.
    pub(crate) fn quote(&self, step: usize) -> String {
        let text = self.text(step, |_, name| format!("{{{}={}}}", name.spelling, name.sample));
        let mark = match self.mode(step) {
            Mode::Repeated => "+",
            Mode::Optional => "?",
            Mode::Once | Mode::Any => "",
        };
        match (self.case.transcript.order.steps[step].lane.as_str(), mark) {
            ("main", "") if text.is_empty() => "an empty line".to_owned(),
            ("main", "") => text,
            ("main", mark) => format!("{mark}| {text}"),
            (lane, mark) => format!("{lane}{mark}| {text}"),
        }
    }

    /// The text of a row: with the values that are bound, else with those of the line as far as
    /// the line follows the row, else with samples.
    pub(crate) fn towards(&self, step: usize, line: &str) -> Towards {
        let mut free = Vec::new();
        let text = self.text(step, |text, name| {
            if let Some(rest) = line.strip_prefix(text)
                && let Some(length) = name.kind.take(rest.as_bytes())
            {
                return rest[..length].to_owned();
            }
            let start = text.chars().count();
            free.push(start..start + name.sample.chars().count());
            name.sample.clone()
        });
        Towards { text, free }
    }

    /// The row most like the line: of equals the one that the line begins like, then the one that is
    /// open, then left, then used.
    pub(crate) fn nearest(&self, line: &str) -> Option<usize> {
        let track = self.track();
        let open = self.state.place.moves(track).into_iter().map(|m| m.step);
        let alike = |step: &usize| {
            let (same, same_end) = in_common(&self.towards(*step, line).text, line);
            (same + same_end, same)
        };
        let mut seen = HashSet::new();
        let rows = open.chain(self.state.place.left(track)).chain(track.all());
        let rows = rows.filter(|step| self.mode(*step) != Mode::Any && seen.insert(*step));
        let mut rows: Vec<usize> = rows.take(MOST_COMPARED).collect();
        // The maximum is the last of equals.
        rows.reverse();
        rows.into_iter().max_by_key(alike)
    }

    pub(crate) fn track(&self) -> Track<'r> {
        self.case.matcher(self.stream).track
    }
}

/// A row in the words of a line.
pub(crate) struct Towards {
    pub(crate) text: String,
    /// Where samples stand for values that could be any, in characters.
    pub(crate) free: Vec<Range<usize>>,
}

/// How many characters two texts have in common at their beginning, and of the rest at their end.
pub(crate) fn in_common(a: &str, b: &str) -> (usize, usize) {
    let same = a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count();
    let rest = a.chars().skip(same).count().min(b.chars().skip(same).count());
    let ends = a.chars().rev().zip(b.chars().rev()).take(rest);
    (same, ends.take_while(|(a, b)| a == b).count())
}

/// A row's text in backquotes, which it may hold itself.
pub(crate) fn quoted(text: &str) -> String {
    if text.contains('`') { format!("`` {text} ``") } else { format!("`{text}`") }
}

//! Can a pattern match any line that a row can take?
//!
//! A rule that is never met checks nothing, so a pattern that matches no possible line is a
//! mistake. Both texts are small automata over bytes; their product is searched for a line that
//! the row takes and in which the pattern matches at a legal place. Names are taken as
//! independent.
//!
//! A value takes all it can, and a pattern neither begins nor ends inside a word or a number:
//! both say what may *not* follow. So the search carries what the next bytes are barred from.

use crate::{
    automaton::{Automaton, Barred, DIGIT, Edge, FRACTION, WORD, allows, still_barred},
    kind::is_word,
    order::Order,
    rows::Mode,
    rules::Inspected,
    text::{Atom, Text},
};
use std::collections::HashSet;

pub(crate) fn matches_some_row(pattern: &Text, order: &Order) -> bool {
    let steps = || order.steps.iter().filter(|step| !order.is_err(step.row));
    let takes_samples_only = |text: &Text| text.atoms.iter().all(|a| matches!(a, Atom::Literal(_)));
    // The samples first: they are quick, and where a row has neither values nor wildcards, all.
    steps().any(|step| {
        step.mode == Mode::Any
            || Inspected::new(step.text.sample.as_bytes()).find(pattern).is_some()
    }) || {
        let pattern = Automaton::pattern(pattern);
        steps()
            .filter(|step| !takes_samples_only(&step.text))
            .any(|step| meet(&Automaton::row(&step.text), &pattern))
    }
}

/// What the last byte was, as far as it matters to what is a word or a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Last {
    /// Nothing yet, or a byte of no word and no number.
    Other,
    Sign,
    /// A digit before any point.
    Whole,
    /// A point behind such a digit.
    Point,
    /// A digit behind such a point.
    Fraction,
    Letter,
}

impl Last {
    fn then(self, byte: u8) -> Last {
        match (self, byte) {
            (_, b'-') => Last::Sign,
            (Last::Whole, b'.') => Last::Point,
            (Last::Point | Last::Fraction, b'0'..=b'9') => Last::Fraction,
            (_, b'0'..=b'9') => Last::Whole,
            (_, byte) if is_word(byte) => Last::Letter,
            _ => Last::Other,
        }
    }

    /// What may not follow, if a pattern begins or ends here.
    fn bars(self) -> Barred {
        match self {
            Last::Other => 0,
            Last::Sign | Last::Point => DIGIT,
            Last::Whole => WORD | FRACTION,
            Last::Fraction | Last::Letter => WORD,
        }
    }
}

/// How far both have come in a line that is made up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Meeting {
    row: usize,
    pattern: usize,
    last: Last,
    barred: Barred,
}

impl Meeting {
    /// What may not follow once this edge is taken, if it takes nothing.
    fn barred_by(self, edge: Edge) -> Option<Barred> {
        match edge {
            Edge::Free(bars) => Some(self.barred | bars),
            Edge::Cut => Some(self.barred | self.last.bars()),
            Edge::Byte(_) | Edge::Digit | Edge::Word | Edge::Any => None,
        }
    }
}

/// Is there a line that both take?
fn meet(row: &Automaton, pattern: &Automaton) -> bool {
    // One byte of each sort will do, beside those that are spelled out.
    let mut bytes = b"0a_-. ".to_vec();
    for (edge, _) in row.edges.iter().chain(&pattern.edges).flatten() {
        if let Edge::Byte(byte) = edge {
            bytes.push(*byte);
        }
    }
    bytes.sort_unstable();
    bytes.dedup();

    let start = Meeting { row: row.start, pattern: pattern.start, last: Last::Other, barred: 0 };
    let mut seen = HashSet::from([start]);
    let mut open = vec![start];
    while let Some(now) = open.pop() {
        if (now.row, now.pattern) == (0, 0) {
            return true;
        }
        let mut next = Vec::new();
        for (edge, pattern) in pattern.edges[now.pattern].iter().copied() {
            next.extend(now.barred_by(edge).map(|barred| Meeting { pattern, barred, ..now }));
        }
        for (edge, row) in row.edges[now.row].iter().copied() {
            next.extend(now.barred_by(edge).map(|barred| Meeting { row, barred, ..now }));
            for byte in bytes.iter().copied().filter(|b| edge.takes(*b) && allows(now.barred, *b)) {
                let (last, barred) = (now.last.then(byte), still_barred(now.barred, byte));
                let both = pattern.edges[now.pattern].iter().filter(|(edge, _)| edge.takes(byte));
                next.extend(both.map(|(_, pattern)| Meeting {
                    row,
                    pattern: *pattern,
                    last,
                    barred,
                }));
            }
        }
        open.extend(next.into_iter().filter(|new| seen.insert(*new)));
    }
    false
}

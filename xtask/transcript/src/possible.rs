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
    kind::{Kind, UNITS, is_word},
    order::Order,
    rows::{Mode, Place},
    rules::Inspected,
    text::{Atom, Text},
};
use std::collections::HashSet;

pub(crate) fn matches_some_row(pattern: &Text, order: &Order) -> bool {
    let steps = || order.steps.iter().filter(|step| order.rows[step.row].place != Place::Err);
    let takes_samples_only = |text: &Text| text.atoms.iter().all(|a| matches!(a, Atom::Literal(_)));
    // The samples first: they are quick, and where a row has neither values nor wildcards, all.
    steps().any(|step| {
        step.mode == Mode::Any
            || Inspected::new(step.text.sample.as_bytes()).find(pattern).is_some()
    }) || {
        let pattern = Automaton::new(pattern);
        steps()
            .filter(|step| !takes_samples_only(&step.text))
            .any(|step| meet(&Automaton::new(&step.text), &pattern))
    }
}

/// What the next bytes may not be: a sum of the three below.
type Barred = u8;
const DIGIT: Barred = 1;
/// A letter, a digit or `_`.
const WORD: Barred = 2;
/// A point with a digit behind it.
const FRACTION: Barred = 4;

fn allows(barred: Barred, byte: u8) -> bool {
    !(barred & DIGIT != 0 && byte.is_ascii_digit() || barred & WORD != 0 && is_word(byte))
}

/// What is still barred after this byte.
fn still_barred(barred: Barred, byte: u8) -> Barred {
    if barred & FRACTION != 0 && byte == b'.' { DIGIT } else { 0 }
}

#[derive(Clone, Copy, Debug)]
enum Edge {
    Byte(u8),
    Digit,
    Word,
    Any,
    /// Takes nothing, and bars what follows.
    Free(Barred),
}

impl Edge {
    fn takes(self, byte: u8) -> bool {
        match self {
            Edge::Byte(b) => b == byte,
            Edge::Digit => byte.is_ascii_digit(),
            Edge::Word => is_word(byte),
            Edge::Any => true,
            Edge::Free(_) => false,
        }
    }
}

/// For each state the edges out of it; the last state accepts.
#[derive(Debug)]
struct Automaton(Vec<Vec<(Edge, usize)>>);

impl Automaton {
    fn new(text: &Text) -> Automaton {
        let mut automaton = Automaton(vec![Vec::new()]);
        for atom in &text.atoms {
            match atom {
                Atom::Literal(text) => automaton.literal(text),
                Atom::Wild => automaton.again(Edge::Any),
                Atom::Value { kind: Kind::Word, .. } => {
                    automaton.some(Edge::Word);
                    automaton.then(Edge::Free(WORD));
                }
                Atom::Value { kind: Kind::Integer, .. } => {
                    automaton.optional(|a| a.then(Edge::Byte(b'-')));
                    automaton.some(Edge::Digit);
                    automaton.then(Edge::Free(DIGIT));
                }
                Atom::Value { kind: Kind::Decimal, .. } => {
                    automaton.optional(|a| a.then(Edge::Byte(b'-')));
                    automaton.decimal();
                }
                Atom::Value { kind: Kind::Duration, .. } => {
                    automaton.decimal();
                    automaton.optional(|a| a.then(Edge::Byte(b' ')));
                    automaton.one_of(UNITS.map(|unit| unit.name));
                }
            }
        }
        automaton
    }

    fn last(&self) -> usize {
        self.0.len() - 1
    }

    fn then(&mut self, edge: Edge) {
        let last = self.last();
        self.0[last].push((edge, last + 1));
        self.0.push(Vec::new());
    }

    fn literal(&mut self, text: &str) {
        text.bytes().for_each(|byte| self.then(Edge::Byte(byte)));
    }

    fn again(&mut self, edge: Edge) {
        let last = self.last();
        self.0[last].push((edge, last));
    }

    fn some(&mut self, edge: Edge) {
        self.then(edge);
        self.again(edge);
    }

    fn optional(&mut self, part: impl FnOnce(&mut Automaton)) {
        let from = self.last();
        part(self);
        let to = self.last();
        self.0[from].push((Edge::Free(0), to));
    }

    fn decimal(&mut self) {
        self.some(Edge::Digit);
        let whole = self.last();
        self.then(Edge::Byte(b'.'));
        self.some(Edge::Digit);
        self.then(Edge::Free(DIGIT));
        let end = self.last();
        self.0[whole].push((Edge::Free(DIGIT | FRACTION), end));
    }

    fn one_of(&mut self, words: impl IntoIterator<Item = &'static str>) {
        let from = self.last();
        let mut ends = Vec::new();
        for word in words {
            self.0.push(Vec::new());
            let start = self.last();
            self.0[from].push((Edge::Free(0), start));
            self.literal(word);
            ends.push(self.last());
        }
        self.0.push(Vec::new());
        let end = self.last();
        for last in ends {
            self.0[last].push((Edge::Free(0), end));
        }
    }
}

/// How far the pattern has come in the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Phase {
    Before,
    In(usize),
    After,
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

/// How far a line has been made up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Situation {
    row: usize,
    phase: Phase,
    last: Last,
    barred: Barred,
}

/// Is there a line that the row takes and the pattern matches in?
fn meet(row: &Automaton, pattern: &Automaton) -> bool {
    // One byte of each sort will do, beside those that are spelled out.
    let mut bytes = b"0a_-. ".to_vec();
    bytes.extend(row.0.iter().chain(&pattern.0).flatten().filter_map(|edge| match edge.0 {
        Edge::Byte(byte) => Some(byte),
        _ => None,
    }));
    bytes.sort_unstable();
    bytes.dedup();

    let start = Situation { row: 0, phase: Phase::Before, last: Last::Other, barred: 0 };
    let mut seen = HashSet::from([start]);
    let mut open = vec![start];
    while let Some(now) = open.pop() {
        if now.row == row.last() && now.phase == Phase::After {
            return true;
        }
        let mut next = Vec::new();
        let cut = now.barred | now.last.bars();
        match now.phase {
            Phase::Before => next.push(Situation { phase: Phase::In(0), barred: cut, ..now }),
            Phase::In(at) if at == pattern.last() => {
                next.push(Situation { phase: Phase::After, barred: cut, ..now });
            }
            Phase::In(_) | Phase::After => {}
        }
        if let Phase::In(at) = now.phase {
            for (edge, to) in &pattern.0[at] {
                if let Edge::Free(bars) = edge {
                    next.push(Situation {
                        phase: Phase::In(*to),
                        barred: now.barred | bars,
                        ..now
                    });
                }
            }
        }
        for (edge, to) in &row.0[now.row] {
            if let Edge::Free(bars) = edge {
                next.push(Situation { row: *to, barred: now.barred | bars, ..now });
            }
            for byte in bytes.iter().copied().filter(|b| edge.takes(*b) && allows(now.barred, *b)) {
                let (last, barred) = (now.last.then(byte), still_barred(now.barred, byte));
                let after = Situation { row: *to, last, barred, ..now };
                match now.phase {
                    Phase::In(at) => {
                        let taken = pattern.0[at].iter().filter(|(edge, _)| edge.takes(byte));
                        next.extend(
                            taken.map(|(_, to)| Situation { phase: Phase::In(*to), ..after }),
                        );
                    }
                    Phase::Before | Phase::After => next.push(after),
                }
            }
        }
        open.extend(next.into_iter().filter(|new| seen.insert(*new)));
    }
    false
}

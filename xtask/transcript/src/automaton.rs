//! A text as a small automaton over bytes: which lines it takes, value by value.
//!
//! A value takes all it can, which says what may *not* follow it. So an edge that takes nothing
//! may bar what comes next.

use crate::{
    kind::{UNITS, ValueKind, is_word},
    text::{Atom, Text},
};

/// What the next bytes may not be: a sum of the three below.
pub(crate) type Barred = u8;
pub(crate) const DIGIT: Barred = 1;
/// A letter, a digit or `_`.
pub(crate) const WORD: Barred = 2;
/// A point with a digit behind it.
pub(crate) const FRACTION: Barred = 4;

pub(crate) fn allows(barred: Barred, byte: u8) -> bool {
    !(barred & DIGIT != 0 && byte.is_ascii_digit() || barred & WORD != 0 && is_word(byte))
}

/// What is still barred after this byte.
pub(crate) fn still_barred(barred: Barred, byte: u8) -> Barred {
    if barred & FRACTION != 0 && byte == b'.' { DIGIT } else { 0 }
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Edge {
    Byte(u8),
    Digit,
    Word,
    Any,
    /// Takes nothing, and bars what follows.
    Free(Barred),
}

impl Edge {
    pub(crate) fn takes(self, byte: u8) -> bool {
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
pub(crate) struct Automaton(pub(crate) Vec<Vec<(Edge, usize)>>);

impl Automaton {
    pub(crate) fn new(text: &Text) -> Automaton {
        let mut automaton = Automaton(vec![Vec::new()]);
        for atom in &text.atoms {
            match atom {
                Atom::Literal(text) => automaton.literal(text),
                Atom::Wild => automaton.again(Edge::Any),
                Atom::Value { kind: ValueKind::Word, .. } => {
                    automaton.some(Edge::Word);
                    automaton.then(Edge::Free(WORD));
                }
                Atom::Value { kind: ValueKind::Integer, .. } => {
                    automaton.optional(|a| a.then(Edge::Byte(b'-')));
                    automaton.some(Edge::Digit);
                    automaton.then(Edge::Free(DIGIT));
                }
                Atom::Value { kind: ValueKind::Decimal, .. } => {
                    automaton.optional(|a| a.then(Edge::Byte(b'-')));
                    automaton.decimal();
                }
                Atom::Value { kind: ValueKind::Duration, .. } => {
                    automaton.decimal();
                    automaton.optional(|a| a.then(Edge::Byte(b' ')));
                    automaton.one_of(UNITS.map(|unit| unit.name));
                }
            }
        }
        automaton
    }

    pub(crate) fn last(&self) -> usize {
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

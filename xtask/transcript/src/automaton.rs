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
    /// Takes nothing, and is not inside a word or a number.
    Cut,
}

impl Edge {
    pub(crate) fn takes(self, byte: u8) -> bool {
        match self {
            Edge::Byte(b) => b == byte,
            Edge::Digit => byte.is_ascii_digit(),
            Edge::Word => is_word(byte),
            Edge::Any => true,
            Edge::Free(_) | Edge::Cut => false,
        }
    }
}

/// For each state the edges out of it; state 0 accepts. Built from the end to the start: each part
/// is given the state that follows it, and gives the one that it begins in.
#[derive(Debug)]
pub(crate) struct Automaton {
    pub(crate) edges: Vec<Vec<(Edge, usize)>>,
    pub(crate) start: usize,
}

impl Automaton {
    /// Takes the lines that this row takes.
    pub(crate) fn row(text: &Text) -> Automaton {
        let mut automaton = Automaton { edges: vec![Vec::new()], start: 0 };
        automaton.start = automaton.text(text, 0);
        automaton
    }

    /// Takes the lines in which this pattern matches.
    pub(crate) fn pattern(text: &Text) -> Automaton {
        let mut automaton = Automaton { edges: vec![vec![(Edge::Any, 0)]], start: 0 };
        let end = automaton.state([(Edge::Cut, 0)]);
        let start = automaton.text(text, end);
        let cut = automaton.state([(Edge::Cut, start)]);
        automaton.start = automaton.again(Edge::Any, cut);
        automaton
    }

    fn text(&mut self, text: &Text, end: usize) -> usize {
        text.atoms.iter().rev().fold(end, |next, atom| self.atom(atom, next))
    }

    fn atom(&mut self, atom: &Atom, next: usize) -> usize {
        match atom {
            Atom::Literal(text) => self.literal(text, next),
            Atom::Wild => self.again(Edge::Any, next),
            Atom::Value { kind: ValueKind::Word, .. } => {
                let end = self.state([(Edge::Free(WORD), next)]);
                self.some(Edge::Word, end)
            }
            Atom::Value { kind: ValueKind::Integer, .. } => {
                let end = self.state([(Edge::Free(DIGIT), next)]);
                let digits = self.some(Edge::Digit, end);
                self.maybe(b'-', digits)
            }
            Atom::Value { kind: ValueKind::Decimal, .. } => {
                let number = self.decimal(next);
                self.maybe(b'-', number)
            }
            Atom::Value { kind: ValueKind::Duration, .. } => {
                let units = UNITS.map(|unit| (Edge::Free(0), self.literal(unit.name, next)));
                let unit = self.state(units);
                let space = self.maybe(b' ', unit);
                self.decimal(space)
            }
        }
    }

    /// A new state with these edges.
    fn state(&mut self, edges: impl Into<Vec<(Edge, usize)>>) -> usize {
        self.edges.push(edges.into());
        self.edges.len() - 1
    }

    fn literal(&mut self, text: &str, next: usize) -> usize {
        text.bytes().rev().fold(next, |next, byte| self.state([(Edge::Byte(byte), next)]))
    }

    fn maybe(&mut self, byte: u8, next: usize) -> usize {
        self.state([(Edge::Byte(byte), next), (Edge::Free(0), next)])
    }

    /// Any number of them.
    fn again(&mut self, edge: Edge, next: usize) -> usize {
        let this = self.edges.len();
        self.state([(edge, this), (Edge::Free(0), next)])
    }

    /// One or more.
    fn some(&mut self, edge: Edge, next: usize) -> usize {
        let more = self.again(edge, next);
        self.state([(edge, more)])
    }

    fn decimal(&mut self, next: usize) -> usize {
        let end = self.state([(Edge::Free(DIGIT), next)]);
        let fraction = self.some(Edge::Digit, end);
        let whole = [(Edge::Byte(b'.'), fraction), (Edge::Free(DIGIT | FRACTION), next)];
        let whole = self.state(whole);
        self.some(Edge::Digit, whole)
    }
}

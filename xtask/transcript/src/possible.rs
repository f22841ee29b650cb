//! Can a pattern match any line that a row can take?
//!
//! A rule that is never met checks nothing, so a pattern that matches no possible line is a
//! mistake. Both texts are small automata over bytes; the product of the two is searched for a
//! line that the row takes and in which the pattern matches at a legal place. Names are taken as
//! independent, and a value is any string of its kind, so the search errs on the side of
//! "possible" where a value would have had to take more.

use crate::{
    order::Order,
    rows::{Mode, Place},
    text::{Atom, Kind, Text, UNITS, inside, is_word},
};
use std::collections::HashSet;

pub(crate) fn matches_some_row(pattern: &Text, order: &Order) -> bool {
    let stdout = || order.steps.iter().filter(|s| order.rows[s.row].place != Place::Err);
    let quick = |text: &Text| {
        pattern.find(text.sample.as_bytes(), &inside(text.sample.as_bytes())).is_some()
    };
    stdout().any(|s| s.mode == Mode::Any || quick(&s.text))
        || stdout().any(|s| meet(&Automaton::new(&s.text), &Automaton::new(pattern)))
}

/// The bytes an edge takes.
#[derive(Clone, Copy, Debug)]
enum Class {
    Byte(u8),
    Digit,
    Word,
    Any,
}

impl Class {
    fn has(self, byte: u8) -> bool {
        match self {
            Class::Byte(b) => b == byte,
            Class::Digit => byte.is_ascii_digit(),
            Class::Word => is_word(byte),
            Class::Any => true,
        }
    }
}

/// States are numbers, the last one accepts; a missing class is a step that takes nothing.
#[derive(Debug, Default)]
struct Automaton {
    edges: Vec<Vec<(Option<Class>, usize)>>,
}

impl Automaton {
    fn new(text: &Text) -> Automaton {
        let mut automaton = Automaton { edges: vec![Vec::new()] };
        for atom in &text.atoms {
            match atom {
                Atom::Literal(text) => automaton.literal(text),
                Atom::Wild => automaton.many(Class::Any, 0),
                Atom::Value { kind: Kind::Word, .. } => automaton.many(Class::Word, 1),
                Atom::Value { kind: Kind::Integer, .. } => automaton.number(true, false),
                Atom::Value { kind: Kind::Decimal, .. } => automaton.number(true, true),
                Atom::Value { kind: Kind::Duration, .. } => {
                    automaton.number(false, true);
                    automaton.optional(|a| a.edge(Class::Byte(b' ')));
                    automaton.unit();
                }
            }
        }
        automaton
    }

    fn last(&self) -> usize {
        self.edges.len() - 1
    }

    fn edge(&mut self, class: Class) {
        let last = self.last();
        self.edges[last].push((Some(class), last + 1));
        self.edges.push(Vec::new());
    }

    fn literal(&mut self, text: &str) {
        text.bytes().for_each(|b| self.edge(Class::Byte(b)));
    }

    fn many(&mut self, class: Class, least: usize) {
        (0..least).for_each(|_| self.edge(class));
        let last = self.last();
        self.edges[last].push((Some(class), last));
    }

    fn optional(&mut self, part: impl FnOnce(&mut Automaton)) {
        let from = self.last();
        part(self);
        let to = self.last();
        self.edges[from].push((None, to));
    }

    fn number(&mut self, signed: bool, fraction: bool) {
        if signed {
            self.optional(|a| a.edge(Class::Byte(b'-')));
        }
        self.many(Class::Digit, 1);
        // What follows must not loop back into the digits.
        self.optional(|a| {
            if fraction {
                a.edge(Class::Byte(b'.'));
                a.many(Class::Digit, 1);
            }
            a.skip();
        });
    }

    fn skip(&mut self) {
        let last = self.last();
        self.edges[last].push((None, last + 1));
        self.edges.push(Vec::new());
    }

    fn unit(&mut self) {
        let from = self.last();
        let mut ends = Vec::new();
        for (unit, _) in UNITS {
            self.edges.push(Vec::new());
            let begin = self.last();
            self.edges[from].push((None, begin));
            self.literal(unit);
            ends.push(self.last());
        }
        self.edges.push(Vec::new());
        let end = self.last();
        ends.into_iter().for_each(|e| self.edges[e].push((None, end)));
    }
}

/// How far the search for the pattern in the line has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Phase {
    Before,
    In(usize),
    After,
}

/// What the last byte says about whether the next place is inside a word or a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Last {
    Start,
    /// A sign, or a point after a whole number: a digit goes on with the number.
    Joint,
    /// A digit of a number that may still get a fraction.
    Whole,
    Word,
    Other,
}

impl Last {
    fn then(self, byte: u8) -> Last {
        match (self, byte) {
            (_, b'-') => Last::Joint,
            (Last::Whole, b'.') => Last::Joint,
            (Last::Joint | Last::Whole | Last::Start | Last::Other, b'0'..=b'9') => Last::Whole,
            (_, b) if is_word(b) => Last::Word,
            _ => Last::Other,
        }
    }

    /// May a match begin or end between the last byte and this one?
    fn may_cut_before(self, byte: u8) -> bool {
        match self {
            Last::Start | Last::Other => true,
            Last::Joint => !byte.is_ascii_digit(),
            Last::Whole | Last::Word => !is_word(byte),
        }
    }
}

fn meet(row: &Automaton, pattern: &Automaton) -> bool {
    let classes =
        [row, pattern].into_iter().flat_map(|a| a.edges.iter().flatten()).filter_map(|e| e.0);
    let mut bytes: Vec<u8> =
        classes.filter_map(|c| if let Class::Byte(b) = c { Some(b) } else { None }).collect();
    bytes.extend(b"0a ");
    bytes.sort_unstable();
    bytes.dedup();

    let start = (0, Phase::Before, Last::Start);
    let mut seen = HashSet::from([start]);
    let mut open = vec![start];
    while let Some((at, phase, last)) = open.pop() {
        let ends = phase == Phase::After || phase == Phase::In(pattern.last());
        if at == row.last() && (ends || pattern.edges.len() == 1) {
            return true;
        }
        let mut next = Vec::new();
        for (class, to) in &row.edges[at] {
            let Some(class) = class else {
                next.push((*to, phase, last));
                continue;
            };
            for byte in bytes.iter().copied().filter(|b| class.has(*b)) {
                let after = last.then(byte);
                // The states of the pattern that this byte may be taken from.
                let from = match phase {
                    Phase::In(p) => vec![p],
                    Phase::Before if last.may_cut_before(byte) => closure(pattern, 0),
                    Phase::Before | Phase::After => Vec::new(),
                };
                let edges = from.into_iter().flat_map(|p| &pattern.edges[p]);
                let taken = edges.filter(|(class, _)| class.is_some_and(|c| c.has(byte)));
                next.extend(taken.map(|(_, into)| (*to, Phase::In(*into), after)));
                match phase {
                    Phase::In(p) if p == pattern.last() && last.may_cut_before(byte) => {
                        next.push((*to, Phase::After, after));
                    }
                    Phase::In(_) => {}
                    Phase::Before | Phase::After => next.push((*to, phase, after)),
                }
            }
        }
        if let Phase::In(p) = phase {
            next.extend(
                pattern.edges[p]
                    .iter()
                    .filter(|e| e.0.is_none())
                    .map(|e| (at, Phase::In(e.1), last)),
            );
        }
        for new in next {
            if seen.insert(new) {
                open.push(new);
            }
        }
    }
    false
}

/// The states reached without taking a byte.
fn closure(automaton: &Automaton, from: usize) -> Vec<usize> {
    let mut reached = vec![from];
    let mut at = 0;
    while at < reached.len() {
        let free = automaton.edges[reached[at]].iter().filter(|e| e.0.is_none()).map(|e| e.1);
        let new: Vec<usize> = free.filter(|to| !reached.contains(to)).collect();
        reached.extend(new);
        at += 1;
    }
    reached
}

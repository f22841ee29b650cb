//! Matching a line against the text of a row, or finding a pattern in it.
//!
//! Everything works on bytes: a line need not be UTF-8, and what is not UTF-8 can only be taken
//! by a wildcard. Literals and values are UTF-8, so no match ends inside a character.

use crate::kind::{Kind, is_word};
use std::ops::Range;

/// Where the value of a name is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Slot {
    /// For the rest of the output: other rows say the name too.
    Kept(usize),
    /// For this one line. Numbered by name; in a pattern, by the names of its rule.
    Line(usize),
}

/// One part of a text whose names are resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Atom {
    Literal(String),
    Value {
        kind: Kind,
        slot: Slot,
        /// In the list of names; in a pattern, of its rule's names.
        name: usize,
    },
    Wild,
}

/// The values that a text took from a line.
pub(crate) type Taken = Vec<(Slot, Range<usize>)>;

/// A row's text or a rule's pattern, ready to match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Text {
    pub(crate) atoms: Vec<Atom>,
    /// The text with every value its sample and every wildcard empty.
    pub(crate) sample: String,
    /// The white space that a row of this sample ignores at its end.
    ignored: String,
}

impl Text {
    /// The text of a row: white space at its end does not count.
    pub(crate) fn row(atoms: Vec<Atom>, mut sample: String) -> Text {
        let ignored = sample.split_off(trim_end(sample.as_bytes()).len());
        Text { atoms, sample, ignored }
    }

    /// A pattern: every blank counts.
    pub(crate) fn pattern(atoms: Vec<Atom>) -> Text {
        Text { atoms, sample: String::new(), ignored: String::new() }
    }

    /// Does this text take the whole line? `known` tells the values that are bound already.
    pub(crate) fn take<'v>(
        &self,
        line: &[u8],
        known: impl Fn(usize) -> Option<&'v str>,
    ) -> Option<Taken> {
        if self.ignored.is_empty() {
            return self.take_all(line, &known);
        }
        // A blank before an empty wildcard at the end: ignored in the row, so missing in the line.
        self.take_all(&[line, self.ignored.as_bytes()].concat(), &known)
    }

    fn take_all<'v>(
        &self,
        line: &[u8],
        known: &impl Fn(usize) -> Option<&'v str>,
    ) -> Option<Taken> {
        let mut taken = Taken::new();
        let mut parts = self.parts();
        let at = run_at(parts.next()?, line, 0, known, &mut taken)?;
        after_wilds(parts, line, at, known, &mut taken, |end| end == line.len()).then_some(taken)
    }

    /// The leftmost place in the line where this pattern matches and neither begins nor ends
    /// inside a word or a number. A wildcard takes as little as it can.
    pub(crate) fn find(&self, line: &[u8], inside: &[bool]) -> Option<Taken> {
        let unknown = |_| None;
        for start in (0..=line.len()).filter(|start| !inside[*start]) {
            let mut taken = Taken::new();
            let mut parts = self.parts();
            let Some(at) = run_at(parts.next()?, line, start, &unknown, &mut taken) else {
                continue;
            };
            if after_wilds(parts, line, at, &unknown, &mut taken, |end| !inside[end]) {
                return Some(taken);
            }
            // What stands nowhere behind this place stands behind no later one, unless a value
            // from here decided it.
            if self.atoms.contains(&Atom::Wild) && !self.says_a_name_twice() {
                return None;
            }
        }
        None
    }

    /// What stands between the wildcards.
    fn parts(&self) -> impl Iterator<Item = &[Atom]> {
        self.atoms.split(|atom| *atom == Atom::Wild)
    }

    pub(crate) fn slots(&self) -> impl Iterator<Item = Slot> {
        self.atoms.iter().filter_map(|atom| match atom {
            Atom::Value { slot, .. } => Some(*slot),
            Atom::Literal(_) | Atom::Wild => None,
        })
    }

    fn says_a_name_twice(&self) -> bool {
        let mut slots: Vec<Slot> = self.slots().collect();
        slots.sort_unstable();
        slots.windows(2).any(|pair| pair[0] == pair[1])
    }
}

/// Matches what follows the first wildcard, each part at the first place that will do.
fn after_wilds<'a, 'v>(
    parts: impl Iterator<Item = &'a [Atom]>,
    line: &[u8],
    mut at: usize,
    known: &impl Fn(usize) -> Option<&'v str>,
    taken: &mut Taken,
    may_end: impl Fn(usize) -> bool,
) -> bool {
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return may_end(at);
    }
    while let Some(part) = parts.next() {
        let is_last = parts.peek().is_none();
        let before = taken.len();
        let end = (at..=line.len()).find_map(|start| {
            taken.truncate(before);
            run_at(part, line, start, known, taken).filter(|end| !is_last || may_end(*end))
        });
        match end {
            Some(end) => at = end,
            None => return false,
        }
    }
    true
}

/// Matches literals and values at one place; the end of the match.
fn run_at<'v>(
    atoms: &[Atom],
    line: &[u8],
    start: usize,
    known: &impl Fn(usize) -> Option<&'v str>,
    taken: &mut Taken,
) -> Option<usize> {
    let mut at = start;
    for atom in atoms {
        let rest = &line[at..];
        at += match atom {
            Atom::Literal(text) => rest.starts_with(text.as_bytes()).then_some(text.len())?,
            Atom::Value { kind, slot, .. } => {
                let length = kind.take(rest)?;
                let here = taken.iter().find(|(s, _)| s == slot).map(|(_, r)| &line[r.clone()]);
                let kept = match slot {
                    Slot::Kept(slot) => known(*slot).map(str::as_bytes),
                    Slot::Line(_) => None,
                };
                match here.or(kept) {
                    Some(bound) if bound != &rest[..length] => return None,
                    Some(_) => {}
                    None => taken.push((*slot, at..at + length)),
                }
                length
            }
            Atom::Wild => unreachable!("texts are split at their wildcards"),
        };
    }
    Some(at)
}

/// For each place in the line (before byte 0, ..., after the last): is it inside a word or a
/// number?
pub(crate) fn inside(line: &[u8]) -> Vec<bool> {
    let mut inside = vec![false; line.len() + 1];
    for at in 1..line.len() {
        inside[at] = is_word(line[at - 1]) && is_word(line[at]);
    }
    let mut at = 0;
    while at < line.len() {
        match Kind::Decimal.take(&line[at..]) {
            Some(length) => {
                inside[at + 1..at + length].fill(true);
                at += length;
            }
            None => at += 1,
        }
    }
    inside
}

/// A line without the white space at its end.
pub(crate) fn trim_end(line: &[u8]) -> &[u8] {
    let end =
        line.iter().rposition(|b| !matches!(b, b' ' | b'\t' | b'\r')).map_or(0, |last| last + 1);
    &line[..end]
}

/// The lines of an output; the last newline may be missing.
pub(crate) fn lines(output: &[u8]) -> Vec<&[u8]> {
    let mut lines: Vec<&[u8]> = output.split(|b| *b == b'\n').collect();
    if lines.last().is_some_and(|last| last.is_empty()) {
        lines.pop();
    }
    lines.into_iter().map(trim_end).collect()
}

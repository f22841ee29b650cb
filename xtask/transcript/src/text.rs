//! Matching a line against the text of a row, or finding a pattern in it.
//!
//! Everything works on bytes: a line need not be UTF-8, and what is not UTF-8 can only be taken
//! by a wildcard. Literals and values are UTF-8, so no match ends inside a character.

use crate::kind::{ValueKind, is_word};
use std::{borrow::Cow, ops::Range};

/// One part of a text whose names are resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Atom {
    Literal(String),
    Value {
        kind: ValueKind,
        /// In the list of names; in a pattern, of its rule's names.
        name: usize,
        /// Where the value is kept for the rest of the output, if other rows say the name too.
        slot: Option<usize>,
    },
    Wild,
}

/// A value that a text took from a line.
#[derive(Clone, Debug)]
pub(crate) struct Taken {
    pub(crate) name: usize,
    pub(crate) slot: Option<usize>,
    pub(crate) range: Range<usize>,
}

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

    /// What this text takes from the line, if it takes the whole line. No value that is bound
    /// already makes a difference: a value takes all it can, and a row with a wildcard has none.
    /// Adds to `looked` how many bytes were looked at.
    pub(crate) fn take(&self, line: &[u8], looked: &mut usize) -> Option<Vec<Taken>> {
        // A blank before an empty wildcard at the end: ignored in the row, so missing in the line.
        let line = match self.ignored.as_str() {
            "" => Cow::Borrowed(line),
            ignored => Cow::Owned([line, ignored.as_bytes()].concat()),
        };
        let mut scan = Scan { line: &line, taken: Vec::new(), looked };
        let mut parts = self.parts();
        let at = scan.run(parts.next()?, 0)?;
        scan.after_wilds(parts, at, |end| end == line.len()).then_some(scan.taken)
    }

    /// The leftmost place in the line where this pattern matches and neither begins nor ends
    /// inside a word or a number. A wildcard takes as little as it can. Adds to `looked`, which
    /// grows with the line and not with its square.
    pub(crate) fn find(
        &self,
        line: &[u8],
        inside: &[bool],
        looked: &mut usize,
    ) -> Option<Vec<Taken>> {
        let mut scan = Scan { line, taken: Vec::new(), looked };
        let mut next = 0;
        while let Some(start) = scan.candidate(&self.atoms, next) {
            next = start + 1;
            if inside[start] {
                continue;
            }
            let mut parts = self.parts();
            scan.taken.clear();
            let Some(at) = scan.run(parts.next()?, start) else { continue };
            if scan.after_wilds(parts, at, |end| !inside[end]) {
                return Some(scan.taken);
            }
            // What stands nowhere behind this place stands behind no later one: beside a wildcard
            // no pattern says a name twice, so no value from here has decided it.
            if self.atoms.contains(&Atom::Wild) {
                return None;
            }
        }
        None
    }

    /// What stands between the wildcards.
    fn parts(&self) -> impl Iterator<Item = &[Atom]> {
        self.atoms.split(|atom| *atom == Atom::Wild)
    }

    /// The names that this text says, each with its slot.
    pub(crate) fn values(&self) -> impl Iterator<Item = (usize, Option<usize>)> {
        self.atoms.iter().filter_map(|atom| match atom {
            Atom::Value { name, slot, .. } => Some((*name, *slot)),
            Atom::Literal(_) | Atom::Wild => None,
        })
    }
}

/// To begin somewhere takes about as long as to look at so many bytes.
const BEGIN: usize = 8;

/// A text on its way through a line.
struct Scan<'s> {
    line: &'s [u8],
    taken: Vec<Taken>,
    /// How many bytes were looked at, about.
    looked: &'s mut usize,
}

impl Scan<'_> {
    /// Matches what follows the first wildcard, each part at the first place that will do.
    fn after_wilds<'a>(
        &mut self,
        parts: impl Iterator<Item = &'a [Atom]>,
        mut at: usize,
        may_end: impl Fn(usize) -> bool,
    ) -> bool {
        let mut parts = parts.peekable();
        if parts.peek().is_none() {
            return may_end(at);
        }
        while let Some(part) = parts.next() {
            let is_last = parts.peek().is_none();
            let before = self.taken.len();
            loop {
                let Some(start) = self.candidate(part, at) else { return false };
                self.taken.truncate(before);
                match self.run(part, start).filter(|end| !is_last || may_end(*end)) {
                    Some(end) => break at = end,
                    // The one value beside a wildcard is a lane's number: from any of its digits
                    // on it ends in the same place.
                    None if matches!(part.first(), Some(Atom::Value { .. })) => {
                        at = start + ValueKind::Integer.take(&self.line[start..]).unwrap_or(1);
                    }
                    None => at = start + 1,
                }
            }
        }
        true
    }

    /// The next place, from this one on, where these atoms may match.
    fn candidate(&mut self, atoms: &[Atom], from: usize) -> Option<usize> {
        let rest = self.line.get(from..)?;
        let Some(Atom::Literal(text)) = atoms.first() else { return Some(from) };
        let first = text.as_bytes().first()?;
        let at = rest.iter().position(|byte| byte == first);
        *self.looked += at.unwrap_or(rest.len());
        Some(from + at?)
    }

    /// Matches literals and values at one place; the end of the match.
    fn run(&mut self, atoms: &[Atom], start: usize) -> Option<usize> {
        *self.looked += BEGIN;
        let mut at = start;
        for atom in atoms {
            let rest = &self.line[at..];
            let length = match atom {
                Atom::Literal(text) => rest.starts_with(text.as_bytes()).then_some(text.len()),
                // A number may be looked through before its unit is missed.
                Atom::Value { kind, .. } => kind.take(rest).or_else(|| {
                    *self.looked += ValueKind::Decimal.take(rest).unwrap_or(0);
                    None
                }),
                Atom::Wild => unreachable!("texts are split at their wildcards"),
            };
            *self.looked += length.unwrap_or(0);
            let end = at + length?;
            if let Atom::Value { name, slot, .. } = *atom {
                match self.taken.iter().find(|taken| taken.name == name) {
                    Some(here) if self.line[here.range.clone()] != self.line[at..end] => {
                        return None;
                    }
                    Some(_) => {}
                    None => self.taken.push(Taken { name, slot, range: at..end }),
                }
            }
            at = end;
        }
        Some(at)
    }
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
        match ValueKind::Decimal.take(&line[at..]) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_work_of_a_pattern_grows_with_the_line_and_not_with_its_square() {
        let literal = |text: &str| Atom::Literal(text.to_owned());
        let value = |kind, name| Atom::Value { kind, name, slot: None };
        let (integer, word) = (value(ValueKind::Integer, 0), value(ValueKind::Word, 0));
        for (pattern, line) in [
            (vec![literal("- - x")], "- "),
            (vec![integer.clone(), literal(" "), integer.clone(), literal(" x")], "1 "),
            (vec![word.clone(), literal("-"), word, literal("x")], "ab-"),
            (vec![literal("1"), Atom::Wild, integer, literal("x")], "1"),
        ] {
            let line = line.repeat(10_000);
            let (inside, mut looked) = (inside(line.as_bytes()), 0);
            assert!(Text::pattern(pattern).find(line.as_bytes(), &inside, &mut looked).is_none());
            assert!(looked <= 20 * line.len(), "{looked} in {} of {}", line.len(), &line[..9]);
        }
    }
}

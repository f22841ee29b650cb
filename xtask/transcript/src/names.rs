//! Names: the row that binds each, who may say it, and what a row says of it.

use crate::{
    ParseError,
    kind::ValueKind,
    rows::{Gutter, Mode, Row},
    syntax::Piece,
    text::Slot,
    unrolled::Unrolled,
};
use std::collections::{HashMap, HashSet};

/// A name that some row binds.
#[derive(Clone, Debug)]
pub(crate) struct Name {
    pub(crate) spelling: String,
    pub(crate) kind: ValueKind,
    pub(crate) sample: String,
    /// Bound by a row of standard output.
    pub(crate) on_stdout: bool,
    pub(crate) scope: Scope,
    /// The row that binds it.
    pub(crate) row: usize,
    /// Said by other rows too, so its value has to be kept: where, in the first lane.
    first_slot: Option<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    Whole,
    /// Each lane's own; by number of the `i in`.
    Lane(usize),
    /// Each line's own: bound in a `+` row.
    Line,
}

/// One part of a row's text, its names resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Literal(String),
    /// The number of the lane.
    Number,
    /// A value, by index of its name.
    Value(usize),
    Wild,
}

/// All names of a transcript.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    list: Vec<Name>,
    by_name: HashMap<String, usize>,
    letters: HashSet<char>,
    /// How many values are kept at most.
    pub(crate) slots: usize,
}

/// What a spelling stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spelling {
    /// A lane with a letter and no number: `A`.
    Lane,
    /// The number of an unrolled lane: `i`.
    Number,
    /// A name that a row binds, by index.
    Bound(usize),
    Free,
}

impl Names {
    /// Finds the rows that bind names, then what every row says.
    pub(crate) fn resolve(
        rows: &[Row],
        unrolled: &[Option<Unrolled>],
        errors: &mut Vec<ParseError>,
    ) -> (Names, Vec<Vec<Part>>) {
        let letters = rows.iter().filter_map(|row| match row.gutter {
            Gutter::Lane(letter) | Gutter::Range(letter, _) => Some(letter),
            Gutter::Main | Gutter::Each(_) | Gutter::Float | Gutter::Err => None,
        });
        let mut names = Names { letters: letters.collect(), ..Names::default() };
        for (at, (row, unrolled)) in rows.iter().zip(unrolled).enumerate() {
            names.bind(at, row, unrolled.as_ref(), rows, errors);
        }
        let parts = rows.iter().zip(unrolled).enumerate();
        let parts = parts
            .map(|(at, (row, unrolled))| names.parts(at, row, unrolled.as_ref(), rows, errors));
        let parts = parts.collect();
        (names, parts)
    }

    pub(crate) fn get(&self, index: usize) -> &Name {
        &self.list[index]
    }

    /// Where the value of a name is kept that is said in the `nth` lane of a row.
    pub(crate) fn slot(&self, name: usize, nth: usize) -> Slot {
        let Name { scope, first_slot, .. } = self.list[name];
        let nth = if let Scope::Lane(_) = scope { nth } else { 0 };
        first_slot.map_or(Slot::Line(name), |first| Slot::Kept(first + nth))
    }

    /// The slots of the `nth` lane of an `i in`.
    pub(crate) fn own_slots(&self, index: usize, nth: usize) -> Vec<usize> {
        let own = self.list.iter().filter(|name| name.scope == Scope::Lane(index));
        own.filter_map(|name| Some(name.first_slot? + nth)).collect()
    }

    pub(crate) fn look_up(&self, name: &str) -> Spelling {
        let mut chars = name.chars();
        match (chars.next(), chars.as_str(), self.by_name.get(name)) {
            (Some(letter), "", _) if self.letters.contains(&letter) => {
                if letter.is_ascii_uppercase() { Spelling::Lane } else { Spelling::Number }
            }
            (_, _, Some(index)) => Spelling::Bound(*index),
            (_, _, None) => Spelling::Free,
        }
    }

    fn bind(
        &mut self,
        at: usize,
        row: &Row,
        unrolled: Option<&Unrolled>,
        rows: &[Row],
        errors: &mut Vec<ParseError>,
    ) {
        for piece in &row.pieces {
            let Piece::Name { name, sample: Some(sample), at: column } = piece else {
                continue;
            };
            let message = match self.look_up(name) {
                Spelling::Lane | Spelling::Number => {
                    format!("expected a name that is not spelled like the lane `{name}`")
                }
                Spelling::Bound(index) => {
                    let line = rows[self.list[index].row].line;
                    format!("expected `{{{name}}}`: the value is bound on line {line} already")
                }
                Spelling::Free => {
                    let Some(kind) = ValueKind::of(sample) else {
                        unreachable!("a sample without a kind is no piece")
                    };
                    let scope = match (row.mode, unrolled) {
                        (Mode::Repeated, _) => Scope::Line,
                        (_, Some(unrolled)) => Scope::Lane(unrolled.index),
                        (_, None) => Scope::Whole,
                    };
                    self.by_name.insert(name.clone(), self.list.len());
                    self.list.push(Name {
                        spelling: name.clone(),
                        kind,
                        sample: sample.clone(),
                        on_stdout: row.gutter != Gutter::Err,
                        scope,
                        row: at,
                        first_slot: None,
                    });
                    continue;
                }
            };
            errors.push(row.error_at(*column, message));
        }
    }

    /// Makes room for the values of a name that row `at` says, if another row binds it.
    fn keep(&mut self, index: usize, at: usize, unrolled: Option<&Unrolled>) {
        let name = &mut self.list[index];
        if name.row != at && name.first_slot.is_none() {
            name.first_slot = Some(self.slots);
            self.slots += match (name.scope, unrolled) {
                (Scope::Lane(_), Some(unrolled)) => unrolled.numbers.len(),
                _ => 1,
            };
        }
    }

    fn parts(
        &mut self,
        at: usize,
        row: &Row,
        unrolled: Option<&Unrolled>,
        rows: &[Row],
        errors: &mut Vec<ParseError>,
    ) -> Vec<Part> {
        let has_wild = row.pieces.contains(&Piece::Wild);
        let mut parts: Vec<Part> = Vec::new();
        for piece in &row.pieces {
            let (name, binds, column) = match piece {
                Piece::Literal(text) => {
                    parts.push(Part::Literal(text.clone()));
                    continue;
                }
                Piece::Wild => {
                    parts.push(Part::Wild);
                    continue;
                }
                Piece::Name { name, sample, at } => (name, sample.is_some(), *at),
            };
            let complaint = match self.look_up(name) {
                // What is wrong with such a sample has been said.
                Spelling::Lane | Spelling::Number if binds => continue,
                Spelling::Bound(index) if binds && self.list[index].row != at => continue,
                Spelling::Number if unrolled.is_some_and(|u| name.starts_with(u.letter)) => {
                    parts.push(Part::Number);
                    continue;
                }
                Spelling::Number => Some(format!("`{{{name}}}` is known only in rows of `{name}`")),
                Spelling::Lane => Some(format!("the lane `{name}` has no number to say here")),
                Spelling::Free => {
                    Some(format!("expected `{{{name}=SAMPLE}}`: no row binds `{name}`"))
                }
                Spelling::Bound(index) => {
                    let touches = matches!(parts.last(), Some(Part::Value(_)));
                    parts.push(Part::Value(index));
                    self.keep(index, at, unrolled);
                    let name = &self.list[index];
                    name.complaint(at, unrolled, &rows[name.row])
                        .or_else(|| has_wild.then(|| NO_NAME_BESIDE_WILD.to_owned()))
                        .or_else(|| touches.then(|| TEXT_BETWEEN_VALUES.to_owned()))
                }
            };
            errors.extend(complaint.map(|message| row.error_at(column, message)));
        }
        parts
    }
}

pub(crate) const NO_NAME_BESIDE_WILD: &str = "expected no name beside `[..]` but a lane letter";
pub(crate) const TEXT_BETWEEN_VALUES: &str = "expected text between two values";

impl Name {
    /// What is wrong with saying this name in row `at`, if something is.
    fn complaint(&self, at: usize, unrolled: Option<&Unrolled>, binds: &Row) -> Option<String> {
        let (name, line) = (&self.spelling, binds.line);
        match self.scope {
            Scope::Line if self.row != at => Some(format!(
                "`{name}` is bound in a `+` row, on line {line}: no other row can say it"
            )),
            Scope::Lane(index) if unrolled.is_none_or(|u| u.index != index) => Some(format!(
                "`{name}` is each lane's own, bound on line {line}: only rows of those lanes can say it"
            )),
            Scope::Whole | Scope::Lane(_) | Scope::Line => None,
        }
    }
}

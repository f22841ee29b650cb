//! Names: the row that binds each, who may say it, and what a row says of it.

use crate::{
    ParseError,
    kind::ValueKind,
    lanes::Lanes,
    rows::{Gutter, Mode, Row},
    syntax::Piece,
};
use std::collections::{HashMap, HashSet};

/// A name that some row binds.
#[derive(Clone, Debug)]
pub(crate) struct Name {
    pub(crate) spelling: String,
    pub(crate) kind: ValueKind,
    pub(crate) sample: String,
    pub(crate) scope: Scope,
    /// The row that binds it, and where.
    pub(crate) row: usize,
    place: usize,
    /// Said by other rows too, so its value has to be kept: where, in the first lane.
    first_slot: Option<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    Whole,
    /// Each lane's own; by the row that opens the lanes.
    Lane(usize),
    /// Each line's own: bound in a `+` row.
    Line,
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
    /// Finds the rows that bind names, and then what other rows say of them.
    pub(crate) fn resolve(rows: &[Row], lanes: &[Lanes], errors: &mut Vec<ParseError>) -> Names {
        let letters = rows.iter().filter_map(|row| match row.gutter {
            Gutter::Lane(letter) | Gutter::Range(letter, _) => Some(letter),
            Gutter::Main | Gutter::Each(_) | Gutter::Float | Gutter::Err => None,
        });
        let mut names = Names { letters: letters.collect(), ..Names::default() };
        for (at, lanes) in lanes.iter().enumerate() {
            names.bind(at, &rows[at], lanes);
        }
        for at in 0..rows.len() {
            names.say(at, rows, lanes, errors);
        }
        names
    }

    pub(crate) fn get(&self, index: usize) -> &Name {
        &self.list[index]
    }

    /// Where the value of a name is kept that is said in the `nth` lane of a row.
    pub(crate) fn slot(&self, name: usize, nth: usize) -> Option<usize> {
        let Name { scope, first_slot, .. } = self.list[name];
        let nth = if let Scope::Lane(_) = scope { nth } else { 0 };
        Some(first_slot? + nth)
    }

    /// The slots of the `nth` of the lanes that this row opens.
    pub(crate) fn own_slots(&self, opened_by: usize, nth: usize) -> Vec<usize> {
        let own = self.list.iter().filter(|name| name.scope == Scope::Lane(opened_by));
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

    /// Notes the names that a row binds.
    fn bind(&mut self, at: usize, row: &Row, lanes: &Lanes) {
        for piece in &row.pieces {
            if let Piece::Name { name, sample: Some(sample), at: place } = piece
                && let (Spelling::Free, Some(kind)) = (self.look_up(name), ValueKind::of(sample))
            {
                let scope = match (row.mode, lanes.letter) {
                    (Mode::Repeated, _) => Scope::Line,
                    (_, Some(_)) => Scope::Lane(lanes.opened_by),
                    (_, None) => Scope::Whole,
                };
                self.by_name.insert(name.clone(), self.list.len());
                self.list.push(Name {
                    spelling: name.clone(),
                    kind,
                    sample: sample.clone(),
                    scope,
                    row: at,
                    place: *place,
                    first_slot: None,
                });
            }
        }
    }

    /// Makes room for the values of names that a row says and another binds, and finds what is
    /// wrong with saying them.
    fn say(&mut self, at: usize, rows: &[Row], lanes: &[Lanes], errors: &mut Vec<ParseError>) {
        let row = &rows[at];
        let has_wild = row.pieces.contains(&Piece::Wild);
        let mut after_value = false;
        for piece in &row.pieces {
            let was_value = std::mem::take(&mut after_value);
            let Piece::Name { name, sample, at: place } = piece else { continue };
            let complaint = match self.look_up(name) {
                Spelling::Lane | Spelling::Number if sample.is_some() => {
                    Some(format!("expected a name that is not spelled like the lane `{name}`"))
                }
                Spelling::Bound(index)
                    if sample.is_some() && !self.list[index].is_bound_at(at, *place) =>
                {
                    let line = rows[self.list[index].row].line;
                    Some(format!(
                        "expected `{{{name}}}`: the value is bound on line {line} already"
                    ))
                }
                Spelling::Number if lanes[at].letter.is_some_and(|l| name.starts_with(l)) => None,
                Spelling::Number => Some(format!("`{{{name}}}` is known only in rows of `{name}`")),
                Spelling::Lane => Some(format!("the lane `{name}` has no number to say here")),
                Spelling::Free => {
                    Some(format!("expected `{{{name}=SAMPLE}}`: no row binds `{name}`"))
                }
                Spelling::Bound(index) => {
                    after_value = true;
                    let known = &mut self.list[index];
                    if known.row != at && known.first_slot.is_none() {
                        known.first_slot = Some(self.slots);
                        self.slots += lanes[known.row].numbers.len();
                    }
                    known
                        .complaint(at, &lanes[at], &rows[known.row])
                        .or_else(|| has_wild.then(|| NO_NAME_BESIDE_WILD.to_owned()))
                        .or_else(|| was_value.then(|| TEXT_BETWEEN_VALUES.to_owned()))
                }
            };
            errors.extend(complaint.map(|message| row.error_at(*place, message)));
        }
    }
}

pub(crate) const NO_NAME_BESIDE_WILD: &str = "expected no name beside `[..]` but a lane letter";
pub(crate) const TEXT_BETWEEN_VALUES: &str = "expected text between two values";

impl Name {
    fn is_bound_at(&self, row: usize, place: usize) -> bool {
        (self.row, self.place) == (row, place)
    }

    /// What is wrong with saying this name in row `at`, if something is.
    fn complaint(&self, at: usize, lanes: &Lanes, binds: &Row) -> Option<String> {
        let (name, line) = (&self.spelling, binds.line);
        match self.scope {
            Scope::Line if self.row != at => Some(format!(
                "`{name}` is bound in a `+` row, on line {line}: no other row can say it"
            )),
            Scope::Lane(opened_by) if opened_by != lanes.opened_by => Some(format!(
                "`{name}` is each lane's own, bound on line {line}: only rows of those lanes can say it"
            )),
            Scope::Whole | Scope::Lane(_) | Scope::Line => None,
        }
    }
}

//! The order that a transcript states: rows unrolled into steps, steps gathered in lanes, lanes in
//! blocks between the main rows.

use crate::{
    ParseError,
    names::{Names, Part, Scope},
    rows::{Mode, Place, Row},
    text::{Atom, Slot, Text},
    twins::{self, Spot},
};
use std::{collections::HashMap, ops::Range};

/// The most steps a transcript may unroll to.
const MOST_STEPS: usize = 100_000;

/// One row of one lane: what takes a line.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    /// Index of the row it was unrolled from.
    pub(crate) row: usize,
    /// `main`, `A`, `i=0`, `~` or `err`.
    pub(crate) lane: String,
    pub(crate) mode: Mode,
    pub(crate) text: Text,
}

/// The steps of one lane between two main rows, one after the other.
#[derive(Clone, Debug)]
pub(crate) struct Lane {
    pub(crate) key: LaneKey,
    pub(crate) steps: Vec<usize>,
    /// What is to come at each position: before the first step, ..., after the last.
    pub(crate) spots: Vec<Spot>,
    /// The slots of all values of its own, here and in other blocks.
    pub(crate) own: Vec<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum LaneKey {
    Named(char),
    /// Which `i in`, and the number.
    Unrolled(usize, u32),
    /// Index of the row.
    Float(usize),
}

/// A part of the order: after everything in the elements before it.
#[derive(Clone, Debug)]
pub(crate) enum Element {
    Main(usize),
    /// Lanes side by side, in any order with each other.
    Block(Vec<Lane>),
}

/// The `i in` that a row belongs to.
#[derive(Clone, Debug)]
pub(crate) struct Unrolled {
    pub(crate) letter: char,
    /// Which `i in` of the transcript.
    pub(crate) index: usize,
    pub(crate) numbers: Range<u32>,
}

/// All that the rows say.
#[derive(Clone, Debug, Default)]
pub(crate) struct Order {
    pub(crate) rows: Vec<Row>,
    pub(crate) steps: Vec<Step>,
    pub(crate) out: Vec<Element>,
    /// The rows of standard error: one lane, so main rows of an output of their own.
    pub(crate) err: Vec<Element>,
    pub(crate) names: Names,
    /// How many values are kept at most.
    pub(crate) slots: usize,
}

impl Order {
    /// Unrolls the rows.
    pub(crate) fn new(rows: Vec<Row>) -> Result<Order, Vec<ParseError>> {
        let mut errors = Vec::new();
        let unrolled = unrolled(&rows, &mut errors);
        let (names, parts) = Names::resolve(&rows, &unrolled, &mut errors);
        if !errors.is_empty() {
            return Err(errors);
        }
        let mut order = Order { rows, names, ..Order::default() };
        let first_slots = order.place_slots(&unrolled);
        order.unroll(&unrolled, &parts, &first_slots).map_err(|error| vec![error])?;
        order.check_samples()?;
        twins::fill_spots(&mut order.out, &order.steps, &order.names);
        Ok(order)
    }

    /// The first slot of each name whose value is kept.
    fn place_slots(&mut self, unrolled: &[Option<Unrolled>]) -> Vec<Option<usize>> {
        let mut next = 0;
        let first = self.names.iter().map(|name| {
            let first = next;
            next += match (name.scope, &unrolled[name.row]) {
                _ if !name.shared => return None,
                (Scope::Lane(_), Some(unrolled)) => unrolled.numbers.len(),
                _ => 1,
            };
            Some(first)
        });
        let first = first.collect();
        self.slots = next;
        first
    }

    fn unroll(
        &mut self,
        unrolled: &[Option<Unrolled>],
        parts: &[Vec<Part>],
        first_slots: &[Option<usize>],
    ) -> Result<(), ParseError> {
        let mut block: Vec<Lane> = Vec::new();
        let mut in_block: HashMap<LaneKey, usize> = HashMap::new();
        for (at, unrolled) in unrolled.iter().enumerate() {
            let numbers = unrolled.as_ref().map_or(0..1, |u| u.numbers.clone());
            if self.steps.len() + numbers.len() > MOST_STEPS {
                let message = format!("expected at most {MOST_STEPS} rows in all lanes");
                return Err(self.rows[at].error(message));
            }
            for number in numbers.clone() {
                let step = self.steps.len();
                let (key, lane) = match (&self.rows[at].place, unrolled) {
                    (Place::Lane(letter), _) => (LaneKey::Named(*letter), letter.to_string()),
                    (Place::Float, _) => (LaneKey::Float(at), "~".to_owned()),
                    (_, Some(u)) => {
                        (LaneKey::Unrolled(u.index, number), format!("{}={number}", u.letter))
                    }
                    (place, None) => {
                        let is_err = *place == Place::Err;
                        let lane = if is_err { "err" } else { "main" }.to_owned();
                        let text = self.text(&parts[at], number, 0, first_slots);
                        self.steps.push(Step { row: at, lane, mode: self.rows[at].mode, text });
                        if is_err {
                            self.err.push(Element::Main(step));
                        } else {
                            self.end_block(&mut block);
                            in_block.clear();
                            self.out.push(Element::Main(step));
                        }
                        continue;
                    }
                };
                let own = (number - numbers.start) as usize;
                let text = self.text(&parts[at], number, own, first_slots);
                self.steps.push(Step { row: at, lane, mode: self.rows[at].mode, text });
                let lane = *in_block.entry(key).or_insert_with(|| {
                    let names = self.names.iter().zip(first_slots);
                    let own = names.filter_map(|(name, first)| match (name.scope, unrolled) {
                        (Scope::Lane(index), Some(u)) if index == u.index => Some((*first)? + own),
                        _ => None,
                    });
                    block.push(Lane {
                        key,
                        steps: Vec::new(),
                        spots: Vec::new(),
                        own: own.collect(),
                    });
                    block.len() - 1
                });
                block[lane].steps.push(step);
            }
        }
        self.end_block(&mut block);
        Ok(())
    }

    fn end_block(&mut self, block: &mut Vec<Lane>) {
        if !block.is_empty() {
            self.out.push(Element::Block(std::mem::take(block)));
        }
    }

    /// The text of a row in the lane of this number, which is the `own`-th of its lanes.
    fn text(&self, parts: &[Part], number: u32, own: usize, first_slots: &[Option<usize>]) -> Text {
        let mut atoms: Vec<Atom> = Vec::new();
        let mut sample = String::new();
        for part in parts {
            let literal = match part {
                Part::Literal(text) => text.clone(),
                Part::Number => number.to_string(),
                Part::Wild => {
                    atoms.push(Atom::Wild);
                    continue;
                }
                Part::Value(index) => {
                    let name = self.names.get(*index);
                    let own = if let Scope::Lane(_) = name.scope { own } else { 0 };
                    let slot = first_slots[*index]
                        .map_or(Slot::Line(*index), |first| Slot::Kept(first + own));
                    atoms.push(Atom::Value { kind: name.kind, slot, name: *index });
                    sample.push_str(&name.sample);
                    continue;
                }
            };
            sample.push_str(&literal);
            match atoms.last_mut() {
                Some(Atom::Literal(before)) => before.push_str(&literal),
                _ => atoms.push(Atom::Literal(literal)),
            }
        }
        Text::row(atoms, sample)
    }

    /// A value that runs into the text behind it can never be followed by that text.
    fn check_samples(&self) -> Result<(), Vec<ParseError>> {
        let mut errors: Vec<ParseError> = Vec::new();
        for step in &self.steps {
            let (row, sample) = (&self.rows[step.row], &step.text.sample);
            let is_new = errors.last().is_none_or(|e| e.line != row.line);
            if is_new && step.text.take(sample.as_bytes(), |_| None).is_none() {
                let message = format!(
                    "this row does not take its own sample `{sample}`: a value takes all it can"
                );
                errors.push(row.error_at(0, message));
            }
        }
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }

    /// The name whose value a step takes into a slot.
    pub(crate) fn name_in(&self, step: usize, slot: Slot) -> Option<usize> {
        self.steps[step].text.atoms.iter().find_map(|atom| match atom {
            Atom::Value { slot: s, name, .. } if *s == slot => Some(*name),
            _ => None,
        })
    }
}

/// For each row the `i in` it belongs to.
fn unrolled(rows: &[Row], errors: &mut Vec<ParseError>) -> Vec<Option<Unrolled>> {
    // For each letter: its last `i in`, and how many main rows stand above its last row.
    let mut current: HashMap<char, (Unrolled, usize)> = HashMap::new();
    let mut main_rows = 0;
    let mut index = 0;
    let mut unrolled = Vec::new();
    for row in rows {
        let of_row = match &row.place {
            Place::Main => {
                main_rows += 1;
                None
            }
            Place::Range(letter, numbers) => {
                if current.get(letter).is_some_and(|(_, above)| *above == main_rows) {
                    let message = format!(
                        "expected `{letter}|`: another range for `{letter}` may be given at its first row after a main row"
                    );
                    errors.push(row.error(message));
                }
                let new = Unrolled { letter: *letter, index, numbers: numbers.clone() };
                index += 1;
                current.insert(*letter, (new.clone(), main_rows));
                Some(new)
            }
            Place::Each(letter) => {
                if let Some((unrolled, above)) = current.get_mut(letter) {
                    *above = main_rows;
                    Some(unrolled.clone())
                } else {
                    let message = format!(
                        "expected `{letter} in FIRST..END|` at the first row of `{letter}`"
                    );
                    errors.push(row.error(message));
                    None
                }
            }
            Place::Lane(_) | Place::Float | Place::Err => None,
        };
        unrolled.push(of_row);
    }
    unrolled
}

//! The order that a transcript states: each row in its lanes, each lane in its block.

use crate::{
    ParseError,
    names::{Names, Part},
    rows::{Gutter, Row},
    steps::{Element, Lane, LaneKey, Step},
    text::{Atom, Slot, Text},
    twins,
    unrolled::{Unrolled, unrolled},
};
use std::collections::HashMap;

/// The most steps a transcript may unroll to.
const MOST_STEPS: usize = 100_000;

/// All that the rows say.
#[derive(Clone, Debug, Default)]
pub(crate) struct Order {
    pub(crate) rows: Vec<Row>,
    pub(crate) steps: Vec<Step>,
    pub(crate) out: Vec<Element>,
    /// The rows of standard error: one lane, so main rows of an output of their own.
    pub(crate) err: Vec<Element>,
    pub(crate) names: Names,
}

/// The lanes since the last main row.
#[derive(Default)]
struct Block {
    lanes: Vec<Lane>,
    by_key: HashMap<LaneKey, usize>,
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
        let mut block = Block::default();
        for (at, (parts, unrolled)) in parts.iter().zip(&unrolled).enumerate() {
            order.add(at, parts, unrolled.as_ref(), &mut block).map_err(|error| vec![error])?;
        }
        order.end(&mut block);
        order.check_samples()?;
        twins::fill_spots(&mut order.out, &order.steps, &order.names);
        Ok(order)
    }

    /// Unrolls one row into the block, or into main.
    fn add(
        &mut self,
        at: usize,
        parts: &[Part],
        unrolled: Option<&Unrolled>,
        block: &mut Block,
    ) -> Result<(), ParseError> {
        let numbers = unrolled.map_or(0..1, |u| u.numbers.clone());
        if self.steps.len() + numbers.len() > MOST_STEPS {
            let message = format!("expected at most {MOST_STEPS} rows in all lanes");
            return Err(self.rows[at].error(message));
        }
        if self.rows[at].gutter == Gutter::Main {
            self.end(block);
        }
        for (nth, number) in numbers.enumerate() {
            let (lane, key) = match (&self.rows[at].gutter, unrolled) {
                (Gutter::Lane(letter), _) => (letter.to_string(), Some(LaneKey::Named(*letter))),
                (Gutter::Float, _) => ("~".to_owned(), Some(LaneKey::Float(at))),
                (Gutter::Err, _) => ("err".to_owned(), None),
                (_, None) => ("main".to_owned(), None),
                (_, Some(u)) => {
                    (format!("{}={number}", u.letter), Some(LaneKey::Unrolled(u.index, number)))
                }
            };
            let text = self.text(parts, number, nth);
            let step = self.steps.len();
            let of_err = lane == "err";
            self.steps.push(Step { row: at, lane, mode: self.rows[at].mode, text });
            match key {
                None if of_err => self.err.push(Element::Main(step)),
                None => self.out.push(Element::Main(step)),
                Some(key) => {
                    let lane = *block.by_key.entry(key).or_insert_with(|| {
                        let own = unrolled.map(|u| self.names.own_slots(u.index, nth));
                        let own = own.unwrap_or_default();
                        block.lanes.push(Lane { key, own, steps: Vec::new(), spots: Vec::new() });
                        block.lanes.len() - 1
                    });
                    block.lanes[lane].steps.push(step);
                }
            }
        }
        Ok(())
    }

    fn end(&mut self, block: &mut Block) {
        let Block { lanes, .. } = std::mem::take(block);
        if !lanes.is_empty() {
            self.out.push(Element::Block(lanes));
        }
    }

    /// The text of a row in the lane of this number, the `nth` of its lanes.
    fn text(&self, parts: &[Part], number: u32, nth: usize) -> Text {
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
                Part::Value(name) => {
                    let (kind, slot) = (self.names.get(*name).kind, self.names.slot(*name, nth));
                    atoms.push(Atom::Value { kind, slot, name: *name });
                    sample.push_str(&self.names.get(*name).sample);
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
            if is_new && step.text.take(sample.as_bytes(), &mut 0).is_none() {
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

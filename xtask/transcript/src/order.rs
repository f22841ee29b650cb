//! The order that a transcript states: each row in its lanes, each lane in its block.

use crate::{
    ParseError,
    lanes::{Lanes, lanes},
    names::{Names, Spelling},
    rows::{Gutter, Row},
    steps::{Block, Lane, LaneKey, Step},
    syntax::Piece,
    text::{Atom, Text},
    twins,
};
use std::collections::HashMap;

/// The most steps a transcript may unroll to.
const MOST_STEPS: usize = 100_000;

/// All that the rows say.
#[derive(Clone, Debug, Default)]
pub(crate) struct Order {
    pub(crate) rows: Vec<Row>,
    pub(crate) steps: Vec<Step>,
    pub(crate) out: Vec<Block>,
    /// The rows of standard error: one lane, so main rows of an output of their own.
    pub(crate) err: Vec<Block>,
    pub(crate) names: Names,
}

impl Order {
    /// Unrolls the rows.
    pub(crate) fn new(rows: Vec<Row>) -> Result<Order, Vec<ParseError>> {
        let mut errors = Vec::new();
        let lanes = lanes(&rows, &mut errors);
        let names = Names::resolve(&rows, &lanes, &mut errors);
        if !errors.is_empty() {
            return Err(errors);
        }
        let mut order = Order { rows, names, ..Order::default() };
        // The lanes of the last block, by place; none after a main row.
        let mut open = HashMap::new();
        for (at, lanes) in lanes.iter().enumerate() {
            order.add(at, lanes, &mut open).map_err(|error| vec![error])?;
        }
        order.check_samples()?;
        let Order { out, err, steps, names, .. } = &mut order;
        twins::fill_spots(out, steps, names);
        twins::fill_spots(err, steps, names);
        Ok(order)
    }

    /// Unrolls one row into the last block, or into a new one.
    fn add(
        &mut self,
        at: usize,
        lanes: &Lanes,
        open: &mut HashMap<LaneKey, usize>,
    ) -> Result<(), ParseError> {
        if self.steps.len() + lanes.numbers.len() > MOST_STEPS {
            let message = format!("expected at most {MOST_STEPS} rows in all lanes");
            return Err(self.rows[at].error(message));
        }
        for (nth, number) in lanes.numbers.clone().enumerate() {
            let (row, step) = (&self.rows[at], self.steps.len());
            let (lane, text) = (row.gutter.lane(number), self.text(row, number, nth));
            self.steps.push(Step { row: at, lane, mode: row.mode, text });
            let key = (lanes.opened_by, number);
            if let (Some(lane), Some(block)) = (open.get(&key), self.out.last_mut()) {
                block[*lane].steps.push(step);
                continue;
            }
            let own = self.names.own_slots(lanes.opened_by, nth);
            let lane = Lane { key, own, steps: vec![step], spots: Vec::new() };
            match (&row.gutter, self.out.last_mut()) {
                (Gutter::Err, _) => self.err.push(vec![lane]),
                (Gutter::Main, _) => {
                    open.clear();
                    self.out.push(vec![lane]);
                }
                (_, Some(block)) if !open.is_empty() => {
                    open.insert(key, block.len());
                    block.push(lane);
                }
                _ => {
                    open.insert(key, 0);
                    self.out.push(vec![lane]);
                }
            }
        }
        Ok(())
    }

    /// The text of a row in the lane of this number, the `nth` of its lanes.
    fn text(&self, row: &Row, number: u32, nth: usize) -> Text {
        let mut atoms: Vec<Atom> = Vec::new();
        let mut sample = String::new();
        for piece in &row.pieces {
            let literal = match piece {
                Piece::Literal(text) => text.clone(),
                Piece::Wild => {
                    atoms.push(Atom::Wild);
                    continue;
                }
                Piece::Name { name, .. } => match self.names.look_up(name) {
                    Spelling::Bound(name) => {
                        let (known, slot) = (self.names.get(name), self.names.slot(name, nth));
                        atoms.push(Atom::Value { kind: known.kind, name, slot });
                        sample.push_str(&known.sample);
                        continue;
                    }
                    // The letter of its lanes: anything else has been refused.
                    _ => number.to_string(),
                },
            };
            sample.push_str(&literal);
            match atoms.last_mut() {
                Some(Atom::Literal(before)) => before.push_str(&literal),
                _ => atoms.push(Atom::Literal(literal)),
            }
        }
        Text::row(atoms, sample)
    }

    /// Is this row one of standard error?
    pub(crate) fn is_err(&self, row: usize) -> bool {
        self.rows[row].gutter == Gutter::Err
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
}

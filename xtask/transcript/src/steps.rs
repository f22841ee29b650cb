//! Rows unrolled into steps, steps gathered in lanes, lanes in blocks.

use crate::{mark::Mark, rows::Mode, text::Text};

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

/// Lanes side by side, in any order with each other and after all blocks before: those between two
/// main rows, or a main row as the one step of the one lane.
pub(crate) type Block = Vec<Lane>;

/// The steps of one lane in a block, one after the other.
#[derive(Clone, Debug)]
pub(crate) struct Lane {
    pub(crate) key: LaneKey,
    pub(crate) steps: Vec<usize>,
    /// What is to come at each position: before the first step, ..., after the last.
    pub(crate) spots: Vec<Spot>,
    /// The slots of all values of its own, here and in other blocks.
    pub(crate) own: Vec<usize>,
}

/// The row that opens a lane, and its number: the same in all blocks.
pub(crate) type LaneKey = (usize, u32);

/// What is still to come at one position of a lane.
///
/// Two lanes of a block are interchangeable where their spots have the same `class` and their
/// `live` slots hold the same values: whatever lines follow, one can stand for the other.
#[derive(Clone, Debug)]
pub(crate) struct Spot {
    /// The lane may end here.
    pub(crate) may_end: bool,
    pub(crate) class: Mark,
    /// The slots of the lane's own values that are still of use, in an order that is the same in
    /// lanes of the same class.
    pub(crate) live: Vec<usize>,
}

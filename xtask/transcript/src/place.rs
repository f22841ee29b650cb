//! How far an output has followed the order.

use crate::steps::{Block, Lane, Step};
use std::collections::HashSet;

/// One of the two orders of a transcript, standard output's or standard error's.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Track<'t> {
    pub(crate) blocks: &'t [Block],
    pub(crate) steps: &'t [Step],
}

impl<'t> Track<'t> {
    /// All its steps.
    pub(crate) fn all(self) -> impl Iterator<Item = usize> + 't {
        self.blocks.iter().flatten().flat_map(|lane| &lane.steps).copied()
    }
}

/// How far the order has been followed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Place {
    /// How many blocks have been begun; the last of them may take more lines.
    pub(crate) begun: usize,
    /// For each lane of that block how many steps have gone by, taken or skipped.
    pub(crate) lanes: Vec<u32>,
}

/// A step that may take the next line, and the place after it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Move {
    pub(crate) step: usize,
    pub(crate) begun: usize,
    pub(crate) lane: usize,
    pub(crate) gone_by: u32,
    /// The step takes one more line.
    pub(crate) again: bool,
}

impl Place {
    /// The lanes of the block that is current, with how many steps of each have gone by.
    pub(crate) fn lanes<'p>(&'p self, track: Track<'p>) -> impl Iterator<Item = (&'p Lane, u32)> {
        let block = self.begun.checked_sub(1).map(|last| &track.blocks[last]);
        block.into_iter().flatten().zip(self.lanes.iter().copied())
    }

    /// How many steps of this lane of a block have gone by.
    fn gone_by(&self, begun: usize, lane: usize) -> u32 {
        if begun == self.begun { self.lanes[lane] } else { 0 }
    }

    /// Everything that may take the next line here: of each lane the last step again, the next,
    /// and, as long as those may be skipped, the ones after.
    pub(crate) fn moves(&self, track: Track<'_>) -> Vec<Move> {
        let may_be_skipped = |step: usize| track.steps[step].mode.may_be_skipped();
        let mut moves = Vec::new();
        for (begun, block) in self.rest(track) {
            for (at, lane) in block.iter().enumerate() {
                let gone_by = self.gone_by(begun, at);
                let (past, left) = lane.steps.split_at(gone_by as usize);
                if let Some(step) = past.last().copied()
                    && track.steps[step].mode.may_repeat()
                {
                    moves.push(Move { step, begun, lane: at, gone_by, again: true });
                }
                for (gone_by, step) in (gone_by + 1..).zip(left.iter().copied()) {
                    moves.push(Move { step, begun, lane: at, gone_by, again: false });
                    if !may_be_skipped(step) {
                        break;
                    }
                }
            }
            if !self.may_leave(begun, block) {
                break;
            }
        }
        moves
    }

    /// Does this block need no more lines?
    fn may_leave(&self, begun: usize, block: &Block) -> bool {
        let mut lanes = block.iter().enumerate();
        lanes.all(|(at, lane)| lane.spots[self.gone_by(begun, at) as usize].may_end)
    }

    /// May the output end here?
    pub(crate) fn is_end(&self, track: Track<'_>) -> bool {
        self.rest(track).all(|(begun, block)| self.may_leave(begun, block))
    }

    /// The place after a move.
    pub(crate) fn after(&self, step: &Move, track: Track<'_>) -> Place {
        let mut lanes = match step.begun {
            begun if begun == self.begun => self.lanes.clone(),
            begun => vec![0; track.blocks[begun - 1].len()],
        };
        lanes[step.lane] = step.gone_by;
        Place { begun: step.begun, lanes }
    }

    /// The steps still to come before the output may end, or before `target` may take a line: of
    /// each lane the next one.
    pub(crate) fn missing(&self, track: Track<'_>, target: Option<usize>) -> Vec<usize> {
        let is_target = |step: &usize| Some(*step) == target;
        let is_required = |step: &&usize| !track.steps[**step].mode.may_be_skipped();
        let mut missing = Vec::new();
        for (begun, block) in self.rest(track) {
            // In the target's block only its own lane is waited for.
            let home = block.iter().position(|lane| lane.steps.iter().any(is_target));
            for (at, lane) in block.iter().enumerate() {
                if home.is_none_or(|home| home == at) {
                    let rest = &lane.steps[self.gone_by(begun, at) as usize..];
                    missing.extend(rest.iter().take_while(|s| !is_target(s)).find(is_required));
                }
            }
            if home.is_some() {
                break;
            }
        }
        missing
    }

    /// The steps that are left but not yet open.
    pub(crate) fn left(&self, track: Track<'_>) -> Vec<usize> {
        let open: HashSet<usize> = self.moves(track).iter().map(|m| m.step).collect();
        let mut left = Vec::new();
        for (begun, block) in self.rest(track) {
            for (at, lane) in block.iter().enumerate() {
                left.extend(&lane.steps[self.gone_by(begun, at) as usize..]);
            }
        }
        left.retain(|step| !open.contains(step));
        left
    }

    /// The blocks that are not past, each with its number.
    fn rest<'t>(&self, track: Track<'t>) -> impl Iterator<Item = (usize, &'t Block)> {
        let first = self.begun.max(1);
        (first..).zip(&track.blocks[first - 1..])
    }
}

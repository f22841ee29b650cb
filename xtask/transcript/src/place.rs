//! How far an output has followed the order.

use crate::steps::{Element, Lane, Step};
use std::collections::HashSet;

/// One of the two orders of a transcript, standard output's or standard error's.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Track<'t> {
    pub(crate) elements: &'t [Element],
    pub(crate) steps: &'t [Step],
}

impl<'t> Track<'t> {
    /// All its steps.
    pub(crate) fn all(self) -> impl Iterator<Item = usize> + 't {
        self.elements.iter().flat_map(|element| match element {
            Element::Main(step) => vec![*step],
            Element::Block(lanes) => lanes.iter().flat_map(|lane| &lane.steps).copied().collect(),
        })
    }
}

/// How far the order has been followed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Place {
    /// How many elements have been begun; the last of them may take more lines.
    pub(crate) begun: usize,
    /// In a block: for each lane how many steps have gone by, taken or skipped.
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
        let lanes: &[Lane] = match self.begun.checked_sub(1).map(|last| &track.elements[last]) {
            Some(Element::Block(lanes)) => lanes,
            Some(Element::Main(_)) | None => &[],
        };
        lanes.iter().zip(self.lanes.iter().copied())
    }

    /// How many steps of this lane of an element have gone by.
    pub(crate) fn gone_by(&self, begun: usize, lane: usize) -> u32 {
        if begun == self.begun { self.lanes[lane] } else { 0 }
    }

    /// Everything that may take the next line here.
    pub(crate) fn moves(&self, track: Track<'_>) -> Vec<Move> {
        let mut moves = Vec::new();
        for (begun, element) in self.rest(track) {
            match element {
                Element::Main(step) => {
                    let again = begun == self.begun;
                    if !again || track.steps[*step].mode.may_repeat() {
                        moves.push(Move { step: *step, begun, lane: 0, gone_by: 0, again });
                    }
                }
                Element::Block(lanes) => {
                    for (at, lane) in lanes.iter().enumerate() {
                        let gone_by = self.gone_by(begun, at);
                        lane_moves(lane, gone_by, track.steps, |step, gone_by, again| {
                            moves.push(Move { step, begun, lane: at, gone_by, again });
                        });
                    }
                }
            }
            if !self.may_leave(begun, element, track.steps) {
                break;
            }
        }
        moves
    }

    /// Does this element need no more lines?
    fn may_leave(&self, begun: usize, element: &Element, steps: &[Step]) -> bool {
        match element {
            Element::Main(step) => begun == self.begun || steps[*step].mode.may_be_skipped(),
            Element::Block(lanes) => {
                let spot = |(at, lane): (usize, &Lane)| {
                    lane.spots[self.gone_by(begun, at) as usize].may_end
                };
                lanes.iter().enumerate().all(spot)
            }
        }
    }

    /// May the output end here?
    pub(crate) fn is_end(&self, track: Track<'_>) -> bool {
        self.rest(track).all(|(begun, element)| self.may_leave(begun, element, track.steps))
    }

    /// The place after a move.
    pub(crate) fn after(&self, step: &Move, track: Track<'_>) -> Place {
        let mut lanes = match &track.elements[step.begun - 1] {
            Element::Main(_) => Vec::new(),
            Element::Block(_) if step.begun == self.begun => self.lanes.clone(),
            Element::Block(lanes) => vec![0; lanes.len()],
        };
        if let Some(gone_by) = lanes.get_mut(step.lane) {
            *gone_by = step.gone_by;
        }
        Place { begun: step.begun, lanes }
    }

    /// The steps still to come before the output may end, or before `target` may take a line: of
    /// each lane the next one.
    pub(crate) fn missing(&self, track: Track<'_>, target: Option<usize>) -> Vec<usize> {
        let is_target = |step: &usize| Some(*step) == target;
        let is_required = |step: &&usize| !track.steps[**step].mode.may_be_skipped();
        let mut missing = Vec::new();
        for (begun, element) in self.rest(track) {
            match element {
                Element::Main(step) if is_target(step) => break,
                Element::Main(_) if begun == self.begun => {}
                Element::Main(step) => missing.extend(Some(step).filter(is_required)),
                Element::Block(lanes) => {
                    // In the target's block only its own lane is waited for.
                    let home = lanes.iter().position(|lane| lane.steps.iter().any(is_target));
                    for (at, lane) in lanes.iter().enumerate() {
                        if home.is_none_or(|home| home == at) {
                            let rest = &lane.steps[self.gone_by(begun, at) as usize..];
                            missing.extend(
                                rest.iter().take_while(|s| !is_target(s)).find(is_required),
                            );
                        }
                    }
                    if home.is_some() {
                        break;
                    }
                }
            }
        }
        missing
    }

    /// The steps that are left but not yet open.
    pub(crate) fn left(&self, track: Track<'_>) -> Vec<usize> {
        let open: HashSet<usize> = self.moves(track).iter().map(|m| m.step).collect();
        let mut left = Vec::new();
        for (begun, element) in self.rest(track) {
            match element {
                Element::Main(_) if begun == self.begun => {}
                Element::Main(step) => left.push(*step),
                Element::Block(lanes) => {
                    for (at, lane) in lanes.iter().enumerate() {
                        left.extend(&lane.steps[self.gone_by(begun, at) as usize..]);
                    }
                }
            }
        }
        left.retain(|step| !open.contains(step));
        left
    }

    /// The elements that are not past, each with its number.
    fn rest<'t>(&self, track: Track<'t>) -> impl Iterator<Item = (usize, &'t Element)> {
        let first = self.begun.max(1);
        (first..).zip(&track.elements[first - 1..])
    }
}

/// What may take the next line of a lane: the last step again, the next, and, as long as those may
/// be skipped, the ones after.
fn lane_moves(lane: &Lane, gone_by: u32, steps: &[Step], mut found: impl FnMut(usize, u32, bool)) {
    let position = gone_by as usize;
    if let Some(last) = position.checked_sub(1).map(|last| lane.steps[last])
        && steps[last].mode.may_repeat()
    {
        found(last, gone_by, true);
    }
    for (gone_by, step) in (gone_by + 1..).zip(&lane.steps[position..]) {
        found(*step, gone_by, false);
        if !steps[*step].mode.may_be_skipped() {
            break;
        }
    }
}

//! Which lanes are interchangeable: those that read the same from where they are.

use crate::{
    mark::{Mark, mark},
    names::{Names, Scope},
    rows::Mode,
    steps::{Block, Lane, LaneKey, Spot, Step},
    text::Atom,
};
use std::collections::{BTreeSet, HashMap};

/// Fills in the spots of all lanes.
pub(crate) fn fill_spots(blocks: &mut [Block], steps: &[Step], names: &Names) {
    // From the last block to the first.
    let mut later: HashMap<LaneKey, Carried> = HashMap::new();
    for lane in blocks.iter_mut().rev().flatten() {
        let carried = later.remove(&lane.key).unwrap_or_default();
        later.insert(lane.key, fill(lane, carried, steps, names));
    }
}

/// What a lane reads in its next block, and its own values that it says there or later, by name
/// and slot.
#[derive(Default)]
struct Carried {
    tail: Mark,
    live: BTreeSet<(usize, usize)>,
}

/// Stands for what a lane reads that has come to its end.
const END: Mark = 0;

fn fill(lane: &mut Lane, carried: Carried, steps: &[Step], names: &Names) -> Carried {
    let Carried { tail, mut live } = carried;
    // What a lane reads in a later block tells it apart only if it carries values there: without,
    // it is a new lane after the main row.
    let mut here = if live.is_empty() { END } else { tail };
    let mut may_end = true;
    for position in (0..=lane.steps.len()).rev() {
        if let Some(step) = lane.steps.get(position).map(|step| &steps[*step]) {
            may_end &= step.mode.may_be_skipped();
            // Whether `...` has begun to take lines makes no difference to what it may still take.
            here = mark((step.mode == Mode::Any, reads(step), here));
            live.extend(own_values(step, names));
        }
        let before = position.checked_sub(1).map(|before| &steps[lane.steps[before]]);
        let again = before.filter(|step| step.mode.may_repeat());
        let class = again.map_or(here, |step| mark((true, reads(step), here)));
        let mut own = live.clone();
        own.extend(again.into_iter().flat_map(|step| own_values(step, names)));
        let live = own.into_iter().map(|(_, slot)| slot).collect();
        lane.spots.push(Spot { may_end, class, live });
    }
    lane.spots.reverse();
    Carried { tail: here, live }
}

/// What a step reads, whichever lane it is in.
fn reads(step: &Step) -> Mark {
    let parts = step.text.atoms.iter().map(|atom| match atom {
        Atom::Literal(text) => (Some(text), None),
        Atom::Value { name, .. } => (None, Some(name)),
        Atom::Wild => (None, None),
    });
    mark((step.mode, parts.collect::<Vec<_>>()))
}

/// The names of its lane that a step says, and where their values are kept.
fn own_values(step: &Step, names: &Names) -> impl Iterator<Item = (usize, usize)> {
    step.text.values().filter_map(|(name, slot)| {
        let is_own = matches!(names.get(name).scope, Scope::Lane(_));
        Some((name, slot.filter(|_| is_own)?))
    })
}

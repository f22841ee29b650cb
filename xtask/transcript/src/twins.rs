//! Which lanes are interchangeable: those that read the same from where they are.

use crate::{
    mark::mark,
    names::{Names, Scope},
    rows::Mode,
    steps::{Element, Lane, LaneKey, Spot, Step},
    text::{Atom, Slot},
};
use std::collections::HashMap;

/// Gives a number to everything that is different.
struct Numbers<T>(HashMap<T, u32>);

impl<T: Eq + std::hash::Hash> Numbers<T> {
    fn of(&mut self, thing: T) -> u32 {
        // There are fewer than 2^32 steps, and at most three things for each.
        let next = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
        *self.0.entry(thing).or_insert(next)
    }
}

/// What a step reads, whichever lane it is in.
#[derive(PartialEq, Eq, Hash)]
enum Reads<'t> {
    Literal(&'t str),
    Value(usize),
    Wild,
}

/// What a lane reads from some step on.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Tail {
    Step {
        reads: u32,
        then: Option<u32>,
    },
    /// The same, where a step that repeats may first take more.
    Again {
        reads: u32,
        then: Option<u32>,
    },
    /// After a main row.
    Later(Option<u32>),
    End,
}

/// Fills in the spots of all lanes.
pub(crate) fn fill_spots(elements: &mut [Element], steps: &[Step], names: &Names) {
    let mut reads: Numbers<(Mode, Vec<Reads<'_>>)> = Numbers(HashMap::new());
    let reads: Vec<u32> = steps.iter().map(|step| reads.of((step.mode, parts(step)))).collect();
    let mut tails: Numbers<Tail> = Numbers(HashMap::new());
    // From the last block to the first. What a lane reads in a later block tells it apart only if
    // it carries values there: without, it is a new lane after the main row.
    let mut later: HashMap<LaneKey, Carried> = HashMap::new();
    for element in elements.iter_mut().rev() {
        let Element::Block(lanes) = element else {
            continue;
        };
        for lane in lanes {
            let carried = later.remove(&lane.key).unwrap_or_default();
            let carried = fill(lane, carried, steps, &reads, names, &mut tails);
            later.insert(lane.key, carried);
        }
    }
}

/// What a lane reads in its next block, and its own values that it says there or later, by name
/// and slot.
#[derive(Default)]
struct Carried {
    tail: Option<u32>,
    live: Vec<(usize, usize)>,
}

fn fill(
    lane: &mut Lane,
    carried: Carried,
    steps: &[Step],
    reads: &[u32],
    names: &Names,
    tails: &mut Numbers<Tail>,
) -> Carried {
    let Carried { tail, mut live } = carried;
    let mut here = tail.filter(|_| !live.is_empty());
    let mut may_end = true;
    for position in (0..=lane.steps.len()).rev() {
        if let Some(step) = lane.steps.get(position) {
            may_end &= steps[*step].mode.may_be_skipped();
            let (reads, then) = (reads[*step], here);
            // Whether `...` has begun to take lines makes no difference to what it may still take.
            let tail = match steps[*step].mode {
                Mode::Any => Tail::Again { reads, then },
                _ => Tail::Step { reads, then },
            };
            here = Some(tails.of(tail));
            live.extend(own_values(&steps[*step], names));
            sort(&mut live);
        }
        let before = position.checked_sub(1).map(|before| lane.steps[before]);
        let again = before.filter(|step| steps[*step].mode.may_repeat());
        let class = match again {
            Some(step) => tails.of(Tail::Again { reads: reads[step], then: here }),
            None => here.unwrap_or_else(|| tails.of(Tail::End)),
        };
        let mut own = live.clone();
        own.extend(again.into_iter().flat_map(|step| own_values(&steps[step], names)));
        sort(&mut own);
        let live = own.into_iter().map(|(_, slot)| slot).collect();
        lane.spots.push(Spot { may_end, class: mark(class), live });
    }
    lane.spots.reverse();
    Carried { tail: Some(tails.of(Tail::Later(here))), live }
}

fn sort(values: &mut Vec<(usize, usize)>) {
    values.sort_unstable();
    values.dedup();
}

fn parts(step: &Step) -> Vec<Reads<'_>> {
    let parts = step.text.atoms.iter().map(|atom| match atom {
        Atom::Literal(text) => Reads::Literal(text),
        Atom::Value { name, .. } => Reads::Value(*name),
        Atom::Wild => Reads::Wild,
    });
    parts.collect()
}

/// The names of its lane that a step says, and where their values are kept.
fn own_values(step: &Step, names: &Names) -> impl Iterator<Item = (usize, usize)> {
    step.text.atoms.iter().filter_map(|atom| match atom {
        Atom::Value { slot: Slot::Kept(slot), name, .. }
            if matches!(names.get(*name).scope, Scope::Lane(_)) =>
        {
            Some((*name, *slot))
        }
        _ => None,
    })
}

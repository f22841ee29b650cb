//! A state: one way to read the lines so far.

use crate::{
    mark::{Mark, mark},
    place::{Place, Track},
    steps::Lane,
    trail::Trail,
};
use std::{collections::HashSet, rc::Rc};

/// A value that is kept. Texts may be long, so states share them and compare their marks.
#[derive(Debug)]
pub(crate) struct Kept {
    pub(crate) text: String,
    pub(crate) mark: Mark,
}

/// The values bound so far, by slot.
pub(crate) type Values = Vec<Option<Rc<Kept>>>;

/// One way to read the lines so far.
#[derive(Clone, Debug)]
pub(crate) struct State {
    pub(crate) place: Place,
    pub(crate) values: Rc<Values>,
    /// Tells states apart: the sum of the marks of how many elements have begun, of what each lane
    /// of the block still reads, and of the values that are no such lane's own.
    pub(crate) mark: Mark,
    pub(crate) trail: Trail,
}

/// What a step takes from a line.
#[derive(Default)]
pub(crate) struct Found {
    /// The values to keep, by slot.
    pub(crate) values: Vec<(usize, Rc<Kept>)>,
    pub(crate) out_of_bounds: Option<OutOfBounds>,
}

impl Found {
    fn value(&self, slot: usize) -> Option<&Kept> {
        self.values.iter().find(|(s, _)| *s == slot).map(|(_, kept)| &**kept)
    }
}

/// A value that a rule does not allow.
#[derive(Clone, Debug)]
pub(crate) struct OutOfBounds {
    pub(crate) rule: usize,
    pub(crate) name: usize,
    pub(crate) value: String,
}

pub(crate) fn mark_of_shared(slot: usize, kept: &Kept) -> Mark {
    mark((slot, kept.mark))
}

impl State {
    /// The value in a slot.
    pub(crate) fn value(&self, slot: usize) -> Option<&str> {
        Some(&self.values[slot].as_ref()?.text)
    }

    /// Are these values the ones that are bound, as far as they are?
    pub(crate) fn agrees(&self, found: &Found) -> bool {
        let mut values = found.values.iter();
        values.all(|(slot, new)| self.values[*slot].as_ref().is_none_or(|old| old.mark == new.mark))
    }

    /// The mark of what a lane still reads, so many steps gone by and these values found: its
    /// class, and its own values that are of use.
    pub(crate) fn to_come(&self, lane: &Lane, gone_by: u32, found: &Found) -> Mark {
        let spot = &lane.spots[gone_by as usize];
        if spot.live.is_empty() {
            return spot.class;
        }
        let value = |slot: &usize| self.values[*slot].as_deref().or_else(|| found.value(*slot));
        let values: Vec<_> = spot.live.iter().map(|slot| Some(value(slot)?.mark)).collect();
        mark((spot.class, values))
    }

    /// The mark of the whole state.
    pub(crate) fn whole_mark(&self, track: Track<'_>) -> Mark {
        let mut sum = mark(self.place.begun);
        let mut own: HashSet<usize> = HashSet::new();
        for (lane, gone_by) in self.place.lanes(track) {
            own.extend(&lane.own);
            sum = sum.wrapping_add(self.to_come(lane, gone_by, &Found::default()));
        }
        for (slot, kept) in self.values.iter().enumerate() {
            if let Some(kept) = kept.as_ref().filter(|_| !own.contains(&slot)) {
                sum = sum.wrapping_add(mark_of_shared(slot, kept));
            }
        }
        sum
    }
}

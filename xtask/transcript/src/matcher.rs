//! Membership: the set of states that the lines read so far allow, advanced line by line.
//!
//! A state says which rows are done and what is bound. The set never guesses, so the matcher is
//! not greedy; states that differ only in which of several interchangeable lanes is ahead are
//! kept once.

use crate::{
    order::{Element, Lane, Order},
    place::{Move, Place, Track},
    rows::Mode,
    rules::Bound,
    text::{Slot, Taken},
    trail::Trail,
};
use std::{collections::HashSet, rc::Rc};

/// The most states kept; past that the transcript is too ambiguous for the output.
pub(crate) const MOST_STATES: usize = 10_000;

/// The values bound so far, by slot.
type Values = Vec<Option<Rc<str>>>;

/// One way to read the lines so far.
#[derive(Clone, Debug)]
pub(crate) struct State {
    pub(crate) place: Place,
    values: Rc<Values>,
    pub(crate) trail: Trail,
}

/// What tells states apart: the element, the lanes of its block as a multiset of what they still
/// read, and the values that are no such lane's own.
type Key = (usize, Vec<(u32, Values)>, Values);

/// A value that a rule does not allow.
#[derive(Clone, Debug)]
pub(crate) struct OutOfBounds {
    pub(crate) rule: usize,
    pub(crate) name: usize,
    pub(crate) value: String,
}

/// Why no state allows the next line.
#[derive(Debug)]
pub(crate) enum Refused {
    NoRow,
    OutOfBounds(OutOfBounds),
    /// Too many states do: the steps in which they differ.
    TooMany(Vec<usize>),
}

/// Reads lines against one of the two orders of a transcript.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Matcher<'t> {
    pub(crate) order: &'t Order,
    pub(crate) track: Track<'t>,
    bounds: &'t [Bound],
}

impl<'t> Matcher<'t> {
    pub(crate) fn stdout(order: &'t Order, bounds: &'t [Bound]) -> Matcher<'t> {
        Matcher { order, track: Track { elements: &order.out, steps: &order.steps }, bounds }
    }

    /// Rules see standard output only.
    pub(crate) fn stderr(order: &'t Order) -> Matcher<'t> {
        Matcher { order, track: Track { elements: &order.err, steps: &order.steps }, bounds: &[] }
    }

    /// The states before the first line of standard output.
    pub(crate) fn start(&self) -> Vec<State> {
        let values = Rc::new(vec![None; self.order.names.slots]);
        vec![State { place: Place::default(), values, trail: Trail::default() }]
    }

    /// The states before the first line of standard error, given how standard output ended: it
    /// has bound values.
    pub(crate) fn go_on(ends: &[State]) -> Vec<State> {
        let mut seen = HashSet::new();
        let fresh = ends.iter().map(|end| State { place: Place::default(), ..end.clone() });
        fresh.filter(|state| seen.insert(Rc::clone(&state.values))).collect()
    }

    /// The states after one more line.
    pub(crate) fn advance(&self, states: &[State], line: &[u8]) -> Result<Vec<State>, Refused> {
        let mut next: Vec<State> = Vec::new();
        let mut seen: HashSet<Key> = HashSet::new();
        let mut out_of_bounds = None;
        for state in states {
            let mut moves: Vec<(Move, Taken)> = Vec::new();
            for step in state.place.moves(self.track) {
                let Some(taken) = self.take(state, step.step, line) else {
                    continue;
                };
                if moves.iter().any(|(other, _)| self.are_twins(state, other, &step)) {
                    continue;
                }
                match self.out_of_bounds(step.step, &taken, line) {
                    Some(found) => out_of_bounds = Some(found),
                    None => moves.push((step, taken)),
                }
            }
            let is_only = states.len() == 1 && moves.len() == 1;
            for (step, taken) in moves {
                let new = self.after(state, &step, &taken, line);
                // Most lines of most outputs allow one state, which needs no comparison.
                if is_only || seen.insert(self.key(&new)) {
                    next.push(new);
                }
                if next.len() > MOST_STATES {
                    let steps = Trail::differences(next.iter().map(|state| &state.trail));
                    return Err(Refused::TooMany(steps));
                }
            }
        }
        match (next.is_empty(), out_of_bounds) {
            (false, _) => Ok(next),
            (true, Some(found)) => Err(Refused::OutOfBounds(found)),
            (true, None) => Err(Refused::NoRow),
        }
    }

    /// What this step takes from the line, given what is bound, if it takes it.
    pub(crate) fn take(&self, state: &State, step: usize, line: &[u8]) -> Option<Taken> {
        let step = &self.order.steps[step];
        match step.mode {
            Mode::Any => Some(Taken::new()),
            _ => step.text.take(line, |slot| state.value(slot)),
        }
    }

    fn out_of_bounds(&self, step: usize, taken: &Taken, line: &[u8]) -> Option<OutOfBounds> {
        if self.bounds.is_empty() {
            return None;
        }
        taken.iter().find_map(|(slot, range)| {
            let name = self.order.name_in(step, *slot)?;
            let value = String::from_utf8_lossy(&line[range.clone()]).into_owned();
            let rule = self.bounds.iter().find(|b| b.name == name && !b.allows(&value))?.rule;
            Some(OutOfBounds { rule, name, value })
        })
    }

    fn after(&self, state: &State, step: &Move, taken: &Taken, line: &[u8]) -> State {
        let mut values = Rc::clone(&state.values);
        for (slot, range) in taken {
            if let Slot::Kept(slot) = slot {
                let value = String::from_utf8_lossy(&line[range.clone()]);
                Rc::make_mut(&mut values)[*slot] = Some(value.into());
            }
        }
        State {
            place: state.place.after(step, self.track),
            values,
            trail: state.trail.and(step.step),
        }
    }

    /// Are these moves of two lanes that read the same from here on? Then whatever the second may do,
    /// the first may too.
    fn are_twins(&self, state: &State, a: &Move, b: &Move) -> bool {
        let Element::Block(lanes) = &self.track.elements[a.begun - 1] else {
            return false;
        };
        let to_come =
            |m: &Move| state.to_come(&lanes[m.lane], state.place.gone_by(m.begun, m.lane));
        a.begun == b.begun && a.lane != b.lane && to_come(a) == to_come(b)
    }

    fn key(&self, state: &State) -> Key {
        let mut others = Values::clone(&state.values);
        let mut lanes: Vec<(u32, Values)> = Vec::new();
        for (lane, gone_by) in state.place.lanes(self.track) {
            lane.own.iter().for_each(|slot| others[*slot] = None);
            lanes.push(state.to_come(lane, gone_by));
        }
        lanes.sort_unstable();
        (state.place.begun, lanes, others)
    }
}

impl State {
    /// The value in a slot.
    pub(crate) fn value(&self, slot: usize) -> Option<&str> {
        self.values[slot].as_deref()
    }

    /// What a lane still reads: its class, and its own values that are of use.
    fn to_come(&self, lane: &Lane, gone_by: u32) -> (u32, Values) {
        let spot = &lane.spots[gone_by as usize];
        (spot.class, spot.live.iter().map(|slot| self.values[*slot].clone()).collect())
    }
}

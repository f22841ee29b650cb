//! Membership: the set of states that the lines read so far allow, advanced line by line.
//!
//! A state says which rows are done and what is bound. The set never guesses, so the matcher is
//! not greedy; states that differ only in which of several interchangeable lanes is ahead are
//! kept once.
//!
//! How many states there are, how large they are and how much work they make is bounded: whatever
//! the transcript, a thousand lines are read or given up in about a second.

use crate::{
    mark::{Mark, mark},
    order::Order,
    place::{Move, Place, Track},
    rows::Mode,
    rules::Bound,
    state::{Found, Kept, OutOfBounds, State, Values, mark_of_shared},
    steps::Lane,
    text::Taken,
    trail::Trail,
};
use rustc_hash::{FxHashMap, FxHashSet};
use std::{ops::Range, rc::Rc};

/// The most states kept; past that the transcript is too ambiguous for the output.
const MOST_STATES: usize = 10_000;

/// The most lanes and values that these states keep together.
const MOST_KEPT: usize = 500_000;

/// The work that may be done at once: a step tried on a line in a state is one.
const MOST_WORK: usize = 5_000_000;

/// The work that each line allows again, so that an output with one reading may be as long as it
/// likes.
const WORK_OF_LINE: usize = 5_000;

/// As work, a new state: its trail stays in memory as long as a state that came of it is kept.
const NEW_STATE: usize = 10;

/// As work, what is not done for each step and state: to take a line for the first time, to begin
/// an element.
const SELDOM: usize = 5;

/// As work, this many bytes that a text looks at are one.
const BYTES: usize = 32;

/// The work that is still allowed.
pub(crate) struct Budget(usize);

impl Default for Budget {
    fn default() -> Budget {
        Budget(MOST_WORK)
    }
}

impl Budget {
    fn spend(&mut self, work: usize) {
        self.0 = self.0.saturating_sub(work);
    }
}

/// The next line, and what the steps tried on it so far take: the same in all states.
#[derive(Default)]
struct Next<'l> {
    line: &'l [u8],
    /// What no other state will ask for again is not worth a place in the table.
    is_asked_once: bool,
    found: FxHashMap<usize, Option<Rc<Found>>>,
    /// The values, by their place in the line.
    kept: FxHashMap<Range<usize>, Rc<Kept>>,
}

/// Why there are no states after the next line.
#[derive(Debug)]
pub(crate) enum Refused {
    NoRow,
    OutOfBounds(OutOfBounds),
    /// Too many states do, or it takes too long to tell: the steps at fault.
    TooMany(Vec<usize>),
}

/// Reads lines against one of the two orders of a transcript.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Matcher<'t> {
    pub(crate) order: &'t Order,
    pub(crate) track: Track<'t>,
    pub(crate) bounds: &'t [Bound],
}

impl<'t> Matcher<'t> {
    /// The states before the first line of standard output.
    pub(crate) fn start(&self) -> Vec<State> {
        vec![self.begin(Rc::new(vec![None; self.order.names.slots]), Trail::default())]
    }

    /// The states before the first line of standard error, given how standard output ended: it
    /// has bound values.
    pub(crate) fn go_on(&self, ends: &[State]) -> Vec<State> {
        let mut seen = FxHashSet::default();
        let fresh = ends.iter().map(|end| self.begin(Rc::clone(&end.values), end.trail.clone()));
        fresh.filter(|state| seen.insert(state.mark)).collect()
    }

    fn begin(&self, values: Rc<Values>, trail: Trail) -> State {
        let mut state = State { place: Place::default(), values, mark: 0, trail };
        state.mark = state.whole_mark(self.track);
        state
    }

    /// The states after one more line.
    pub(crate) fn advance(
        &self,
        states: &[State],
        line: &[u8],
        budget: &mut Budget,
    ) -> Result<Vec<State>, Refused> {
        budget.0 = MOST_WORK.min(budget.0 + WORK_OF_LINE);
        let mut line = Next { line, is_asked_once: states.len() == 1, ..Next::default() };
        let mut next: Vec<State> = Vec::new();
        let mut seen = FxHashSet::default();
        let mut out_of_bounds = None;
        let mut kept = 0;
        for state in states {
            let moves = state.place.moves(self.track);
            budget.spend(1 + state.place.lanes.len() / BYTES);
            for step in &moves {
                budget.spend(1);
                if next.len() > MOST_STATES || kept > MOST_KEPT || budget.0 == 0 {
                    return Err(Refused::TooMany(at_fault(&next, states, &moves)));
                }
                let Some(found) = self.find(&mut line, step.step, budget) else { continue };
                if !state.agrees(&found) {
                    continue;
                }
                if let Some(found) = &found.out_of_bounds {
                    out_of_bounds.get_or_insert_with(|| found.clone());
                    continue;
                }
                if step.begun != state.place.begun {
                    budget.spend(SELDOM + state.values.len() / BYTES);
                }
                if let Some(new) = self.after(state, step, &found, &mut seen) {
                    let size = new.place.lanes.len() + new.values.len();
                    budget.spend(NEW_STATE + size / BYTES);
                    kept += size;
                    next.push(new);
                }
            }
        }
        match (next.is_empty(), out_of_bounds) {
            (false, _) => Ok(next),
            (true, Some(found)) => Err(Refused::OutOfBounds(found)),
            (true, None) => Err(Refused::NoRow),
        }
    }

    /// What this step takes from the line, if it takes it.
    pub(crate) fn take(&self, step: usize, line: &[u8], looked: &mut usize) -> Option<Vec<Taken>> {
        let step = &self.order.steps[step];
        match step.mode {
            Mode::Any => Some(Vec::new()),
            _ => step.text.take(line, looked),
        }
    }

    fn find(&self, next: &mut Next<'_>, step: usize, budget: &mut Budget) -> Option<Rc<Found>> {
        if let Some(found) = next.found.get(&step) {
            return found.clone();
        }
        let found = self.read(next, step, budget).map(Rc::new);
        if !next.is_asked_once {
            next.found.insert(step, found.clone());
        }
        found
    }

    fn read(&self, next: &mut Next<'_>, step: usize, budget: &mut Budget) -> Option<Found> {
        let Next { line, kept, .. } = next;
        let mut looked = 0;
        let taken = self.take(step, line, &mut looked);
        budget.spend(looked / BYTES);
        let taken = taken?;
        budget.spend(SELDOM);
        let out_of_bounds = self.out_of_bounds(&taken, line);
        let values = taken.into_iter().filter_map(|Taken { slot, range, .. }| {
            let slot = slot?;
            let keep = || {
                let text = String::from_utf8_lossy(&line[range.clone()]).into_owned();
                Rc::new(Kept { mark: mark(&text), text })
            };
            Some((slot, Rc::clone(kept.entry(range.clone()).or_insert_with(keep))))
        });
        Some(Found { values: values.collect(), out_of_bounds })
    }

    fn out_of_bounds(&self, taken: &[Taken], line: &[u8]) -> Option<OutOfBounds> {
        taken.iter().find_map(|Taken { name, range, .. }| {
            let value = || String::from_utf8_lossy(&line[range.clone()]);
            let bound = self.bounds.iter().find(|b| b.name == *name && !b.allows(&value()))?;
            Some(OutOfBounds { rule: bound.rule, name: *name, value: value().into_owned() })
        })
    }

    /// The state after a move, if it is not one of those seen.
    fn after(
        &self,
        state: &State,
        step: &Move,
        found: &Found,
        seen: &mut FxHashSet<Mark>,
    ) -> Option<State> {
        let new = || {
            let mut values = Rc::clone(&state.values);
            for (slot, kept) in &found.values {
                if values[*slot].is_none() {
                    Rc::make_mut(&mut values)[*slot] = Some(Rc::clone(kept));
                }
            }
            let place = state.place.after(step, self.track);
            State { place, values, mark: 0, trail: state.trail.and(step.step) }
        };
        if step.begun != state.place.begun {
            let mut new = new();
            new.mark = new.whole_mark(self.track);
            return seen.insert(new.mark).then_some(new);
        }
        // Most moves change what one lane still reads, and most of these lead to a state that is
        // known: its mark is quicker to find than the state.
        let lane = self.lane(step);
        let before = state.to_come(lane, state.place.lanes[step.lane], &Found::default());
        let after = state.to_come(lane, step.gone_by, found);
        let mut mark = state.mark.wrapping_sub(before).wrapping_add(after);
        for (slot, kept) in &found.values {
            if !lane.own.contains(slot) && state.values[*slot].is_none() {
                mark = mark.wrapping_add(mark_of_shared(*slot, kept));
            }
        }
        seen.insert(mark).then(|| State { mark, ..new() })
    }

    fn lane(&self, step: &Move) -> &'t Lane {
        &self.track.blocks[step.begun - 1][step.lane]
    }
}

/// The steps in which the states differ, after a line or else before it; of one state, those that
/// it may take.
fn at_fault(after: &[State], before: &[State], moves: &[Move]) -> Vec<usize> {
    let differences = |states: &[State]| Trail::differences(states.iter().map(|s| &s.trail));
    let steps = [after, before].into_iter().map(differences).find(|steps| !steps.is_empty());
    steps.unwrap_or_else(|| moves.iter().map(|it| it.step).collect())
}

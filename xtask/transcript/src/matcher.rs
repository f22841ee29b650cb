//! Membership: the set of states that the lines read so far allow, advanced line by line.
//!
//! A state says which rows are done and what is bound. The set never guesses, so the matcher is
//! not greedy; states that differ only in which of several interchangeable lanes is ahead are
//! kept once.

use crate::{
    order::{Element, Lane, Order, Step},
    rows::Mode,
    rules::Bound,
    text::{Slot, Taken},
};
use std::{collections::HashSet, rc::Rc};

/// The most states kept; past that the transcript is too ambiguous for the output.
pub(crate) const MOST_STATES: usize = 10_000;

/// The values bound so far, by slot.
pub(crate) type Values = Vec<Option<Rc<str>>>;

/// One way to read the lines so far.
#[derive(Clone, Debug)]
pub(crate) struct State {
    place: Place,
    pub(crate) values: Rc<Values>,
    pub(crate) trail: Trail,
}

/// How far the order has been followed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Place {
    /// How many elements have been begun; the last of them may take more lines.
    begun: usize,
    /// In a block: for each lane the number of steps gone by.
    lanes: Vec<u32>,
}

/// A step that may take the next line, and the place after it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Move {
    pub(crate) step: usize,
    begun: usize,
    lane: usize,
    gone_by: u32,
    /// The step takes one more line.
    pub(crate) again: bool,
}

impl Place {
    fn current<'o>(&self, elements: &'o [Element]) -> Option<&'o Element> {
        self.begun.checked_sub(1).map(|e| &elements[e])
    }

    /// Everything that may take the next line here.
    pub(crate) fn moves(&self, elements: &[Element], steps: &[Step]) -> Vec<Move> {
        let mut moves = Vec::new();
        let mut may_go_on = true;
        match self.current(elements) {
            Some(Element::Main(step)) if steps[*step].mode.may_repeat() => {
                moves.push(Move {
                    step: *step,
                    begun: self.begun,
                    lane: 0,
                    gone_by: 0,
                    again: true,
                });
            }
            Some(Element::Block(lanes)) => {
                for (at, lane) in lanes.iter().enumerate() {
                    may_go_on &= lane.may_end[self.lanes[at] as usize];
                    lane_moves(lane, at, self.lanes[at], self.begun, steps, &mut moves);
                }
            }
            _ => {}
        }
        for (begun, element) in (1..).zip(elements).skip(self.begun) {
            if !may_go_on {
                break;
            }
            match element {
                Element::Main(step) => {
                    moves.push(Move { step: *step, begun, lane: 0, gone_by: 0, again: false });
                    may_go_on = steps[*step].mode.may_be_skipped();
                }
                Element::Block(lanes) => {
                    for (at, lane) in lanes.iter().enumerate() {
                        may_go_on &= lane.may_end[0];
                        lane_moves(lane, at, 0, begun, steps, &mut moves);
                    }
                }
            }
        }
        moves
    }

    /// The place after a move.
    pub(crate) fn after(&self, step: &Move, elements: &[Element]) -> Place {
        let mut lanes = match &elements[step.begun - 1] {
            Element::Main(_) => Vec::new(),
            Element::Block(_) if step.begun == self.begun => self.lanes.clone(),
            Element::Block(lanes) => vec![0; lanes.len()],
        };
        if let Some(gone_by) = lanes.get_mut(step.lane) {
            *gone_by = step.gone_by;
        }
        Place { begun: step.begun, lanes }
    }

    /// The steps still to come before the output may end, or before `target` may take a line:
    /// of each lane the next one.
    pub(crate) fn missing(
        &self,
        elements: &[Element],
        steps: &[Step],
        target: Option<usize>,
    ) -> Vec<usize> {
        let required = |s: &&usize| !steps[**s].mode.may_be_skipped();
        let mut missing = Vec::new();
        for (begun, element) in (1..).zip(elements).skip(self.begun.saturating_sub(1)) {
            let current = begun == self.begun;
            match element {
                Element::Main(step) if current || Some(*step) == target => {
                    if Some(*step) == target {
                        break;
                    }
                }
                Element::Main(step) => missing.extend(Some(step).filter(required)),
                Element::Block(lanes) => {
                    let home =
                        lanes.iter().position(|l| target.is_some_and(|t| l.steps.contains(&t)));
                    for (at, lane) in lanes.iter().enumerate() {
                        let gone_by = if current { self.lanes[at] as usize } else { 0 };
                        if home.is_none_or(|home| home == at) {
                            let next = lane.steps[gone_by..]
                                .iter()
                                .take_while(|s| Some(**s) != target)
                                .find(required);
                            missing.extend(next);
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

    /// The steps that come later than any that may take the next line.
    pub(crate) fn left(&self, elements: &[Element], steps: &[Step]) -> Vec<usize> {
        let open: HashSet<usize> = self.moves(elements, steps).iter().map(|m| m.step).collect();
        let mut left = Vec::new();
        for (begun, element) in (1..).zip(elements).skip(self.begun.saturating_sub(1)) {
            match element {
                Element::Main(step) if begun > self.begun => left.push(*step),
                Element::Main(_) => {}
                Element::Block(lanes) => {
                    for (at, lane) in lanes.iter().enumerate() {
                        let gone_by = if begun == self.begun { self.lanes[at] as usize } else { 0 };
                        left.extend(&lane.steps[gone_by..]);
                    }
                }
            }
        }
        left.retain(|s| !open.contains(s));
        left
    }

    pub(crate) fn is_end(&self, elements: &[Element], steps: &[Step]) -> bool {
        self.missing(elements, steps, None).is_empty()
    }

    /// The lanes of the block that is current, with their positions.
    pub(crate) fn lanes<'p>(
        &'p self,
        elements: &'p [Element],
    ) -> impl Iterator<Item = (&'p Lane, u32)> {
        let lanes: &[Lane] = match self.current(elements) {
            Some(Element::Block(lanes)) => lanes,
            _ => &[],
        };
        lanes.iter().zip(self.lanes.iter().copied())
    }

    pub(crate) fn begun(&self) -> usize {
        self.begun
    }

    pub(crate) fn lanes_mut(&mut self) -> &mut Vec<u32> {
        &mut self.lanes
    }
}

fn lane_moves(
    lane: &Lane,
    at: usize,
    gone_by: u32,
    begun: usize,
    steps: &[Step],
    moves: &mut Vec<Move>,
) {
    let position = gone_by as usize;
    if let Some(last) = position.checked_sub(1).map(|p| lane.steps[p])
        && steps[last].mode.may_repeat()
    {
        moves.push(Move { step: last, begun, lane: at, gone_by, again: true });
    }
    for (gone_by, step) in (gone_by + 1..).zip(&lane.steps[position..]) {
        moves.push(Move { step: *step, begun, lane: at, gone_by, again: false });
        if !steps[*step].mode.may_be_skipped() {
            break;
        }
    }
}

/// A value that a rule does not allow.
#[derive(Clone, Debug)]
pub(crate) struct OutOfBounds {
    pub(crate) rule: usize,
    pub(crate) name: usize,
    pub(crate) value: String,
}

/// What one more line does to the set of states.
#[derive(Debug)]
pub(crate) enum Advance {
    To(Vec<State>),
    /// The states are given back.
    NoRow(Vec<State>),
    OutOfBounds(Vec<State>, OutOfBounds),
    /// The states, and the rows that disagree.
    TooMany(Vec<State>, Vec<usize>),
}

/// Reads lines against one of the two orders of a transcript.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Matcher<'t> {
    pub(crate) order: &'t Order,
    pub(crate) elements: &'t [Element],
    pub(crate) bounds: &'t [Bound],
}

impl Matcher<'_> {
    /// The state before the first line of standard output.
    pub(crate) fn start(&self) -> State {
        State {
            place: Place::default(),
            values: Rc::new(vec![None; self.order.slots]),
            trail: Trail::default(),
        }
    }

    /// The states before the first line of standard error, given how standard output ended.
    pub(crate) fn go_on(&self, ends: Vec<State>) -> Vec<State> {
        let mut seen = HashSet::new();
        let fresh = ends.into_iter().map(|s| State { place: Place::default(), ..s });
        fresh.filter(|s| seen.insert(Rc::clone(&s.values))).collect()
    }

    pub(crate) fn advance(&self, states: Vec<State>, line: &[u8]) -> Advance {
        let mut next: Vec<State> = Vec::new();
        let mut seen = HashSet::new();
        let mut refused = None;
        for state in &states {
            let mut first_of: Vec<(Move, Taken)> = Vec::new();
            for step in state.place.moves(self.elements, &self.order.steps) {
                let Some(taken) = self.take(state, step.step, line) else {
                    continue;
                };
                if first_of.iter().any(|(other, _)| self.interchangeable(state, other, &step)) {
                    continue;
                }
                match self.out_of_bounds(step.step, &taken, line) {
                    Some(found) => refused = Some(found),
                    None => first_of.push((step, taken)),
                }
            }
            for (step, taken) in first_of {
                let new = state.after(&step, &taken, line, self.elements);
                // A single state needs no comparison: most lines of most outputs.
                if states.len() == 1 && next.is_empty() {
                    next.push(new);
                    continue;
                }
                if let [first] = next.as_slice() {
                    seen.insert(self.key(first));
                }
                if seen.insert(self.key(&new)) {
                    next.push(new);
                }
                if next.len() > MOST_STATES {
                    let rows = self.disagreement(&next);
                    return Advance::TooMany(states, rows);
                }
            }
        }
        match (next.is_empty(), refused) {
            (false, _) => Advance::To(next),
            (true, Some(found)) => Advance::OutOfBounds(states, found),
            (true, None) => Advance::NoRow(states),
        }
    }

    /// Would this step take the line, given what is bound?
    pub(crate) fn take(&self, state: &State, step: usize, line: &[u8]) -> Option<Taken> {
        let step = &self.order.steps[step];
        match step.mode {
            Mode::Any => Some(Taken::new()),
            _ => step.text.take(line, |slot| state.values[slot].as_deref()),
        }
    }

    fn out_of_bounds(&self, step: usize, taken: &Taken, line: &[u8]) -> Option<OutOfBounds> {
        if self.bounds.is_empty() {
            return None;
        }
        taken.iter().find_map(|(slot, range)| {
            let name = self.order.name_in(step, *slot)?;
            let value = String::from_utf8_lossy(&line[range.clone()]);
            let rule = self.bounds.iter().find(|b| b.name == name && !b.allows(&value))?.rule;
            Some(OutOfBounds { rule, name, value: value.into_owned() })
        })
    }

    /// Two moves of lanes that read the same from here on, on values that are equal.
    fn interchangeable(&self, state: &State, a: &Move, b: &Move) -> bool {
        let Element::Block(lanes) = &self.elements[a.begun - 1] else {
            return false;
        };
        if a.begun != b.begun || a.lane == b.lane {
            return false;
        }
        let position = |m: &Move| match state.place.begun == m.begun {
            true => state.place.lanes[m.lane],
            false => 0,
        };
        let (at_a, at_b) = (position(a), position(b));
        let (lane_a, lane_b) = (&lanes[a.lane], &lanes[b.lane]);
        let values = |lane: &Lane, at: u32| {
            lane.live[at as usize].iter().map(|s| state.values[*s].clone()).collect::<Vec<_>>()
        };
        lane_a.class[at_a as usize] == lane_b.class[at_b as usize]
            && a.gone_by - at_a == b.gone_by - at_b
            && values(lane_a, at_a) == values(lane_b, at_b)
    }

    /// What tells states apart: the lanes as a multiset of what they still read.
    fn key(&self, state: &State) -> Key {
        let mut elsewhere = vec![true; state.values.len()];
        let mut lanes: Vec<(u32, Values)> = Vec::new();
        for (lane, at) in state.place.lanes(self.elements) {
            lane.own.iter().for_each(|slot| elsewhere[*slot] = false);
            let live = lane.live[at as usize].iter().map(|slot| state.values[*slot].clone());
            lanes.push((lane.class[at as usize], live.collect()));
        }
        lanes.sort_unstable();
        let values = state.values.iter().zip(elsewhere).filter(|(_, e)| *e).map(|(v, _)| v.clone());
        (state.place.begun, lanes, values.collect())
    }

    /// The rows that took the same lines in different states.
    fn disagreement(&self, states: &[State]) -> Vec<usize> {
        let mut rows: Vec<usize> = Vec::new();
        let mut nodes: Vec<&Trail> = states.iter().map(|s| &s.trail).collect();
        for _ in 0..states[0].trail.len().min(100) {
            let mut here: Vec<usize> =
                nodes.iter().filter_map(|n| n.last()).map(|s| self.order.steps[s].row).collect();
            here.sort_unstable();
            here.dedup();
            if here.len() > 1 {
                rows.extend(here);
            }
            nodes = nodes.iter().filter_map(|n| n.before()).collect();
        }
        rows.sort_unstable();
        rows.dedup();
        rows
    }
}

type Key = (usize, Vec<(u32, Values)>, Values);

impl State {
    fn after(&self, step: &Move, taken: &Taken, line: &[u8], elements: &[Element]) -> State {
        let mut values = Rc::clone(&self.values);
        for (slot, range) in taken {
            if let Slot::Kept(slot) = slot {
                let value = String::from_utf8_lossy(&line[range.clone()]);
                Rc::make_mut(&mut values)[*slot] = Some(value.into());
            }
        }
        State { place: self.place.after(step, elements), values, trail: self.trail.and(step.step) }
    }

    pub(crate) fn place(&self) -> &Place {
        &self.place
    }
}

/// The steps that took the lines so far, the last one first; states share what they have in
/// common.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trail(Option<Rc<Node>>);

#[derive(Debug)]
struct Node {
    step: usize,
    length: usize,
    before: Trail,
}

impl Trail {
    fn and(&self, step: usize) -> Trail {
        Trail(Some(Rc::new(Node { step, length: self.len() + 1, before: self.clone() })))
    }

    pub(crate) fn len(&self) -> usize {
        self.0.as_ref().map_or(0, |n| n.length)
    }

    fn last(&self) -> Option<usize> {
        self.0.as_ref().map(|n| n.step)
    }

    fn before(&self) -> Option<&Trail> {
        self.0.as_ref().map(|n| &n.before)
    }

    /// The steps, the first one first.
    pub(crate) fn steps(&self) -> Vec<usize> {
        let mut steps = Vec::with_capacity(self.len());
        let mut trail = self;
        while let Some(node) = &trail.0 {
            steps.push(node.step);
            trail = &node.before;
        }
        steps.reverse();
        steps
    }
}

impl Drop for Trail {
    /// One node after the other: by itself, each node would drop the next from inside its own
    /// drop, and 10,000 lines would need as many stack frames.
    fn drop(&mut self) {
        let mut next = self.0.take();
        while let Some(mut node) = next.and_then(Rc::into_inner) {
            next = node.before.0.take();
        }
    }
}

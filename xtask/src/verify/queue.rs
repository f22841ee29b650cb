//! Which run comes next, for several workers at once.

use crate::stop::{self, TICK};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// The runs that are still to be made, in the order of their rounds.
///
/// Runs of one subject overlap only where there is no other to run, so that a repetition mixes
/// different sections. A subject that needs a quiet machine waits until everything else is over, and
/// then runs by itself.
///
/// Invariants, true whenever `state` is unlocked:
/// 1. `busy[subject]` is how many runs of it workers have taken, and not yet given to [`Queue::done`];
/// 2. while a run of a subject that is `alone` is under way, it is the only one, and only such runs are
///    left.
pub struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    left: Vec<Turn>,
    /// For each subject: does it need a quiet machine?
    alone: Vec<bool>,
    busy: Vec<u32>,
}

/// One run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    /// The index of what is to be run.
    pub subject: usize,
    /// From 0.
    pub round: u32,
}

impl Queue {
    /// All rounds of the subjects, each of which needs a quiet machine or does not.
    pub fn new(alone: Vec<bool>, rounds: u32) -> Queue {
        let round = |round| (0..alone.len()).map(move |subject| Turn { subject, round });
        let left = (0..rounds).flat_map(round).collect();
        let busy = vec![0; alone.len()];
        Queue { state: Mutex::new(State { left, alone, busy }), changed: Condvar::new() }
    }

    /// The next run, waiting until there is one that may start. None when no run is left, or when
    /// the runner is to stop.
    pub fn next(&self) -> Option<Turn> {
        let mut state = self.lock();
        loop {
            if state.left.is_empty() || stop::requested() {
                return None;
            }
            if let Some(at) = state.ready() {
                let turn = state.left.remove(at);
                state.busy[turn.subject] += 1;
                return Some(turn);
            }
            // Woken by `done` (all waiters: what changed may suit any of them). A stop is a flag that
            // a signal sets, which wakes nobody: hence the tick.
            let woken = self.changed.wait_timeout(state, TICK);
            state = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// A run is over.
    pub fn done(&self, turn: Turn) {
        self.lock().busy[turn.subject] -= 1;
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The index in `left` of a run that may start now.
    fn ready(&self) -> Option<usize> {
        let shared = self.left.iter().enumerate().filter(|(_, turn)| !self.alone[turn.subject]);
        let first = shared.min_by_key(|(_, turn)| self.busy[turn.subject]).map(|(at, _)| at);
        first.or(self.busy.iter().all(|busy| *busy == 0).then_some(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(queue: &Queue) -> Turn {
        queue.next().expect("a run is left")
    }

    #[test]
    fn rounds_mix_different_subjects() {
        let queue = Queue::new(vec![false, false], 2);
        let first = next(&queue);
        let second = next(&queue);
        assert_ne!(first.subject, second.subject);
        queue.done(second);
        let third = next(&queue);
        assert_eq!((third.subject, third.round), (second.subject, 1));
    }

    #[test]
    fn the_lonely_one_comes_last_and_by_itself() {
        let queue = Queue::new(vec![true, false], 1);
        let other = next(&queue);
        assert_eq!(other.subject, 1);
        assert_eq!(queue.lock().ready(), None);
        queue.done(other);
        assert_eq!(next(&queue).subject, 0);
        assert_eq!(queue.next(), None);
    }

    #[test]
    fn one_subject_takes_all_workers_unless_it_wants_to_be_alone() {
        let queue = Queue::new(vec![false], 2);
        assert_eq!([next(&queue), next(&queue)].map(|turn| turn.round), [0, 1]);
        let queue = Queue::new(vec![true], 2);
        let first = next(&queue);
        assert_eq!(queue.lock().ready(), None);
        queue.done(first);
        assert_eq!(next(&queue).round, 1);
    }
}

//! Which run comes next, for several workers at once.

use crate::stop::{self, TICK};
use parking_lot::{Condvar, Mutex};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The runs that are still to be made, earlier rounds first.
///
/// Runs of one subject overlap only where there is no other to run, so that a repetition mixes
/// different sections. A subject that needs a quiet machine waits until nothing is added any more and
/// everything else is over, and then runs by itself.
///
/// Invariants, true whenever `state` is unlocked:
/// 1. `busy[subject]` is how many runs of it workers have taken, and not yet given to [`Queue::done`];
/// 2. while a run of an `alone` subject is under way, it is the only one, and only such runs are left;
/// 3. once `complete` is true it stays true, and nothing is added.
pub struct Queue {
    rounds: u32,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    left: Vec<Turn>,
    busy: BTreeMap<usize, u32>,
    complete: bool,
}

/// One run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    /// Which of the subjects is to be run.
    pub subject: usize,
    /// What that is.
    pub program: PathBuf,
    /// Does it need a quiet machine?
    pub alone: bool,
    /// From 0.
    pub round: u32,
}

impl Queue {
    /// An empty one, for so many rounds.
    pub fn new(rounds: u32) -> Queue {
        Queue { rounds, state: Mutex::default(), changed: Condvar::new() }
    }

    /// Adds all rounds of a subject.
    pub fn add(&self, subject: usize, program: &Path, alone: bool) {
        let turn = |round| Turn { subject, program: program.to_owned(), alone, round };
        self.state.lock().left.extend((0..self.rounds).map(turn));
        self.changed.notify_all();
    }

    /// Nothing will be added any more.
    pub fn complete(&self) {
        self.state.lock().complete = true;
        self.changed.notify_all();
    }

    /// The next run, waiting until there is one that may start. None when no run is left, or when
    /// the runner is to stop.
    pub fn next(&self) -> Option<Turn> {
        let mut state = self.state.lock();
        loop {
            if state.left.is_empty() && state.complete || stop::requested() {
                return None;
            }
            if let Some(at) = state.ready() {
                let turn = state.left.swap_remove(at);
                *state.busy.entry(turn.subject).or_default() += 1;
                return Some(turn);
            }
            // Woken by `add`, `complete` and `done` (all waiters: what changed may suit any of them). A
            // stop is a flag that a signal sets, which wakes nobody: hence the tick.
            self.changed.wait_for(&mut state, TICK);
        }
    }

    /// A run of this subject is over.
    pub fn done(&self, subject: usize) {
        self.state.lock().busy.entry(subject).and_modify(|busy| *busy -= 1);
        self.changed.notify_all();
    }
}

impl State {
    /// The index in `left` of a run that may start now.
    fn ready(&self) -> Option<usize> {
        let busy = |turn: &Turn| self.busy.get(&turn.subject).copied().unwrap_or_default();
        let order = |(_, turn): &(usize, &Turn)| (busy(turn), turn.round, turn.subject);
        let left = || self.left.iter().enumerate();
        let shared = left().filter(|(_, turn)| !turn.alone).min_by_key(order);
        let quiet = self.complete && self.busy.values().all(|busy| *busy == 0);
        let next = shared.or_else(|| left().min_by_key(order).filter(|_| quiet));
        next.map(|(at, _)| at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queue(alone: &[bool], rounds: u32) -> Queue {
        let queue = Queue::new(rounds);
        for (subject, alone) in alone.iter().enumerate() {
            queue.add(subject, Path::new("p"), *alone);
        }
        queue
    }

    fn next(queue: &Queue) -> Turn {
        queue.next().expect("a run is left")
    }

    #[test]
    fn rounds_mix_different_subjects() {
        let queue = queue(&[false, false], 2);
        let first = next(&queue);
        let second = next(&queue);
        assert_ne!(first.subject, second.subject);
        queue.done(second.subject);
        let third = next(&queue);
        assert_eq!((third.subject, third.round), (second.subject, 1));
    }

    #[test]
    fn the_lonely_one_comes_last_and_by_itself() {
        let queue = queue(&[true, false], 1);
        assert_eq!(next(&queue).subject, 1);
        assert_eq!(queue.state.lock().ready(), None);
        queue.done(1);
        assert_eq!(queue.state.lock().ready(), None, "more may come");
        queue.complete();
        assert_eq!(next(&queue).subject, 0);
        assert_eq!(queue.next(), None);
    }

    #[test]
    fn not_even_its_own_rounds_overlap_with_a_lonely_one() {
        let lonely = queue(&[true], 2);
        lonely.complete();
        assert_eq!(next(&lonely).round, 0);
        assert_eq!(lonely.state.lock().ready(), None);
        lonely.done(0);
        assert_eq!(next(&lonely).round, 1);
    }
}

//! Which run comes next, for several workers at once.

use crate::stop::{self, TICK};
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// The runs that are still to be made, in the order of their rounds.
///
/// Runs of one subject overlap only where there is no other to run, so that a repetition mixes
/// different sections. A subject that needs a quiet machine waits until the build and everything else
/// are over, and then runs by itself.
///
/// Invariants, true whenever `state` is unlocked:
/// 1. `busy[subject]` is how many runs of it workers have taken, and not yet given to [`Queue::done`];
/// 2. while a run of an `alone` subject is under way, `running` is 1 and only `alone` runs are
///    left.
pub struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    left: Vec<Job>,
    subjects: Vec<Subject>,
    busy: Vec<u32>,
    building: bool,
    running: usize,
}

/// One program that is to be run in several rounds.
pub struct Subject {
    /// Needs a quiet machine.
    pub alone: bool,
    /// What is to be run; none as long as it has not been built.
    pub program: Option<PathBuf>,
}

/// One run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Job {
    /// The index of its subject.
    pub subject: usize,
    /// From 0.
    pub round: u32,
}

impl Queue {
    /// All rounds of these subjects, while a build is under way.
    pub fn new(subjects: Vec<Subject>, rounds: u32) -> Queue {
        let round = |round| (0..subjects.len()).map(move |subject| Job { subject, round });
        let left = (0..rounds).flat_map(round).collect();
        let busy = vec![0; subjects.len()];
        let state = State { left, subjects, busy, building: true, running: 0 };
        Queue { state: Mutex::new(state), changed: Condvar::new() }
    }

    /// The next run and its program, waiting until there is one that may start. Without a
    /// program, if that was not built; there is only one such run of a subject.
    ///
    /// None when no run is left, or when the runner is to stop.
    pub fn next(&self) -> Option<(Job, Option<PathBuf>)> {
        let mut state = self.lock();
        loop {
            if state.left.is_empty() || stop::requested() {
                return None;
            }
            if let Some(at) = state.ready() {
                let job = state.left.remove(at);
                state.busy[job.subject] += 1;
                state.running += 1;
                let program = state.subjects[job.subject].program.clone();
                if program.is_none() {
                    state.left.retain(|other| other.subject != job.subject);
                }
                return Some((job, program));
            }
            // Woken by `built`, `build_over` and `done` (all waiters: what changed may suit any
            // of them). A stop is a flag that a signal sets, which wakes nobody: hence the tick.
            let woken = self.changed.wait_timeout(state, TICK);
            state = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// This subject's program is there.
    pub fn built(&self, subject: usize, program: &Path) {
        self.lock().subjects[subject].program = Some(program.to_path_buf());
        self.changed.notify_all();
    }

    /// What has not been built by now will not be.
    pub fn build_over(&self) {
        self.lock().building = false;
        self.changed.notify_all();
    }

    /// A run is over.
    pub fn done(&self, job: Job) {
        let mut state = self.lock();
        state.busy[job.subject] -= 1;
        state.running -= 1;
        drop(state);
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The index in `left` of a run that may start now.
    fn ready(&self) -> Option<usize> {
        let can_start = |(_, job): &(usize, &Job)| {
            let subject = &self.subjects[job.subject];
            !subject.alone && (subject.program.is_some() || !self.building)
        };
        let left = self.left.iter().enumerate().filter(can_start);
        let first = left.min_by_key(|(_, job)| self.busy[job.subject]).map(|(at, _)| at);
        let only_alone = self.left.iter().all(|job| self.subjects[job.subject].alone);
        first.or((only_alone && self.running == 0 && !self.building).then_some(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject(alone: bool) -> Subject {
        Subject { alone, program: Some("p".into()) }
    }

    fn next(queue: &Queue) -> Job {
        queue.next().expect("a run is left").0
    }

    #[test]
    fn rounds_mix_different_subjects() {
        let queue = Queue::new(vec![subject(false), subject(false)], 2);
        let first = next(&queue);
        let second = next(&queue);
        assert_ne!(first.subject, second.subject);
        queue.done(second);
        let third = next(&queue);
        assert_eq!((third.subject, third.round), (second.subject, 1));
    }

    #[test]
    fn the_lonely_one_comes_last_and_by_itself() {
        let queue = Queue::new(vec![subject(true), subject(false)], 1);
        let other = next(&queue);
        assert_eq!(other.subject, 1);
        queue.build_over();
        assert_eq!(queue.lock().ready(), None);
        queue.done(other);
        assert_eq!(next(&queue).subject, 0);
        assert_eq!(queue.next(), None);
    }

    #[test]
    fn what_was_not_built_is_handed_out_once() {
        let mut missing = subject(false);
        missing.program = None;
        let queue = Queue::new(vec![missing], 100);
        assert_eq!(queue.lock().ready(), None);
        queue.build_over();
        assert_eq!(queue.next(), Some((Job { subject: 0, round: 0 }, None)));
        assert_eq!(queue.next(), None);
    }
}

//! What waits for a worker, and who is told of it.

use crate::job::{Job, JobError, Outcome};
use std::collections::{BTreeMap, VecDeque};
use std::mem;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Weak;
use std::sync::mpsc::Sender;
use std::time::Duration;
use std::vec;
use sync::primitives::{Condvar, Mutex, MutexGuard};

/// How long a keeper without a worker leaves the jobs to the others between two attempts to start
/// one.
const RETRY: Duration = Duration::from_millis(100);

/// What the pool, its keepers and the tickets share.
pub(crate) struct Queue<J: Job> {
    state: Mutex<State<J>>,
    /// Something for a keeper: a job, a chance to start a worker, or the end.
    changed: Condvar,
}

/// Invariants, true whenever the state is unlocked:
/// 1. `waiting` is in the order in which the jobs came; what is left of a map has come when its
///    last chunk was taken;
/// 2. once `closed` is true it stays true, and nothing comes but what is left of a map;
/// 3. `workers` is how many of the `keepers` have a worker.
struct State<J: Job> {
    waiting: BTreeMap<u64, Waiting<J>>,
    next: u64,
    closed: bool,
    keepers: usize,
    workers: usize,
    /// Whether the jobs of a map are sent in chunks.
    chunks: bool,
}

/// What waits in the queue.
pub(crate) enum Waiting<J: Job> {
    /// A job, and what is called with its outcome.
    One(J, Box<dyn FnOnce(Outcome<J>) + Send>),
    Map(Map<J>),
}

/// The jobs of a map that no worker has been given. Keepers take them in chunks.
pub(crate) struct Map<J: Job> {
    /// The number of the first of them.
    pub(crate) first: usize,
    pub(crate) jobs: vec::IntoIter<J>,
    pub(crate) results: Sender<Chunk<J>>,
    /// Gone as soon as nobody wants the results.
    pub(crate) wanted: Weak<()>,
}

/// The number of the first job of a chunk, and what came of each.
pub(crate) type Chunk<J> = (usize, Vec<Outcome<J>>);

/// What a keeper finds.
pub(crate) enum Found<J: Job> {
    One(J, Box<dyn FnOnce(Outcome<J>) + Send>),
    Chunk(usize, VecDeque<J>, Sender<Chunk<J>>),
    /// A map whose results nobody wants, to be dropped.
    Unwanted(Map<J>),
    /// Nothing, but it is time to try again to start a worker.
    Retry,
    /// Nothing, and nothing will come.
    End,
}

impl<J: Job> Queue<J> {
    pub(crate) fn new(keepers: usize, chunks: bool) -> Queue<J> {
        let state =
            State { waiting: BTreeMap::new(), next: 0, closed: false, keepers, workers: 0, chunks };
        Queue { state: Mutex::new(state), changed: Condvar::new() }
    }

    /// Appends this, and returns its number; hands it back if the queue is closed.
    pub(crate) fn push(&self, waiting: Waiting<J>) -> Result<u64, Waiting<J>> {
        let mut state = self.state.lock();
        if state.closed {
            return Err(waiting);
        }
        let number = state.push(waiting);
        self.tell(state);
        Ok(number)
    }

    /// Whether the entry of this number is there.
    pub(crate) fn has(&self, number: u64) -> bool {
        self.state.lock().waiting.contains_key(&number)
    }

    /// Takes out the entry of this number, if it is there.
    pub(crate) fn remove(&self, number: u64) -> Option<Waiting<J>> {
        self.state.lock().waiting.remove(&number)
    }

    /// From now on nothing comes; what is there will still be done.
    pub(crate) fn finish(&self) {
        self.state.lock().closed = true;
        self.changed.notify_all();
    }

    /// From now on nothing comes, and nothing is there. Returns what was.
    pub(crate) fn close(&self) -> impl Iterator<Item = Waiting<J>> + use<J> {
        let mut state = self.state.lock();
        state.closed = true;
        let waiting = mem::take(&mut state.waiting);
        drop(state);
        self.changed.notify_all();
        waiting.into_values()
    }

    /// Whether nothing is there, and nothing will come.
    pub(crate) fn is_over(&self) -> bool {
        let state = self.state.lock();
        state.closed && state.waiting.is_empty()
    }

    /// A keeper has a worker now.
    pub(crate) fn worker_started(&self) {
        self.state.lock().workers += 1;
    }

    /// A keeper has none any more.
    pub(crate) fn worker_lost(&self) {
        self.state.lock().workers -= 1;
    }

    /// Waits for the next thing to do. A keeper without a worker takes no job while others have
    /// one.
    pub(crate) fn next(&self, has_worker: bool) -> Found<J> {
        let mut state = self.state.lock();
        loop {
            if state.waiting.is_empty() {
                if state.closed {
                    return Found::End;
                }
                // Woken by `tell`, `finish` and `close`.
                self.changed.wait(&mut state);
            } else if has_worker || state.workers == 0 {
                let Some(found) = state.pop() else { continue };
                if !state.waiting.is_empty() {
                    self.tell(state);
                }
                return found;
            } else {
                self.changed.wait_for(&mut state, RETRY);
                return Found::Retry;
            }
        }
    }

    /// Wakes a keeper that can do something about what waits.
    fn tell(&self, state: MutexGuard<'_, State<J>>) {
        let one_is_as_good_as_another = state.workers == state.keepers;
        drop(state);
        if one_is_as_good_as_another {
            self.changed.notify_one();
        } else {
            self.changed.notify_all();
        }
    }
}

impl<J: Job> State<J> {
    fn push(&mut self, waiting: Waiting<J>) -> u64 {
        let number = self.next;
        self.next += 1;
        self.waiting.insert(number, waiting);
        number
    }

    /// Takes what has waited longest: a job, or a chunk of a map, whose rest goes to the end.
    fn pop(&mut self) -> Option<Found<J>> {
        Some(match self.waiting.pop_first()?.1 {
            Waiting::One(job, done) => Found::One(job, done),
            Waiting::Map(map) if map.wanted.strong_count() == 0 => Found::Unwanted(map),
            Waiting::Map(mut map) => {
                // Long ones first, so that there are few; short ones in the end, so that no worker
                // has much to do when the others are done.
                let share = map.jobs.len() / (2 * self.keepers);
                let length = if self.chunks { share.max(1) } else { 1 };
                let chunk = map.jobs.by_ref().take(length).collect();
                let (first, results) = (map.first, map.results.clone());
                map.first += length;
                if map.jobs.len() > 0 {
                    self.push(Waiting::Map(map));
                }
                Found::Chunk(first, chunk, results)
            }
        })
    }
}

impl<J: Job> Waiting<J> {
    /// Tells whoever waits for it that it was not run.
    pub(crate) fn hand_back(self) {
        match self {
            Waiting::One(job, done) => call(done, Err(JobError::Closed(job))),
            Waiting::Map(map) => {
                let outcomes = map.jobs.map(|job| Err(JobError::Closed(job))).collect();
                let _nobody_wants_them = map.results.send((map.first, outcomes));
            }
        }
    }
}

/// Calls what a user has given us, which may panic. That has been reported by then, and is nobody
/// else's trouble.
pub(crate) fn call<T>(done: impl FnOnce(T), outcome: T) {
    let _reported = panic::catch_unwind(AssertUnwindSafe(|| done(outcome)));
}

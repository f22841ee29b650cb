//! The jobs of a pool that no worker has taken yet.

use super::job::Job;
use super::refused::{Closed, TryExecuteError};
use std::collections::VecDeque;
use std::mem;
use std::time::{Duration, Instant};
use sync::primitives::{Condvar, Mutex, MutexGuard};

/// The jobs that wait for a worker, first in, first out.
///
/// It has two ends with a lock each, so that threads that submit do not meet threads that take:
/// jobs come in at `incoming`, and when the workers have used up `outgoing`, one of them swaps the
/// two. Whoever holds both locks has taken `outgoing` first. Invariants, true whenever both are
/// free:
/// 1. all of `outgoing` was submitted before all of `incoming`;
/// 2. in a bounded queue `outgoing` is empty, and `incoming` has at most `capacity` jobs;
/// 3. once `closed` is true it stays true, and nothing comes in;
/// 4. a worker leaves only when `closed` is true and both ends are empty;
/// 5. `submitted - ended` jobs are queued, or running, or their worker has not come back for the
///    next one yet.
pub(super) struct Queue {
    outgoing: Apart<Mutex<Outgoing>>,
    incoming: Apart<Mutex<Incoming>>,
    capacity: Option<usize>,
    /// Something came in, or the queue was closed.
    work: Condvar,
    /// Something left a bounded queue, or it was closed.
    room: Condvar,
    /// `all_ended` has grown.
    idle: Condvar,
}

struct Outgoing {
    jobs: VecDeque<Job>,
    ended: u64,
}

struct Incoming {
    jobs: VecDeque<Job>,
    submitted: u64,
    /// How often a worker has found that every job had ended.
    all_ended: u64,
    closed: bool,
}

/// Keeps its value off the cache lines of its neighbours; a line has 64 or 128 bytes.
#[repr(align(128))]
struct Apart<T>(T);

impl Queue {
    pub(super) fn new(capacity: Option<usize>) -> Queue {
        let outgoing = Outgoing { jobs: VecDeque::new(), ended: 0 };
        let jobs = VecDeque::new();
        let incoming = Incoming { jobs, submitted: 0, all_ended: 0, closed: false };
        Queue {
            outgoing: Apart(Mutex::new(outgoing)),
            incoming: Apart(Mutex::new(incoming)),
            capacity,
            work: Condvar::new(),
            room: Condvar::new(),
            idle: Condvar::new(),
        }
    }

    /// Waits for room, if need be.
    pub(super) fn push(&self, job: Job) -> Result<(), Closed<Job>> {
        let mut incoming = self.incoming.0.lock();
        // Woken by `pop` (one for each job that leaves a bounded queue) and `close` (all). A loop:
        // a wake-up may be spurious, and somebody else may have taken the room first.
        while self.is_full(&incoming) && !incoming.closed {
            self.room.wait(&mut incoming);
        }
        self.admit(incoming, job)
    }

    pub(super) fn try_push(&self, job: Job) -> Result<(), TryExecuteError<Job>> {
        let incoming = self.incoming.0.lock();
        if self.is_full(&incoming) && !incoming.closed {
            return Err(TryExecuteError::Full(job));
        }
        self.admit(incoming, job).map_err(|Closed(job)| TryExecuteError::Closed(job))
    }

    fn is_full(&self, incoming: &Incoming) -> bool {
        self.capacity.is_some_and(|capacity| incoming.jobs.len() >= capacity)
    }

    fn admit(&self, mut incoming: MutexGuard<'_, Incoming>, job: Job) -> Result<(), Closed<Job>> {
        if incoming.closed {
            return Err(Closed(job));
        }
        incoming.jobs.push_back(job);
        incoming.submitted += 1;
        drop(incoming); // so that whoever wakes does not find the lock taken
        self.work.notify_one(); // wakes the loop in `pop`; costs a load if no worker sleeps
        Ok(())
    }

    /// The next job, when there is one, for a worker that has run `ended` jobs since its last call;
    /// or `None`, once the queue is closed and empty.
    pub(super) fn pop(&self, ended: u64) -> Option<Job> {
        let mut outgoing = self.outgoing.0.lock();
        outgoing.ended += ended;
        loop {
            if let Some(job) = outgoing.jobs.pop_front() {
                return Some(job);
            }
            let mut incoming = self.incoming.0.lock();
            if self.capacity.is_some() {
                // One by one, or the length of the queue would take both locks to know.
                outgoing.jobs.extend(incoming.jobs.pop_front());
            } else {
                mem::swap(&mut outgoing.jobs, &mut incoming.jobs);
            }
            if !outgoing.jobs.is_empty() {
                drop(incoming);
                self.room.notify_one(); // wakes the loop in `push`
                continue;
            }
            if outgoing.ended == incoming.submitted {
                incoming.all_ended += 1;
                self.idle.notify_all(); // wakes the loop in `wait_idle`
            }
            if incoming.closed {
                return None;
            }
            drop(outgoing);
            // Woken by `admit` (one) and `close` (all). No loop of its own: whatever woke it, it
            // looks again. Nothing comes in between that look and the sleep, since we hold
            // `incoming`.
            self.work.wait(&mut incoming);
            drop(incoming); // `outgoing` comes first
            outgoing = self.outgoing.0.lock();
        }
    }

    /// Waits for a moment at which every job has ended; returns false if `limit` is over before.
    pub(super) fn wait_idle(&self, limit: Option<Duration>) -> bool {
        self.busy_since().is_none_or(|before| self.wait_idle_since(before, limit))
    }

    /// `all_ended`, unless it is so right now.
    fn busy_since(&self) -> Option<u64> {
        let outgoing = self.outgoing.0.lock();
        let incoming = self.incoming.0.lock();
        (outgoing.ended < incoming.submitted).then_some(incoming.all_ended)
    }

    /// Asks for a moment since, and not for one now: the next job may have come before we are
    /// woken.
    fn wait_idle_since(&self, before: u64, limit: Option<Duration>) -> bool {
        let deadline = limit.and_then(|limit| Instant::now().checked_add(limit));
        let mut incoming = self.incoming.0.lock();
        // Woken by `pop`, when a worker finds that all have ended. A loop: a wake-up may be
        // spurious.
        while incoming.all_ended == before {
            let Some(deadline) = deadline else {
                self.idle.wait(&mut incoming);
                continue;
            };
            if self.idle.wait_until(&mut incoming, deadline).timed_out() {
                break;
            }
        }
        incoming.all_ended > before
    }

    pub(super) fn close(&self) {
        self.incoming.0.lock().closed = true;
        self.work.notify_all(); // wakes the loop in `pop`
        self.room.notify_all(); // wakes the loop in `push`
    }

    pub(super) fn len(&self) -> usize {
        let outgoing = self.outgoing.0.lock();
        outgoing.jobs.len() + self.incoming.0.lock().jobs.len()
    }
}

#[cfg(test)]
mod tests {
    use super::Queue;
    use crate::thread_pool::job::Job;
    use std::thread;
    use std::time::Duration;
    use tests_and_benches::{Watchdog, until};

    #[test]
    fn whoever_waits_for_the_end_of_all_jobs_does_not_wait_for_one_that_came_after_it() {
        let _watchdog = Watchdog::new();
        let queue = &Queue::new(None);
        assert!(queue.push(Job::once(|| ())).is_ok());
        assert!(queue.pop(0).is_some()); // a worker runs it
        let before = queue.busy_since().expect("it has not ended");
        thread::scope(|s| {
            let worker = s.spawn(|| queue.pop(1).is_some()); // it has ended, and the worker sleeps
            until("the first has ended", || queue.busy_since().is_none());
            assert!(queue.push(Job::once(|| ())).is_ok());
            assert!(worker.join().unwrap()); // the worker runs the second
        });
        assert!(queue.busy_since().is_some());
        assert!(queue.wait_idle_since(before, Some(Duration::ZERO)));
    }
}

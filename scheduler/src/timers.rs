//! Who waits for a moment.

use std::collections::BTreeMap;
use std::task::Waker;
use std::time::{Duration, Instant};

/// When, and who was first among those who wait for the same moment.
pub(crate) type TimerKey = (Instant, u64);

/// Tasks that wait for a moment, the earliest first.
#[derive(Default)]
pub(crate) struct Timers {
    t_wait: BTreeMap<TimerKey, Waker>,
    next: u64,
}

impl Timers {
    pub(crate) fn add(&mut self, when: Instant, waker: Waker) -> TimerKey {
        let key = (when, self.next);
        self.next += 1;
        self.t_wait.insert(key, waker);
        key
    }

    /// The waker that has been there before, for the caller to drop: that may run anybody's code.
    pub(crate) fn replace(&mut self, key: TimerKey, waker: Waker) -> Option<Waker> {
        self.t_wait.insert(key, waker)
    }

    /// The waker, for the caller to drop.
    pub(crate) fn remove(&mut self, key: TimerKey) -> Option<Waker> {
        self.t_wait.remove(&key)
    }

    /// How long until somebody is to be woken; `None` if nobody is.
    pub(crate) fn pause(&self) -> Option<Duration> {
        let ((when, _), _) = self.t_wait.first_key_value()?;
        Some(when.saturating_duration_since(Instant::now()))
    }

    /// Takes out those whose moment has come, in its order.
    pub(crate) fn due(&mut self, woken: &mut Vec<Waker>) {
        if self.t_wait.is_empty() {
            return; // what the time is costs more than all the rest
        }
        let now = Instant::now();
        while let Some(first) = self.t_wait.first_entry().filter(|first| first.key().0 <= now) {
            woken.push(first.remove());
        }
    }
}

//! Which task waits for which moment.

use std::collections::BTreeMap;
use std::task::Waker;
use std::time::{Duration, Instant};

/// When, and which came first among those that wait for the same moment.
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

    /// The waker, for the caller to drop.
    pub(crate) fn remove(&mut self, key: TimerKey) -> Option<Waker> {
        self.t_wait.remove(&key)
    }

    /// How long until the first is to be woken; `None` if there is none.
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

#[cfg(test)]
mod tests {
    use super::Timers;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
    use std::task::{Wake, Waker};
    use std::time::Instant;

    struct Count(AtomicU32);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Relaxed);
        }
    }

    #[test]
    fn of_those_who_wait_for_the_same_moment_whoever_came_first_is_woken_first() {
        let (mut timers, moment, mut woken) = (Timers::default(), Instant::now(), Vec::new());
        let counts = [(); 3].map(|()| Arc::new(Count(AtomicU32::new(0))));
        for count in &counts {
            timers.add(moment, Waker::from(Arc::clone(count)));
        }
        timers.due(&mut woken);
        assert_eq!(woken.len(), 3);
        for (waker, count) in woken.into_iter().zip(counts) {
            waker.wake();
            assert_eq!(count.0.load(Relaxed), 1);
        }
    }
}

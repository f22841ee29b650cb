//! What the tasks of a server share, and what they have done.

use crate::Handle;
use std::cell::Cell;
use std::sync::Arc;
use std::time::Duration;
use threads::ThreadPool;

pub(super) type Compute = Arc<dyn Fn(u32) -> u64 + Send + Sync>;

/// What a [`FibServer`](super::FibServer) has done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Served {
    /// How many connections there were.
    pub connections: u64,
    /// How many requests were answered with a number ...
    pub answers: u64,
    /// ... and how many with an error.
    pub errors: u64,
    /// How many connections ended because the computation panicked.
    pub panicked: usize,
    /// How many connections were cut off when the grace was over.
    pub cut_off: usize,
}

/// What the tasks of a server share.
pub(super) struct Server {
    pub(super) handle: Handle,
    pub(super) pool: ThreadPool,
    pub(super) compute: Compute,
    pub(super) idle_limit: Duration,
    pub(super) tally: Cell<Served>,
}

impl Server {
    pub(super) fn count(&self, answered: bool) {
        self.change(|tally| if answered { tally.answers += 1 } else { tally.errors += 1 });
    }

    pub(super) fn change(&self, change: impl FnOnce(&mut Served)) {
        let mut tally = self.tally.get();
        change(&mut tally);
        self.tally.set(tally);
    }
}

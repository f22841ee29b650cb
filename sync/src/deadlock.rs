//! Who waits for whom, and the cycles in it.

use crate::primitives::{Arc, Mutex, thread};
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::LazyLock;
use thread::{Thread, ThreadId};

/// A cycle of threads, each of which waits for a lock that the next one holds.
///
/// None of them can ever go on. [`deadlocks`] finds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deadlock {
    /// The waits round the cycle, beginning with the holder of the lock that was made first.
    pub waits: Vec<Wait>,
}

/// One thread's part in a [`Deadlock`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wait {
    /// The name of the thread that waits, or its number if it has no name.
    pub thread: String,
    /// The lock that it holds and that another thread of the cycle wants.
    pub holds: String,
    /// The lock that it waits for.
    pub wants: String,
    /// The thread that holds this lock: the next one round the cycle.
    pub held_by: String,
}

impl fmt::Display for Wait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Wait { thread, holds, wants, held_by } = self;
        write!(f, "thread `{thread}` holds `{holds}` and waits for `{wants}`, held by `{held_by}`")
    }
}

/// The waits, separated by semicolons.
impl fmt::Display for Deadlock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, wait) in self.waits.iter().enumerate() {
            let separator = if place == 0 { "" } else { "; " };
            write!(f, "{separator}{wait}")?;
        }
        Ok(())
    }
}

/// All deadlocks among the [`Watched`](crate::Watched) locks of this program, right now.
///
/// What it reports is true and stays true: a deadlock never dissolves. A wait with a time limit
/// gives up by itself, so it is no part of a deadlock. A thread outside the cycle that waits for a
/// lock held inside is stuck too, but not named. Other waits (a join, a channel, another kind of
/// lock) are not seen.
///
/// # Examples
///
/// ```
/// # use sync::{Watched, deadlocks};
/// # use std::thread;
/// let lock: &'static _ = Box::leak(Box::new(Watched::new("lock", ())));
/// thread::Builder::new().name("task".into()).spawn(|| {
///     let _first = lock.lock();
///     let _second = lock.lock(); // waits for itself
/// })?;
/// let deadlock = loop {
///     match deadlocks().pop() {
///         Some(deadlock) => break deadlock,
///         None => thread::yield_now(),
///     }
/// };
/// assert_eq!(
///     deadlock.to_string(),
///     "thread `task` holds `lock` and waits for `lock`, held by `task`"
/// );
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn deadlocks() -> Vec<Deadlock> {
    let graph = GRAPH.lock();
    let starts = graph.held.keys();
    starts.filter_map(|&lock| graph.cycle(lock)).collect()
}

/// One graph for the whole program. Lazy, because not every implementation of `primitives` can
/// make a lock in a constant.
pub(crate) static GRAPH: LazyLock<Mutex<Graph>> = LazyLock::new(Mutex::default);

/// Locks are numbered in the order in which they were made.
pub(crate) type LockId = u64;

/// The wait-for graph: from a thread to the lock it waits for, from a lock to its holder.
///
/// Invariants, true whenever [`GRAPH`] is unlocked. They make every cycle a deadlock:
/// 1. a thread in `held` holds the lock: it is entered after locking and removed before unlocking;
/// 2. a thread in `waits` goes on only with the lock it waits for: it is entered before it blocks,
///    and removed when it has the lock. (In between it may have the lock already; then, by 1, that
///    lock has no entry in `held`, and no cycle leads through it.)
#[derive(Default)]
pub(crate) struct Graph {
    locks: LockId,
    held: BTreeMap<LockId, Holder>,
    waits: HashMap<ThreadId, LockId>,
}

struct Holder {
    thread: Thread,
    lock: Arc<str>,
}

impl Graph {
    pub(crate) fn number_lock(&mut self) -> LockId {
        self.locks += 1;
        self.locks
    }

    /// This thread is about to wait for the lock, however long it takes.
    pub(crate) fn waits(&mut self, lock: LockId) {
        self.waits.insert(thread::current().id(), lock);
    }

    /// This thread has locked it.
    pub(crate) fn holds(&mut self, lock: LockId, name: &Arc<str>) {
        let thread = thread::current();
        self.waits.remove(&thread.id());
        let lock_name = Arc::clone(name);
        self.held.insert(lock, Holder { thread, lock: lock_name });
    }

    /// The holder is about to unlock it.
    pub(crate) fn releases(&mut self, lock: LockId) {
        self.held.remove(&lock);
    }

    pub(crate) fn holder(&self, lock: LockId) -> Option<String> {
        Some(name(&self.held.get(&lock)?.thread))
    }

    pub(crate) fn waiting(&self, lock: LockId) -> usize {
        self.waits.values().filter(|wanted| **wanted == lock).count()
    }

    /// The cycle whose first-made lock is `start`, if there is one.
    fn cycle(&self, start: LockId) -> Option<Deadlock> {
        let mut waits = Vec::new();
        let mut lock = start;
        // A cycle passes each held lock once. More steps lead round a cycle without `start`.
        for _ in 0..self.held.len() {
            let holder = self.held.get(&lock)?;
            let wanted = *self.waits.get(&holder.thread.id())?;
            let next = self.held.get(&wanted)?;
            waits.push(Wait {
                thread: name(&holder.thread),
                holds: holder.lock.to_string(),
                wants: next.lock.to_string(),
                held_by: name(&next.thread),
            });
            if wanted == start {
                return Some(Deadlock { waits });
            }
            if wanted < start {
                return None; // if it is a cycle, it begins with a lock made earlier
            }
            lock = wanted;
        }
        None
    }
}

fn name(thread: &Thread) -> String {
    match thread.name() {
        Some(name) => name.to_owned(),
        None => format!("{:?}", thread.id()),
    }
}

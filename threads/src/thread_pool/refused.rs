//! Jobs that a pool did not take.

use std::{error, fmt};

/// The pool was closed; the job comes back, not run.
pub struct Closed<J>(pub J);

/// Why [`ThreadPool::try_execute`](super::ThreadPool::try_execute) did not take a job, which comes
/// back, not run.
pub enum TryExecuteError<J> {
    /// The queue of a bounded pool had no room.
    Full(J),
    /// The pool was closed.
    Closed(J),
}

impl<J> fmt::Display for Closed<J> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the thread pool is closed")
    }
}

impl<J> fmt::Debug for Closed<J> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Closed(..)")
    }
}

impl<J> error::Error for Closed<J> {}

impl<J> fmt::Display for TryExecuteError<J> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TryExecuteError::Full(_) => "the thread pool's queue is full",
            TryExecuteError::Closed(_) => "the thread pool is closed",
        })
    }
}

impl<J> fmt::Debug for TryExecuteError<J> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TryExecuteError::Full(_) => "Full(..)",
            TryExecuteError::Closed(_) => "Closed(..)",
        })
    }
}

impl<J> error::Error for TryExecuteError<J> {}

//! Why an item did not go in, or did not come out.

use std::error::Error;
use std::fmt;

/// The queue is closed; the item comes back with its priority.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Closed<T, P>(pub T, pub P);

/// Why an item could not be pushed; it comes back with its priority.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum PushError<T, P> {
    /// There was no room, right now or within the time limit.
    Full(T, P),
    /// The queue is closed.
    Closed(T, P),
}

/// Why there was no item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PopError {
    /// Nothing was queued, right now or within the time limit.
    Empty,
    /// Nothing is queued and nothing will be: the queue is closed.
    Closed,
}

impl<T, P> fmt::Debug for Closed<T, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Closed(..)")
    }
}

impl<T, P> fmt::Display for Closed<T, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the queue is closed")
    }
}

impl<T, P> Error for Closed<T, P> {}

impl<T, P> fmt::Debug for PushError<T, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            PushError::Full(..) => "Full(..)",
            PushError::Closed(..) => "Closed(..)",
        })
    }
}

impl<T, P> fmt::Display for PushError<T, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            PushError::Full(..) => "the queue is full",
            PushError::Closed(..) => "the queue is closed",
        })
    }
}

impl<T, P> Error for PushError<T, P> {}

impl fmt::Display for PopError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            PopError::Empty => "the queue is empty",
            PopError::Closed => "the queue is closed, and nothing is left",
        })
    }
}

impl Error for PopError {}

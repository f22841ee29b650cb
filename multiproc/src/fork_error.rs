//! Why nothing was forked.

use std::error::Error;
use std::{fmt, io};

/// Why nothing was forked.
#[derive(Debug)]
pub enum ForkError {
    /// This process has so many threads, and a copy would have one.
    Threads(usize),
    /// This process is a forked child itself. Were its children to fork in their turn, and so on,
    /// there would be no end.
    InChild,
    /// A map with no children at once would never do anything.
    NoChildren,
    /// The system refused: no process or no descriptor is left.
    System(io::Error),
}

impl fmt::Display for ForkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ForkError::Threads(threads) => {
                write!(f, "this process has {threads} threads, and a fork would copy one of them")
            }
            ForkError::InChild => write!(f, "a forked child may not fork"),
            ForkError::NoChildren => write!(f, "there has to be at least one child at once"),
            ForkError::System(error) => write!(f, "cannot fork: {error}"),
        }
    }
}

impl Error for ForkError {}

impl From<io::Error> for ForkError {
    fn from(error: io::Error) -> ForkError {
        ForkError::System(error)
    }
}

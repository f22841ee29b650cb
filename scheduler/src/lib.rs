//! Coroutines, readiness, timers, and a server on them.
#![warn(clippy::print_stdout, clippy::print_stderr)]

mod round_robin;
pub use round_robin::{RoundRobin, Turn};

//! What the chapters' tests and benches share.
//!
//! For tests: [`until`] and [`Watchdog`], so that a test of a lock fails where the lock hangs;
//! [`lines_of`], what a section prints; and [`promises`], a process for each promise.
//!
//! For benches: a stopwatch, and the rows that Python runs. (`versus` starts no process: the
//! interpreters are found and run here, through `shell`.)
#![forbid(unsafe_code)]
#![warn(clippy::print_stdout, clippy::print_stderr)]

mod waiting;
pub use waiting::{Watchdog, until};

mod lines;
pub use lines::lines_of;

pub mod promises;

mod stopwatch;
pub use stopwatch::timed;

mod python;
pub use python::{Python, pythons, tell_pythons};

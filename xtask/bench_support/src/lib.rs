//! What the chapters' benches share: a stopwatch, and the rows that Python runs.
//!
//! `versus` starts no process. The interpreters are found and run here, through `shell`.
#![forbid(unsafe_code)]
#![warn(clippy::print_stdout, clippy::print_stderr)]

mod stopwatch;
pub use stopwatch::timed;

mod python;
pub use python::{Python, pythons, tell_pythons};

//! The course's own tasks: run every section and check its output, ask whether an output is
//! legal, list the course, break it on purpose, measure it, and do all that CI does.
//!
//! One module to a task: [`verify`], [`matching`], [`list`], [`sabotage`], [`mod@bench`],
//! [`ci`]. They share [`course`] (which sections there are), [`build`] (cargo), [`processes`] (what
//! gets away from a run), [`stop`] (why a task ends before its time) and [`screen`] (what is shown);
//! how a program is run without trusting it, and what is to be said of that, stands in [`verify`].
//! What an output may look like is the business of the library `transcript`, and process
//! groups, time limits and live lines are those of the chapter `shell`. How to measure is the
//! business of the library `versus`.
//!
//! A task's [`Outcome`] is the exit status: 0 when all held, 1 when something did not, 2 when
//! something could not be run. Where both happened it is 2, for then the answer is incomplete.
//! A runner that a signal stopped exits with 128 and the signal's number, as a shell reports it.

#![deny(unsafe_code)]
#![warn(clippy::print_stdout, clippy::print_stderr)]

pub mod bench;
pub mod build;
pub mod ci;
pub mod course;
pub mod list;
pub mod matching;
pub mod processes;
pub mod sabotage;
pub mod screen;
pub mod stop;
pub mod verify;

/// How a task went; the worst of all is its exit status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// All held: 0.
    Held = 0,
    /// Something did not hold: 1.
    Failed = 1,
    /// Something could not be run, so nothing is known of it: 2.
    Unable = 2,
}

//! Running programs: capture, live lines, time limits.
//!
//! The sections that show how all this is used, with a page for each, are in the chapter's
//! `README.md`. Here are the building blocks, in reading order:
//!
//! - [`output()`] runs a program to its end and captures both outputs, as [`Output`];
//! - [`Exit`] is how a program ended: by itself with a code, or by a signal;
//! - [`StartError`] says why a program did not start, and which one;
//! - [`Group`] is a running program with everything it starts: read its [`Line`]s as they come,
//!   each from its [`Source`], then stop all of it ([`Ended`]);
//! - [`output_timeout`] is capture with a time limit, on a group.
//!
//! # Examples
//!
//! ```
//! use shell::{Exit, Group};
//! use std::process::Command;
//! use std::time::Duration;
//!
//! let ran = shell::output(Command::new("echo").arg("hello"))?;
//! assert_eq!(ran.stdout, b"hello\n");
//!
//! let mut endless = Group::spawn(&mut Command::new("yes"))?;
//! assert_eq!(endless.next_line().unwrap().text(), "y");
//! assert_eq!(endless.stop(Duration::from_secs(5)).exit, Exit::Signal(15));
//! # Ok::<(), shell::StartError>(())
//! ```
#![warn(clippy::print_stdout, clippy::print_stderr)]
#![forbid(unsafe_code)]

mod output;
pub use output::{Output, output};

mod exit;
pub use exit::Exit;

mod start;
pub use start::{StartError, StartFailure};

mod group;
pub use group::{Group, TimedOut};

mod line;
pub use line::Line;

mod pipes;
pub use pipes::Source;

mod running;
pub use running::Ended;

mod leader;

mod timeout;
pub use timeout::{OutputTimeoutError, output_timeout};

/// The code of the chapter's page, compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

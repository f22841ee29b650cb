//! Work in other processes, and none of them left behind.
//!
//! The chapter, section by section, is `multiproc/README.md`. This library has its building blocks:
//!
//! - [`Job`], what can be sent to another process, and [`worker`], the line that a program with
//!   workers begins with;
//! - [`ProcessPool`], workers that do jobs; [`JobError`] tells what became of one that has no
//!   result;
//! - [`parmap`], a map over forked children, and [`Forked`], one such child;
//! - [`Children`], programs that end when their owner does, whatever ends it.
#![warn(clippy::print_stdout, clippy::print_stderr)]
#![deny(unsafe_code)] // allowed in `system` alone

mod job;
pub use job::{Job, JobError, Outcome};

mod worker;
pub use worker::worker;

mod process_pool;
pub use process_pool::{Completed, ProcessPool, Refused, Ticket};

mod remote;
pub use remote::StartError;

mod parmap;
pub use parmap::parmap;

mod forked;
pub use forked::{ChildError, Forked};

mod fork_error;
pub use fork_error::ForkError;

mod children;
pub use children::{Children, Stopped};

mod queue;

mod keeper;

mod answer;

mod frames;

mod journal;

mod system;

/// The code of the README is compiled with the other examples.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

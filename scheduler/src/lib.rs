//! Tasks that take turns on one thread, and a server made of them.
//!
//! The chapter, section by section, is `scheduler/README.md`. This library has its building blocks:
//!
//! - [`RoundRobin`], iterators that take turns; what came of one is a [`Turn`];
//! - [`Scheduler`], which runs `async` tasks; they start others and wait through its [`Handle`],
//!   and a [`Stopper`] stops it from another thread;
//! - [`yield_now`], which ends a turn;
//! - [`Handle::sleep`] and [`Handle::timeout`], for moments and limits;
//! - [`Socket`], for which a task can wait;
//! - [`offload`], which lets a [`threads::ThreadPool`] do what would take long;
//! - [`FibServer`], a server on all of that.
//!
//! What the cheatsheet calls `tasks`, `r_wait` and `s_wait` stands in `run_queue.rs` and
//! `sockets.rs`.
#![warn(clippy::print_stdout, clippy::print_stderr)]
#![deny(unsafe_code)]

mod round_robin;
pub use round_robin::{RoundRobin, Turn};

mod scheduler;
pub use scheduler::{Ended, Handle, Scheduler, Stopper};

mod run_queue;

mod tasks;

mod yield_now;
pub use yield_now::yield_now;

mod timers;

mod time;
pub use time::{Sleep, TimedOut};

mod sockets;

mod socket;
pub use socket::{Pollable, Ready, Socket};

mod offload;
pub use offload::{Offload, Panicked, offload};

mod fib_server;
pub use fib_server::{FibServer, Served, StopServer};

/// The code of the chapter's page is compiled too.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

//! Threads, channels, pools and the parallel map.
//!
//! The library of the chapter `threads`: what its sections compute with, and what one would use
//! after having read them.
//!
//! - [`fib`] is the course's work for a processor.
//! - [`ThreadPool`] runs jobs on a fixed number of threads, and [`PoolBuilder`] starts one with
//!   more choices. A job that is refused comes back in [`Closed`] or [`TryExecuteError`]. A
//!   [`SharedJob`] carries a state of its own.
//! - [`par_map`] applies a function to many items on all cores, and lets it borrow.
//! - [`build_and_cores`], [`load_average`] and [`processor_time`] are what a section prints beside
//!   a time.
//!
//! Locks and conditions come from [`sync::primitives`] alone.
#![warn(clippy::print_stdout, clippy::print_stderr)]
#![forbid(unsafe_code)]

mod fib;
pub use fib::fib;

mod thread_pool;
pub use thread_pool::{Closed, PoolBuilder, SharedJob, ThreadPool, TryExecuteError};

mod par_map;
pub use par_map::par_map;

mod pieces;

mod machine;
pub use machine::{build_and_cores, load_average, processor_time};

/// The code of the chapter's page is compiled too.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

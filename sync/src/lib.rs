//! Locks, permits, events and queues, for threads that share something.
//!
//! The chapter, section by section, is `sync/README.md`. This library has its building blocks:
//!
//! - [`Watched`], a mutex that can be asked who holds it and who waits for it; [`deadlocks`]
//!   follows these records and names each [`Deadlock`];
//! - [`lock_both`], two locks in one order;
//! - [`Semaphore`], a number of permits, which are guards;
//! - [`Monitor`], a lock that its holder may take again;
//! - [`Event`], a flag that threads can wait for;
//! - [`PriorityQueue`], from which the highest priority comes first.
//!
//! All of them take their locks, conditions, atomics and threads from [`primitives`].
#![warn(clippy::print_stdout, clippy::print_stderr)]
#![forbid(unsafe_code)]

mod watched;
pub use watched::{Watched, WatchedGuard};

mod deadlock;
pub use deadlock::{Deadlock, Wait, deadlocks};

mod lock_order;
pub use lock_order::lock_both;

mod semaphore;
pub use semaphore::{Permit, Semaphore};

mod monitor;
pub use monitor::{Monitor, MonitorGuard};

mod event;
pub use event::Event;

mod priority_queue;
pub use priority_queue::{Closed, PopError, PriorityQueue, PushError, TotalF64};

pub mod primitives;

/// The code of the README is compiled with the other examples.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

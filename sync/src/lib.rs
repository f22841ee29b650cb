#![doc = include_str!("../README.md")]
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

pub mod primitives;

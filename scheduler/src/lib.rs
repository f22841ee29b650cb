//! Coroutines, readiness, timers, and a server on them.
#![warn(clippy::print_stdout, clippy::print_stderr)]
#![deny(unsafe_code)]

mod round_robin;
pub use round_robin::{RoundRobin, Turn};

mod scheduler;
pub use scheduler::{Ended, Handle, Scheduler, Stopper};

mod yield_now;
pub use yield_now::yield_now;

mod time;
pub use time::{Sleep, TimedOut};

mod socket;
pub use socket::{Pollable, Ready, Socket};

mod offload;
pub use offload::{Offload, Panicked, offload};

mod fib_server;
pub use fib_server::{FibServer, Served, StopServer};

mod run_queue;

mod sockets;

mod tasks;

mod timers;

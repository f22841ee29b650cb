#![doc = include_str!("../README.md")]
#![warn(clippy::print_stdout, clippy::print_stderr)]
#![forbid(unsafe_code)]

mod fib;
pub use fib::fib;

mod thread_pool;
pub use thread_pool::{Closed, PoolBuilder, SharedJob, ThreadPool, TryExecuteError};

mod par_map;
pub use par_map::par_map;

mod pieces;

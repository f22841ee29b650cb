//! Processes.
#![warn(clippy::print_stdout, clippy::print_stderr)]
#![forbid(unsafe_code)]

mod job;
pub use job::{Job, JobError, Outcome};

mod worker;
pub use worker::worker;

mod process_pool;
pub use process_pool::{Completed, ProcessPool, Refused, Ticket};

mod remote;
pub use remote::StartError;

mod queue;

mod keeper;

mod frames;

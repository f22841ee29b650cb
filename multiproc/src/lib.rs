//! Processes.
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
pub use forked::{ChildError, ForkError, Forked};

mod children;
pub use children::{Children, Stopped};

mod queue;

mod keeper;

mod answer;

mod frames;

mod journal;

mod system;

//! Executors and futures.
//!
//! The library of the chapter `executor`: two executors behind one trait, and the tasks that they
//! hand out.
//!
//! - A [`Task`] is the handle of something that is being done elsewhere. Its [`Outcome`] is a
//!   result or a [`TaskError`], such as a [`Panic`]; its [`TaskState`] says where it stands. As a
//!   future of Rust's it is a [`TaskFuture`].
//! - An [`Executor`] takes values that are a [`Job`] each: [`Threads`] of this process, which take
//!   closures too, or [`Processes`], whose `main` begins with [`worker`]. What is refused comes
//!   back in a [`SubmitError`].
//! - Many tasks: [`Map`] yields in the order of the jobs, [`as_completed`] in the order in which
//!   they are done, and [`wait`] and [`wait_timeout`] tell which are done.
//! - A [`promise`] is the other end of a task, for executors of another kind.
//!
//! Locks and conditions come from [`sync::primitives`] alone (but for a barrier of std's, where
//! [`Threads`] start).
#![warn(clippy::print_stdout, clippy::print_stderr)]
#![forbid(unsafe_code)]

mod task;
pub use task::{Task, TaskFuture};

mod task_error;
pub use task_error::{Outcome, Panic, TaskError};

mod executor;
pub use executor::{Executor, Shutdown, SubmitError, cores};
pub use multiproc::{Job, StartError, worker};

mod threads;
pub use threads::{Threads, ThreadsBuilder};

mod processes;
pub use processes::Processes;

mod map;
pub use map::Map;

mod as_completed;
pub use as_completed::{AsCompleted, TimedOut, as_completed};

mod wait;
pub use wait::{Deadlock, Until, Waited, wait, wait_timeout};

mod promise;
pub use promise::{Promise, promise};

mod shared;
pub use shared::TaskState;

mod waiter;

mod crew;

/// The code of the chapter's page is compiled too.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

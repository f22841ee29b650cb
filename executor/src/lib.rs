//! Executors and futures.
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

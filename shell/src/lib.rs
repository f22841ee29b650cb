#![doc = include_str!("../README.md")]
#![warn(clippy::print_stdout, clippy::print_stderr)]
#![forbid(unsafe_code)]

mod exit;
pub use exit::Exit;

mod start;
pub use start::{StartError, StartFailure};

mod pipes;
pub use pipes::Source;

mod output;
pub use output::{Output, output};

mod line;
pub use line::Line;

mod group;
pub use group::{Group, TimedOut};

mod running;
pub use running::Ended;

mod leader;

mod timeout;
pub use timeout::{OutputTimeoutError, output_timeout};

//! Processes that get away from their run: found, named and ended, as far as the system tells.

#[cfg(target_os = "linux")]
mod proc;
mod process;
#[cfg_attr(target_os = "linux", path = "linux.rs")]
#[cfg_attr(not(target_os = "linux"), path = "elsewhere.rs")]
mod system;
pub use process::{BUILD_MARK, Process};
pub use system::{end_orphans, outlivers, spawn, stop, stop_run, waits};

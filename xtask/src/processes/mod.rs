//! Processes that get away from their run: found, named and ended, as far as the system tells.

#[cfg(target_os = "linux")]
mod proc;
#[cfg_attr(target_os = "linux", path = "linux.rs")]
#[cfg_attr(not(target_os = "linux"), path = "elsewhere.rs")]
mod system;
pub use system::{end_orphans, outlivers, spawn, stop, stop_run, waits};

/// Set for the build, which may start a daemon that lasts (a compiler cache): no orphan to end.
pub const BUILD_MARK: (&str, &str) = ("XTASK_BUILD", "1");

/// A process that belongs to a run, or did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    /// Its number.
    pub pid: i32,
    /// Its name, as the kernel has it.
    pub name: String,
    /// Is it still in the process group of its run?
    pub in_group: bool,
}

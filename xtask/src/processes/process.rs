//! What the systems' nets have in common.

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

//! What can be done where there is no `/proc`.
//!
//! `shell::Group` ends the process group and says whether somebody had outlived its leader. Who
//! leaves the group is not found, a hang is reported without what its threads waited in, and
//! orphans go to init.

use super::process::Process;
use shell::{Ended, Group, StartError};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// Starts a program in a group of its own.
///
/// # Errors
///
/// The program cannot be started.
pub fn spawn(command: &mut Command) -> Result<Group, StartError> {
    Group::spawn(command)
}

/// Ends a group that [`spawn`] started.
pub fn stop(group: Group, grace: Duration) -> Ended {
    group.stop(grace)
}

/// Nothing is known here.
pub fn outlivers(_group: u32, _mark: &Path) -> Vec<Process> {
    Vec::new()
}

/// Ends the group of a run; who has left that cannot be found here.
pub fn stop_run(group: Group, _mark: &Path, grace: Duration) -> (Ended, Vec<Process>) {
    (group.stop(grace), Vec::new())
}

/// Orphans go to init here.
pub fn end_orphans() -> Vec<(Process, Vec<String>)> {
    Vec::new()
}

/// Nothing is known here.
pub fn waits(_group: u32, _mark: &Path) -> Vec<String> {
    Vec::new()
}

//! What the tests share.

use std::process::Command;

/// Runs a section to its end and returns what it has printed.
pub(crate) fn output_of(section: &str) -> String {
    let output = Command::new(section).output().expect("the section starts");
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    String::from_utf8(output.stdout).expect("the section prints UTF-8")
}

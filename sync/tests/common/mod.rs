//! What the tests share.
#![allow(dead_code, reason = "not every test needs all of it")]

use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

/// Waits until it is so. What would hang for ever fails after a minute.
pub(crate) fn until(what: &str, so: impl Fn() -> bool) {
    let limit = Instant::now() + Duration::from_mins(1);
    while !so() {
        assert!(Instant::now() < limit, "waited a minute until {what}");
        thread::yield_now();
    }
}

/// Runs a section to its end and returns its lines.
pub(crate) fn lines_of(section: &str) -> Vec<String> {
    let output = Command::new(section).output().expect("the section starts");
    assert!(output.status.success(), "{}: {output:?}", output.status);
    assert!(output.stderr.is_empty(), "{output:?}");
    let text = String::from_utf8(output.stdout).expect("the section prints UTF-8");
    text.lines().map(String::from).collect()
}

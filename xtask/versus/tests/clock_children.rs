//! The real clock counts the processor time of children. In a process of its own, where nothing else
//! uses any.

use std::process::Command;
use versus::{Clock, SystemClock};

#[test]
fn the_time_of_children_counts_once_they_are_waited_for() {
    let clock = SystemClock::new();
    let start = clock.now();
    // The child prints what it has used, as "0m0.12s 0m0.00s": minutes and seconds, user and system.
    let script = "i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done; times";
    let output = Command::new("sh").args(["-c", script]).output().unwrap();
    let used = (clock.now() - start).cpu;
    let said = String::from_utf8(output.stdout).unwrap();
    let seconds: f64 = said.lines().next().unwrap().split(' ').map(seconds).sum();
    // Both of its figures are rounded, to 10 ms at most.
    assert!(used.as_secs_f64() >= seconds - 0.02, "the child used {seconds} s, we saw {used:?}");
}

fn seconds(text: &str) -> f64 {
    let (minutes, seconds) = text.trim_end_matches('s').split_once('m').unwrap();
    minutes.parse::<f64>().unwrap() * 60.0 + seconds.parse::<f64>().unwrap()
}

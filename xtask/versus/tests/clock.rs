//! The real clock counts what it says it counts.

use std::{process::Command, thread, time::Duration};
use versus::{Clock, SystemClock};

#[test]
fn the_time_of_other_threads_counts() {
    let clock = SystemClock::new();
    let start = clock.now();
    // Ends only if the spinning is counted.
    thread::scope(|s| {
        s.spawn(|| while (clock.now() - start).cpu < Duration::from_millis(20) {});
    });
    assert!((clock.now() - start).cpu >= Duration::from_millis(20));
}

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
    assert!(used.as_secs_f64() >= seconds - 0.02, "the child used {seconds} s, we saw {used:?}");
}

fn seconds(text: &str) -> f64 {
    let (minutes, seconds) = text.trim_end_matches('s').split_once('m').unwrap();
    minutes.parse::<f64>().unwrap() * 60.0 + seconds.parse::<f64>().unwrap()
}

//! The real clock counts the processor time of threads. In a process of its own, where nothing else
//! uses any.

use std::{
    thread,
    time::{Duration, Instant},
};
use versus::{Clock, SystemClock};

#[test]
fn the_time_of_other_threads_counts() {
    let (clock, begun) = (SystemClock::new(), Instant::now());
    let start = clock.now();
    let spun = || (clock.now() - start).cpu >= Duration::from_millis(20);
    thread::scope(|s| {
        // The limit is for the case that nothing is counted.
        s.spawn(|| while !spun() && begun.elapsed() < Duration::from_secs(30) {});
    });
    assert!(spun());
}

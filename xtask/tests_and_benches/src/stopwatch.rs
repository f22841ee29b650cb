use versus::{Clock, SystemClock, Time};

/// Does the work and says what it took, for [`Answer::took`](versus::Answer::took).
///
/// Processor time is that of the whole process: all of its threads, and the children it waited
/// for.
///
/// # Examples
///
/// ```
/// let numbers: Vec<u64> = (0..1_000).collect(); // not counted
/// let (sum, took) = tests_and_benches::timed(|| numbers.iter().sum::<u64>());
/// assert_eq!(versus::Answer::from(sum).took(took), versus::Answer::from(499_500));
/// ```
pub fn timed<T>(work: impl FnOnce() -> T) -> (T, Time) {
    let clock = SystemClock::new();
    let start = clock.now();
    let found = work();
    (found, clock.now() - start)
}

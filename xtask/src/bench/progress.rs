//! How far a measurement is, and how long it will take yet.

use crate::screen::Screen;
use indicatif::HumanDuration;
use std::time::{Duration, Instant};
use versus::Step;

/// Counts the rounds of all cases together.
///
/// The first round of a case takes longer, as its variants are calibrated in it, and disturbed rounds
/// come again: the time left is a guess that gets better.
pub struct Progress<'a> {
    screen: &'a Screen,
    start: Instant,
    total: usize,
    done: usize,
}

impl<'a> Progress<'a> {
    /// For so many rounds.
    pub fn new(screen: &'a Screen, total: usize) -> Progress<'a> {
        Progress { screen, start: Instant::now(), total, done: 0 }
    }

    /// A variant of this case is about to run.
    pub fn step(&self, case: &str, step: &Step) {
        let Step { variant, round, rounds, .. } = step;
        let at = if *round == 0 { "calibrating".to_owned() } else { format!("{round}/{rounds}") };
        self.screen.started(&format!("{at}, {case}: {variant}{}", self.left()));
    }

    /// All cases have been visited once more, and so many rounds are done now: a line of its own where
    /// there is no bar.
    pub fn visited(&mut self, done: usize) {
        self.screen.done(u32::try_from(done.saturating_sub(self.done)).unwrap_or(u32::MAX));
        self.done = done;
        let percent = 100 * done / self.total.max(1);
        self.screen.line(&format!("{percent} % measured{}", self.left()));
    }

    fn left(&self) -> String {
        left(self.start.elapsed(), self.done, self.total)
    }
}

/// The time left, as the end of a sentence; nothing if nobody can know, or there is none. What is done
/// took so long: the rest takes as long in proportion.
fn left(elapsed: Duration, done: usize, total: usize) -> String {
    if done == 0 || done >= total {
        return String::new();
    }
    let left = elapsed.mul_f64((total - done) as f64 / done as f64);
    format!(", about {} left", HumanDuration(left))
}

#[cfg(test)]
mod tests {
    use super::left;
    use std::time::Duration;

    #[test]
    fn the_rest_takes_as_long_as_what_is_done_in_proportion() {
        let seconds = Duration::from_secs;
        assert_eq!(left(seconds(10), 0, 100), "");
        assert_eq!(left(seconds(10), 25, 100), ", about 30 seconds left");
        assert_eq!(left(seconds(100), 25, 100), ", about 5 minutes left");
        assert_eq!(left(seconds(10), 100, 100), "");
    }
}

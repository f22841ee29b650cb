//! How far a measurement is, and how long it will take yet.

use crate::screen::Screen;
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

    /// The time left, as the end of a sentence; nothing if nobody can know, or there is none.
    fn left(&self) -> String {
        left(self.start.elapsed(), self.done, self.total)
            .map_or_else(String::new, |left| format!(", about {} left", in_words(left)))
    }
}

/// What is done took so long: the rest, if there is one, takes as long in proportion.
fn left(elapsed: Duration, done: usize, total: usize) -> Option<Duration> {
    (0 < done && done < total).then(|| elapsed.mul_f64((total - done) as f64 / done as f64))
}

fn in_words(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..90 => format!("{seconds} s"),
        _ => format!("{} min", (seconds + 30) / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::{in_words, left};
    use std::time::Duration;

    #[test]
    fn the_rest_takes_as_long_as_what_is_done_in_proportion() {
        let seconds = Duration::from_secs;
        assert_eq!(left(seconds(10), 0, 100), None);
        assert_eq!(left(seconds(10), 25, 100), Some(seconds(30)));
        assert_eq!(left(seconds(10), 100, 100), None);
    }

    #[test]
    fn the_time_left_is_told_in_seconds_or_minutes() {
        assert_eq!(in_words(Duration::from_millis(1_900)), "1 s");
        assert_eq!(in_words(Duration::from_secs(89)), "89 s");
        assert_eq!(in_words(Duration::from_secs(90)), "2 min");
    }
}

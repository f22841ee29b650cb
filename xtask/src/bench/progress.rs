//! How far a measurement is, and how long it will take yet.

use crate::report::Screen;
use std::time::{Duration, Instant};
use versus::{CaseResult, Settings, Step};

/// Counts the steps of all cases together.
///
/// A step is one variant in one round. They do not all take the same time (an interpreter's steps
/// are longer), so the time left is a guess that gets better.
pub struct Progress<'a> {
    screen: &'a Screen,
    rounds: usize,
    start: Instant,
    /// Steps of all cases, of the cases that are over, and of the case under way.
    total: usize,
    over: usize,
    under_way: usize,
    shown: usize,
}

impl<'a> Progress<'a> {
    /// For these cases.
    pub fn new<'c>(
        screen: &'a Screen,
        settings: &Settings,
        cases: impl Iterator<Item = &'c CaseResult>,
    ) -> Progress<'a> {
        let total = cases.map(|case| steps(case, settings.rounds)).sum();
        let (start, rounds) = (Instant::now(), settings.rounds);
        Progress { screen, rounds, start, total, over: 0, under_way: 0, shown: 0 }
    }

    /// A step begins.
    pub fn step(&mut self, bench: &str, step: &Step, entries: usize) {
        // By the round, not counted one by one: a disturbed round comes again.
        self.under_way = self.under_way.max(step.round * entries);
        let Step { case, variant, round, rounds } = step;
        let at = if *round == 0 { "calibrating".to_owned() } else { format!("{round}/{rounds}") };
        self.show(&format!("{}: {variant}, {at}{}", name(bench, case), self.left()));
    }

    /// A case is over, however it ended.
    pub fn over(&mut self, case: &CaseResult) {
        self.over += steps(case, self.rounds);
        self.under_way = 0;
        self.show("");
    }

    fn done(&self) -> usize {
        (self.over + self.under_way).min(self.total)
    }

    fn show(&mut self, message: &str) {
        let done = self.done().max(self.shown);
        self.screen.done(u32::try_from(done - self.shown).unwrap_or(u32::MAX));
        self.shown = done;
        self.screen.started(message);
    }

    /// The time left, as the end of a sentence; nothing if nobody can know, or there is none.
    pub fn left(&self) -> String {
        left(self.start.elapsed(), self.done(), self.total)
            .map_or_else(String::new, |left| format!(", about {} left", in_words(left)))
    }
}

/// A case with the bench it belongs to, unless it says so itself.
pub fn name(bench: &str, case: &str) -> String {
    if case.starts_with(bench) { case.to_owned() } else { format!("{bench}: {case}") }
}

/// What `versus` announces: every entry in every round; calibration is not counted.
fn steps(case: &CaseResult, rounds: usize) -> usize {
    case.entries.len() * rounds
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

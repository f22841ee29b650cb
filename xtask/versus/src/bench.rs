//! The measurement itself: calibration, then rounds in random order.

use crate::case::{Case, Note};
use crate::clock::nanoseconds;
use crate::{CaseResult, Clock, Failure, Round, Settings, Step, Time};
use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
    time::Duration,
};

/// More items than any machine does in a run.
const ABSURD: u64 = 1_000_000_000_000_000;

/// What is needed to run a variant and believe it.
pub(crate) struct Bench<'b, 'a> {
    pub(crate) case: &'b mut Case<'a>,
    pub(crate) result: &'b mut CaseResult,
    pub(crate) settings: &'b Settings,
    pub(crate) clock: &'b dyn Clock,
    pub(crate) watch: &'b mut dyn FnMut(&Step),
}

struct Run {
    /// What the figures are made of.
    counted: Time,
    /// The whole run, preparation included.
    whole: Time,
}

impl Bench<'_, '_> {
    /// Runs each variant once, with a single item: whether it answers rightly.
    pub(crate) fn try_out(&mut self) {
        for which in self.result.living() {
            self.run(which, 1);
        }
    }

    /// Measures the rounds that are missing, at most so many. Those that are there may be the rounds of
    /// another process: their numbers of items hold here too.
    pub(crate) fn add_rounds(&mut self, at_most: usize) {
        if self.is_over() {
            return;
        }
        if self.result.rounds.is_empty() {
            self.calibrate();
        } else {
            self.warm_up();
        }
        for _ in 0..at_most {
            if self.is_over() {
                return;
            }
            self.round();
        }
    }

    /// All rounds are there, or nobody is left to run.
    fn is_over(&self) -> bool {
        self.result.rounds.len() >= self.settings.rounds || self.result.living().is_empty()
    }

    /// Finds each variant's number of items, and asks for the notes.
    fn calibrate(&mut self) {
        for which in self.result.living() {
            if let Some(items) = self.items_for_a_run(which) {
                self.result.entry_mut(which).items = items;
            }
        }
        for Note { variant, head, say } in &mut self.case.notes {
            let Some(which) = self.result.entries().position(|entry| entry.id == *variant) else {
                continue;
            };
            (self.watch)(&self.result.step(which, 0, self.settings));
            match catch_unwind(AssertUnwindSafe(say)) {
                Ok(said) => drop(self.result.entry_mut(which).notes.insert(head.clone(), said)),
                Err(panic) => self.result.fail(which, Failure::Panicked(message(&*panic))),
            }
        }
    }

    /// An eighth of a run. Who has fewer than eight items has items so long that the cold start of the
    /// first is small beside them.
    fn warm_up(&mut self) {
        for which in self.result.living() {
            let items = self.result.entry_mut(which).items / 8;
            if items > 0 {
                self.run(which, items);
            }
        }
    }

    /// Measures one round. While that is allowed, a round that proves to be disturbed is taken out
    /// again, this one or an earlier one.
    fn round(&mut self) {
        let places = 0..self.result.variants.len() + 2;
        let lives = |&place: &usize| self.result.lives(variant_at(place));
        let mut order: Vec<usize> = places.filter(lives).collect();
        // From seed and number alone, so that a round needs none of those before it.
        let number = self.result.rounds.len() + self.result.measured_again;
        self.settings.shuffle(number as u64, &mut order);
        let mut yardsticks = vec![self.clock.yardstick()];
        for &place in &order {
            let which = variant_at(place);
            let items = self.result.entry_mut(which).items;
            // The baseline may have failed in its first run of this round.
            if self.result.lives(which)
                && let Some(run) = self.run(which, items)
            {
                self.result.samples_mut(place).push(run.counted);
            }
            yardsticks.push(self.clock.yardstick());
        }
        let total = yardsticks.iter().copied().sum::<Option<Duration>>();
        let yardstick_ns = total.map(|total| (nanoseconds(total) / yardsticks.len() as u64).max(1));
        self.result.rounds.push(Round { order, yardstick_ns });
        if self.result.measured_again < self.settings.rounds / 2
            && self.result.take_out_a_disturbed_round()
        {
            self.result.measured_again += 1;
        }
    }

    /// Runs a variant and checks its answer; if it failed, its entry says so.
    fn run(&mut self, which: usize, items: u64) -> Option<Run> {
        let calibrated = self.result.entry_mut(which).items > 0;
        let round = if calibrated { self.result.rounds.len() + 1 } else { 0 };
        (self.watch)(&self.result.step(which, round, self.settings));
        let run = self.checked(which, items);
        run.map_err(|failure| self.result.fail(which, failure)).ok()
    }

    fn checked(&mut self, which: usize, items: u64) -> Result<Run, Failure> {
        let work = &mut self.case.variants[which].work;
        let start = self.clock.now();
        // What a panic leaves behind in the closure is never looked at: a variant that has failed
        // does not run again.
        let answer = catch_unwind(AssertUnwindSafe(|| work(items)));
        let whole = self.clock.now() - start;
        let answer = answer.map_err(|panic| Failure::Panicked(message(&*panic)))?;
        let own = answer.check(&(self.case.answer)(items), items)?;
        Ok(Run { counted: own.unwrap_or(whole), whole })
    }

    /// How many items take at least half of the time of a run, and not much more than all of it unless
    /// one item does. A run of ten times that is enough, however little of it is work and not
    /// preparation. `None` if the variant failed.
    fn items_for_a_run(&mut self, which: usize) -> Option<u64> {
        let usual = Duration::from_millis(self.settings.run_ms);
        let target = self.case.run_of(&self.case.variants[which].id, usual);
        let mut items = 1;
        let mut confirmed = false;
        // More than enough; a variant of wildly changing speed is measured with what it has then.
        for _ in 0..100 {
            let run = self.run(which, items)?;
            let missing = target.as_secs_f64() / run.counted.wall.as_secs_f64().max(1e-9);
            let enough = missing <= 2.0 || run.whole.wall >= target * 10;
            // Twice in a row: one long run may have been the first one's preparations, or a
            // neighbour.
            if enough && confirmed {
                break;
            }
            confirmed = enough;
            // At most tenfold, as what an item costs may grow with their number.
            items = scaled(items, missing.min(if enough { 1.0 } else { 10.0 }));
            if items > ABSURD {
                let why = "its work takes no time, however much it is: is it optimised away?";
                self.result.fail(which, Failure::Failed(why.to_owned()));
                return None;
            }
        }
        Some(items)
    }
}

fn scaled(items: u64, factor: f64) -> u64 {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // `as` saturates
    let scaled = (items as f64 * factor).round() as u64;
    scaled.max(1)
}

/// Which variant runs at this place of a [`Round`]: the baseline has two.
fn variant_at(place: usize) -> usize {
    place.saturating_sub(1)
}

fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("a panic without a message").to_owned()
}

//! The measurement itself: calibration, then rounds in random order.

use crate::case::{Case, Note};
use crate::{CaseResult, Clock, Entry, Failure, Round, Samples, Settings, Step, Time, order};
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

pub(crate) struct Run {
    /// What the figures are made of.
    counted: Time,
    /// The whole run, preparation included.
    whole: Time,
}

impl Bench<'_, '_> {
    /// Finds each variant's number of items, and asks for the notes.
    pub(crate) fn calibrate(&mut self) {
        for which in self.living() {
            if let Some(items) = self.items_for_a_run(which) {
                self.entry_mut(which).items = items;
            }
        }
        for note in 0..self.case.notes.len() {
            self.ask(note);
        }
    }

    /// Asks for a note; if that panics, its variant has failed.
    fn ask(&mut self, note: usize) {
        let Note { variant, head, say } = &mut self.case.notes[note];
        let Some(which) = self.result.entries().position(|entry| entry.id == *variant) else {
            return;
        };
        let (head, said) = (head.clone(), {
            (self.watch)(&self.result.step(which, 0, self.settings));
            catch_unwind(AssertUnwindSafe(say))
        });
        match said {
            Ok(text) => drop(self.entry_mut(which).notes.insert(head, text)),
            Err(panic) => self.fail(which, Failure::Panicked(message(&*panic))),
        }
    }

    /// An eighth of a run. Who has fewer than eight items has items so long that the cold start of the
    /// first is small beside them.
    pub(crate) fn warm_up(&mut self) {
        for which in self.living() {
            let items = self.entry_mut(which).items / 8;
            if items > 0 {
                self.run(which, items);
            }
        }
    }

    /// Measures one round; false if all rounds are there, or nobody is left to run. While that is
    /// allowed, a round that proves to be disturbed is taken out again, this one or an earlier one.
    pub(crate) fn round(&mut self) -> bool {
        let places = 0..self.result.variants.len() + 2;
        let mut order: Vec<usize> = places.filter(|&place| self.lives(variant_at(place))).collect();
        if order.is_empty() || self.result.rounds.len() >= self.settings.rounds {
            return false;
        }
        // From seed and number alone, so that a round needs none of those before it.
        let number = self.result.rounds.len() + self.result.measured_again;
        order::of_round(self.settings.seed, number as u64).shuffle(&mut order);
        let mut yardsticks = vec![self.clock.yardstick()];
        let mut times = Vec::new();
        for &place in &order {
            // The baseline may have failed in its first run of this round.
            let which = variant_at(place);
            let items = self.entry_mut(which).items;
            if self.lives(which)
                && let Some(run) = self.run(which, items)
            {
                times.push((place, run.counted));
            }
            yardsticks.push(self.clock.yardstick());
        }
        let yardstick_ns = mean(&yardsticks).map(|mean| nanoseconds(mean).max(1));
        self.result.rounds.push(Round { order, yardstick_ns });
        for (place, time) in times {
            if self.lives(variant_at(place)) {
                let samples = self.samples_mut(place);
                samples.wall_ns.push(nanoseconds(time.wall).max(1));
                samples.cpu_ns.push(nanoseconds(time.cpu));
            }
        }
        if self.result.measured_again < self.settings.rounds / 2
            && self.result.take_out_a_disturbed_round()
        {
            self.result.measured_again += 1;
        }
        true
    }

    /// By its number: 0 is the baseline, and from 1 on come the others.
    fn entry_mut(&mut self, which: usize) -> &mut Entry {
        match which {
            0 => &mut self.result.baseline,
            _ => &mut self.result.variants[which - 1],
        }
    }

    /// Of a run at this place among those of a [`Round`].
    fn samples_mut(&mut self, place: usize) -> &mut Samples {
        match place {
            1 => &mut self.result.again,
            _ => &mut self.entry_mut(variant_at(place)).samples,
        }
    }

    fn lives(&self, which: usize) -> bool {
        self.result.entries().nth(which).is_some_and(|entry| entry.failure.is_none())
    }

    /// The variants that have not failed.
    pub(crate) fn living(&self) -> Vec<usize> {
        (0..=self.result.variants.len()).filter(|&which| self.lives(which)).collect()
    }

    /// A variant that failed once has no figures: a fast wrong answer is no result.
    fn fail(&mut self, which: usize, failure: Failure) {
        if which == 0 {
            self.result.again.clear();
        }
        let entry = self.entry_mut(which);
        entry.samples.clear();
        entry.failure.get_or_insert(failure);
    }

    /// Runs a variant and checks its answer; if it failed, its entry says so.
    pub(crate) fn run(&mut self, which: usize, items: u64) -> Option<Run> {
        let calibrated = self.entry_mut(which).items > 0;
        let round = if calibrated { self.result.rounds.len() + 1 } else { 0 };
        (self.watch)(&self.result.step(which, round, self.settings));
        let run = self.checked(which, items);
        run.map_err(|failure| self.fail(which, failure)).ok()
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
                self.fail(which, Failure::Failed(why.to_owned()));
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

/// `None` if one of them is not known.
fn mean(times: &[Option<Duration>]) -> Option<Duration> {
    let sum = times.iter().copied().sum::<Option<Duration>>()?;
    Some(sum / u32::try_from(times.len()).ok()?)
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("a panic without a message").to_owned()
}

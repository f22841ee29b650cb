//! The measurement itself: calibration, then rounds in random order.

use crate::case::{Case, Note};
use crate::order::Random;
use crate::{CaseResult, Clock, Entry, Failure, Round, Settings, Step, Time};
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
        for place in self.works() {
            if let Some(items) = self.items_for_a_run(place) {
                of_same_work(&mut self.result.entries, place).for_each(|entry| entry.items = items);
            }
        }
        for note in 0..self.case.notes.len() {
            self.ask(note);
        }
    }

    /// Asks for a note; if that panics, its variant has failed.
    fn ask(&mut self, note: usize) {
        let Note { variant, head, say } = &mut self.case.notes[note];
        let of_variant = |entry: &Entry| entry.name == *variant;
        let entries = &mut self.result.entries;
        let Some(place) = entries.iter().position(of_variant) else { return };
        (self.watch)(&Step {
            case: self.result.name.clone(),
            variant: variant.clone(),
            round: 0,
            rounds: self.settings.rounds,
        });
        match catch_unwind(AssertUnwindSafe(say)) {
            Ok(text) => of_same_work(entries, place).for_each(|entry| {
                entry.notes.insert(head.clone(), text.clone());
            }),
            Err(panic) => fail(entries, place, &Failure::Panicked(message(&*panic))),
        }
    }

    /// An eighth of a run. Who has fewer than eight items has items so long that the cold start of the
    /// first is small beside them.
    pub(crate) fn warm_up(&mut self) {
        for place in self.works() {
            let items = self.result.entries[place].items / 8;
            if items > 0 {
                self.run(place, items);
            }
        }
    }

    /// Measures one round; false if all rounds are there, or nobody is left to run. While that is
    /// allowed, a round that proves to be disturbed is taken out again, this one or an earlier one.
    pub(crate) fn round(&mut self) -> bool {
        let mut order: Vec<usize> =
            (0..self.result.entries.len()).filter(|&place| self.lives(place)).collect();
        if order.is_empty() || self.result.rounds.len() >= self.settings.rounds {
            return false;
        }
        // From seed and number alone, so that a round needs none of those before it.
        let number = self.result.rounds.len() + self.result.measured_again;
        Random::of_round(self.settings.seed, number as u64).shuffle(&mut order);
        let mut yardsticks = vec![self.clock.yardstick()];
        let mut times = Vec::new();
        for &place in &order {
            // The baseline may have failed in its first run of this round.
            if self.lives(place)
                && let Some(run) = self.run(place, self.result.entries[place].items)
            {
                times.push((place, run.counted));
            }
            yardsticks.push(self.clock.yardstick());
        }
        let yardstick_ns = mean(&yardsticks).map(|mean| nanoseconds(mean).max(1));
        self.result.rounds.push(Round { order, yardstick_ns });
        for (place, time) in times {
            if self.lives(place) {
                let entry = &mut self.result.entries[place];
                entry.wall_ns.push(nanoseconds(time.wall).max(1));
                entry.cpu_ns.push(nanoseconds(time.cpu));
            }
        }
        if self.result.measured_again < self.settings.rounds / 2
            && self.result.take_out_a_disturbed_round()
        {
            self.result.measured_again += 1;
        }
        true
    }

    fn lives(&self, place: usize) -> bool {
        self.result.entries[place].failure.is_none()
    }

    /// One place for each variant that has not failed.
    pub(crate) fn works(&self) -> Vec<usize> {
        let places = 0..self.result.entries.len();
        places.filter(|&place| place != CaseResult::AGAIN && self.lives(place)).collect()
    }

    /// Runs a variant and checks its answer; if it failed, its entry says so.
    pub(crate) fn run(&mut self, place: usize, items: u64) -> Option<Run> {
        let entry = &self.result.entries[place];
        let calibrated = entry.items > 0;
        (self.watch)(&Step {
            case: self.result.name.clone(),
            variant: entry.name.clone(),
            round: if calibrated { self.result.rounds.len() + 1 } else { 0 },
            rounds: self.settings.rounds,
        });
        let run = self.checked(place, items);
        run.map_err(|failure| fail(&mut self.result.entries, place, &failure)).ok()
    }

    fn checked(&mut self, place: usize, items: u64) -> Result<Run, Failure> {
        let work = &mut self.case.variants[work_of(place)].work;
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
    fn items_for_a_run(&mut self, place: usize) -> Option<u64> {
        let usual = Duration::from_millis(self.settings.run_ms);
        let target = self.case.run_of(&self.result.entries[place].name, usual);
        let mut items = 1;
        let mut confirmed = false;
        // More than enough; a variant of wildly changing speed is measured with what it has then.
        for _ in 0..100 {
            let run = self.run(place, items)?;
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
                fail(&mut self.result.entries, place, &Failure::Failed(why.to_owned()));
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

/// Which variant an entry runs: the baseline has two entries.
fn work_of(place: usize) -> usize {
    place.saturating_sub(CaseResult::AGAIN)
}

fn of_same_work(entries: &mut [Entry], place: usize) -> impl Iterator<Item = &mut Entry> {
    let same = move |&(other, _): &(usize, &mut Entry)| work_of(other) == work_of(place);
    entries.iter_mut().enumerate().filter(same).map(|(_, entry)| entry)
}

/// A variant that failed once has no figures: a fast wrong answer is no result.
fn fail(entries: &mut [Entry], place: usize, failure: &Failure) {
    for entry in of_same_work(entries, place) {
        entry.wall_ns.clear();
        entry.cpu_ns.clear();
        entry.failure.get_or_insert_with(|| failure.clone());
    }
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

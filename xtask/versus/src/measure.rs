//! What is to be measured: a whole case, one round more of it, or only whether it works.

use crate::bench::Bench;
use crate::case::Case;
use crate::{CaseResult, Clock, Settings, Step};
use anyhow::Result;

/// Measures one case.
///
/// Each variant is calibrated by itself, then runs once in every round; the baseline runs twice. The
/// order within a round is drawn afresh, so that drift and neighbours meet all variants alike. A
/// round that proves to be [disturbed](CaseResult::disturbed), by itself or beside a later and faster
/// one, is measured again, but at most half as many as were asked for; after that disturbed rounds are
/// kept, and known as such.
///
/// A variant that panics or gives a wrong answer is left out from then on; its [`Entry`](crate::Entry)
/// says why, and the others go on. (A panic is caught only where panics unwind, which is the default.)
///
/// # Deadlocks
///
/// A variant that never ends is never ended: what runs in a thread cannot be stopped from outside.
/// The last [`Step`] names it, to whoever can end the process.
///
/// # Errors
///
/// If the case has no baseline, or another mistake of definition.
///
/// # Examples
///
/// ```
/// use versus::{Cases, Settings, SystemClock, measure};
///
/// let mut cases = Cases::new();
/// let case = cases.case("additions")
///     .baseline("loop")
///     .context("loop", "a loop", |items| (0..items).map(|_| std::hint::black_box(1)).sum::<u64>());
/// let settings = Settings { seed: 1, rounds: 6, run_ms: 1 };
/// let result = measure(case, &settings, &SystemClock::new(), &mut |_| {}).unwrap();
/// assert_eq!(result.rounds.len(), 6);
/// assert_eq!(result.baseline.samples.wall_ns.len(), 6);
/// ```
pub fn measure(
    case: &mut Case<'_>,
    settings: &Settings,
    clock: &dyn Clock,
    watch: &mut dyn FnMut(&Step),
) -> Result<CaseResult> {
    case.check()?;
    let mut result = CaseResult::new(case);
    let mut bench = Bench { case, result: &mut result, settings, clock, watch };
    bench.calibrate();
    while bench.round() {}
    Ok(result)
}

/// Measures one round more of a case that has perhaps some rounds already, measured by other
/// processes: their numbers of items hold here too.
///
/// What stays the same throughout a process (where its memory lies, which core its threads woke up
/// on) makes its rounds alike, and an interval made of them too narrow. Where each round is a process
/// of its own, that is noise like any other.
///
/// A result without rounds is calibrated first. In any other, each variant is warmed up before the
/// round by a short run that does not count. If a disturbed round is taken out, there are no more
/// rounds than before; where all are there that the settings ask for, nothing is done.
///
/// # Deadlocks
///
/// As [`measure`].
///
/// # Errors
///
/// As [`measure`]; and if the result is one of other variants.
///
/// # Examples
///
/// ```
/// use versus::{Cases, Settings, SystemClock, measure, measure_more};
///
/// let mut cases = Cases::new();
/// let case = cases.case("additions")
///     .baseline("loop")
///     .context("loop", "a loop", |items| (0..items).map(|_| std::hint::black_box(1)).sum::<u64>());
/// let (clock, settings) = (SystemClock::new(), Settings { seed: 1, rounds: 7, run_ms: 1 });
/// let mut result = measure(case, &Settings { rounds: 6, ..settings }, &clock, &mut |_| {}).unwrap();
/// // A disturbed round is taken out again, so one call need not be enough.
/// while result.rounds.len() < 7 {
///     measure_more(case, &mut result, &settings, &clock, &mut |_| {}).unwrap();
/// }
/// assert_eq!(result.rounds.len(), 7);
/// ```
pub fn measure_more(
    case: &mut Case<'_>,
    result: &mut CaseResult,
    settings: &Settings,
    clock: &dyn Clock,
    watch: &mut dyn FnMut(&Step),
) -> Result<()> {
    case.check()?;
    result.check_same(case)?;
    let mut bench = Bench { case, result, settings, clock, watch };
    if bench.result.rounds.len() >= settings.rounds || bench.living().is_empty() {
        return Ok(());
    }
    if bench.result.rounds.is_empty() {
        bench.calibrate();
    } else {
        bench.warm_up();
    }
    bench.round();
    Ok(())
}

/// Runs each variant once, with a single item, and measures nothing: whether it answers rightly.
///
/// # Deadlocks
///
/// As [`measure`].
///
/// # Errors
///
/// As [`measure`].
///
/// # Examples
///
/// ```
/// let mut cases = versus::Cases::new();
/// let case = cases.case("twice").answer(|items| items * 2);
/// case.baseline("sum").context("sum", "a sum", |items| items + items);
/// case.context("square", "a square", |items| items * items);
/// let clock = versus::SystemClock::new();
/// let result = versus::try_out(case, &clock, &mut |_| {}).unwrap();
/// assert!(result.baseline.failure.is_none());
/// assert!(result.variants[0].failure.is_some());
/// ```
pub fn try_out(
    case: &mut Case<'_>,
    clock: &dyn Clock,
    watch: &mut dyn FnMut(&Step),
) -> Result<CaseResult> {
    case.check()?;
    let mut result = CaseResult::new(case);
    let settings = &Settings { seed: 0, rounds: 0, run_ms: 0 };
    let mut bench = Bench { case, result: &mut result, settings, clock, watch };
    for which in bench.living() {
        bench.run(which, 1);
    }
    Ok(result)
}

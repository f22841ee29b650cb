use crate::bench::Bench;
use crate::{Case, CaseResult, Clock, Settings, Step};
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
    Bench { case, result: &mut result, settings, clock, watch }.add_rounds(usize::MAX);
    Ok(result)
}

//! From samples to figures, ratios and verdicts.

use crate::{CaseResult, Entry, Interval};
use std::fmt;

/// How far apart the ends of an interval may lie, as a factor, for "same" to say something.
const NARROW: f64 = 1.25;

/// A variant beside the baseline. Ratios are of times per item: 0.5 takes half as long.
///
/// # Examples
///
/// ```
/// # let samples = |name: &str, ns| versus::Entry {
/// #     name: name.into(), items: 1, wall_ns: vec![ns; 6], cpu_ns: vec![2 * ns; 6],
/// #     notes: Default::default(), failure: None,
/// # };
/// # let entries = vec![samples("ours", 100), samples("ours", 101), samples("theirs", 80)];
/// # let result = versus::CaseResult {
/// #     name: "pairs".into(), item: "pair".into(), point: None, remarks: vec![],
/// #     rounds: vec![], measured_again: 0, entries,
/// # };
/// use versus::Verdict;
///
/// // Our runs took 100 ns, theirs 80 ns.
/// let theirs = result.compare(2).unwrap();
/// assert!((theirs.wall.median - 0.8).abs() < 1e-9);
/// assert_eq!(theirs.verdict, Verdict::Faster);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Comparison {
    /// Wall time over the baseline's, round by round.
    pub wall: Interval,
    /// The same of processor time; `None` if either used too little of it to be measured.
    pub cpu: Option<Interval>,
    /// What the wall times say.
    pub verdict: Verdict,
}

/// Which is faster, if that can be told.
///
/// # Examples
///
/// ```
/// assert_eq!(versus::Verdict::NotConclusive.to_string(), "not conclusive");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The whole interval lies below the noise floor.
    Faster,
    /// The whole interval lies above the noise floor.
    Slower,
    /// The interval touches the noise floor, and neither is wider than a factor of 1.25.
    Same,
    /// The interval touches the noise floor, but one of them is wider than that: "same" would then
    /// cover differences one would want to know of. More rounds or a quieter machine can tell.
    NotConclusive,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Verdict::Faster => "faster",
            Verdict::Slower => "slower",
            Verdict::Same => "same",
            Verdict::NotConclusive => "not conclusive",
        })
    }
}

impl CaseResult {
    /// The place of the baseline's first run among [`CaseResult::entries`].
    pub const BASELINE: usize = 0;
    /// The place of the baseline's second run.
    pub const AGAIN: usize = 1;

    /// The noise floor: the ratios that the baseline shows beside itself.
    ///
    /// Either of its runs could be called the first. So the interval is widened to that of its mirror
    /// image (the ends of 0.97 to 1.01 become 0.97 and 1/0.97), and always contains 1.
    pub fn floor(&self) -> Option<Interval> {
        let ratio = self.ratio(Self::AGAIN, |entry| &entry.wall_ns)?;
        let reach = ratio.high.max(1.0 / ratio.low);
        Some(Interval { low: 1.0 / reach, high: reach, ..ratio })
    }

    /// The entry at `place` beside the baseline; `None` if one of them failed or does not exist.
    pub fn compare(&self, place: usize) -> Option<Comparison> {
        let wall = self.ratio(place, |entry| &entry.wall_ns)?;
        let cpu = self.ratio(place, |entry| &entry.cpu_ns);
        Some(Comparison { wall, cpu, verdict: verdict(&wall, &self.floor()?) })
    }

    /// Median and interval of the logarithms of the ratios, round by round, as ratios again. In
    /// logarithms "twice" and "half" are equally far from "the same".
    fn ratio(&self, place: usize, times: fn(&Entry) -> &Vec<u64>) -> Option<Interval> {
        let variant = self.entries.get(place)?.per_item(times);
        let baseline = self.entries.get(Self::BASELINE)?.per_item(times);
        let logs: Vec<f64> = variant.zip(baseline).map(|(ours, base)| (ours / base).ln()).collect();
        // A time of zero has no ratio.
        let finite = logs.iter().all(|log| log.is_finite());
        finite.then(|| Interval::of(&logs).map(Interval::exp))?
    }
}

impl Entry {
    /// Wall time per item in nanoseconds; `None` if the entry failed.
    pub fn wall(&self) -> Option<Interval> {
        Interval::of(&self.per_item(|entry| &entry.wall_ns).collect::<Vec<_>>())
    }

    /// Processor time per item in nanoseconds; `None` if the entry failed.
    pub fn cpu(&self) -> Option<Interval> {
        Interval::of(&self.per_item(|entry| &entry.cpu_ns).collect::<Vec<_>>())
    }

    fn per_item(&self, times: fn(&Entry) -> &Vec<u64>) -> impl Iterator<Item = f64> {
        times(self).iter().map(|&time| time as f64 / self.items as f64)
    }
}

fn verdict(ratio: &Interval, floor: &Interval) -> Verdict {
    let wide = |interval: &Interval| interval.high / interval.low > NARROW;
    if ratio.high < floor.low {
        Verdict::Faster
    } else if ratio.low > floor.high {
        Verdict::Slower
    } else if wide(ratio) || wide(floor) {
        Verdict::NotConclusive
    } else {
        Verdict::Same
    }
}

#[cfg(test)]
mod tests {
    use super::{Interval, Verdict, verdict};

    fn between(low: f64, high: f64) -> Interval {
        Interval { low, median: f64::midpoint(low, high), high, confidence: 0.95 }
    }

    #[test]
    fn clear_of_the_floor_is_faster_or_slower_however_wide() {
        let floor = between(0.98, 1.02);
        assert_eq!(verdict(&between(0.90, 0.97), &floor), Verdict::Faster);
        assert_eq!(verdict(&between(0.10, 0.97), &floor), Verdict::Faster);
        assert_eq!(verdict(&between(1.03, 9.00), &floor), Verdict::Slower);
    }

    #[test]
    fn touching_the_floor_is_the_same() {
        let floor = between(0.98, 1.02);
        assert_eq!(verdict(&between(0.90, 0.98), &floor), Verdict::Same);
        assert_eq!(verdict(&between(1.02, 1.10), &floor), Verdict::Same);
        assert_eq!(verdict(&between(0.95, 1.05), &floor), Verdict::Same);
    }

    #[test]
    fn touching_the_floor_is_not_conclusive_where_either_is_wide() {
        assert_eq!(verdict(&between(0.90, 1.20), &between(0.98, 1.02)), Verdict::NotConclusive);
        assert_eq!(verdict(&between(0.97, 1.03), &between(0.80, 1.25)), Verdict::NotConclusive);
    }
}

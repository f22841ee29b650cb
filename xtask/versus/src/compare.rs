//! From samples to figures, ratios, and who is faster.

use crate::entry::per_item;
use crate::{CaseResult, Entry, Interval, Samples};
use std::fmt;

/// How far apart the ends of an interval may lie, as a factor, for "same" to say something.
const NARROW: f64 = 1.25;

/// A variant beside the baseline. Ratios are of times per item: 0.5 takes half as long.
///
/// # Examples
///
/// ```
/// # let samples = |ns| versus::Samples { wall_ns: vec![ns; 6], cpu_ns: vec![2 * ns; 6] };
/// # let entry = |id: &str, ns| versus::Entry {
/// #     id: id.into(), label: id.into(), role: versus::Role::Context, items: 1,
/// #     samples: samples(ns), notes: Default::default(), failure: None,
/// # };
/// # let result = versus::CaseResult {
/// #     name: "pairs".into(), item: "pair".into(), point: None, remarks: vec![],
/// #     rounds: vec![], measured_again: 0,
/// #     baseline: entry("ours", 100), again: samples(101), variants: vec![entry("theirs", 80)],
/// # };
/// use versus::Speed;
///
/// // Our runs took 100 ns, theirs 80 ns.
/// let theirs = result.compare(&result.variants[0]).unwrap();
/// assert!((theirs.wall.median - 0.8).abs() < 1e-9);
/// assert_eq!(theirs.speed, Speed::Faster);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Comparison {
    /// Wall time over the baseline's, round by round.
    pub wall: Interval,
    /// The same of processor time; `None` if either used too little of it to be measured.
    pub cpu: Option<Interval>,
    /// What the wall times say.
    pub speed: Speed,
}

/// Which is faster, if that can be told.
///
/// # Examples
///
/// ```
/// assert_eq!(versus::Speed::NotConclusive.to_string(), "not conclusive");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speed {
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

impl fmt::Display for Speed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Speed::Faster => "faster",
            Speed::Slower => "slower",
            Speed::Same => "same",
            Speed::NotConclusive => "not conclusive",
        })
    }
}

impl CaseResult {
    /// The noise floor: the ratios that the baseline shows beside itself.
    ///
    /// Either of its runs could be called the first. So the interval is widened to that of its mirror
    /// image (the ends of 0.97 to 1.01 become 0.97 and 1/0.97), and always contains 1.
    pub fn floor(&self) -> Option<Interval> {
        let ratio = self.ratio(&self.again, self.baseline.items, |samples| &samples.wall_ns)?;
        let reach = ratio.high.max(1.0 / ratio.low);
        Some(Interval { low: 1.0 / reach, high: reach, ..ratio })
    }

    /// An entry beside the baseline; `None` if one of them failed.
    pub fn compare(&self, entry: &Entry) -> Option<Comparison> {
        let wall = self.ratio(&entry.samples, entry.items, |samples| &samples.wall_ns)?;
        let cpu = self.ratio(&entry.samples, entry.items, |samples| &samples.cpu_ns);
        Some(Comparison { wall, cpu, speed: speed(&wall, &self.floor()?) })
    }

    /// Median and interval of the logarithms of the ratios, round by round, as ratios again. In
    /// logarithms "twice" and "half" are equally far from "the same".
    fn ratio(
        &self,
        samples: &Samples,
        items: u64,
        times: fn(&Samples) -> &Vec<u64>,
    ) -> Option<Interval> {
        let baseline = per_item(times(&self.baseline.samples), self.baseline.items);
        let pairs = per_item(times(samples), items).zip(baseline);
        let logs: Vec<f64> = pairs.map(|(ours, base)| (ours / base).ln()).collect();
        // A time of zero has no ratio.
        let finite = logs.iter().all(|log| log.is_finite());
        finite.then(|| Interval::of(&logs).map(Interval::exp))?
    }
}

fn speed(ratio: &Interval, floor: &Interval) -> Speed {
    let wide = |interval: &Interval| interval.high / interval.low > NARROW;
    if ratio.high < floor.low {
        Speed::Faster
    } else if ratio.low > floor.high {
        Speed::Slower
    } else if wide(ratio) || wide(floor) {
        Speed::NotConclusive
    } else {
        Speed::Same
    }
}

#[cfg(test)]
mod tests {
    use super::{Interval, Speed, speed};

    fn between(low: f64, high: f64) -> Interval {
        Interval { low, median: f64::midpoint(low, high), high, confidence: 0.95 }
    }

    #[test]
    fn clear_of_the_floor_is_faster_or_slower_however_wide() {
        let floor = between(0.98, 1.02);
        assert_eq!(speed(&between(0.90, 0.97), &floor), Speed::Faster);
        assert_eq!(speed(&between(0.10, 0.97), &floor), Speed::Faster);
        assert_eq!(speed(&between(1.03, 9.00), &floor), Speed::Slower);
    }

    #[test]
    fn touching_the_floor_is_the_same() {
        let floor = between(0.98, 1.02);
        assert_eq!(speed(&between(0.90, 0.98), &floor), Speed::Same);
        assert_eq!(speed(&between(1.02, 1.10), &floor), Speed::Same);
        assert_eq!(speed(&between(0.95, 1.05), &floor), Speed::Same);
    }

    #[test]
    fn touching_the_floor_is_not_conclusive_where_either_is_wide() {
        assert_eq!(speed(&between(0.90, 1.20), &between(0.98, 1.02)), Speed::NotConclusive);
        assert_eq!(speed(&between(0.97, 1.03), &between(0.80, 1.25)), Speed::NotConclusive);
    }
}

//! The median of a sample and an interval for the median of what was sampled.

use std::f64::consts::LN_2;

/// A median and the interval that covers the true one with at least the stated confidence.
///
/// The ends are order statistics: the sample's value at a low [rank](Ranks) and at its mirror image.
/// Nothing is assumed about the shape of the noise, only that the rounds are independent.
///
/// # Examples
///
/// ```
/// let interval = versus::Interval::of(&[5.0, 1.0, 4.0, 9.0, 3.0, 2.0, 6.0, 8.0]).unwrap();
/// assert_eq!((interval.low, interval.median, interval.high), (1.0, 4.5, 9.0));
/// assert!(interval.confidence > 0.99);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The sample's median; of an even number, the mean of the two in the middle.
    pub median: f64,
    /// The upper end.
    pub high: f64,
    /// The probability that such an interval covers the true median.
    pub confidence: f64,
}

impl Interval {
    /// The interval of a sample in any order; `None` of an empty one.
    pub fn of(sample: &[f64]) -> Option<Self> {
        let ranks = Ranks::of(sample.len())?;
        let mut sorted = sample.to_vec();
        sorted.sort_by(f64::total_cmp);
        Some(Interval {
            low: sorted[ranks.low - 1],
            median: f64::midpoint(sorted[(sorted.len() - 1) / 2], sorted[sorted.len() / 2]),
            high: sorted[ranks.high - 1],
            confidence: ranks.confidence,
        })
    }

    /// From logarithms back to ratios.
    pub(crate) fn exp(self) -> Self {
        Interval {
            low: self.low.exp(),
            median: self.median.exp(),
            high: self.high.exp(),
            confidence: self.confidence,
        }
    }
}

/// Which two of the sorted values bound the true median, counted from 1.
///
/// Each value lies below the true median with probability one half, so how many do is a binomial
/// number, and the true median lies between the values at `low` and `high` unless fewer than `low`
/// do, or as few lie above. The ranks are as close as 95 % allows.
///
/// # Examples
///
/// ```
/// let ranks = versus::Ranks::of(15).unwrap();
/// assert_eq!((ranks.low, ranks.high), (4, 12));
/// assert!((ranks.confidence - 0.9648).abs() < 0.0001);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ranks {
    /// The rank of the lower end.
    pub low: usize,
    /// The rank of the upper end.
    pub high: usize,
    /// What they achieve: at least 0.95 from six values on; the smallest and the largest of fewer
    /// achieve less.
    pub confidence: f64,
}

impl Ranks {
    /// The ranks for so many values; `None` for no value.
    pub fn of(values: usize) -> Option<Self> {
        if values == 0 {
            return None;
        }
        let n = values as f64;
        // In logarithms, as 2^-n is no number above 1,074 values.
        let mut log_exactly = -n * LN_2; // P(exactly low - 1 values below the true median)
        let mut fewer = log_exactly.exp(); // P(fewer than low)
        let mut low = 1;
        loop {
            log_exactly += ((n - low as f64 + 1.0) / low as f64).ln();
            let next = fewer + log_exactly.exp();
            if next > 0.025 {
                break;
            }
            fewer = next;
            low += 1;
        }
        Some(Ranks { low, high: values + 1 - low, confidence: 1.0 - 2.0 * fewer })
    }
}

//! How to measure, and what is told meanwhile.

use fastrand::Rng;
use serde::{Deserialize, Serialize};

/// How long and in which order to measure.
///
/// # Examples
///
/// ```
/// use versus::Settings;
///
/// assert_eq!(Settings::full(7), Settings { seed: 7, rounds: 31, run_ms: 30 });
/// assert_eq!(Settings::quick(7), Settings { seed: 7, rounds: 15, run_ms: 10 });
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Decides the order in which the variants run, with the number of the round: a case measured alone
    /// has the order it has among others.
    pub seed: u64,
    /// How often each variant is measured. Intervals of 95 % need six.
    pub rounds: usize,
    /// What one run of a variant is to take, in milliseconds.
    pub run_ms: u64,
}

impl Settings {
    /// For results that are kept: 31 rounds, 30 ms a run.
    pub fn full(seed: u64) -> Self {
        Settings { seed, rounds: 31, run_ms: 30 }
    }

    /// For a first look: 15 rounds, 10 ms a run.
    pub fn quick(seed: u64) -> Self {
        Settings { seed, rounds: 15, run_ms: 10 }
    }

    /// For one round. The seed is scrambled with its number: neighbouring seeds have rounds of their
    /// own.
    pub(crate) fn shuffle(&self, round: u64, order: &mut [usize]) {
        Rng::with_seed(self.seed ^ Rng::with_seed(round).u64(..)).shuffle(order);
    }
}

/// A seed nobody chose, short enough to be typed again.
///
/// # Examples
///
/// ```
/// assert!(versus::random_seed() <= u32::MAX.into());
/// ```
pub fn random_seed() -> u64 {
    fastrand::u32(..).into()
}

/// What is about to run: told before every run, so that whoever watches knows what hangs.
///
/// # Examples
///
/// ```
/// let line = r#"{"case":"pairs","variant":"ours","round":3,"rounds":31}"#;
/// let step: versus::Step = serde_json::from_str(line).unwrap();
/// assert_eq!((step.variant.as_str(), step.round), ("ours", 3));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// The case.
    pub case: String,
    /// The variant.
    pub variant: String,
    /// The round, from 1; 0 while the variant is being calibrated or tried out. After a disturbed round
    /// its number comes again.
    pub round: usize,
    /// How many rounds there will be.
    pub rounds: usize,
}

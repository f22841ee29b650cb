//! Random orders that a seed brings back.

use fastrand::Rng;

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

/// For one round. The seed is scrambled with the number: neighbouring seeds have rounds of their own.
pub(crate) fn of_round(seed: u64, number: u64) -> Rng {
    Rng::with_seed(seed ^ Rng::with_seed(number).u64(..))
}

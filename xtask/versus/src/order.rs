//! Random orders that a seed brings back.

use std::hash::{BuildHasher, RandomState};

/// A seed nobody chose, short enough to be typed again.
///
/// # Examples
///
/// ```
/// assert!(versus::random_seed() <= u32::MAX.into());
/// ```
pub fn random_seed() -> u64 {
    // A new `RandomState` has keys that the operating system's entropy stands behind.
    RandomState::new().hash_one(()) >> 32
}

/// `SplitMix64` (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014):
/// plenty for shuffling a handful of variants, and the same on every platform.
pub(crate) struct Random(u64);

impl Random {
    /// For one round. The seed is scrambled with the number first: the generators of neighbouring
    /// seeds would give the same numbers, one step apart.
    pub(crate) fn of_round(seed: u64, number: u64) -> Self {
        Random(Random(seed ^ Random(number).next()).next())
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Every order equally likely (Fisher and Yates).
    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for end in (1..items.len()).rev() {
            // The remainder's bias is below 2^-50 for as many items as a case can have.
            let chosen = self.next() % (end as u64 + 1);
            items.swap(end, usize::try_from(chosen).expect("at most `end`"));
        }
    }
}

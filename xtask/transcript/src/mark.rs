//! Marks: what stands for a thing where things are told apart.

use std::{
    collections::HashSet,
    hash::{BuildHasherDefault, DefaultHasher, Hash, Hasher},
};

/// Equal for equal things; for others, by chance, once in 2^128 pairs: never, in practice. A sum of
/// marks stands for things in any order, and one of them can be exchanged without the others.
pub(crate) type Mark = u128;

pub(crate) fn mark(of: impl Hash) -> Mark {
    let half = |seed: u8| {
        let mut hasher = DefaultHasher::new();
        (seed, &of).hash(&mut hasher);
        Mark::from(hasher.finish())
    };
    half(0) << 64 | half(1)
}

/// A set of marks.
pub(crate) type Marks = HashSet<Mark, BuildHasherDefault<Itself>>;

/// The hash of a mark or of a number is the thing itself: what is looked up for each step tried on a
/// line must be quick.
#[derive(Default)]
pub(crate) struct Itself(u64);

impl Hasher for Itself {
    fn write(&mut self, _: &[u8]) {
        unreachable!("only marks and numbers are hashed so")
    }

    fn write_usize(&mut self, number: usize) {
        // Spread over all bits: the table looks at the first and at the last ones.
        self.0 = (number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    fn write_u128(&mut self, mark: u128) {
        self.0 = (mark >> 64) as u64;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

//! Marks: what stands for a thing where things are told apart.

use std::hash::{DefaultHasher, Hash, Hasher};

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

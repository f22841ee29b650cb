//! What the parallel maps share: items divided into pieces, and results put together again.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// How many pieces for each thread: more even out items that take longer than others, fewer cost
/// less.
const PIECES: usize = 4;

/// What became of the items of one piece, in their order.
pub(crate) struct Piece<R> {
    results: Vec<R>,
    /// What the items that have no result panicked with.
    panics: Vec<Box<dyn Any + Send>>,
}

/// The items in order, divided for `threads` threads; each piece has one item at least.
pub(crate) fn pieces<T>(items: impl IntoIterator<Item = T>, threads: usize) -> Vec<Vec<T>> {
    let items: Vec<T> = items.into_iter().collect();
    let length = items.len().div_ceil(threads * PIECES).max(1);
    let count = items.len().div_ceil(length);
    let mut items = items.into_iter();
    (0..count).map(|_| items.by_ref().take(length).collect()).collect()
}

impl<R> Piece<R> {
    /// Passes every item to `f`, also those after one that panics. Never panics.
    pub(crate) fn of<T>(items: Vec<T>, f: &impl Fn(T) -> R) -> Piece<R> {
        let mut piece = Piece { results: Vec::with_capacity(items.len()), panics: Vec::new() };
        let mut items = items.into_iter();
        while items.len() > 0 {
            let rest = items.by_ref().map(f);
            let rest = catch_unwind(AssertUnwindSafe(|| piece.results.extend(rest)));
            piece.panics.extend(rest.err());
        }
        piece
    }
}

/// The results of all pieces in their order, or the first panic.
pub(crate) fn together<R>(pieces: Vec<Piece<R>>) -> Vec<R> {
    let length = pieces.iter().map(|piece| piece.results.len()).sum();
    let (mut results, mut panics) = (Vec::with_capacity(length), Vec::new());
    for mut piece in pieces {
        results.append(&mut piece.results);
        panics.append(&mut piece.panics);
    }
    match panics.into_iter().next() {
        None => results,
        Some(first) => resume_unwind(first),
    }
}

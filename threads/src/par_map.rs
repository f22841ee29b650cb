//! A parallel map that may borrow.

use crate::pieces::{Piece, pieces, together};
use sync::primitives::Mutex;
use sync::primitives::thread::{self, Builder};

/// Applies `f` to every item, on as many threads as there are cores, and returns the results in the
/// order of the items.
///
/// The threads are started by this call and end before it returns, so items and `f` may borrow
/// whatever outlives the call. The price is the start of the threads, some tens of microseconds
/// each: for a loop that takes less than that a plain `map` is faster.
///
/// The items are divided into pieces, a few for each thread. A thread that has finished a piece
/// takes the next one. The calling thread works too, so it all gets done even if no thread can be
/// started.
///
/// # Panics
///
/// If `f` panics for an item. All other items are still passed to `f`; then the panic of the first
/// such item goes on in the caller.
///
/// # Source
///
/// The loop over [`thread::scope`] that one would write by hand. [`ThreadPool::map`] keeps its
/// threads, but cannot borrow; [rayon](https://docs.rs/rayon) does both.
///
/// [`ThreadPool::map`]: crate::ThreadPool::map
/// [`thread::scope`]: std::thread::scope
///
/// # Examples
///
/// ```
/// let words = vec!["one".to_string(), "three".to_string(), "five".to_string()];
/// let longest = 5;
/// let blanks = threads::par_map(&words, |word| longest - word.len()); // borrows all of it
/// assert_eq!(blanks, [2, 0, 1]);
/// ```
///
/// What it borrows cannot be changed by two threads at once:
///
/// ```compile_fail,E0594
/// let mut total = 0;
/// threads::par_map(0..5, |x| total += x); // error: `f` is shared, so it cannot change `total`
/// ```
pub fn par_map<T, R, F>(items: impl IntoIterator<Item = T>, f: F) -> Vec<R>
where
    T: Send,
    R: Send,
    F: Fn(T) -> R + Sync,
{
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let pieces = pieces(items, cores);
    let helpers = cores.min(pieces.len()).saturating_sub(1);
    let left = Mutex::new(pieces.into_iter().enumerate());
    let take_pieces = || {
        let mut done = Vec::new();
        loop {
            // The lock is taken for this line, not while the piece is worked on.
            let next = left.lock().next();
            let Some((number, items)) = next else { break done };
            done.push((number, Piece::of(items, &f)));
        }
    };
    let mut done = thread::scope(|s| {
        let start = |_| Builder::new().spawn_scoped(s, take_pieces).ok();
        let helpers: Vec<_> = (0..helpers).map_while(start).collect();
        let mut done = take_pieces();
        for helper in helpers {
            done.extend(helper.join().expect("a piece catches whatever its items throw"));
        }
        done
    });
    done.sort_unstable_by_key(|&(number, _)| number);
    together(done.into_iter().map(|(_, piece)| piece).collect())
}

//! The pool's parallel map.

use super::{Closed, ThreadPool};
use crate::pieces::{Piece, pieces, together};
use std::mem;
use sync::primitives::{Arc, Condvar, Mutex};

impl ThreadPool {
    /// Applies `f` to every item on the workers, and returns the results in the order of the items.
    ///
    /// The items are divided into pieces, a few for each worker, and each piece is one job. It runs
    /// beside whatever else the pool has to do. If the pool has been [closed](Self::close), `f`
    /// runs on the calling thread.
    ///
    /// Items, `f` and results must own what they use, since nothing in the type of a pool says that
    /// its workers stop before the caller does. [`par_map`](crate::par_map) lets them borrow. When
    /// this returns, the workers have dropped all that they had of the call.
    ///
    /// # Panics
    ///
    /// If `f` panics for an item. All other items are still passed to `f`; then the panic of the
    /// first such item goes on in the caller. It is neither counted nor told to the hook.
    ///
    /// # Deadlocks
    ///
    /// Called by a job of this very pool, it waits for a worker that is free. If all workers do so,
    /// they wait for ever.
    ///
    /// # Examples
    ///
    /// ```
    /// let pool = threads::ThreadPool::new(5)?;
    /// assert_eq!(pool.map(0..5, |x| x * x), [0, 1, 4, 9, 16]);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn map<T, R, F>(&self, items: impl IntoIterator<Item = T>, f: F) -> Vec<R>
    where
        T: Send + 'static,
        R: Send + 'static,
        F: Fn(T) -> R + Send + Sync + 'static,
    {
        let pieces = pieces(items, self.workers.len());
        let answers = Arc::new(Answers::new(pieces.len()));
        let f = Arc::new(f);
        for (number, items) in pieces.into_iter().enumerate() {
            let (answers, f) = (Arc::clone(&answers), Arc::clone(&f));
            let job = move || {
                let piece = Piece::of(items, &*f);
                drop(f); // before the answer: the caller has the last one
                answers.put(number, piece);
            };
            if let Err(Closed(job)) = self.execute(job) {
                job();
            }
        }
        let pieces = answers.wait();
        drop(f); // may panic, which would abort the program while another panic is under way
        together(pieces)
    }
}

/// Where the jobs of one `map` put what they computed.
struct Answers<R> {
    state: Mutex<(Vec<Option<Piece<R>>>, usize)>,
    complete: Condvar,
}

impl<R> Answers<R> {
    fn new(pieces: usize) -> Answers<R> {
        let none = (0..pieces).map(|_| None).collect();
        Answers { state: Mutex::new((none, pieces)), complete: Condvar::new() }
    }

    fn put(&self, number: usize, piece: Piece<R>) {
        let mut state = self.state.lock();
        state.0[number] = Some(piece);
        state.1 -= 1;
        // Wakes the loop in `wait`, once.
        if state.1 == 0 {
            self.complete.notify_one();
        }
    }

    fn wait(&self) -> Vec<Piece<R>> {
        let mut state = self.state.lock();
        // Woken by the last `put`. A loop: a wake-up may be spurious.
        while state.1 > 0 {
            self.complete.wait(&mut state);
        }
        mem::take(&mut state.0).into_iter().flatten().collect()
    }
}

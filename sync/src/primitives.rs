//! The one place that chooses locks, conditions, atomics and threads.
//!
//! The building blocks take these from here and from nowhere else, so that another runtime, such as
//! a model checker's, could be put under all of them in this file. The shape is `parking_lot`'s:
//! [`Mutex::lock`] gives a guard, not a `Result`, and [`Condvar::wait`] borrows it.
//!
//! ```
//! use sync::primitives::{Condvar, Mutex, thread};
//!
//! let (ready, changed) = (Mutex::new(false), Condvar::new());
//! thread::scope(|s| {
//!     s.spawn(|| {
//!         *ready.lock() = true;
//!         changed.notify_one();
//!     });
//!     let mut ready = ready.lock();
//!     while !*ready {
//!         changed.wait(&mut ready);
//!     }
//!     assert!(*ready);
//! });
//! ```

pub use parking_lot::{Condvar, Mutex, MutexGuard, ReentrantMutex, ReentrantMutexGuard};
pub use std::sync::{Arc, atomic};
pub use std::thread;

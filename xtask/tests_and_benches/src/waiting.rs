use std::io::{self, Write};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};
use std::{process, thread};

/// What takes so long never ends. Nothing else depends on it: a slow machine is a slow test.
const HANGS: Duration = Duration::from_mins(1);

/// Waits until it is so, letting other threads run in between.
///
/// # Panics
///
/// If it is not so within a minute.
///
/// ```
/// use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
///
/// let done = &AtomicBool::new(false);
/// std::thread::scope(|s| {
///     s.spawn(|| done.store(true, Relaxed));
///     tests_and_benches::until("it is done", || done.load(Relaxed));
/// });
/// ```
#[track_caller]
pub fn until(what: &str, so: impl Fn() -> bool) {
    let limit = Instant::now() + HANGS;
    while !so() {
        assert!(Instant::now() < limit, "waited a minute until {what}");
        thread::yield_now();
    }
}

/// Makes a test fail that would hang: it ends the whole process, with status 1, a minute after it was
/// made, unless it has been dropped.
///
/// It must end the process, since no thread can be ended from outside. Other tests of the process are lost
/// with it; the report names the test that hangs.
///
/// ```
/// let _watchdog = tests_and_benches::Watchdog::new();
/// // ... what would wait for ever if the lock were wrong ...
/// ```
#[must_use = "a watchdog that is not kept watches nothing"]
#[derive(Debug)]
pub struct Watchdog {
    _dropped_in_time: Sender<()>,
}

impl Watchdog {
    /// A watchdog for the test that this thread runs.
    #[expect(clippy::new_without_default, reason = "it is no value, it begins something")]
    pub fn new() -> Watchdog {
        let test = thread::current().name().unwrap_or("a test").to_owned();
        let (sender, dropped) = mpsc::channel::<()>();
        thread::spawn(move || {
            if dropped.recv_timeout(HANGS) == Err(RecvTimeoutError::Timeout) {
                let _ = writeln!(io::stderr(), "`{test}` hangs");
                process::exit(1);
            }
        });
        Watchdog { _dropped_in_time: sender }
    }
}

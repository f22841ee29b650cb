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
/// # Examples
///
/// ```
/// use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
///
/// let done = &AtomicBool::new(false);
/// std::thread::scope(|s| {
///     s.spawn(|| done.store(true, Relaxed));
///     tests_and_benches::until("it is done", || done.load(Relaxed));
/// });
/// assert!(done.load(Relaxed));
/// ```
#[track_caller]
pub fn until(what: &str, so: impl Fn() -> bool) {
    let limit = Instant::now() + HANGS;
    while !so() {
        assert!(Instant::now() < limit, "waited a minute until {what}");
        thread::yield_now();
    }
}

/// Makes a test fail that would hang: it ends the whole process, with status 1, a minute after it
/// was made, unless it has been dropped by then.
///
/// It has to end the process, since no thread can be ended from outside. Other tests of the process
/// are lost with it; the report names the test that hangs.
///
/// # Examples
///
/// ```
/// let _watchdog = tests_and_benches::Watchdog::new();
/// let lock = std::sync::Mutex::new(1);
/// *lock.lock().unwrap() += 1; // would wait for ever if the lock were broken
/// assert_eq!(lock.into_inner().unwrap(), 2);
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
        Watchdog::after(HANGS)
    }

    fn after(limit: Duration) -> Watchdog {
        let test = thread::current().name().unwrap_or("a test").to_owned();
        let (sender, dropped) = mpsc::channel::<()>();
        thread::spawn(move || {
            if dropped.recv_timeout(limit) == Err(RecvTimeoutError::Timeout) {
                let _ = writeln!(io::stderr(), "`{test}` hangs");
                process::exit(1);
            }
        });
        Watchdog { _dropped_in_time: sender }
    }
}

#[cfg(test)]
mod tests {
    use super::Watchdog;
    use std::process::Command;
    use std::time::Duration;
    use std::{env, thread};

    #[test]
    fn a_test_that_hangs_is_named_and_ends() {
        const HANG: &str = "HANG_UNDER_A_WATCHDOG";
        if env::var_os(HANG).is_some() {
            let _watchdog = Watchdog::after(Duration::from_millis(10));
            loop {
                thread::park();
            }
        }
        let test = "waiting::tests::a_test_that_hangs_is_named_and_ends";
        let mut this = Command::new(env::current_exe().unwrap());
        // In two threads: a single one runs the test in the main thread, which has another name.
        this.args(["--test-threads=2", "--exact", test]).env(HANG, "");
        let ended = this.output().unwrap();
        assert_eq!(String::from_utf8_lossy(&ended.stderr), format!("`{test}` hangs\n"));
        assert_eq!(ended.status.code(), Some(1));
    }

    #[test]
    fn a_watchdog_that_is_dropped_in_time_does_nothing() {
        drop(Watchdog::after(Duration::from_millis(10)));
        thread::sleep(Duration::from_millis(100)); // it would have ended this process by now
    }
}

//! Wall time, processor time, and how fast the machine is just now.

use crate::stay_on_core;
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use std::{
    hint::black_box,
    ops::Sub,
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
    thread::{self, Builder},
    time::{Duration, Instant},
};

/// Wall time and processor time: a moment, or the span between two.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use versus::Time;
///
/// let start = Time { wall: Duration::from_secs(5), cpu: Duration::from_secs(2) };
/// let end = Time { wall: Duration::from_secs(8), cpu: Duration::from_secs(7) };
/// assert_eq!((end - start).cpu, Duration::from_secs(5));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Time {
    /// What a clock on the wall shows.
    pub wall: Duration,
    /// What all cores together spent.
    pub cpu: Duration,
}

/// The span from `earlier` to `self`; zero where a clock went backwards.
impl Sub for Time {
    type Output = Time;

    fn sub(self, earlier: Time) -> Time {
        Time {
            wall: self.wall.saturating_sub(earlier.wall),
            cpu: self.cpu.saturating_sub(earlier.cpu),
        }
    }
}

/// Where the times come from. Tests put a simulated machine here.
///
/// # Examples
///
/// ```
/// use std::{cell::Cell, time::Duration};
/// use versus::{Clock, Time};
///
/// struct Simulated(Cell<Duration>);
///
/// impl Clock for Simulated {
///     fn now(&self) -> Time {
///         Time { wall: self.0.get(), cpu: self.0.get() }
///     }
/// }
///
/// let clock = Simulated(Cell::default());
/// let start = clock.now();
/// clock.0.set(Duration::from_millis(3));
/// assert_eq!((clock.now() - start).wall, Duration::from_millis(3));
/// assert_eq!(clock.yardstick(), None);
/// ```
pub trait Clock {
    /// Wall time since some fixed moment, and the processor time this process has used.
    fn now(&self) -> Time;

    /// How long a fixed work takes now on all cores at once; `None` if that is not measured.
    fn yardstick(&self) -> Option<Duration> {
        None
    }
}

/// The machine we run on.
///
/// Processor time counts all threads of this process, and those child processes that have been
/// waited for. The yardstick is some half a millisecond of calls and additions on each core. Whatever
/// takes a part of the machine makes it longer: other programs, a hypervisor that gives the processor
/// to another guest, a neighbour on the same physical core whom no counter of this system shows, heat.
/// It is `None` where the system refuses a thread for each core.
///
/// # Examples
///
/// ```
/// use versus::{Clock, SystemClock};
///
/// let clock = SystemClock::new();
/// let start = clock.now();
/// assert!(clock.yardstick().is_some());
/// assert!(clock.now().wall > start.wall);
/// ```
#[derive(Debug)]
pub struct SystemClock {
    origin: Instant,
    cores: usize,
}

impl SystemClock {
    /// A clock whose wall time begins now.
    pub fn new() -> Self {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        SystemClock { origin: Instant::now(), cores }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Time {
        Time { cpu: own_cpu(), wall: self.origin.elapsed() }
    }

    fn yardstick(&self) -> Option<Duration> {
        let start = Instant::now();
        // A thread may start on a core where another is at work, and gets to its own only when it runs
        // for the first time. So none begins before all are where they belong: a share that waited for
        // another share would look like a neighbour. Relaxed: the number publishes nothing.
        let missing = AtomicUsize::new(self.cores);
        let share = |core| {
            let missing = &missing;
            move || {
                stay_on_core(core);
                missing.fetch_sub(1, Relaxed);
                while missing.load(Relaxed) > 0 {
                    thread::yield_now();
                }
                black_box(fibonacci(black_box(27)))
            }
        };
        let all_started = thread::scope(|s| {
            (0..self.cores).all(|core| {
                let started = Builder::new().spawn_scoped(s, share(core)).is_ok();
                if !started {
                    // Nobody is to wait for those that never come.
                    missing.fetch_sub(self.cores - core, Relaxed);
                }
                started
            })
        });
        all_started.then(|| start.elapsed())
    }
}

pub(crate) fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// Many short calls: work that a neighbour on the same physical core slows, as one long chain of
/// multiplications would not be.
fn fibonacci(n: u32) -> u32 {
    if n < 2 { n } else { fibonacci(n - 1) + fibonacci(n - 2) }
}

fn own_cpu() -> Duration {
    let used = |who| {
        let usage = getrusage(who).expect("getrusage fails only for a `who` that does not exist");
        let microseconds =
            usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
        Duration::from_micros(microseconds.unsigned_abs())
    };
    used(UsageWho::RUSAGE_SELF) + used(UsageWho::RUSAGE_CHILDREN)
}

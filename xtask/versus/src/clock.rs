//! Wall time, processor time, and what others take of the machine.

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use std::{
    fs,
    ops::Sub,
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
/// assert_eq!(clock.others(), None);
/// ```
pub trait Clock {
    /// Wall time since some fixed moment, and the processor time this process has used.
    fn now(&self) -> Time;

    /// For how long others have kept the cores from this process since some fixed moment, averaged
    /// over the cores. `None` where the system does not tell.
    fn others(&self) -> Option<Duration> {
        None
    }
}

/// The machine we run on.
///
/// Processor time counts all threads of this process, and those child processes that have been
/// waited for. What others take is known on Linux only, from `/proc/stat`: time the cores were
/// busy, ours subtracted, and time the hypervisor gave to another guest (steal).
///
/// # Examples
///
/// ```
/// use versus::{Clock, SystemClock};
///
/// let clock = SystemClock::new();
/// let start = clock.now();
/// assert!(clock.now().wall >= start.wall);
/// ```
#[derive(Debug)]
pub struct SystemClock {
    origin: Instant,
}

impl SystemClock {
    /// A clock whose wall time begins now.
    pub fn new() -> Self {
        SystemClock { origin: Instant::now() }
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

    fn others(&self) -> Option<Duration> {
        let (busy, cores) = busy(&fs::read_to_string("/proc/stat").ok()?)?;
        Some(busy.saturating_sub(own_cpu()) / cores)
    }
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

/// Time in which the cores were not idle, all of them together, and how many there are.
fn busy(stat: &str) -> Option<(Duration, u32)> {
    let total = stat.lines().find_map(|line| line.strip_prefix("cpu "))?;
    let ticks: Vec<u64> = total.split_whitespace().map_while(|tick| tick.parse().ok()).collect();
    let &[user, nice, system, _idle, _iowait, irq, softirq, steal, ..] = ticks.as_slice() else {
        return None;
    };
    let core = |line: &str| {
        line.strip_prefix("cpu").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    };
    let cores = u32::try_from(stat.lines().filter(|line| core(line)).count()).ok()?;
    // A tick of this file is 10 ms, whatever the kernel's own is. Guests' time is in `user` already.
    let busy = Duration::from_millis(10 * (user + nice + system + irq + softirq + steal));
    (cores > 0).then_some((busy, cores))
}

#[cfg(test)]
mod tests {
    use super::busy;
    use std::time::Duration;

    #[test]
    fn busy_is_all_but_idle_and_waiting_for_a_disk() {
        let stat = "cpu  1 2 4 1000 2000 8 16 32 64 128\ncpu0 0 0 0\ncpu1 0 0 0\nintr 7\n";
        assert_eq!(busy(stat), Some((Duration::from_millis(630), 2)));
    }

    #[test]
    fn a_file_in_another_form_tells_nothing() {
        for stat in ["", "cpu  1 2 4", "cpu  1 2 x 4 5 6 7 8\ncpu0 1", "cpu  1 2 3 4 5 6 7 8\n"] {
            assert_eq!(busy(stat), None, "{stat:?}");
        }
    }
}

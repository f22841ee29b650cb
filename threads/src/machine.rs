//! What a section that prints times prints beside them.

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use std::time::Duration;
use std::{fs, thread};

/// How this program was built, and how many cores it may use: a time means little without them.
///
/// # Examples
///
/// ```
/// let said = threads::build_and_cores(); // such as `dev build, 2 cores`
/// assert!(said.contains(" build, ") && said.ends_with(" cores"), "{said}");
/// ```
pub fn build_and_cores() -> String {
    let build = if cfg!(debug_assertions) { "dev" } else { "release" };
    let cores = thread::available_parallelism().map_or(1, usize::from);
    format!("{build} build, {cores} cores")
}

/// How busy the machine is: the load averages of the last 1, 5 and 15 minutes, where there is a
/// file that tells them (on Linux), or else `unknown`.
///
/// # Examples
///
/// ```
/// let load = threads::load_average(); // such as `0.07 0.02 0.00`
/// let numbers = load.split(' ').filter_map(|load| load.parse::<f64>().ok());
/// assert!(load == "unknown" || numbers.count() == 3);
/// ```
#[doc(alias = "getloadavg")]
pub fn load_average() -> String {
    let told = fs::read_to_string("/proc/loadavg").unwrap_or("unknown".to_owned());
    told.split_whitespace().take(3).collect::<Vec<_>>().join(" ")
}

/// The processor time that all threads of this process have used together.
///
/// While one thread computes it grows as fast as the clock, while two compute at the same time
/// twice as fast, and while all of them wait it stands still.
///
/// # Panics
///
/// If the system does not tell.
///
/// # Examples
///
/// ```
/// let before = threads::processor_time();
/// while threads::processor_time() == before {
///     threads::fib(20);
/// }
/// ```
#[doc(alias = "process_time")]
pub fn processor_time() -> Duration {
    let used = getrusage(UsageWho::RUSAGE_SELF).expect("a process may ask about itself");
    let times = [used.user_time(), used.system_time()];
    times.iter().map(|time| Duration::from_micros(time.num_microseconds().unsigned_abs())).sum()
}

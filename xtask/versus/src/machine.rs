//! What can be known of the circumstances without starting a process.

use serde::{Deserialize, Serialize};
use std::{
    fs, thread,
    time::{SystemTime, UNIX_EPOCH},
};

/// The machine a report was measured on, as far as this library can see it.
///
/// # Examples
///
/// ```
/// let here = versus::Machine::here();
/// assert!(here.cores >= 1);
/// assert!(here.system.starts_with(std::env::consts::OS));
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Machine {
    /// The processor's model as `/proc/cpuinfo` gives it; `unknown` elsewhere.
    pub cpu: String,
    /// How many threads can run at once, limits of the process considered.
    pub cores: usize,
    /// Operating system and architecture.
    pub system: String,
    /// The load average of the last minute, at the start; `None` where there is no `/proc/loadavg`.
    pub load: Option<f64>,
}

impl Machine {
    /// This machine, now.
    pub fn here() -> Self {
        let cpuinfo = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let loadavg = fs::read_to_string("/proc/loadavg").unwrap_or_default();
        Machine {
            cpu: model(&cpuinfo).unwrap_or("unknown").to_owned(),
            cores: thread::available_parallelism().map_or(1, usize::from),
            system: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
            load: loadavg.split(' ').next().and_then(|minute| minute.parse().ok()),
        }
    }
}

fn model(cpuinfo: &str) -> Option<&str> {
    let line = cpuinfo.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim())
}

/// `release` or `debug`. Code cannot see its own profile's name, but its debug assertions.
pub(crate) fn profile() -> &'static str {
    if cfg!(debug_assertions) { "debug" } else { "release" }
}

/// Date and time in UTC, as `2026-11-23T06:19:00Z`.
pub(crate) fn now() -> String {
    utc(SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()))
}

fn utc(seconds: u64) -> String {
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    let (mut year, mut day) = (1970, seconds / 86_400);
    let leap =
        |year: u64| year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400);
    while day >= 365 + u64::from(leap(year)) {
        day -= 365 + u64::from(leap(year));
        year += 1;
    }
    let mut month = 1;
    for days in [31, 28 + u64::from(leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30] {
        if day < days {
            break;
        }
        day -= days;
        month += 1;
    }
    format!("{year}-{month:02}-{:02}T{hour:02}:{minute:02}:{second:02}Z", day + 1)
}

#[cfg(test)]
mod tests {
    use super::{model, utc};

    #[test]
    fn dates_are_right_at_the_ends_of_years_and_months() {
        for (seconds, date) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_709_251_199, "2024-02-29T23:59:59Z"),
            (1_709_251_200, "2024-03-01T00:00:00Z"),
            (1_767_225_599, "2025-12-31T23:59:59Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
        ] {
            assert_eq!(utc(seconds), date);
        }
    }

    #[test]
    fn the_model_is_found_or_unknown() {
        assert_eq!(model("processor\t: 0\nmodel name\t: A 1: b\nflags\t: x\n"), Some("A 1: b"));
        assert_eq!(model("processor\t: 0\nFeatures\t: fp\n"), None);
    }
}

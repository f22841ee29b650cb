//! What can be known of the circumstances without starting a process.

use serde::{Deserialize, Serialize};
use std::{fs, thread};

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

#[cfg(test)]
mod tests {
    use super::model;

    #[test]
    fn the_model_is_found_or_unknown() {
        assert_eq!(model("processor\t: 0\nmodel name\t: A 1: b\nflags\t: x\n"), Some("A 1: b"));
        assert_eq!(model("processor\t: 0\nFeatures\t: fp\n"), None);
    }
}

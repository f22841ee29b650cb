//! One variant's samples.

use crate::case::Variant;
use crate::clock::nanoseconds;
use crate::{Failure, Interval, Role, Time};
use anyhow::{Result, ensure};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One row of a case: a variant's samples.
///
/// # Examples
///
/// ```
/// let json = r#"{"id":"loop","label":"a plain loop","role":"limit","items":1000,
///     "samples":{"wall_ns":[3000,2000,4000],"cpu_ns":[6000,6000,6000]}}"#;
/// let entry: versus::Entry = serde_json::from_str(json).unwrap();
/// assert_eq!(entry.title(), "a plain loop (limit)");
/// assert_eq!(entry.wall().unwrap().median, 3.0);
/// assert_eq!(entry.cpu().unwrap().median, 6.0);
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Which variant it is, whatever it is called.
    pub id: String,
    /// What it is called.
    pub label: String,
    /// What it is there for.
    pub role: Role,
    /// How many items each run did.
    pub items: u64,
    /// A time for each round; none if it failed.
    pub samples: Samples,
    /// What is said beside its figures, by the head of the column.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub notes: BTreeMap<String, String>,
    /// Why there are no samples, if there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
}

/// How long the runs took, one in each round.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Samples {
    /// Wall time, in nanoseconds.
    pub wall_ns: Vec<u64>,
    /// Processor time, in nanoseconds.
    pub cpu_ns: Vec<u64>,
}

impl Entry {
    pub(crate) fn new(variant: &Variant<'_>) -> Self {
        Entry {
            id: variant.id.clone(),
            label: variant.label.clone(),
            role: variant.role,
            items: 0,
            samples: Samples::default(),
            notes: BTreeMap::new(),
            failure: None,
        }
    }

    /// What stands at the head of its row: its label, and whether it is a limit.
    pub fn title(&self) -> String {
        let limit = if self.role == Role::Limit { " (limit)" } else { "" };
        format!("{}{limit}", self.label)
    }

    /// Wall time per item in nanoseconds; `None` if the entry failed.
    pub fn wall(&self) -> Option<Interval> {
        Interval::of(&per_item(&self.samples.wall_ns, self.items).collect::<Vec<_>>())
    }

    /// Processor time per item in nanoseconds; `None` if the entry failed.
    pub fn cpu(&self) -> Option<Interval> {
        Interval::of(&per_item(&self.samples.cpu_ns, self.items).collect::<Vec<_>>())
    }
}

impl Samples {
    pub(crate) fn push(&mut self, time: Time) {
        self.wall_ns.push(nanoseconds(time.wall).max(1));
        self.cpu_ns.push(nanoseconds(time.cpu));
    }

    /// `path` is that of these samples in the report.
    pub(crate) fn check(&self, path: &str, due: usize) -> Result<()> {
        for (name, times) in [("wall_ns", &self.wall_ns), ("cpu_ns", &self.cpu_ns)] {
            let found = times.len();
            ensure!(found == due, "field `{path}.{name}`: {found} samples, but {due} are due");
        }
        ensure!(!self.wall_ns.contains(&0), "field `{path}.wall_ns`: no run takes no time");
        Ok(())
    }
}

/// What an item took in each round.
pub(crate) fn per_item(times: &[u64], items: u64) -> impl Iterator<Item = f64> {
    times.iter().map(move |&time| time as f64 / items as f64)
}

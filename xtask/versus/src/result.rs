//! One case's samples.

use crate::case::{Case, Point};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt};

/// One case, measured. As text ([`Display`](fmt::Display)) it is a table.
///
/// # Examples
///
/// ```
/// use versus::{CaseResult, Entry};
///
/// let samples = |name: &str, ns| Entry {
///     name: name.to_owned(),
///     items: 1,
///     wall_ns: vec![ns; 6],
///     cpu_ns: vec![ns; 6],
///     notes: Default::default(),
///     failure: None,
/// };
/// let result = CaseResult {
///     name: "one permit".to_owned(),
///     item: "pair".to_owned(),
///     point: None,
///     remarks: vec![],
///     rounds: vec![],
///     measured_again: 0,
///     entries: vec![samples("ours", 100), samples("ours", 101), samples("theirs", 80)],
/// };
/// let floor = result.floor().unwrap();
/// assert!((floor.high - 1.01).abs() < 1e-9);
/// assert!(result.to_string().contains("theirs   80.0 ns"));
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseResult {
    /// The case's name.
    pub name: String,
    /// What one item is.
    pub item: String,
    /// Where it stands on a curve, if it does.
    pub point: Option<Point>,
    /// Sentences on the case as a whole.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<String>,
    /// The rounds that were kept, in order.
    pub rounds: Vec<Round>,
    /// How many disturbed rounds were measured again.
    pub measured_again: usize,
    /// The baseline, the baseline again, then the variants.
    pub entries: Vec<Entry>,
}

/// What a round looked like.
///
/// # Examples
///
/// ```
/// let json = r#"{"order":[1,2,0],"yardstick_ns":450000}"#;
/// let round: versus::Round = serde_json::from_str(json).unwrap();
/// assert_eq!(round.order, [1, 2, 0]);
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Round {
    /// Places among the entries, in the order in which they ran.
    pub order: Vec<usize>,
    /// How long the [yardstick](crate::Clock::yardstick) took, the mean of what was measured before
    /// every run and after the last; `None` where the clock has none.
    pub yardstick_ns: Option<u64>,
}

/// One row of a case: a variant's samples.
///
/// # Examples
///
/// ```
/// let json = r#"{"name":"ours","items":1000,"wall_ns":[3000,2000,4000],"cpu_ns":[6000,6000,6000]}"#;
/// let entry: versus::Entry = serde_json::from_str(json).unwrap();
/// assert_eq!(entry.wall().unwrap().median, 3.0);
/// assert_eq!(entry.cpu().unwrap().median, 6.0);
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The variant's name.
    pub name: String,
    /// How many items each run did.
    pub items: u64,
    /// Wall time of each round's run, in nanoseconds.
    pub wall_ns: Vec<u64>,
    /// Processor time of each round's run, in nanoseconds.
    pub cpu_ns: Vec<u64>,
    /// What is said beside its figures, by the head of the column.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub notes: BTreeMap<String, String>,
    /// Why there are no samples, if there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
}

/// Why a variant has no figures.
///
/// # Examples
///
/// ```
/// use versus::Failure;
///
/// let wrong = Failure::Wrong { items: 3, expected: "6".into(), found: "7".into() };
/// assert_eq!(wrong.to_string(), "wrong answer for 3 items: expected 6, found 7");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Failure {
    /// Its answer was not the case's.
    Wrong {
        /// How many items it had been given.
        items: u64,
        /// What the case expects of so many.
        expected: String,
        /// What the variant answered.
        found: String,
    },
    /// It panicked, with this message.
    Panicked(String),
    /// It said itself that it could not do its work.
    Failed(String),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Wrong { items, expected, found } => {
                write!(f, "wrong answer for {items} items: expected {expected}, found {found}")
            }
            Failure::Panicked(message) => write!(f, "panicked: {message}"),
            Failure::Failed(why) => write!(f, "failed: {why}"),
        }
    }
}

impl CaseResult {
    pub(crate) fn new(case: &Case<'_>) -> Self {
        // The baseline is a case's first variant, and has two entries.
        let names = case.variants.iter().take(1).chain(&case.variants).map(|variant| &variant.name);
        CaseResult {
            name: case.name.clone(),
            item: case.item.clone(),
            point: case.point.clone(),
            remarks: case.remarks.clone(),
            rounds: Vec::new(),
            measured_again: 0,
            entries: names.map(|name| Entry::new(name)).collect(),
        }
    }

    /// At which share of its best pace the machine ran in each round, as the yardstick shows it: the
    /// best round has 1. `None` where the clock has no yardstick.
    ///
    /// # Examples
    ///
    /// ```
    /// # let mut cases = versus::Cases::new();
    /// # let case = cases.case("c").baseline("b", |items| (0..items).map(std::hint::black_box).count() as u64);
    /// # let settings = versus::Settings { seed: 1, rounds: 6, run_ms: 1 };
    /// # let clock = versus::SystemClock::new();
    /// # let mut result = versus::measure(case, &settings, &clock, &mut |_| {}).unwrap();
    /// result.rounds[2].yardstick_ns = Some(1_000_000_000);
    /// assert_eq!(result.paces().unwrap().into_iter().reduce(f64::max), Some(1.0));
    /// assert!(result.paces().unwrap()[2] < 0.1);
    /// assert!(result.disturbed() >= Some(1));
    /// ```
    pub fn paces(&self) -> Option<Vec<f64>> {
        let times = self.rounds.iter().map(|round| round.yardstick_ns);
        let times: Vec<u64> = times.collect::<Option<_>>()?;
        let best = *times.iter().min()?;
        Some(times.iter().map(|&time| best as f64 / time as f64).collect())
    }

    /// In how many of the rounds the machine ran at less than [`CaseResult::UNDISTURBED`] of its best
    /// pace; `None` where nobody knows.
    pub fn disturbed(&self) -> Option<usize> {
        Some(self.paces()?.into_iter().filter(|&pace| pace < Self::UNDISTURBED).count())
    }

    /// The share of the best pace below which a round counts as disturbed.
    pub const UNDISTURBED: f64 = 0.85;

    /// Takes the slowest of the disturbed rounds out, with its samples; false if there is none.
    pub(crate) fn take_out_a_disturbed_round(&mut self) -> bool {
        let paces = self.paces().unwrap_or_default();
        let slowest = paces.iter().enumerate().min_by(|(_, one), (_, other)| one.total_cmp(other));
        let Some((at, _)) = slowest.filter(|(_, pace)| **pace < Self::UNDISTURBED) else {
            return false;
        };
        self.rounds.remove(at);
        for entry in self.entries.iter_mut().filter(|entry| entry.failure.is_none()) {
            entry.wall_ns.remove(at);
            entry.cpu_ns.remove(at);
        }
        true
    }

    /// Which field contradicts the others, and how.
    pub(crate) fn check(&self) -> Result<(), (String, String)> {
        let found = |field: String, problem: String| Err((field, problem));
        if self.entries.len() <= Self::AGAIN {
            return found("entries".to_owned(), "the baseline must stand here twice".to_owned());
        }
        for (at, round) in self.rounds.iter().enumerate() {
            if round.yardstick_ns == Some(0) {
                let problem = "no work takes no time".to_owned();
                return found(format!("rounds[{at}].yardstick_ns"), problem);
            }
            if let Some(place) = round.order.iter().find(|&&place| place >= self.entries.len()) {
                return found(format!("rounds[{at}].order"), format!("there is no entry {place}"));
            }
        }
        for (at, entry) in self.entries.iter().enumerate() {
            let rounds = if entry.failure.is_some() { 0 } else { self.rounds.len() };
            for (name, samples) in [("wall_ns", &entry.wall_ns), ("cpu_ns", &entry.cpu_ns)] {
                if samples.len() != rounds {
                    let problem = format!("{} samples, but {rounds} are due", samples.len());
                    return found(format!("entries[{at}].{name}"), problem);
                }
            }
            if entry.wall_ns.contains(&0) {
                return found(format!("entries[{at}].wall_ns"), "no run takes no time".to_owned());
            }
            // Nothing is due of a case that is only listed.
            if entry.items == 0 && entry.failure.is_none() && !self.rounds.is_empty() {
                return found(format!("entries[{at}].items"), "no item was measured".to_owned());
            }
        }
        Ok(())
    }
}

impl Entry {
    fn new(name: &str) -> Self {
        Entry {
            name: name.to_owned(),
            items: 0,
            wall_ns: Vec::new(),
            cpu_ns: Vec::new(),
            notes: BTreeMap::new(),
            failure: None,
        }
    }
}

//! One case's samples.

use crate::case::{Case, Point};
use crate::{Entry, Failure, Samples, Settings, Step};
use anyhow::{Result, bail, ensure};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// The share of the best pace below which a round counts as disturbed.
const UNDISTURBED: f64 = 0.85;

/// One case, measured. As text ([`Display`](std::fmt::Display)) it is a table.
///
/// # Examples
///
/// ```
/// use versus::{CaseResult, Entry, Role, Samples};
///
/// let samples = |ns| Samples { wall_ns: vec![ns; 6], cpu_ns: vec![ns; 6] };
/// let entry = |role, id: &str, ns| Entry {
///     id: id.to_owned(),
///     label: id.to_owned(),
///     role,
///     items: 1,
///     samples: samples(ns),
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
///     baseline: entry(Role::Ours, "ours", 100),
///     again: samples(101),
///     variants: vec![entry(Role::Peer, "theirs", 80)],
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
    /// What the others are compared with.
    pub baseline: Entry,
    /// The baseline's second run in each round: beside its first, it shows the noise.
    pub again: Samples,
    /// The others.
    pub variants: Vec<Entry>,
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
    /// Who ran, in order: 0 is the baseline, 1 the baseline again, and from 2 on the variants.
    pub order: Vec<usize>,
    /// How long the [yardstick](crate::Clock::yardstick) took, the mean of what was measured before
    /// every run and after the last; `None` where the clock has none.
    pub yardstick_ns: Option<u64>,
}

impl CaseResult {
    pub(crate) fn new(case: &Case<'_>) -> Self {
        let mut entries = case.variants.iter().map(Entry::new);
        CaseResult {
            name: case.name.clone(),
            item: case.item.clone(),
            point: case.point.clone(),
            remarks: case.remarks.clone(),
            rounds: Vec::new(),
            measured_again: 0,
            baseline: entries.next().expect("the case has been checked"),
            again: Samples::default(),
            variants: entries.collect(),
        }
    }

    /// Rounds of other variants are no rounds of this case.
    pub(crate) fn check_same(&self, case: &Case<'_>) -> Result<()> {
        let ids = case.variants.iter().map(|variant| &variant.id);
        let same = ids.eq(self.entries().map(|entry| &entry.id));
        ensure!(same, "case `{}` has not the variants of the rounds before", case.name);
        Ok(())
    }

    /// All rows, the baseline's first.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        std::iter::once(&self.baseline).chain(&self.variants)
    }

    /// The same, to be changed.
    pub fn entries_mut(&mut self) -> impl Iterator<Item = &mut Entry> {
        std::iter::once(&mut self.baseline).chain(&mut self.variants)
    }

    /// By its number: 0 is the baseline, and from 1 on come the others.
    pub(crate) fn entry_mut(&mut self, which: usize) -> &mut Entry {
        match which {
            0 => &mut self.baseline,
            _ => &mut self.variants[which - 1],
        }
    }

    /// Of a run at this place among those of a [`Round`].
    pub(crate) fn samples_mut(&mut self, place: usize) -> &mut Samples {
        match place {
            0 => &mut self.baseline.samples,
            1 => &mut self.again,
            _ => &mut self.variants[place - 2].samples,
        }
    }

    pub(crate) fn lives(&self, which: usize) -> bool {
        self.entries().nth(which).is_some_and(|entry| entry.failure.is_none())
    }

    /// The variants that have not failed.
    pub(crate) fn living(&self) -> Vec<usize> {
        (0..=self.variants.len()).filter(|&which| self.lives(which)).collect()
    }

    /// A variant that failed once has no figures: a fast wrong answer is no result.
    pub(crate) fn fail(&mut self, which: usize, failure: Failure) {
        if which == 0 {
            self.again = Samples::default();
        }
        let entry = self.entry_mut(which);
        entry.samples = Samples::default();
        entry.failure.get_or_insert(failure);
    }

    /// What is told before a run of this entry.
    pub(crate) fn step(&self, which: usize, round: usize, settings: &Settings) -> Step {
        let variant = self.entries().nth(which).map_or("", |entry| &entry.label).to_owned();
        Step { case: self.name.clone(), variant, round, rounds: settings.rounds }
    }

    /// In how many of the rounds the machine ran at less than 85 % of its best pace, as the yardstick
    /// shows it; `None` where the clock has no yardstick.
    ///
    /// # Examples
    ///
    /// ```
    /// # let mut cases = versus::Cases::new();
    /// # let work = |items| (0..items).map(std::hint::black_box).count() as u64;
    /// # let case = cases.case("c").baseline("b").context("b", "b", work);
    /// # let settings = versus::Settings { seed: 1, rounds: 6, run_ms: 1 };
    /// # let clock = versus::SystemClock::new();
    /// # let mut result = versus::measure(case, &settings, &clock, &mut |_| {}).unwrap();
    /// for round in &mut result.rounds {
    ///     round.yardstick_ns = Some(1_000_000);
    /// }
    /// result.rounds[2].yardstick_ns = Some(1_200_000);
    /// assert_eq!(result.disturbed(), Some(1));
    /// ```
    pub fn disturbed(&self) -> Option<usize> {
        Some(self.paces()?.into_iter().filter(|&pace| pace < UNDISTURBED).count())
    }

    /// At which share of its best pace the machine ran in each round: the best one has 1.
    fn paces(&self) -> Option<Vec<f64>> {
        let times = self.rounds.iter().map(|round| round.yardstick_ns);
        let times: Vec<u64> = times.collect::<Option<_>>()?;
        let best = *times.iter().min()?;
        Some(times.iter().map(|&time| best as f64 / time as f64).collect())
    }

    /// Takes the slowest of the disturbed rounds out, with its samples; false if there is none.
    pub(crate) fn take_out_a_disturbed_round(&mut self) -> bool {
        let paces = self.paces().unwrap_or_default();
        let slowest = paces.iter().enumerate().min_by(|(_, one), (_, other)| one.total_cmp(other));
        let Some((at, _)) = slowest.filter(|(_, pace)| **pace < UNDISTURBED) else {
            return false;
        };
        self.rounds.remove(at);
        for place in 0..self.variants.len() + 2 {
            let samples = self.samples_mut(place);
            // Who has failed has none.
            if !samples.wall_ns.is_empty() {
                samples.wall_ns.remove(at);
                samples.cpu_ns.remove(at);
            }
        }
        true
    }

    /// Which field contradicts the others, and how. `path` is that of this case in the report.
    pub(crate) fn check(&self, path: &str) -> Result<()> {
        let places = self.variants.len() + 2;
        for (at, round) in self.rounds.iter().enumerate() {
            let path = format!("{path}.rounds[{at}]");
            let timed = round.yardstick_ns != Some(0);
            ensure!(timed, "field `{path}.yardstick_ns`: no work takes no time");
            if let Some(place) = round.order.iter().find(|&&place| place >= places) {
                bail!("field `{path}.order`: there is no entry {place}");
            }
        }
        let due = |entry: &Entry| if entry.failure.is_some() { 0 } else { self.rounds.len() };
        self.again.check(&format!("{path}.again"), due(&self.baseline))?;
        let mut ids = HashSet::new();
        for (at, entry) in self.entries().enumerate() {
            let path = match at {
                0 => format!("{path}.baseline"),
                _ => format!("{path}.variants[{}]", at - 1),
            };
            ensure!(ids.insert(&entry.id), "field `{path}.id`: a second `{}`", entry.id);
            entry.samples.check(&format!("{path}.samples"), due(entry))?;
            // Nothing is due of a case that is only listed.
            let counted = entry.items > 0 || due(entry) == 0;
            ensure!(counted, "field `{path}.items`: no item was measured");
        }
        Ok(())
    }
}

//! A case as text.

use crate::{CaseResult, Entry, Interval};
use std::collections::BTreeSet;
use std::fmt::{self, Write};

/// A table of the case: a title, a line on how it was measured, a row for each variant with its notes;
/// then the remarks.
impl fmt::Display for CaseResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.name)?;
        writeln!(f, "  {}", circumstances(&[self]))?;
        let heads = self.note_heads();
        let head = self.header().into_iter().chain(heads.iter().map(ToString::to_string));
        let mut rows = vec![head.collect::<Vec<_>>()];
        rows.extend(self.entries().map(|entry| {
            let notes = heads.iter().map(|head| entry.notes.get(*head).cloned());
            self.row(entry).into_iter().chain(notes.map(Option::unwrap_or_default)).collect()
        }));
        f.write_str(&aligned(&rows))?;
        self.remarks.iter().try_for_each(|remark| writeln!(f, "  {remark}"))
    }
}

/// How sure the figures of a case are, and how quiet it was, or of the cases of a curve: part of a
/// sentence.
///
/// # Examples
///
/// ```
/// # let mut cases = versus::Cases::new();
/// # let work = |items| (0..items).map(std::hint::black_box).count() as u64;
/// # let case = cases.case("c").baseline("b").context("b", "b", work);
/// # let settings = versus::Settings { seed: 1, rounds: 6, run_ms: 1 };
/// # let clock = versus::SystemClock::new();
/// let result = versus::measure(case, &settings, &clock, &mut |_| {}).unwrap();
/// let said = versus::circumstances(&[&result]);
/// assert!(said.starts_with("6 rounds, intervals of 96.9 %, noise floor "));
/// ```
pub fn circumstances(cases: &[&CaseResult]) -> String {
    let (each, widest) = if let [_] = cases { ("", "") } else { (" at each point", "widest ") };
    let rounds = cases.iter().map(|case| case.rounds.len()).max().unwrap_or(0);
    let mut text = format!("{rounds} rounds{each}");
    let floors = cases.iter().filter_map(|case| case.floor());
    if let Some(floor) = floors.max_by(|a, b| a.high.total_cmp(&b.high)) {
        let (percent, range) = (floor.confidence * 100.0, range_text(&floor));
        let _ = write!(text, ", intervals of {percent:.1} %, {widest}noise floor {range}");
    }
    let again: usize = cases.iter().map(|case| case.measured_again).sum();
    if again > 0 {
        let _ = write!(text, ", {again} measured again");
    }
    match cases.iter().map(|case| case.disturbed()).sum::<Option<usize>>() {
        None => text += ", disturbance unknown",
        Some(0) => {}
        Some(rounds) => {
            let _ = write!(text, ", {rounds} disturbed");
        }
    }
    text
}

impl CaseResult {
    /// The heads of the columns of [notes](crate::Case::note), in order.
    ///
    /// # Examples
    ///
    /// ```
    /// # let mut cases = versus::Cases::new();
    /// # let work = |items| (0..items).map(std::hint::black_box).count() as u64;
    /// # let case = cases.case("lock").baseline("lock").ours("lock", "Lock", work);
    /// # let settings = versus::Settings { seed: 1, rounds: 6, run_ms: 1 };
    /// # let clock = versus::SystemClock::new();
    /// case.note("lock", "how", || "taken and released".to_owned());
    /// let result = versus::measure(case, &settings, &clock, &mut |_| {}).unwrap();
    /// assert!(result.note_heads().contains("how"));
    /// ```
    pub fn note_heads(&self) -> BTreeSet<&str> {
        self.entries().flat_map(|entry| entry.notes.keys().map(String::as_str)).collect()
    }

    /// What stands above each cell of a [row](CaseResult::row).
    pub fn header(&self) -> [String; 7] {
        let per_item = format!("per {}", self.item);
        ["", &per_item, "rate", "ratio", "interval", "CPU", "verdict"].map(str::to_owned)
    }

    /// The title of an entry, its figures per item, those beside the baseline, and a verdict: who is
    /// faster, or why there are no figures.
    pub fn row(&self, entry: &Entry) -> [String; 7] {
        let (time, rate) = entry.wall().map_or_else(
            || ("-".to_owned(), String::new()),
            |wall| (time_text(wall.median), rate_text(wall.median)),
        );
        let [mut ratio, mut interval, mut cpu] = <[String; 3]>::default();
        let verdict = match (&entry.failure, self.compare(entry)) {
            (Some(failure), _) => failure.to_string(),
            _ if entry.id == self.baseline.id => "baseline".to_owned(),
            (None, None) => "no baseline".to_owned(),
            (None, Some(it)) => {
                (ratio, interval) = (ratio_text(it.wall.median), range_text(&it.wall));
                cpu = it.cpu.map_or_else(|| "-".to_owned(), |cpu| ratio_text(cpu.median));
                it.speed.to_string()
            }
        };
        [entry.title(), time, rate, ratio, interval, cpu, verdict]
    }
}

/// Names, verdicts and notes to the left, figures to the right, two blanks between.
fn aligned(rows: &[Vec<String>]) -> String {
    let widest = |column: usize| rows.iter().map(|row| row[column].chars().count()).max();
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (column, cell) in row.iter().enumerate() {
            let width = widest(column).unwrap_or(0);
            let _ = match column {
                1..=5 => write!(line, "  {cell:>width$}"),
                _ => write!(line, "  {cell:width$}"),
            };
        }
        text += line.trim_end();
        text.push('\n');
    }
    text
}

/// A ratio, to three digits or so.
///
/// # Examples
///
/// ```
/// assert_eq!(versus::ratio_text(0.9531), "0.953");
/// assert_eq!(versus::ratio_text(1.0421), "1.042");
/// assert_eq!(versus::ratio_text(12.13), "12.1");
/// assert_eq!(versus::ratio_text(549.4), "549");
/// assert_eq!(versus::ratio_text(0.000_123), "1.2e-4");
/// ```
pub fn ratio_text(ratio: f64) -> String {
    match ratio {
        99.5.. => format!("{ratio:.0}"),
        9.95.. => format!("{ratio:.1}"),
        1.995.. => format!("{ratio:.2}"),
        0.0095.. => format!("{ratio:.3}"),
        _ => format!("{ratio:.1e}"),
    }
}

/// The ends of an interval of ratios.
///
/// # Examples
///
/// ```
/// let interval = versus::Interval { low: 0.95, median: 1.0, high: 1.05, confidence: 0.95 };
/// assert_eq!(versus::range_text(&interval), "0.950 to 1.050");
/// ```
pub fn range_text(interval: &Interval) -> String {
    format!("{} to {}", ratio_text(interval.low), ratio_text(interval.high))
}

/// A time given in nanoseconds, in the unit that fits, to three digits.
///
/// # Examples
///
/// ```
/// assert_eq!(versus::time_text(0.25), "0.250 ns");
/// assert_eq!(versus::time_text(9.996), "10.0 ns");
/// assert_eq!(versus::time_text(999.7), "1.00 us");
/// assert_eq!(versus::time_text(2.5e9), "2.50 s");
/// ```
pub fn time_text(nanoseconds: f64) -> String {
    scaled(nanoseconds, &["ns", "us", "ms", "s"])
}

/// How many items a second, for so many nanoseconds an item.
///
/// # Examples
///
/// ```
/// assert_eq!(versus::rate_text(36.14), "27.7 M/s");
/// assert_eq!(versus::rate_text(2.5e9), "0.400 /s");
/// ```
pub fn rate_text(nanoseconds: f64) -> String {
    scaled(1e9 / nanoseconds, &["/s", "k/s", "M/s", "G/s"])
}

fn scaled(mut value: f64, units: &[&str]) -> String {
    let mut place = 0;
    // What would be rounded up to 1,000 belongs to the next unit.
    while value >= 999.5 && place + 1 < units.len() {
        value /= 1000.0;
        place += 1;
    }
    let decimals = match value {
        99.95.. => 0,
        9.995.. => 1,
        0.9995.. => 2,
        _ => 3,
    };
    format!("{value:.decimals$} {}", units[place])
}

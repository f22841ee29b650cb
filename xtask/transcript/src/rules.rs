//! The rules of `# Always`: what they mean, and where an output breaks one.

use crate::{
    kind::{Value, ValueKind},
    text::{self, Taken, Text},
};
use std::{
    cmp::Ordering,
    collections::{BTreeMap, BTreeSet, HashSet},
};

/// A rule as it is written and what it means.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    pub(crate) written: String,
    pub(crate) meaning: Meaning,
}

/// The six sentences; rule 5 is part of the matching and stands in [`Bound`].
#[derive(Clone, Debug)]
pub(crate) enum Meaning {
    Before(Pair),
    AtMost { most: i64, reached: bool, pair: Pair },
    Never(Text),
    Sorted { first: usize, pattern: Text, kind: ValueKind, order: Sorted },
    Bound,
    Sometimes(Text),
}

/// Two patterns and the names that both share.
#[derive(Clone, Debug)]
pub(crate) struct Pair {
    a: Text,
    b: Text,
    shared: BTreeSet<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sorted {
    Ascending,
    Descending,
    Distinct,
}

/// Whether a value that compares so to the limit is allowed.
pub(crate) type Relation = fn(Ordering) -> bool;

/// Rule 5: what a value may be.
#[derive(Clone, Debug)]
pub(crate) struct Bound {
    pub(crate) name: usize,
    pub(crate) rule: usize,
    pub(crate) kind: ValueKind,
    pub(crate) limit: Value,
    pub(crate) relation: Relation,
}

impl Bound {
    pub(crate) fn allows(&self, value: &str) -> bool {
        (self.relation)(Value::new(self.kind, value).cmp(&self.limit))
    }
}

/// The values of the shared names, where a pattern matched.
pub(crate) type Shared = Vec<String>;

impl Pair {
    pub(crate) fn new(a: Text, b: Text) -> Pair {
        let of_b: BTreeSet<_> = b.values().collect();
        let shared = a.values().filter(|value| of_b.contains(value)).map(|(name, _)| name);
        Pair { shared: shared.collect(), a, b }
    }

    /// Where the two patterns match a line: the values of the names they share.
    pub(crate) fn matches(&self, line: &Inspected<'_>) -> [Option<Shared>; 2] {
        [&self.a, &self.b].map(|pattern| {
            let taken = line.find(pattern)?;
            let value = |name: &usize| taken.iter().find(|taken| taken.name == *name);
            Some(self.shared.iter().filter_map(value).map(|taken| line.text(taken)).collect())
        })
    }
}

/// A line, and where its words and numbers are.
#[derive(Debug)]
pub(crate) struct Inspected<'l> {
    bytes: &'l [u8],
    inside: Vec<bool>,
}

impl<'l> Inspected<'l> {
    /// These lines, if there are rules that may look at them.
    pub(crate) fn all(lines: &[&'l [u8]], rules: &[Rule]) -> Vec<Inspected<'l>> {
        let lines = lines.iter().filter(|_| !rules.is_empty());
        lines.map(|line| Inspected::new(line)).collect()
    }

    pub(crate) fn new(bytes: &'l [u8]) -> Inspected<'l> {
        Inspected { bytes, inside: text::inside(bytes) }
    }

    pub(crate) fn find(&self, pattern: &Text) -> Option<Vec<Taken>> {
        pattern.find(self.bytes, &self.inside, &mut 0)
    }

    fn text(&self, taken: &Taken) -> String {
        String::from_utf8_lossy(&self.bytes[taken.range.clone()]).into_owned()
    }
}

/// A rule that broke.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Broken {
    pub(crate) rule: usize,
    pub(crate) at: At,
    /// What to write beside which lines.
    pub(crate) notes: Vec<(usize, String)>,
}

/// Where a rule broke.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum At {
    Line(usize),
    /// After the last line: the count never came further than this.
    End(i64),
}

/// The rule that breaks first; on one line, the one that stands first.
pub(crate) fn judge(rules: &[Rule], lines: &[Inspected<'_>]) -> Option<Broken> {
    let broken = (0..).zip(rules).filter_map(|(number, rule)| {
        let (at, notes) = rule.judge(lines)?;
        Some(Broken { rule: number, at, notes })
    });
    broken.min_by_key(|broken| match broken.at {
        At::Line(line) => (line, broken.rule),
        At::End(_) => (usize::MAX, broken.rule),
    })
}

type Notes = Vec<(usize, String)>;

impl Rule {
    fn judge(&self, lines: &[Inspected<'_>]) -> Option<(At, Notes)> {
        match &self.meaning {
            Meaning::Before(pair) => before(pair, lines),
            Meaning::AtMost { most, reached, pair } => at_most(*most, *reached, pair, lines),
            Meaning::Never(pattern) => {
                let at = lines.iter().position(|line| line.find(pattern).is_some())?;
                Some((At::Line(at), Notes::new()))
            }
            Meaning::Sorted { first, pattern, kind, order } => {
                sorted(*first, pattern, *kind, *order, lines)
            }
            Meaning::Bound | Meaning::Sometimes(_) => None,
        }
    }

    /// For a `sometimes` rule: was it seen?
    pub(crate) fn seen(&self, lines: &[Inspected<'_>]) -> Option<bool> {
        match &self.meaning {
            Meaning::Sometimes(pattern) => {
                Some(lines.iter().any(|line| line.find(pattern).is_some()))
            }
            _ => None,
        }
    }
}

fn before(pair: &Pair, lines: &[Inspected<'_>]) -> Option<(At, Notes)> {
    let mut seen: HashSet<Shared> = HashSet::new();
    for (at, line) in lines.iter().enumerate() {
        let [a, b] = pair.matches(line);
        if b.is_some_and(|b| !seen.contains(&b)) {
            return Some((At::Line(at), Notes::new()));
        }
        seen.extend(a);
    }
    None
}

/// The difference for one value of the shared names.
#[derive(Default)]
struct Tally {
    now: i64,
    peak: i64,
    notes: Notes,
}

fn at_most(most: i64, reached: bool, pair: &Pair, lines: &[Inspected<'_>]) -> Option<(At, Notes)> {
    // In order, so that a report does not depend on a hash.
    let mut tallies: BTreeMap<Shared, Tally> = BTreeMap::new();
    for (at, line) in lines.iter().enumerate() {
        let [a, b] = pair.matches(line);
        // A line may match both, with the same values or with others.
        for (shared, change) in [(&a, 1), (&b, -1)] {
            if let Some(shared) = shared {
                tallies.entry(shared.clone()).or_default().now += change;
            }
        }
        for shared in a.iter().chain(b.iter().filter(|b| a.as_ref() != Some(b))) {
            let Tally { now, peak, notes } = tallies.entry(shared.clone()).or_default();
            *peak = (*peak).max(*now);
            let note = match now {
                0.. => format!("{now} of {most}"),
                _ => "an end before its beginning".to_owned(),
            };
            notes.push((at, note));
            if !(0..=most).contains(now) {
                return Some((At::Line(at), std::mem::take(notes)));
            }
        }
    }
    let peak = tallies.values().map(|tally| tally.peak).max().unwrap_or(0);
    (reached && peak < most).then(|| {
        let best = tallies.into_values().find(|tally| tally.peak == peak);
        (At::End(peak), best.map_or(Notes::new(), |tally| tally.notes))
    })
}

fn sorted(
    first: usize,
    pattern: &Text,
    kind: ValueKind,
    order: Sorted,
    lines: &[Inspected<'_>],
) -> Option<(At, Notes)> {
    let found = |(at, line): (usize, &Inspected<'_>)| {
        let taken = line.find(pattern)?;
        Some((at, line.text(taken.first()?)))
    };
    // The values that the next is compared with, and where each was seen: all, or the last.
    let mut seen: BTreeMap<Value, (usize, String)> = BTreeMap::new();
    for (at, text) in lines.iter().enumerate().filter_map(found).take(first) {
        let value = Value::new(kind, &text);
        let clash = match order {
            Sorted::Distinct => seen.get_key_value(&value),
            Sorted::Ascending => seen.last_key_value().filter(|(last, _)| **last > value),
            Sorted::Descending => seen.first_key_value().filter(|(last, _)| **last < value),
        };
        if let Some((_, clash)) = clash {
            return Some((At::Line(at), vec![clash.clone(), (at, text)]));
        }
        if order != Sorted::Distinct {
            seen.clear();
        }
        seen.insert(value, (at, text));
    }
    None
}

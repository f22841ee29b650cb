//! The number of different legal outputs.
//!
//! Every value is its sample, `[..]` is empty, `...` takes nothing, `+` takes one line and `?`
//! none or one. Rules 4 to 6 are left aside. Where all lines differ and no rule restricts their
//! order, a formula counts; else outputs are counted by length, as paths through the sets of
//! places that an output may have led to, so that an output with two readings counts once.

use crate::{
    Transcript,
    images::Images,
    letters::Letters,
    place::{Place, Track},
    rows::Mode,
    rules::{Meaning, Rule},
    steps::{Block, Step},
};
use num_bigint::BigUint;
use std::{
    collections::{BTreeSet, HashMap},
    fmt,
};

/// About a second of work; past that the count is given up.
const MOST_WORK: usize = 20_000_000;

/// A number with more digits says no more to a reader than its size.
const MOST_DIGITS: usize = 12;

/// A number of legal outputs; prints with commas between the thousands, every digit of it.
/// [`rounded`](Count::rounded) is shorter.
///
/// ```
/// use transcript::{Count, Transcript};
///
/// let tasks = "# Output\n\n```text\ni in 0..5| task {i} begins\ni| task {i} ends\n```\n";
/// let count = Transcript::parse(tasks).unwrap().count();
/// assert_eq!(count, Count::Exactly(113_400_u32.into()));
/// assert_eq!(count.to_string(), "113,400");
/// assert_eq!(Count::TooMany.to_string(), "too many to count");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Count {
    /// Just so many.
    Exactly(BigUint),
    /// More than could be counted in about a second.
    TooMany,
}

impl Count {
    /// For a table: every digit of a number that has at most 12, the nearest power of ten for a
    /// larger one.
    ///
    /// ```
    /// use transcript::Count;
    ///
    /// assert_eq!(Count::Exactly(999_999_999_999_u64.into()).rounded(), "999,999,999,999");
    /// assert_eq!(Count::Exactly(1_000_000_000_000_u64.into()).rounded(), "about 10^12");
    /// ```
    pub fn rounded(&self) -> String {
        match self {
            // From half-way to the next power on, the square has one digit more.
            Count::Exactly(number) if number.to_string().len() > MOST_DIGITS => {
                format!("about 10^{}", number.pow(2).to_string().len() / 2)
            }
            Count::Exactly(_) | Count::TooMany => self.to_string(),
        }
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Count::Exactly(number) = self else {
            return f.pad("too many to count");
        };
        let digits = number.to_string();
        let thousands = digits.as_bytes().rchunks(3).rev();
        let thousands: Vec<&str> =
            thousands.map(|digits| str::from_utf8(digits).unwrap_or("")).collect();
        f.pad(&thousands.join(","))
    }
}

impl Transcript {
    /// The number of different legal outputs, when every value is its sample, `[..]` is empty,
    /// `...` takes nothing, `+` takes one line and `?` none or one. Rules 4 to 6 are left aside,
    /// `N reached` is not.
    pub fn count(&self) -> Count {
        let letters = Letters::new(self);
        let is_free = |rule: &Rule| !matches!(rule.meaning, Meaning::AtMost { reached: true, .. });
        let untouched = letters.effects.iter().flatten().all(|effect| *effect == [None; 2]);
        let count = if letters.all_different && untouched && self.rules.iter().all(is_free) {
            // Block after block, in each the lanes in any order.
            let blocks = self.order.out.iter();
            blocks.map(|block| interleavings(block, &self.order.steps)).product()
        } else {
            let track = Track { blocks: &self.order.out, steps: &self.order.steps };
            let images = Images::new(&self.order, &letters);
            Counter { track, rules: &self.rules, letters, images, work: 0 }.count()
        };
        count.map_or(Count::TooMany, Count::Exactly)
    }
}

/// Lanes of different lines, side by side: for each length, choose the places of each lane's
/// lines among all.
fn interleavings(block: &Block, steps: &[Step]) -> Option<BigUint> {
    let mut by_length = HashMap::from([(0_usize, BigUint::from(1_u8))]);
    let mut work = 0;
    for lane in block {
        let of = |mode: Mode| lane.steps.iter().filter(|step| steps[**step].mode == mode).count();
        let (fixed, optional) = (of(Mode::Once) + of(Mode::Repeated), of(Mode::Optional));
        let mut next: HashMap<usize, BigUint> = HashMap::new();
        for (length, ways) in &by_length {
            for taken in 0..=optional {
                let new = fixed + taken;
                let more = ways * choose(optional, taken) * choose(length + new, new);
                work += new + usize::try_from(more.bits() / 64).unwrap_or(usize::MAX);
                *next.entry(length + new).or_default() += more;
            }
            if work > MOST_WORK {
                return None;
            }
        }
        by_length = next;
    }
    Some(by_length.into_values().sum())
}

fn choose(n: usize, k: usize) -> BigUint {
    (0..k.min(n - k)).fold(BigUint::from(1_u8), |product, i| product * (n - i) / (i + 1))
}

/// The places that an output so far may have led to, and where the rules stand.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Situation {
    places: BTreeSet<Place>,
    entries: Vec<i64>,
    /// For each rule: is there no `N reached` left to come?
    reached: Vec<bool>,
}

struct Counter<'t> {
    track: Track<'t>,
    rules: &'t [Rule],
    letters: Letters,
    images: Images,
    work: usize,
}

impl Counter<'_> {
    /// Length by length: every output so far leads to one situation.
    fn count(mut self) -> Option<BigUint> {
        let is_reached =
            |rule: &Rule| !matches!(rule.meaning, Meaning::AtMost { most: 1.., reached: true, .. });
        let start = Situation {
            places: BTreeSet::from([Place::default()]),
            entries: vec![0; self.letters.entries],
            reached: self.rules.iter().map(is_reached).collect(),
        };
        let mut layer = HashMap::from([(start, BigUint::from(1_u8))]);
        let mut total = BigUint::ZERO;
        while !layer.is_empty() {
            let mut next: HashMap<Situation, BigUint> = HashMap::new();
            for (situation, ways) in layer {
                let may_end = situation.places.iter().any(|place| place.is_end(self.track));
                if may_end && situation.reached.iter().all(|reached| *reached) {
                    total += &ways;
                }
                for after in self.after_each_letter(&situation) {
                    *next.entry(after).or_default() += &ways;
                }
                if self.work > MOST_WORK {
                    return None;
                }
            }
            layer = next;
        }
        Some(total)
    }

    fn after_each_letter(&mut self, situation: &Situation) -> Vec<Situation> {
        let mut by_letter: HashMap<usize, BTreeSet<Place>> = HashMap::new();
        for place in &situation.places {
            for step in place.moves(self.track) {
                let (false, Some(letter)) = (step.again, self.letters.of[step.step]) else {
                    continue;
                };
                let mut after = place.after(&step, self.track);
                self.images.sort_twins(&mut after);
                self.work += 1 + after.lanes.len();
                by_letter.entry(letter).or_default().insert(after);
            }
        }
        let after = by_letter.into_iter().filter_map(|(letter, places)| {
            let Situation { entries, reached, .. } = situation;
            let mut after =
                Situation { places, entries: entries.clone(), reached: reached.clone() };
            self.apply_rules(letter, &mut after)?;
            // With more places than one, the image would have to be taken of all at once.
            if after.places.len() == 1
                && let Some(mut place) = after.places.pop_first()
            {
                self.images.rename(&mut place, &mut after.entries);
                after.places.insert(place);
            }
            Some(after)
        });
        after.collect()
    }

    /// Nothing where the line breaks a rule.
    fn apply_rules(&self, letter: usize, situation: &mut Situation) -> Option<()> {
        let Situation { entries, reached, .. } = situation;
        for ((rule, effects), reached) in self.rules.iter().zip(&self.letters.effects).zip(reached)
        {
            let [a, b] = effects[letter];
            match rule.meaning {
                Meaning::Before(_) => {
                    if b.is_some_and(|b| entries[b] == 0) {
                        return None;
                    }
                    if let Some(a) = a {
                        entries[a] = 1;
                    }
                }
                Meaning::AtMost { most, .. } => {
                    for (entry, change) in [(a, 1), (b, -1)] {
                        if let Some(entry) = entry {
                            entries[entry] += change;
                        }
                    }
                    for entry in effects[letter].into_iter().flatten() {
                        if !(0..=most).contains(&entries[entry]) {
                            return None;
                        }
                        *reached |= entries[entry] == most;
                    }
                }
                Meaning::Never(_) if a.is_some() => return None,
                _ => {}
            }
        }
        Some(())
    }
}

//! The number of different legal outputs.
//!
//! Every value is its sample, `[..]` is empty, `...` takes nothing, `+` takes one line and `?`
//! none or one. Rules 4 to 6 are left aside. Where all lines differ and no rule restricts their
//! order, a formula counts; else outputs are counted by length, as paths through the sets of
//! places that an output may have led to, so that an output with two readings counts once.

use crate::{
    Count, Transcript,
    matcher::Place,
    order::{Element, Lane, Order, Step},
    rows::{Mode, Place as RowPlace},
    rules::{Meaning, Shared, on_samples},
};
use num_bigint::BigUint;
use std::collections::{BTreeSet, HashMap};

/// About a second of work; past that the count is given up.
const MOST_WORK: usize = 20_000_000;

impl Transcript {
    /// The number of different legal outputs.
    pub fn count(&self) -> Count {
        let letters = Letters::new(self);
        if letters.all_different && letters.effects.iter().flatten().all(Effect::is_none) {
            return Count::Exactly(by_formula(&self.order));
        }
        Counter::new(self, letters).count().map_or(Count::TooMany, Count::Exactly)
    }
}

fn by_formula(order: &Order) -> BigUint {
    let mut total = BigUint::from(1_u8);
    for element in &order.out {
        match element {
            Element::Main(step) if order.steps[*step].mode == Mode::Optional => total *= 2_u8,
            Element::Main(_) => {}
            Element::Block(lanes) => total *= interleavings(lanes, &order.steps),
        }
    }
    total
}

/// Lanes of different lines, side by side: for each length, choose the places of each lane's
/// lines among all.
fn interleavings(lanes: &[Lane], steps: &[Step]) -> BigUint {
    let mut by_length = HashMap::from([(0_usize, BigUint::from(1_u8))]);
    for lane in lanes {
        let of = |mode: Mode| lane.steps.iter().filter(|s| steps[**s].mode == mode).count();
        let (fixed, optional) = (of(Mode::Once) + of(Mode::Repeated), of(Mode::Optional));
        let mut next: HashMap<usize, BigUint> = HashMap::new();
        for (length, ways) in &by_length {
            for taken in 0..=optional {
                let lines = fixed + taken;
                let more = ways * choose(optional, taken) * choose(length + lines, lines);
                *next.entry(length + lines).or_default() += more;
            }
        }
        by_length = next;
    }
    by_length.into_values().sum()
}

fn choose(n: usize, k: usize) -> BigUint {
    (0..k).fold(BigUint::from(1_u8), |product, i| product * (n - i) / (i + 1))
}

/// What a line does to one rule: the entries it adds to (rule 1: patterns; rule 2: counts).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct Effect {
    a: Option<usize>,
    b: Option<usize>,
}

impl Effect {
    fn is_none(&self) -> bool {
        *self == Effect::default()
    }
}

/// The lines that can occur, numbered, and what each does to each rule.
struct Letters {
    /// By step.
    of: Vec<usize>,
    all_different: bool,
    /// By rule, then by letter.
    effects: Vec<Vec<Effect>>,
    entries: usize,
}

impl Letters {
    fn new(transcript: &Transcript) -> Letters {
        let order = &transcript.order;
        let mut texts: Vec<&str> = Vec::new();
        let mut numbers: HashMap<&str, usize> = HashMap::new();
        let mut of = Vec::new();
        let mut on_stdout = 0;
        for step in &order.steps {
            let next = texts.len();
            let is_line = order.rows[step.row].place != RowPlace::Err && step.mode != Mode::Any;
            if !is_line {
                of.push(usize::MAX);
                continue;
            }
            on_stdout += 1;
            let letter = *numbers.entry(&step.text.sample).or_insert(next);
            if letter == next {
                texts.push(&step.text.sample);
            }
            of.push(letter);
        }
        let mut entries: HashMap<(usize, Shared), usize> = HashMap::new();
        let mut entry = |rule: usize, shared: Option<Shared>| {
            shared.map(|shared| {
                let next = entries.len();
                *entries.entry((rule, shared)).or_insert(next)
            })
        };
        let effects = (0..).zip(on_samples(&transcript.rules, &texts));
        let effects = effects
            .map(|(rule, lines)| {
                lines
                    .into_iter()
                    .map(|(a, b)| Effect { a: entry(rule, a), b: entry(rule, b) })
                    .collect()
            })
            .collect();
        Letters { of, all_different: on_stdout == texts.len(), effects, entries: entries.len() }
    }
}

/// The places that an output so far may have led to, and where the rules stand.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Situation {
    places: BTreeSet<Place>,
    entries: Vec<i64>,
    reached: Vec<bool>,
}

struct Counter<'t> {
    transcript: &'t Transcript,
    letters: Letters,
    /// For each block: lanes that read exactly the same.
    twins: HashMap<usize, Vec<Vec<usize>>>,
    /// Lanes that are each other's image when their own lines and values are renamed: for each
    /// lane its place in each block, and the entries that only its lines touch.
    alike: Vec<Vec<Renamed>>,
}

#[derive(Clone, Debug)]
struct Renamed {
    in_block: HashMap<usize, usize>,
    own: Vec<usize>,
}

impl<'t> Counter<'t> {
    fn new(transcript: &'t Transcript, letters: Letters) -> Counter<'t> {
        let mut twins = HashMap::new();
        for (begun, element) in (1..).zip(&transcript.order.out) {
            if let Element::Block(lanes) = element {
                let mut groups: HashMap<u32, Vec<usize>> = HashMap::new();
                lanes
                    .iter()
                    .enumerate()
                    .for_each(|(at, l)| groups.entry(l.class[0]).or_default().push(at));
                twins.insert(begun, groups.into_values().filter(|g| g.len() > 1).collect());
            }
        }
        let alike = alike(&transcript.order, &letters);
        Counter { transcript, letters, twins, alike }
    }

    /// Length by length: every output so far leads to one situation.
    fn count(&self) -> Option<BigUint> {
        let reached = self
            .transcript
            .rules
            .iter()
            .map(|r| !matches!(r.meaning, Meaning::AtMost { most: 1.., reached: true, .. }));
        let start = Situation {
            places: BTreeSet::from([Place::default()]),
            entries: vec![0; self.letters.entries],
            reached: reached.collect(),
        };
        let mut layer = HashMap::from([(start, BigUint::from(1_u8))]);
        let mut total = BigUint::ZERO;
        let mut work = 0;
        while !layer.is_empty() {
            let mut next: HashMap<Situation, BigUint> = HashMap::new();
            for (situation, ways) in layer {
                if self.is_legal_end(&situation) {
                    total += &ways;
                }
                for after in self.after_each_letter(&situation, &mut work) {
                    *next.entry(after).or_default() += &ways;
                }
                if work > MOST_WORK {
                    return None;
                }
            }
            layer = next;
        }
        Some(total)
    }

    fn is_legal_end(&self, situation: &Situation) -> bool {
        let order = &self.transcript.order;
        situation.reached.iter().all(|r| *r)
            && situation.places.iter().any(|p| p.is_end(&order.out, &order.steps))
    }

    fn after_each_letter(&self, situation: &Situation, work: &mut usize) -> Vec<Situation> {
        let order = &self.transcript.order;
        let mut by_letter: HashMap<usize, BTreeSet<Place>> = HashMap::new();
        for place in &situation.places {
            for step in place.moves(&order.out, &order.steps) {
                if step.again || order.steps[step.step].mode == Mode::Any {
                    continue;
                }
                let mut after = place.after(&step, &order.out);
                self.sort_twins(&mut after);
                *work += 1 + after.lanes_mut().len();
                by_letter.entry(self.letters.of[step.step]).or_default().insert(after);
            }
        }
        by_letter
            .into_iter()
            .filter_map(|(letter, places)| {
                let mut after = Situation { places, ..situation.clone() };
                self.apply_rules(letter, &mut after)?;
                self.rename(&mut after);
                Some(after)
            })
            .collect()
    }

    /// Nothing where the line breaks a rule.
    fn apply_rules(&self, letter: usize, situation: &mut Situation) -> Option<()> {
        let Situation { entries, reached, .. } = situation;
        for (at, rule) in self.transcript.rules.iter().enumerate() {
            let Effect { a, b } = self.letters.effects[at][letter];
            match rule.meaning {
                Meaning::Before(_) => {
                    if b.is_some_and(|b| entries[b] == 0) {
                        return None;
                    }
                    a.into_iter().for_each(|a| entries[a] = 1);
                }
                Meaning::AtMost { most, .. } => {
                    a.into_iter().for_each(|a| entries[a] += 1);
                    b.into_iter().for_each(|b| entries[b] -= 1);
                    for entry in a.into_iter().chain(b) {
                        if !(0..=most).contains(&entries[entry]) {
                            return None;
                        }
                        reached[at] |= entries[entry] == most;
                    }
                }
                Meaning::Never(_) if a.is_some() => return None,
                Meaning::Never(_)
                | Meaning::Sorted { .. }
                | Meaning::Bound
                | Meaning::Sometimes(_) => {}
            }
        }
        Some(())
    }

    fn sort_twins(&self, place: &mut Place) {
        for group in self.twins.get(&place.begun()).into_iter().flatten() {
            let lanes = place.lanes_mut();
            let mut positions: Vec<u32> = group.iter().map(|at| lanes[*at]).collect();
            positions.sort_unstable();
            group.iter().zip(positions).for_each(|(at, position)| lanes[*at] = position);
        }
    }

    /// Situations that are each other's image have equally many outputs before them.
    fn rename(&self, situation: &mut Situation) {
        // With more than one place the image would have to be taken of all at once.
        if situation.places.len() > 1 {
            return;
        }
        let Some(mut place) = situation.places.pop_first() else {
            return;
        };
        let begun = place.begun();
        for group in &self.alike {
            let lanes = place.lanes_mut();
            let mut images: Vec<(Option<u32>, Vec<i64>)> = group
                .iter()
                .map(|lane| {
                    let position = lane.in_block.get(&begun).map(|at| lanes[*at]);
                    (position, lane.own.iter().map(|e| situation.entries[*e]).collect())
                })
                .collect();
            images.sort_unstable();
            for (lane, (position, own)) in group.iter().zip(images) {
                if let (Some(at), Some(position)) = (lane.in_block.get(&begun), position) {
                    lanes[*at] = position;
                }
                lane.own.iter().zip(own).for_each(|(e, value)| situation.entries[*e] = value);
            }
        }
        situation.places.insert(place);
    }
}

/// Notes that a lane (none: a main row or a float) touches a key; two owners are none.
fn claim<'o>(owners: &mut HashMap<usize, Option<&'o str>>, key: usize, owner: Option<&'o str>) {
    owners.entry(key).and_modify(|o| *o = o.filter(|o| Some(*o) == owner)).or_insert(owner);
}

/// One step of a lane with what is the lane's own numbered in the order it is met.
type Image = (usize, Mode, Named, Vec<(Option<Named>, Option<Named>)>);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Named {
    Own(usize),
    Common(usize),
}

fn alike(order: &Order, letters: &Letters) -> Vec<Vec<Renamed>> {
    // A lane goes on in later blocks: all its steps, with the block each stands in.
    let mut lanes: HashMap<&str, (HashMap<usize, usize>, Vec<(usize, usize)>)> = HashMap::new();
    for (begun, element) in (1..).zip(&order.out) {
        let Element::Block(block) = element else {
            continue;
        };
        for (at, lane) in block.iter().enumerate() {
            let label = order.steps[lane.steps[0]].lane.as_str();
            let (in_block, steps) = lanes.entry(label).or_default();
            in_block.entry(begun).or_insert(at);
            steps.extend(lane.steps.iter().map(|s| (begun, *s)));
        }
    }
    lanes.remove("~");
    // Who touches each letter and each entry: one lane, or several.
    let mut letter_of: HashMap<usize, Option<&str>> = HashMap::new();
    let mut entry_of: HashMap<usize, Option<&str>> = HashMap::new();
    let everywhere = order.steps.iter().zip(&letters.of).filter(|(_, l)| **l != usize::MAX);
    for (step, letter) in everywhere {
        let owner = lanes.contains_key(step.lane.as_str()).then_some(step.lane.as_str());
        claim(&mut letter_of, *letter, owner);
        for effects in &letters.effects {
            let Effect { a, b } = effects[*letter];
            a.into_iter().chain(b).for_each(|e| claim(&mut entry_of, e, owner));
        }
    }
    let mut groups: HashMap<Vec<Image>, Vec<Renamed>> = HashMap::new();
    for (label, (in_block, steps)) in &lanes {
        let (mut own_letters, mut own_entries): (Vec<usize>, Vec<usize>) = Default::default();
        let name = |owners: &HashMap<usize, Option<&str>>, own: &mut Vec<usize>, key: usize| {
            if owners[&key] != Some(*label) {
                return Named::Common(key);
            }
            let at = own.iter().position(|k| *k == key).unwrap_or(own.len());
            if at == own.len() {
                own.push(key);
            }
            Named::Own(at)
        };
        let image =
            steps.iter().filter(|(_, s)| letters.of[*s] != usize::MAX).map(|(begun, step)| {
                let letter = letters.of[*step];
                let effects = letters.effects.iter().map(|effects| {
                    let Effect { a, b } = effects[letter];
                    let mut of =
                        |entry: Option<usize>| entry.map(|e| name(&entry_of, &mut own_entries, e));
                    (of(a), of(b))
                });
                let effects = effects.collect();
                (
                    *begun,
                    order.steps[*step].mode,
                    name(&letter_of, &mut own_letters, letter),
                    effects,
                )
            });
        let image: Vec<Image> = image.collect();
        groups
            .entry(image)
            .or_default()
            .push(Renamed { in_block: in_block.clone(), own: own_entries });
    }
    groups.into_values().filter(|g| g.len() > 1).collect()
}

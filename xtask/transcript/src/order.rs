//! The order that a transcript states: rows unrolled into lanes, names resolved.

use crate::{
    ParseError,
    rows::{MOST_LANES, Mode, Place, Row},
    text::{Atom, Kind, Piece, Slot, Text, trim_end},
};
use std::collections::HashMap;

/// The most rows a transcript may unroll to.
const MOST_STEPS: usize = 100_000;

/// One row of one lane: what takes a line.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    /// Index of the row it was unrolled from.
    pub(crate) row: usize,
    /// `main`, `A`, `i=0`, `~` or `err`.
    pub(crate) lane: String,
    pub(crate) mode: Mode,
    pub(crate) text: Text,
}

/// Steps that take their lines one after the other.
#[derive(Clone, Debug)]
pub(crate) struct Lane {
    key: LaneKey,
    pub(crate) steps: Vec<usize>,
    /// For each position (the number of steps gone by): may the lane end here?
    pub(crate) may_end: Vec<bool>,
    /// For each position: lanes of the same class and equal `live` values are interchangeable,
    /// what follows reads the same.
    pub(crate) class: Vec<u32>,
    /// For each position: the lane's own values that are still of use.
    pub(crate) live: Vec<Vec<usize>>,
    /// The slots of all the values of its own, here and in other blocks.
    pub(crate) own: Vec<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum LaneKey {
    Named(char),
    /// Which `i in`, and the number.
    Unrolled(usize, u32),
    /// Index of the row.
    Float(usize),
}

/// A part of the order: after everything in the elements before it.
#[derive(Clone, Debug)]
pub(crate) enum Element {
    Main(usize),
    /// Lanes side by side, in any order with each other.
    Block(Vec<Lane>),
}

/// A name that some row binds.
#[derive(Clone, Debug)]
pub(crate) struct Name {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) sample: String,
    /// Bound by a row of standard output.
    pub(crate) on_stdout: bool,
    scope: Scope,
    row: usize,
    /// Said by more rows than the one that binds it: the value has to be kept.
    shared: bool,
    first_slot: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scope {
    Whole,
    /// Each lane's own; which `i in`.
    Lane(usize),
    /// Each line's own: bound in a `+` row.
    Line,
}

/// All that the rows say.
#[derive(Clone, Debug, Default)]
pub(crate) struct Order {
    pub(crate) rows: Vec<Row>,
    pub(crate) steps: Vec<Step>,
    pub(crate) out: Vec<Element>,
    /// The rows of standard error: one lane, so main rows of an output of their own.
    pub(crate) err: Vec<Element>,
    pub(crate) names: Vec<Name>,
    pub(crate) letters: Vec<char>,
    pub(crate) slots: usize,
}

impl Order {
    /// Unrolls the rows.
    pub(crate) fn new(rows: Vec<Row>) -> Result<Order, Vec<ParseError>> {
        let mut order = Order { rows, ..Order::default() };
        let mut errors = Vec::new();
        let ranges = order.ranges(&mut errors);
        order.bind_names(&ranges, &mut errors);
        let resolved = order.resolve_names(&ranges, &mut errors);
        if errors.is_empty() {
            order.place_slots(&ranges);
            order.unroll(&ranges, &resolved).map_err(|e| vec![e])?;
            order.check_samples(&mut errors);
            classify(&mut order.out, &order.steps, &order.names);
        }
        if errors.is_empty() { Ok(order) } else { Err(errors) }
    }

    /// An error at a character of the row's text, or at its gutter.
    fn error(&self, row: usize, at: Option<usize>, message: impl Into<String>) -> ParseError {
        let row = &self.rows[row];
        let column = row.column + at.map_or(0, |at| row.gutter + at);
        ParseError { line: row.line, column, message: message.into() }
    }

    /// For each row the `i in` it belongs to.
    fn ranges(&mut self, errors: &mut Vec<ParseError>) -> Vec<Option<Range>> {
        let mut current: HashMap<char, (Range, usize)> = HashMap::new();
        let mut segment = 0;
        let mut count = 0;
        let mut ranges = Vec::new();
        for row in 0..self.rows.len() {
            let range = match self.rows[row].place.clone() {
                Place::Main => {
                    segment += 1;
                    None
                }
                Place::Range(letter, numbers) => {
                    if current.get(&letter).is_some_and(|(_, s)| *s == segment) {
                        errors.push(self.error(
                            row,
                            None,
                            format!("expected `{letter}|`: another range for `{letter}` may be given after a main row"),
                        ));
                    }
                    let range = Range { index: count, first: numbers.start, last: numbers.end - 1 };
                    count += 1;
                    current.insert(letter, (range, segment));
                    self.letters.push(letter);
                    Some(range)
                }
                Place::Each(letter) => {
                    let range = current.get(&letter).map(|(range, _)| *range);
                    if range.is_none() {
                        errors.push(self.error(
                            row,
                            None,
                            format!(
                                "expected `{letter} in FIRST..END|` at the first row of `{letter}`"
                            ),
                        ));
                    }
                    range
                }
                Place::Lane(letter) => {
                    self.letters.push(letter);
                    None
                }
                Place::Float | Place::Err => None,
            };
            ranges.push(range);
        }
        ranges
    }

    /// Finds the row that binds each name.
    fn bind_names(&mut self, ranges: &[Option<Range>], errors: &mut Vec<ParseError>) {
        for (row, range) in ranges.iter().enumerate() {
            for piece in self.rows[row].pieces.clone() {
                let Piece::Name { name, sample: Some(sample), at } = piece else {
                    continue;
                };
                let at = Some(at + 1);
                if self.is_letter(&name) {
                    errors.push(self.error(
                        row,
                        at,
                        format!("expected a name that is not spelled like the lane `{name}`"),
                    ));
                } else if let Some(first) = self.names.iter().find(|n| n.name == name) {
                    let line = self.rows[first.row].line;
                    errors.push(self.error(
                        row,
                        at,
                        format!("expected `{{{name}}}`: the value is bound on line {line} already"),
                    ));
                } else if let Some(kind) = Kind::of(&sample) {
                    let scope = match (self.rows[row].mode, range) {
                        (Mode::Repeated, _) => Scope::Line,
                        (_, Some(range)) => Scope::Lane(range.index),
                        (_, None) => Scope::Whole,
                    };
                    let on_stdout = self.rows[row].place != Place::Err;
                    self.names.push(Name {
                        name,
                        kind,
                        sample,
                        on_stdout,
                        scope,
                        row,
                        shared: false,
                        first_slot: 0,
                    });
                }
            }
        }
    }

    pub(crate) fn is_letter(&self, name: &str) -> bool {
        let mut chars = name.chars();
        chars.next().is_some_and(|c| self.letters.contains(&c)) && chars.as_str().is_empty()
    }

    /// For each piece of each row: the name it says, if it says one that is no lane letter.
    fn resolve_names(
        &mut self,
        ranges: &[Option<Range>],
        errors: &mut Vec<ParseError>,
    ) -> Vec<Vec<Option<usize>>> {
        let mut resolved = Vec::new();
        for (row, range) in ranges.iter().enumerate() {
            let pieces = self.rows[row].pieces.clone();
            let letter = match self.rows[row].place {
                Place::Range(letter, _) | Place::Each(letter) => Some(letter),
                _ => None,
            };
            let mut ids = Vec::new();
            for (index, piece) in pieces.iter().enumerate() {
                let Piece::Name { name, at, .. } = piece else {
                    ids.push(None);
                    continue;
                };
                if self.is_letter(name) {
                    if letter.is_none_or(|l| *name != l.to_string()) {
                        let here = self.error(
                            row,
                            Some(at + 1),
                            format!("`{{{name}}}` is known only in rows of `{name}`"),
                        );
                        errors.push(here);
                    }
                    ids.push(None);
                    continue;
                }
                let id = self.names.iter().position(|n| n.name == *name);
                ids.push(id);
                let complaint = match id.map(|id| &self.names[id]) {
                    None => Some(format!("expected `{{{name}=SAMPLE}}`: no row binds `{name}`")),
                    Some(n) if n.scope == Scope::Line && n.row != row => Some(format!(
                        "`{name}` is bound in a `+` row, on line {}: no other row can say it",
                        self.rows[n.row].line
                    )),
                    Some(Name { scope: Scope::Lane(index), row: binds, .. })
                        if range.is_none_or(|r| r.index != *index) =>
                    {
                        let line = self.rows[*binds].line;
                        Some(format!(
                            "`{name}` is each lane's own, bound on line {line}: only rows of those lanes can say it"
                        ))
                    }
                    Some(_) if pieces.contains(&Piece::Wild) => {
                        Some("expected no name beside `[..]` but a lane letter".to_owned())
                    }
                    Some(_) if index > 0 && ids[index - 1].is_some() => {
                        Some("expected text between two values".to_owned())
                    }
                    Some(_) => None,
                };
                if let Some(message) = complaint {
                    let here = self.error(row, Some(at + 1), message);
                    errors.push(here);
                }
                if let Some(id) = id {
                    let name = &mut self.names[id];
                    name.shared |= name.row != row;
                }
            }
            resolved.push(ids);
        }
        resolved
    }

    fn place_slots(&mut self, ranges: &[Option<Range>]) {
        for name in &mut self.names {
            if name.shared {
                name.first_slot = self.slots;
                self.slots += match (name.scope, ranges[name.row]) {
                    (Scope::Lane(_), Some(range)) => (range.last - range.first + 1) as usize,
                    _ => 1,
                };
            }
        }
    }

    fn unroll(
        &mut self,
        ranges: &[Option<Range>],
        resolved: &[Vec<Option<usize>>],
    ) -> Result<(), ParseError> {
        let mut block: Vec<Lane> = Vec::new();
        for row in 0..self.rows.len() {
            let numbers = ranges[row].map_or(0..=0, |r| r.first..=r.last);
            if self.steps.len() + numbers.clone().count() > MOST_STEPS {
                return Err(self.error(
                    row,
                    None,
                    format!("expected at most {MOST_STEPS} rows in all lanes"),
                ));
            }
            for number in numbers {
                let (key, lane) = match (&self.rows[row].place, ranges[row]) {
                    (Place::Lane(c), _) => (Some(LaneKey::Named(*c)), c.to_string()),
                    (Place::Range(c, _) | Place::Each(c), Some(r)) => {
                        (Some(LaneKey::Unrolled(r.index, number)), format!("{c}={number}"))
                    }
                    (Place::Float, _) => (Some(LaneKey::Float(row)), "~".to_owned()),
                    (Place::Err, _) => (None, "err".to_owned()),
                    _ => (None, "main".to_owned()),
                };
                let text = self.text(row, ranges[row], number, &resolved[row]);
                let step = self.steps.len();
                self.steps.push(Step { row, lane, mode: self.rows[row].mode, text });
                match key {
                    Some(key) => match block.iter_mut().find(|l| l.key == key) {
                        Some(lane) => lane.steps.push(step),
                        None => block.push(Lane {
                            key,
                            steps: vec![step],
                            may_end: Vec::new(),
                            class: Vec::new(),
                            live: Vec::new(),
                            own: self.own_slots(ranges[row], number),
                        }),
                    },
                    None if self.rows[row].place == Place::Err => {
                        self.err.push(Element::Main(step))
                    }
                    None => {
                        if !block.is_empty() {
                            self.out.push(Element::Block(std::mem::take(&mut block)));
                        }
                        self.out.push(Element::Main(step));
                    }
                }
            }
        }
        if !block.is_empty() {
            self.out.push(Element::Block(block));
        }
        Ok(())
    }

    fn own_slots(&self, range: Option<Range>, number: u32) -> Vec<usize> {
        let Some(range) = range else {
            return Vec::new();
        };
        let own = self.names.iter().filter(|n| n.shared && n.scope == Scope::Lane(range.index));
        own.map(|n| n.first_slot + (number - range.first) as usize).collect()
    }

    fn text(
        &self,
        row: usize,
        range: Option<Range>,
        number: u32,
        resolved: &[Option<usize>],
    ) -> Text {
        let mut atoms: Vec<Atom> = Vec::new();
        let mut sample = String::new();
        for (piece, id) in self.rows[row].pieces.iter().zip(resolved) {
            let literal = match (piece, id) {
                (Piece::Literal(text), _) => text.clone(),
                (Piece::Name { .. }, None) => number.to_string(),
                (Piece::Name { .. }, Some(id)) => {
                    let name = &self.names[*id];
                    let own = match (name.scope, range) {
                        (Scope::Lane(_), Some(range)) => (number - range.first) as usize,
                        _ => 0,
                    };
                    let slot = if name.shared {
                        Slot::Kept(name.first_slot + own)
                    } else {
                        Slot::Line(*id)
                    };
                    atoms.push(Atom::Value { kind: name.kind, slot, name: *id });
                    sample.push_str(&name.sample);
                    continue;
                }
                (Piece::Wild, _) => {
                    atoms.push(Atom::Wild);
                    continue;
                }
            };
            sample.push_str(&literal);
            match atoms.last_mut() {
                Some(Atom::Literal(before)) => before.push_str(&literal),
                _ => atoms.push(Atom::Literal(literal)),
            }
        }
        let kept = trim_end(sample.as_bytes()).len();
        sample.truncate(kept);
        Text { atoms, sample }
    }

    /// A value that runs into the text behind it can never be followed by that text.
    fn check_samples(&self, errors: &mut Vec<ParseError>) {
        let mut last = None;
        for step in &self.steps {
            let text = &step.text;
            let wild = text.atoms.contains(&Atom::Wild);
            if step.mode != Mode::Any
                && !wild
                && last != Some(step.row)
                && text.take(text.sample.as_bytes(), |_| None).is_none()
            {
                last = Some(step.row);
                let message = format!(
                    "this row does not take its own sample `{}`: a value takes all it can",
                    text.sample
                );
                errors.push(self.error(step.row, Some(0), message));
            }
        }
    }

    /// The name whose value a step keeps in a slot.
    pub(crate) fn name_in(&self, step: usize, slot: Slot) -> Option<usize> {
        self.steps[step].text.atoms.iter().find_map(|atom| match atom {
            Atom::Value { slot: s, name, .. } if *s == slot => Some(*name),
            _ => None,
        })
    }
}

/// The numbers of one `i in`.
#[derive(Clone, Copy, Debug)]
struct Range {
    index: usize,
    first: u32,
    last: u32,
}

const _: () = assert!((MOST_LANES as usize) < MOST_STEPS);

/// Fills in what the lanes of each block need to be compared with each other.
fn classify(elements: &mut [Element], steps: &[Step], names: &[Name]) {
    let mut ids: HashMap<(Option<u32>, u32, u32), u32> = HashMap::new();
    let mut texts: HashMap<String, u32> = HashMap::new();
    let read: Vec<u32> = steps
        .iter()
        .map(|step| {
            let mut reads = format!("{:?}", step.mode);
            for atom in &step.text.atoms {
                match atom {
                    Atom::Value { name, .. } => reads.push_str(&format!("{{{name}}}")),
                    other => reads.push_str(&format!("{other:?}")),
                }
            }
            let next = texts.len() as u32 + 1;
            *texts.entry(reads).or_insert(next)
        })
        .collect();
    let own = |step: usize| {
        steps[step].text.atoms.iter().filter_map(|atom| match atom {
            Atom::Value { slot: Slot::Kept(slot), name, .. }
                if matches!(names[*name].scope, Scope::Lane(_)) =>
            {
                Some((*name, *slot))
            }
            _ => None,
        })
    };
    let mut intern = |key: (Option<u32>, u32, u32)| {
        let next = ids.len() as u32 + 1;
        *ids.entry(key).or_insert(next)
    };
    // From the last block to the first: what a lane does in later blocks tells it apart as long
    // as it carries values there.
    let mut later: HashMap<LaneKey, (u32, Vec<(usize, usize)>)> = HashMap::new();
    for element in elements.iter_mut().rev() {
        let Element::Block(lanes) = element else {
            continue;
        };
        for lane in lanes {
            let (future, carried) = later.remove(&lane.key).unwrap_or_default();
            let end = lane.steps.len();
            let mut suffix = if carried.is_empty() { 0 } else { future };
            let mut live = carried;
            let mut all = future;
            (lane.may_end, lane.class, lane.live) =
                (vec![true; end + 1], vec![0; end + 1], vec![Vec::new(); end + 1]);
            for at in (0..=end).rev() {
                if let Some(step) = lane.steps.get(at) {
                    lane.may_end[at] = lane.may_end[at + 1] && steps[*step].mode.may_be_skipped();
                    suffix = intern((None, read[*step], suffix));
                    all = intern((None, read[*step], all));
                    live.extend(own(*step));
                    live.sort_unstable();
                    live.dedup();
                }
                // A repeating row that has begun may take the next line too.
                let again = at
                    .checked_sub(1)
                    .map(|before| lane.steps[before])
                    .filter(|s| steps[*s].mode.may_repeat());
                lane.class[at] = intern((again.map(|s| read[s]), u32::MAX, suffix));
                let mut own_live = live.clone();
                own_live.extend(again.into_iter().flat_map(own));
                own_live.sort_unstable();
                own_live.dedup();
                lane.live[at] = own_live.into_iter().map(|(_, slot)| slot).collect();
            }
            later.insert(lane.key, (all, live));
        }
    }
}

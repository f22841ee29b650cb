//! The rules of `# Always`: six sentences, parsed and judged.

use crate::{
    ParseError, amount,
    order::Order,
    possible,
    source::Line,
    text::{self, Atom, Kind, Piece, Slot, Text, pieces},
};
use std::collections::HashMap;

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
    Sorted { first: usize, pattern: Text, kind: Kind, order: Sorted },
    Bound,
    Sometimes(Text),
}

/// Two patterns and the names that both share.
#[derive(Clone, Debug)]
pub(crate) struct Pair {
    pub(crate) a: Text,
    pub(crate) b: Text,
    shared: Vec<Slot>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sorted {
    Ascending,
    Descending,
    Distinct,
}

/// Rule 5: what a value may be.
#[derive(Clone, Debug)]
pub(crate) struct Bound {
    pub(crate) name: usize,
    pub(crate) rule: usize,
    kind: Kind,
    relation: &'static str,
    limit: String,
}

impl Bound {
    pub(crate) fn allows(&self, value: &str) -> bool {
        let order = amount::compare(self.kind, value, &self.limit);
        match self.relation {
            "<" => order.is_lt(),
            "<=" => order.is_le(),
            ">" => order.is_gt(),
            _ => order.is_ge(),
        }
    }
}

/// The values of the shared names, where a pattern matched.
pub(crate) type Shared = Vec<String>;

impl Pair {
    /// Where the patterns match a line: the values of the names they share.
    pub(crate) fn matches(&self, line: &Inspected<'_>) -> (Option<Shared>, Option<Shared>) {
        (self.shared_in(&self.a, line), self.shared_in(&self.b, line))
    }

    fn shared_in(&self, pattern: &Text, line: &Inspected<'_>) -> Option<Shared> {
        let taken = line.find(pattern)?;
        let value = |slot: &Slot| {
            let (_, range) = taken.iter().find(|(s, _)| s == slot)?;
            Some(String::from_utf8_lossy(&line.bytes[range.clone()]).into_owned())
        };
        Some(self.shared.iter().filter_map(value).collect())
    }
}

/// A line, and where its words and numbers are.
#[derive(Debug)]
pub(crate) struct Inspected<'l> {
    pub(crate) bytes: &'l [u8],
    inside: Vec<bool>,
}

impl<'l> Inspected<'l> {
    pub(crate) fn new(bytes: &'l [u8]) -> Inspected<'l> {
        Inspected { bytes, inside: text::inside(bytes) }
    }

    fn find(&self, pattern: &Text) -> Option<text::Taken> {
        pattern.find(self.bytes, &self.inside)
    }
}

/// A rule that broke: on which line (none: after the last), and what to write beside the lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Broken {
    pub(crate) rule: usize,
    pub(crate) line: Option<usize>,
    pub(crate) notes: Vec<(usize, String)>,
    pub(crate) reason: String,
}

/// The rule that breaks first; on one line, the one that stands first.
pub(crate) fn judge(rules: &[Rule], lines: &[Inspected<'_>]) -> Option<Broken> {
    let broken = (0..).zip(rules).filter_map(|(at, rule)| rule.judge(at, lines));
    // `min_by_key` keeps the first of equals, and `None`, the end, comes last here.
    broken.min_by_key(|b| (b.line.is_none(), b.line, b.rule))
}

impl Rule {
    fn judge(&self, rule: usize, lines: &[Inspected<'_>]) -> Option<Broken> {
        match &self.meaning {
            Meaning::Before(pair) => {
                let mut seen: Vec<Shared> = Vec::new();
                for (at, line) in lines.iter().enumerate() {
                    let (a, b) = pair.matches(line);
                    if b.is_some_and(|b| !seen.contains(&b)) {
                        return Some(Broken {
                            rule,
                            line: Some(at),
                            notes: Vec::new(),
                            reason: String::new(),
                        });
                    }
                    seen.extend(a.filter(|a| !seen.contains(a)));
                }
                None
            }
            Meaning::AtMost { most, reached, pair } => at_most(rule, *most, *reached, pair, lines),
            Meaning::Never(pattern) => {
                let at = lines.iter().position(|l| l.find(pattern).is_some())?;
                Some(Broken { rule, line: Some(at), notes: Vec::new(), reason: String::new() })
            }
            Meaning::Sorted { first, pattern, kind, order } => {
                sorted(rule, *first, pattern, *kind, *order, lines)
            }
            Meaning::Bound | Meaning::Sometimes(_) => None,
        }
    }

    /// For a `sometimes` rule: was it seen?
    pub(crate) fn seen(&self, lines: &[Inspected<'_>]) -> Option<bool> {
        match &self.meaning {
            Meaning::Sometimes(pattern) => Some(lines.iter().any(|l| l.find(pattern).is_some())),
            _ => None,
        }
    }
}

fn at_most(
    rule: usize,
    most: i64,
    reached: bool,
    pair: &Pair,
    lines: &[Inspected<'_>],
) -> Option<Broken> {
    // For each value of the shared names: how many now, the most so far, and the lines that
    // changed it.
    let mut counts: HashMap<Shared, (i64, i64, Vec<(usize, String)>)> = HashMap::new();
    for (at, line) in lines.iter().enumerate() {
        let (a, b) = pair.matches(line);
        for (shared, change) in [(&a, 1), (&b, -1)] {
            let Some(shared) = shared else { continue };
            counts.entry(shared.clone()).or_default().0 += change;
        }
        for shared in a.iter().chain(b.iter().filter(|b| a.as_ref() != Some(*b))) {
            let (count, peak, notes) = counts.entry(shared.clone()).or_default();
            *peak = (*peak).max(*count);
            notes.push((at, format!("{count} of {most}")));
            if *count > most || *count < 0 {
                return Some(Broken {
                    rule,
                    line: Some(at),
                    notes: notes.clone(),
                    reason: String::new(),
                });
            }
        }
    }
    let peak = counts.values().map(|(_, peak, _)| *peak).max().unwrap_or(0);
    (reached && peak < most).then(|| {
        let best = counts.into_values().find(|(_, p, _)| *p == peak);
        let notes = best.map_or(Vec::new(), |(.., notes)| notes);
        Broken {
            rule,
            line: None,
            notes,
            reason: format!("the most at once was {peak}, and {most} had to be reached"),
        }
    })
}

fn sorted(
    rule: usize,
    first: usize,
    pattern: &Text,
    kind: Kind,
    order: Sorted,
    lines: &[Inspected<'_>],
) -> Option<Broken> {
    let value = |line: &Inspected<'_>| {
        let taken = line.find(pattern)?;
        let (_, range) = taken.first()?;
        Some(String::from_utf8_lossy(&line.bytes[range.clone()]).into_owned())
    };
    let mut before: Vec<(usize, String)> = Vec::new();
    let matching = lines.iter().enumerate().filter_map(|(at, line)| Some((at, value(line)?)));
    for (at, new) in matching.take(first) {
        let clash = match order {
            Sorted::Distinct => {
                before.iter().find(|(_, old)| amount::compare(kind, old, &new).is_eq())
            }
            Sorted::Ascending => {
                before.last().filter(|(_, old)| amount::compare(kind, &new, old).is_lt())
            }
            Sorted::Descending => {
                before.last().filter(|(_, old)| amount::compare(kind, &new, old).is_gt())
            }
        };
        if let Some((line, old)) = clash {
            let notes = vec![(*line, old.clone()), (at, new)];
            return Some(Broken { rule, line: Some(at), notes, reason: String::new() });
        }
        before.push((at, new));
    }
    None
}

// Parsing.

/// Joins each bullet with its indented lines and reads it.
pub(crate) fn parse(
    lines: &[Line<'_>],
    order: &Order,
) -> Result<(Vec<Rule>, Vec<Bound>), Vec<ParseError>> {
    let mut bullets: Vec<Bullet<'_>> = Vec::new();
    let mut errors = Vec::new();
    for line in lines {
        let text = line.text.trim_end();
        if text.is_empty() {
        } else if let Some(start) = text.strip_prefix("- ") {
            bullets.push(Bullet { parts: Vec::new(), text: String::new() });
            bullets.last_mut().into_iter().for_each(|b| b.add(line, start));
        } else if text.starts_with([' ', '\t']) && !bullets.is_empty() {
            let part = text.trim_start();
            bullets.last_mut().into_iter().for_each(|b| b.add(line, part));
        } else {
            errors.push(line.error(
                0,
                "expected a bullet, `- ` and a rule, or an indented line that continues one",
            ));
        }
    }
    let mut rules = Vec::new();
    let mut bounds = Vec::new();
    for bullet in &bullets {
        let mut reader = Reader { bullet, at: 0, order, vars: Vec::new() };
        match reader.rule(rules.len(), &mut bounds) {
            Ok(meaning) => rules.push(Rule { written: bullet.text.clone(), meaning }),
            Err((at, message)) => errors.push(bullet.error(at, message)),
        }
    }
    if errors.is_empty() { Ok((rules, bounds)) } else { Err(errors) }
}

/// A rule's text, and where its parts stand in the source.
struct Bullet<'s> {
    text: String,
    /// Byte of `text`, line, character of the line.
    parts: Vec<(usize, Line<'s>, usize)>,
}

impl<'s> Bullet<'s> {
    fn add(&mut self, line: &Line<'s>, part: &str) {
        if !self.text.is_empty() {
            self.text.push(' ');
        }
        let whole = line.text.trim_end();
        let indent = whole[..whole.len() - part.len()].chars().count();
        self.parts.push((self.text.len(), *line, indent));
        self.text.push_str(part);
    }

    fn error(&self, at: usize, message: String) -> ParseError {
        let (start, line, indent) =
            self.parts.iter().rfind(|p| p.0 <= at).unwrap_or(&self.parts[0]);
        let within = self.text.get(*start..at).map_or(0, |t| t.chars().count());
        line.error(indent + within, message)
    }
}

type Fault = (usize, String);

struct Reader<'r, 's> {
    bullet: &'r Bullet<'s>,
    at: usize,
    order: &'r Order,
    /// The names of this rule and their kinds.
    vars: Vec<(String, Kind)>,
}

/// A pattern whose names are not yet given kinds, and where it begins.
struct Written {
    pieces: Vec<Piece>,
    at: usize,
    text: String,
}

const SENTENCES: &str = "expected one of the six rules: `A` before `B`; at most N between `A` and `B`; never `A`; `A {x}` \
                         ascending, descending or distinct; {x} < VALUE; sometimes `A`";

impl Reader<'_, '_> {
    fn rest(&self) -> &str {
        &self.bullet.text[self.at..]
    }

    fn eat(&mut self, word: &str) -> bool {
        let found = self.rest().starts_with(word);
        if found {
            self.at += word.len();
        }
        found
    }

    fn expect(&mut self, word: &str) -> Result<(), Fault> {
        if self.eat(word) { Ok(()) } else { Err((self.at, format!("expected `{}`", word.trim()))) }
    }

    fn number(&mut self, what: &str) -> Result<usize, Fault> {
        let digits = self.rest().bytes().take_while(u8::is_ascii_digit).count();
        let number =
            self.rest()[..digits].parse().map_err(|_| (self.at, format!("expected {what}")))?;
        self.at += digits;
        Ok(number)
    }

    fn end(&self) -> Result<(), Fault> {
        if self.rest().is_empty() {
            Ok(())
        } else {
            Err((self.at, "expected the end of the rule".to_owned()))
        }
    }

    fn rule(&mut self, rule: usize, bounds: &mut Vec<Bound>) -> Result<Meaning, Fault> {
        if self.eat("at most ") {
            let most = self.number("a number")?;
            self.expect(" between ")?;
            let a = self.written()?;
            self.expect(" and ")?;
            let b = self.written()?;
            let reached = self.eat(", ");
            if reached {
                let at = self.at;
                if self.number("a number and `reached`")? != most {
                    return Err((at, format!("expected the same number, {most}")));
                }
                self.expect(" reached")?;
            }
            self.end()?;
            let most =
                i64::try_from(most).map_err(|_| (8, "expected a smaller number".to_owned()))?;
            Ok(Meaning::AtMost { most, reached, pair: self.pair(&a, &b)? })
        } else if self.eat("never ") {
            let pattern = self.written()?;
            self.end()?;
            self.pattern(&pattern, false).map(Meaning::Never)
        } else if self.eat("sometimes ") {
            let pattern = self.written()?;
            self.end()?;
            self.pattern(&pattern, true).map(Meaning::Sometimes)
        } else if self.eat("first ") {
            let first = self.number("a number")?;
            self.expect(" ")?;
            self.sorted(first)
        } else if self.rest().starts_with('{') {
            let bound = self.bound(rule)?;
            bounds.push(bound);
            Ok(Meaning::Bound)
        } else if self.rest().starts_with('`') {
            let start = self.at;
            let a = self.written()?;
            if self.eat(" before ") {
                let b = self.written()?;
                self.end()?;
                return Ok(Meaning::Before(self.pair(&a, &b)?));
            }
            self.at = start;
            self.sorted(usize::MAX)
        } else {
            Err((self.at, SENTENCES.to_owned()))
        }
    }

    fn sorted(&mut self, first: usize) -> Result<Meaning, Fault> {
        let written = self.written()?;
        let at = self.at;
        let order = match self.rest() {
            " ascending" => Sorted::Ascending,
            " descending" => Sorted::Descending,
            " distinct" => Sorted::Distinct,
            _ if first == usize::MAX => {
                return Err((
                    at,
                    "expected `before` and a pattern, `ascending`, `descending` or `distinct`"
                        .to_owned(),
                ));
            }
            _ => {
                return Err((at, "expected `ascending`, `descending` or `distinct`".to_owned()));
            }
        };
        let pattern = self.pattern(&written, true)?;
        let [(_, kind)] = self.vars.as_slice() else {
            return Err((
                written.at,
                format!("expected exactly one name in the pattern, found {}", self.vars.len()),
            ));
        };
        if *kind == Kind::Word && order != Sorted::Distinct {
            return Err((at, "expected `distinct`: words have no order here".to_owned()));
        }
        Ok(Meaning::Sorted { first, pattern, kind: *kind, order })
    }

    fn bound(&mut self, rule: usize) -> Result<Bound, Fault> {
        let start = self.at;
        let (name, rest) =
            self.rest()[1..].split_once('}').ok_or((start, "expected `}`".to_owned()))?;
        let (name, rest) = (name.to_owned(), rest.to_owned());
        let id = self.order.names.iter().position(|n| n.name == name && n.on_stdout);
        let id = id.ok_or((
            start + 1,
            format!("expected a name that a row of standard output binds, found `{name}`"),
        ))?;
        let at = start + name.len() + 2;
        let (relation, limit) = ["<=", ">=", "<", ">"]
            .into_iter()
            .find_map(|r| Some((r, rest.strip_prefix(' ')?.strip_prefix(r)?.strip_prefix(' ')?)))
            .ok_or((at, "expected ` < `, ` <= `, ` > ` or ` >= ` and a value".to_owned()))?;
        let at = at + rest.len() - limit.len();
        let kind = match (self.order.names[id].kind, Kind::of(limit)) {
            (Kind::Word, _) => {
                return Err((
                    start + 1,
                    format!("expected a number or a duration: `{name}` is a word"),
                ));
            }
            (Kind::Duration, Some(Kind::Duration)) => Kind::Duration,
            (Kind::Integer | Kind::Decimal, Some(Kind::Integer | Kind::Decimal)) => Kind::Decimal,
            (kind, _) => {
                let kind = if kind == Kind::Duration { "a duration" } else { "a number" };
                return Err((at, format!("expected {kind}, as `{name}` is one, found `{limit}`")));
            }
        };
        Ok(Bound { name: id, rule, kind, relation, limit: limit.to_owned() })
    }

    /// A pattern in backquotes.
    fn written(&mut self) -> Result<Written, Fault> {
        self.expect("`").map_err(|(at, _)| (at, "expected a pattern in backquotes".to_owned()))?;
        let at = self.at;
        let text = self
            .rest()
            .split_once('`')
            .ok_or((at, "expected a closing backquote".to_owned()))?
            .0
            .to_owned();
        self.at += text.len() + 1;
        let byte = |chars: usize| text.char_indices().nth(chars).map_or(text.len(), |(b, _)| b);
        let pieces = pieces(&text).map_err(|(chars, message)| (at + byte(chars), message))?;
        if pieces.is_empty() {
            return Err((at, "expected a pattern with something in it".to_owned()));
        }
        for piece in &pieces {
            if let Piece::Name { name, sample, at: chars } = piece {
                let known = self
                    .order
                    .names
                    .iter()
                    .find(|n| n.name == *name && n.on_stdout)
                    .map(|n| n.kind);
                let letter = self.order.is_letter(name).then_some(Kind::Integer);
                let kind = known.or(letter).or_else(|| sample.as_deref().and_then(Kind::of));
                if let Some(kind) = kind
                    && !self.vars.iter().any(|v| v.0 == *name)
                {
                    self.vars.push((name.clone(), kind));
                }
                if let (Some(kind), Some(sample)) = (known.or(letter), sample)
                    && !kind.fits(sample)
                {
                    let fault = format!(
                        "expected {} as the sample: that is what `{name}` is in the rows",
                        kind.name()
                    );
                    return Err((at + byte(*chars), fault));
                }
            }
        }
        Ok(Written { pieces, at, text })
    }

    fn pair(&self, a: &Written, b: &Written) -> Result<Pair, Fault> {
        let (a, b) = (self.pattern(a, true)?, self.pattern(b, true)?);
        let slots = |text: &Text| -> Vec<Slot> {
            let slot = |atom: &Atom| match atom {
                Atom::Value { slot, .. } => Some(*slot),
                _ => None,
            };
            text.atoms.iter().filter_map(slot).collect()
        };
        let in_b = slots(&b);
        let mut shared: Vec<Slot> = slots(&a).into_iter().filter(|s| in_b.contains(s)).collect();
        shared.sort_unstable();
        shared.dedup();
        Ok(Pair { a, b, shared })
    }

    fn pattern(&self, written: &Written, must_be_possible: bool) -> Result<Text, Fault> {
        let mut atoms: Vec<Atom> = Vec::new();
        let mut sample = String::new();
        let wild = written.pieces.contains(&Piece::Wild);
        for piece in &written.pieces {
            let place =
                |at: usize| written.at + written.text.char_indices().nth(at).map_or(0, |(b, _)| b);
            match piece {
                Piece::Literal(text) => {
                    sample.push_str(text);
                    atoms.push(Atom::Literal(text.clone()));
                }
                Piece::Wild => atoms.push(Atom::Wild),
                Piece::Name { name, at, .. } => {
                    let var = self.vars.iter().position(|v| v.0 == *name);
                    let var = var.ok_or_else(|| {
                        (place(*at), format!("expected `{{{name}=SAMPLE}}`: no row binds `{name}`"))
                    })?;
                    if wild && !self.order.is_letter(name) {
                        return Err((
                            place(*at),
                            "expected no name beside `[..]` but a lane letter".to_owned(),
                        ));
                    }
                    if matches!(atoms.last(), Some(Atom::Value { .. })) {
                        return Err((place(*at), "expected text between two values".to_owned()));
                    }
                    atoms.push(Atom::Value {
                        kind: self.vars[var].1,
                        slot: Slot::Line(var),
                        name: var,
                    });
                }
            }
        }
        let pattern = Text { atoms, sample };
        if must_be_possible && !possible::matches_some_row(&pattern, self.order) {
            let fault = "expected a pattern that matches a line some row of standard output can take: a rule that is \
                         never met checks nothing";
            return Err((written.at, fault.to_owned()));
        }
        Ok(pattern)
    }
}

/// For each rule that restricts the order: what one of these lines does to it.
pub(crate) fn on_samples(
    rules: &[Rule],
    samples: &[&str],
) -> Vec<Vec<(Option<Shared>, Option<Shared>)>> {
    let lines: Vec<Inspected<'_>> = samples.iter().map(|s| Inspected::new(s.as_bytes())).collect();
    rules
        .iter()
        .map(|rule| {
            let effect = |line: &Inspected<'_>| match &rule.meaning {
                Meaning::Before(pair) | Meaning::AtMost { pair, .. } => pair.matches(line),
                Meaning::Never(pattern) => (line.find(pattern).map(|_| Shared::new()), None),
                _ => (None, None),
            };
            lines.iter().map(effect).collect()
        })
        .collect()
}

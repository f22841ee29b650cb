//! The sentences of `# Always`, read.

use crate::{
    ParseError,
    bullets::Bullet,
    kind::{Value, ValueKind},
    names::{NO_NAME_BESIDE_WILD, Spelling, TEXT_BETWEEN_VALUES},
    order::Order,
    possible,
    rules::{Bound, Meaning, Pair, Relation, Rule, Sorted},
    source::Line,
    syntax::{Piece, Unexpected, pieces},
    text::{Atom, Text},
};
use std::cmp::Ordering;

/// Reads the rules.
pub(crate) fn parse(
    lines: &[Line<'_>],
    order: &Order,
) -> Result<(Vec<Rule>, Vec<Bound>), Vec<ParseError>> {
    let mut errors = Vec::new();
    let (mut rules, mut bounds) = (Vec::new(), Vec::new());
    for bullet in Bullet::all(lines, &mut errors) {
        let mut parser = Parser { text: &bullet.text, at: 0, order, names: Vec::new() };
        match parser.rule(rules.len(), &mut bounds) {
            Ok(meaning) => rules.push(Rule { written: bullet.text, meaning }),
            Err((at, message)) => errors.push(bullet.error(at, message)),
        }
    }
    if errors.is_empty() { Ok((rules, bounds)) } else { Err(errors) }
}

struct Parser<'r> {
    text: &'r str,
    at: usize,
    order: &'r Order,
    /// The names of this rule and their kinds, known so far.
    names: Vec<(String, ValueKind)>,
}

/// A pattern as it is written: a sample in the second of two gives a name in the first its kind,
/// so both are read before one is built.
struct Written {
    /// Where it begins.
    at: usize,
    pieces: Vec<Piece>,
}

const SORTED: &str = "` ascending`, ` descending` or ` distinct`";
const SENTENCES: &str = "expected one of the six rules: `A` before `B`; at most N between `A` and `B`; never `A`; \
                         `A {x}` ascending, descending or distinct; {x} < VALUE; sometimes `A`";

impl<'r> Parser<'r> {
    fn rule(&mut self, rule: usize, bounds: &mut Vec<Bound>) -> Result<Meaning, Unexpected> {
        if self.eat("at most ") {
            let most = self.number()?;
            self.expect(" between ")?;
            let a = self.written()?;
            self.expect(" and ")?;
            let b = self.written()?;
            let reached = self.eat(", ");
            if reached && !self.eat(&format!("{most} reached")) {
                return self.fault(format!("expected `{most} reached`"));
            }
            self.end()?;
            let pair = Pair::new(self.met(&a)?, self.met(&b)?);
            Ok(Meaning::AtMost { most: most.into(), reached, pair })
        } else if self.eat("never ") {
            let pattern = self.written()?;
            self.end()?;
            self.pattern(&pattern).map(Meaning::Never)
        } else if self.eat("sometimes ") {
            let pattern = self.written()?;
            self.end()?;
            self.met(&pattern).map(Meaning::Sometimes)
        } else if self.eat("first ") {
            let at = self.at;
            let first = self.number()?;
            if first == 0 {
                let message = "expected 1 or more: the first 0 lines are always in order";
                return Err((at, message.to_owned()));
            }
            self.expect(" ")?;
            let pattern = self.written()?;
            self.sorted(first as usize, &pattern)
        } else if self.rest().starts_with('{') {
            bounds.push(self.bound(rule)?);
            Ok(Meaning::Bound)
        } else if self.rest().starts_with('`') {
            let a = self.written()?;
            if !self.eat(" before ") {
                return self.sorted(usize::MAX, &a);
            }
            let b = self.written()?;
            self.end()?;
            Ok(Meaning::Before(Pair::new(self.met(&a)?, self.met(&b)?)))
        } else {
            self.fault(SENTENCES)
        }
    }

    fn rest(&self) -> &'r str {
        &self.text[self.at..]
    }

    fn fault<T>(&self, message: impl Into<String>) -> Result<T, Unexpected> {
        Err((self.at, message.into()))
    }

    fn eat(&mut self, words: &str) -> bool {
        let found = self.rest().starts_with(words);
        self.at += if found { words.len() } else { 0 };
        found
    }

    fn expect(&mut self, words: &str) -> Result<(), Unexpected> {
        if self.eat(words) { Ok(()) } else { self.fault(format!("expected `{words}`")) }
    }

    fn end(&self) -> Result<(), Unexpected> {
        if self.rest().is_empty() { Ok(()) } else { self.fault("expected the end of the rule") }
    }

    fn number(&mut self) -> Result<u32, Unexpected> {
        let length = self.rest().bytes().take_while(u8::is_ascii_digit).count();
        let Ok(number) = self.rest()[..length].parse() else {
            let up_to = if length == 0 { String::new() } else { format!(" up to {}", u32::MAX) };
            return self.fault(format!("expected a number{up_to}"));
        };
        self.at += length;
        Ok(number)
    }

    /// What stands behind the pattern of rule 4.
    fn sorted(&mut self, first: usize, pattern: &Written) -> Result<Meaning, Unexpected> {
        let (at, order) = match self.rest() {
            " ascending" => (self.at, Sorted::Ascending),
            " descending" => (self.at, Sorted::Descending),
            " distinct" => (self.at, Sorted::Distinct),
            _ => {
                let before = if first == usize::MAX { "` before ` and a pattern, " } else { "" };
                return self.fault(format!("expected {before}{SORTED}"));
            }
        };
        let text = self.met(pattern)?;
        let [(_, kind)] = self.names[..] else {
            let message =
                format!("expected exactly one name in the pattern, found {}", self.names.len());
            return Err((pattern.at, message));
        };
        if kind == ValueKind::Word && order != Sorted::Distinct {
            return Err((at + 1, "expected `distinct`: words have no order here".to_owned()));
        }
        Ok(Meaning::Sorted { first, pattern: text, kind, order })
    }

    /// `{x} < VALUE`.
    fn bound(&mut self, rule: usize) -> Result<Bound, Unexpected> {
        self.expect("{")?;
        let start = self.at;
        let Some((spelling, _)) = self.rest().split_once('}') else {
            return self.fault("expected a name and `}`");
        };
        let name = match self.order.names.look_up(spelling) {
            Spelling::Bound(name) if !self.order.is_err(self.order.names.get(name).row) => name,
            _ => {
                return self.fault(format!(
                    "expected a name that a row of standard output binds, found `{spelling}`"
                ));
            }
        };
        self.at += spelling.len() + 1;
        let relations: [(&str, Relation); 4] = [
            (" < ", Ordering::is_lt),
            (" <= ", Ordering::is_le),
            (" > ", Ordering::is_gt),
            (" >= ", Ordering::is_ge),
        ];
        let Some((_, relation)) = relations.into_iter().find(|(words, _)| self.eat(words)) else {
            return self.fault("expected ` < `, ` <= `, ` > ` or ` >= ` and a value");
        };
        let limit = self.rest();
        let (kind, what) = match self.order.names.get(name).kind {
            ValueKind::Duration => (ValueKind::Duration, "a duration"),
            ValueKind::Integer | ValueKind::Decimal => (ValueKind::Decimal, "a number"),
            ValueKind::Word => {
                let message = format!("expected a number or a duration: `{spelling}` is a word");
                return Err((start, message));
            }
        };
        if !kind.fits(limit) {
            return self.fault(format!("expected {what}, as `{spelling}` is one, found `{limit}`"));
        }
        Ok(Bound { name, rule, kind, limit: Value::new(kind, limit), relation })
    }

    /// A pattern in backquotes.
    fn written(&mut self) -> Result<Written, Unexpected> {
        if !self.eat("`") {
            return self.fault("expected a pattern in backquotes");
        }
        let at = self.at;
        let Some((text, _)) = self.rest().split_once('`') else {
            return self.fault("expected a closing backquote");
        };
        self.at += text.len() + 1;
        let pieces = pieces(text).map_err(|(within, message)| (at + within, message))?;
        if pieces.is_empty() {
            return Err((at, "expected a pattern with something in it".to_owned()));
        }
        for piece in &pieces {
            if let Piece::Name { name, sample, at: within } = piece {
                self.note(name, sample.as_deref(), at + within)?;
            }
        }
        Ok(Written { at, pieces })
    }

    /// Notes the kind of a name, if it is known here.
    fn note(&mut self, name: &str, sample: Option<&str>, place: usize) -> Result<(), Unexpected> {
        let before = self.names.iter().find(|known| known.0 == name).map(|known| known.1);
        let (known, from) = match self.order.names.look_up(name) {
            Spelling::Bound(index) => (Some(self.order.names.get(index).kind), "in the rows"),
            Spelling::Number => (Some(ValueKind::Integer), "in the rows"),
            Spelling::Free => (before, "before"),
            Spelling::Lane => {
                let message = format!("expected a name that is not spelled like the lane `{name}`");
                return Err((place, message));
            }
        };
        if let (Some(kind), Some(sample)) = (known, sample)
            && !kind.fits(sample)
        {
            let message =
                format!("expected {} as the sample: that is what `{name}` is {from}", kind.name());
            return Err((place, message));
        }
        let kind = known.or_else(|| ValueKind::of(sample?)).filter(|_| before.is_none());
        self.names.extend(kind.map(|kind| (name.to_owned(), kind)));
        Ok(())
    }

    /// A pattern that some line can meet.
    fn met(&self, written: &Written) -> Result<Text, Unexpected> {
        let pattern = self.pattern(written)?;
        if possible::matches_some_row(&pattern, self.order) {
            return Ok(pattern);
        }
        let message = "expected a pattern that matches a line some row of standard output can take: a rule that is \
                       never met checks nothing";
        Err((written.at, message.to_owned()))
    }

    fn pattern(&self, written: &Written) -> Result<Text, Unexpected> {
        let has_wild = written.pieces.contains(&Piece::Wild);
        let mut atoms: Vec<Atom> = Vec::new();
        for piece in &written.pieces {
            let atom = match piece {
                Piece::Literal(text) => Atom::Literal(text.clone()),
                Piece::Wild => Atom::Wild,
                Piece::Name { name, at, .. } => {
                    let place = written.at + at;
                    let Some(index) = self.names.iter().position(|known| known.0 == *name) else {
                        return Err((
                            place,
                            format!("expected `{{{name}=SAMPLE}}`: no row binds `{name}`"),
                        ));
                    };
                    if has_wild && self.order.names.look_up(name) != Spelling::Number {
                        return Err((place, NO_NAME_BESIDE_WILD.to_owned()));
                    }
                    let is_said =
                        |atom: &Atom| matches!(atom, Atom::Value { name, .. } if *name == index);
                    if has_wild && atoms.iter().any(is_said) {
                        return Err((
                            place,
                            format!("expected `{{{name}}}` only once beside `[..]`"),
                        ));
                    }
                    if matches!(atoms.last(), Some(Atom::Value { .. })) {
                        return Err((place, TEXT_BETWEEN_VALUES.to_owned()));
                    }
                    Atom::Value { kind: self.names[index].1, name: index, slot: None }
                }
            };
            atoms.push(atom);
        }
        Ok(Text::pattern(atoms))
    }
}

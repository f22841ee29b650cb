//! The text of a row or of a pattern: literals, values, wildcards.
//!
//! Everything works on bytes: a line need not be UTF-8, and what is not UTF-8 can only be
//! taken by a wildcard. Literals and values are UTF-8, so no match ends inside a character.

use std::ops::Range;

/// What a value looks like; the first kind that a sample fits is the kind of its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    Integer,
    Decimal,
    Duration,
    Word,
}

/// Units of a duration in nanoseconds. `min` stands before `ms` and `s` only for the reader:
/// no unit is the beginning of another.
pub(crate) const UNITS: [(&str, u64); 6] = [
    ("ns", 1),
    ("us", 1_000),
    ("µs", 1_000),
    ("ms", 1_000_000),
    ("min", 60_000_000_000),
    ("s", 1_000_000_000),
];

impl Kind {
    pub(crate) fn of(sample: &str) -> Option<Kind> {
        [Kind::Integer, Kind::Decimal, Kind::Duration, Kind::Word]
            .into_iter()
            .find(|kind| kind.fits(sample))
    }

    pub(crate) fn fits(self, text: &str) -> bool {
        self.take(text.as_bytes()) == Some(text.len())
    }

    /// How many bytes a value of this kind takes at the start of `line`: all it can.
    pub(crate) fn take(self, line: &[u8]) -> Option<usize> {
        match self {
            Kind::Integer => {
                let sign = usize::from(line.first() == Some(&b'-'));
                digits(&line[sign..]).map(|n| sign + n)
            }
            Kind::Decimal => {
                let sign = usize::from(line.first() == Some(&b'-'));
                decimal(&line[sign..]).map(|n| sign + n)
            }
            Kind::Duration => {
                let number = decimal(line)?;
                let space = usize::from(line.get(number) == Some(&b' '));
                let rest = &line[number + space..];
                let unit = UNITS.iter().find(|u| rest.starts_with(u.0.as_bytes()))?;
                Some(number + space + unit.0.len())
            }
            Kind::Word => run(line, is_word),
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Kind::Integer => "an integer",
            Kind::Decimal => "a decimal",
            Kind::Duration => "a duration",
            Kind::Word => "a word",
        }
    }
}

pub(crate) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn run(line: &[u8], belongs: impl Fn(u8) -> bool) -> Option<usize> {
    let n = line.iter().take_while(|b| belongs(**b)).count();
    (n > 0).then_some(n)
}

fn digits(line: &[u8]) -> Option<usize> {
    run(line, |b| b.is_ascii_digit())
}

fn decimal(line: &[u8]) -> Option<usize> {
    let whole = digits(line)?;
    let fraction = match line.get(whole) {
        Some(b'.') => digits(&line[whole + 1..]).map_or(0, |n| n + 1),
        _ => 0,
    };
    Some(whole + fraction)
}

/// One part of a row's text as written; `at` counts characters from the start of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    Literal(String),
    Name { name: String, sample: Option<String>, at: usize },
    Wild,
}

/// Splits a text into its pieces.
///
/// The error is the place, in characters, and what was expected there.
pub(crate) fn pieces(text: &str) -> Result<Vec<Piece>, (usize, String)> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut literal = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let at = text[..text.len() - rest.len()].chars().count();
        if rest.starts_with("{{") || rest.starts_with("}}") {
            literal.push(c);
            rest = &rest[2..];
        } else if let Some(after) = rest.strip_prefix("[..]") {
            flush(&mut pieces, &mut literal);
            // Two wildcards in a row take what one takes.
            if pieces.last() != Some(&Piece::Wild) {
                pieces.push(Piece::Wild);
            }
            rest = after;
        } else if let Some(after) = rest.strip_prefix('{') {
            let inside = after
                .find('}')
                .ok_or((at, "expected `}` to close `{`, or `{{` for a brace".to_owned()))?;
            flush(&mut pieces, &mut literal);
            pieces.push(name(&after[..inside], at)?);
            rest = &after[inside + 1..];
        } else if c == '}' {
            return Err((at, "expected `}}` for a brace: this one closes nothing".to_owned()));
        } else {
            literal.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    flush(&mut pieces, &mut literal);
    Ok(pieces)
}

fn flush(pieces: &mut Vec<Piece>, literal: &mut String) {
    if !literal.is_empty() {
        pieces.push(Piece::Literal(std::mem::take(literal)));
    }
}

fn name(inside: &str, at: usize) -> Result<Piece, (usize, String)> {
    let (name, sample) = match inside.split_once('=') {
        Some((name, sample)) => (name, Some(sample)),
        None => (inside, None),
    };
    if !is_name(name) {
        let found = if name.is_empty() { "nothing".to_owned() } else { format!("`{name}`") };
        return Err((at + 1, format!("expected a name, `[A-Za-z][A-Za-z0-9_]*`, found {found}")));
    }
    if let Some(sample) = sample
        && Kind::of(sample).is_none()
    {
        let column = at + 1 + name.chars().count() + 1;
        return Err((
            column,
            format!(
                "expected a sample that is an integer, a decimal, a duration or a word, found `{sample}`"
            ),
        ));
    }
    Ok(Piece::Name { name: name.to_owned(), sample: sample.map(str::to_owned), at })
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.bytes().all(is_word)
}

/// Where the value of a name is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Slot {
    /// For the rest of the output: other rows say the name again.
    Kept(usize),
    /// For this one line; in a pattern: the number of the name in its rule.
    Line(usize),
}

/// One part of a text that is ready to match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Atom {
    Literal(String),
    Value { kind: Kind, slot: Slot, name: usize },
    Wild,
}

/// The values that a text took from a line.
pub(crate) type Taken = Vec<(Slot, Range<usize>)>;

/// A row's text or a rule's pattern, ready to match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Text {
    pub(crate) atoms: Vec<Atom>,
    /// The text with every value its sample and every wildcard empty, white space at its end off.
    pub(crate) sample: String,
}

impl Text {
    /// Does this text take the whole line? `known` tells the values that are bound already.
    pub(crate) fn take<'v>(
        &self,
        line: &[u8],
        known: impl Fn(usize) -> Option<&'v str>,
    ) -> Option<Taken> {
        let mut taken = Taken::new();
        let mut parts = self.atoms.split(|a| *a == Atom::Wild);
        let first = parts.next().unwrap_or(&[]);
        let mut at = run_at(first, line, 0, &known, &mut taken)?;
        let mut rest: Vec<&[Atom]> = parts.collect();
        let Some(last) = rest.pop() else {
            return (at == line.len()).then_some(taken);
        };
        for part in rest {
            at = first_run(part, line, at, &known, &mut taken, |_| true)?;
        }
        first_run(last, line, at, &known, &mut taken, |end| end == line.len())?;
        Some(taken)
    }

    /// The leftmost place in the line where this pattern matches and neither begins nor ends
    /// inside a word or a number. A wildcard takes as little as it can.
    pub(crate) fn find(&self, line: &[u8], inside: &[bool]) -> Option<Taken> {
        let known = |_| None;
        let mut parts = self.atoms.split(|a| *a == Atom::Wild);
        let first = parts.next().unwrap_or(&[]);
        let parts: Vec<&[Atom]> = parts.collect();
        'places: for start in (0..=line.len()).filter(|p| !inside[*p]) {
            let mut taken = Taken::new();
            let Some(mut at) = run_at(first, line, start, &known, &mut taken) else {
                continue;
            };
            let Some((last, middle)) = parts.split_last() else {
                if inside[at] {
                    continue;
                }
                return Some(taken);
            };
            for part in middle {
                match first_run(part, line, at, &known, &mut taken, |_| true) {
                    Some(end) => at = end,
                    None => continue 'places,
                }
            }
            if first_run(last, line, at, &known, &mut taken, |end| !inside[end]).is_some() {
                return Some(taken);
            }
        }
        None
    }
}

/// The end of the first place from `from` on where the atoms match with an end that will do.
fn first_run<'v>(
    atoms: &[Atom],
    line: &[u8],
    from: usize,
    known: &impl Fn(usize) -> Option<&'v str>,
    taken: &mut Taken,
    will_do: impl Fn(usize) -> bool,
) -> Option<usize> {
    let before = taken.len();
    (from..=line.len()).find_map(|start| {
        taken.truncate(before);
        run_at(atoms, line, start, known, taken).filter(|end| will_do(*end))
    })
}

/// Matches literals and values at one place; the end of the match.
fn run_at<'v>(
    atoms: &[Atom],
    line: &[u8],
    start: usize,
    known: &impl Fn(usize) -> Option<&'v str>,
    taken: &mut Taken,
) -> Option<usize> {
    let mut at = start;
    for atom in atoms {
        let rest = &line[at..];
        match atom {
            Atom::Literal(text) => {
                if !rest.starts_with(text.as_bytes()) {
                    return None;
                }
                at += text.len();
            }
            Atom::Value { kind, slot, .. } => {
                let len = kind.take(rest)?;
                let value = at..at + len;
                let same_line =
                    taken.iter().find(|(s, _)| s == slot).map(|(_, r)| &line[r.clone()]);
                let kept = match slot {
                    Slot::Kept(slot) => known(*slot).map(str::as_bytes),
                    Slot::Line(_) => None,
                };
                match same_line.or(kept) {
                    Some(bound) if bound != &line[value.clone()] => return None,
                    Some(_) => {}
                    None => taken.push((*slot, value)),
                }
                at += len;
            }
            Atom::Wild => unreachable!("texts are split at their wildcards"),
        }
    }
    Some(at)
}

/// For each place in the line (before byte 0, ..., after the last): is it inside a word or a
/// number?
pub(crate) fn inside(line: &[u8]) -> Vec<bool> {
    let mut inside = vec![false; line.len() + 1];
    for at in 1..line.len() {
        inside[at] = is_word(line[at - 1]) && is_word(line[at]);
    }
    let mut at = 0;
    while at < line.len() {
        // A number's digits begin where its sign ends, so only the sign and the point need
        // marking: digits are word characters.
        match Kind::Decimal.take(&line[at..]) {
            Some(len) => {
                inside[at + 1..at + len].fill(true);
                at += len;
            }
            None => at += 1,
        }
    }
    inside
}

/// A line or a row's text without the white space at its end.
pub(crate) fn trim_end(line: &[u8]) -> &[u8] {
    let end = line.iter().rposition(|b| !matches!(b, b' ' | b'\t' | b'\r')).map_or(0, |i| i + 1);
    &line[..end]
}

/// The lines of an output; the last newline may be missing.
pub(crate) fn lines(output: &[u8]) -> Vec<&[u8]> {
    let mut lines: Vec<&[u8]> = output.split(|b| *b == b'\n').collect();
    if lines.last().is_some_and(|last| last.is_empty()) {
        lines.pop();
    }
    lines.into_iter().map(trim_end).collect()
}

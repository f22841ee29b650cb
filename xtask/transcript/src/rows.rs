//! The rows of a fence: gutter and text, each row as it is written.

use crate::{
    ParseError,
    source::Line,
    syntax::{Piece, Unexpected, pieces},
};
use std::ops::Range;

/// The most lanes that one `i in` may unroll to.
const MOST_LANES: u32 = 1_000;

/// A row as it is written.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) written: String,
    pub(crate) gutter: Gutter,
    pub(crate) mode: Mode,
    pub(crate) pieces: Vec<Piece>,
    /// Line of the source, and column of its first character there.
    pub(crate) line: usize,
    column: usize,
    /// Where its text begins.
    text: usize,
}

/// Where a row stands in the order, as its gutter says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Gutter {
    Main,
    Lane(char),
    /// The first row of an unrolled lane, with its numbers.
    Range(char, Range<u32>),
    Each(char),
    Float,
    Err,
}

impl Gutter {
    /// What the lane of this number is called.
    pub(crate) fn lane(&self, number: u32) -> String {
        match self {
            Gutter::Main => "main".to_owned(),
            Gutter::Lane(letter) => letter.to_string(),
            Gutter::Range(letter, _) | Gutter::Each(letter) => format!("{letter}={number}"),
            Gutter::Float => "~".to_owned(),
            Gutter::Err => "err".to_owned(),
        }
    }
}

/// How many lines a row takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Mode {
    Once,
    /// `?`: none or one.
    Optional,
    /// `+`: one or more.
    Repeated,
    /// `...`: any number, of any text.
    Any,
}

impl Mode {
    pub(crate) fn may_repeat(self) -> bool {
        matches!(self, Mode::Repeated | Mode::Any)
    }

    pub(crate) fn may_be_skipped(self) -> bool {
        matches!(self, Mode::Optional | Mode::Any)
    }
}

const GUTTERS: &str = "this is no gutter: expected `A|`, `i in 0..5|`, `i|`, `~|` or `err|`, each perhaps with `+` or \
                       `?` before the bar, and a blank after it; a main row with a bar so early in its text begins \
                       with `| `";

impl Row {
    pub(crate) fn parse(line: &Line<'_>) -> Result<Row, ParseError> {
        let written = line.text.trim_end_matches([' ', '\t', '\r']);
        let main = (Gutter::Main, Mode::Once, written);
        let (place, mode, text) =
            match gutter(written).map_err(|(at, message)| line.error(at, message))? {
                Some(found) => found,
                None if looks_like_gutter(written) => return Err(line.error(0, GUTTERS)),
                None => main,
            };
        let start = written.len() - text.len();
        let mode = match (text, mode, &place) {
            ("...", Mode::Once, Gutter::Float) => {
                return Err(line
                    .error(start, "`...` has a place in a lane or between main rows, not in `~`"));
            }
            ("...", Mode::Once, _) => Mode::Any,
            ("...", ..) => {
                return Err(line.error(
                    start,
                    "`...` takes any number of lines by itself, without `+` or `?`",
                ));
            }
            (_, mode, _) => mode,
        };
        let pieces = match mode {
            Mode::Any => Vec::new(),
            _ => pieces(text).map_err(|(at, message)| line.error(start + at, message))?,
        };
        Ok(Row {
            written: written.to_owned(),
            gutter: place,
            mode,
            pieces,
            line: line.number,
            column: line.column,
            text: start,
        })
    }

    /// An error about the gutter.
    pub(crate) fn error(&self, message: String) -> ParseError {
        ParseError { line: self.line, column: self.column, message }
    }

    /// An error at a byte of the text.
    pub(crate) fn error_at(&self, at: usize, message: String) -> ParseError {
        let Row { ref written, line: number, column, text, .. } = *self;
        Line { text: written, number, column }.error(text + at, message)
    }
}

/// The gutter and the text behind it, if the row begins with something of a gutter's form.
fn gutter(row: &str) -> Result<Option<(Gutter, Mode, &str)>, Unexpected> {
    let Some((before, after)) = row.split_once('|') else {
        return Ok(None);
    };
    let text = match after.strip_prefix(' ') {
        Some(text) => text,
        None if after.is_empty() => after,
        None => return Ok(None),
    };
    let form = before.trim_end_matches(' ');
    let (form, mode) = match (form.strip_suffix('+'), form.strip_suffix('?')) {
        (Some(form), _) => (form, Mode::Repeated),
        (_, Some(form)) => (form, Mode::Optional),
        _ => (form, Mode::Once),
    };
    let mut rest = form.chars();
    let place = match (rest.next(), rest.as_str()) {
        // A bare bar is the escape; it has no blanks before it.
        (None, _) if !before.starts_with(' ') => Gutter::Main,
        (Some('~'), "") => Gutter::Float,
        (Some(letter @ 'A'..='Z'), "") => Gutter::Lane(letter),
        (Some(letter @ 'a'..='z'), "") => Gutter::Each(letter),
        _ if form == "err" => Gutter::Err,
        (Some(letter @ 'a'..='z'), rest) => {
            match rest.strip_prefix(" in ").and_then(|r| r.split_once("..")) {
                Some((from, to)) if is_number(from) && is_number(to) => {
                    let numbers = numbers(from, to).map_err(|message| ("i in ".len(), message))?;
                    Gutter::Range(letter, numbers)
                }
                _ => return Ok(None),
            }
        }
        _ => return Ok(None),
    };
    Ok(Some((place, mode, text)))
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

fn numbers(from: &str, to: &str) -> Result<Range<u32>, String> {
    let (Ok(from), Ok(to)) = (from.parse::<u32>(), to.parse::<u32>()) else {
        return Err(format!("expected numbers up to {}", u32::MAX));
    };
    match to.saturating_sub(from) {
        0 => Err("expected a range with at least one number: the last is excluded".to_owned()),
        1..=MOST_LANES => Ok(from..to),
        _ => Err(format!("expected a range of at most {MOST_LANES} numbers")),
    }
}

/// What could be a mistyped gutter must not pass as text.
fn looks_like_gutter(row: &str) -> bool {
    row.split_once('|').is_some_and(|(before, _)| {
        before.chars().count() <= 16
            && before.chars().all(|c| c.is_alphanumeric() || " \t+?*~.=()[],:-".contains(c))
    })
}

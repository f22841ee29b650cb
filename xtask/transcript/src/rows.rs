//! The rows of a fence: gutter and text, each row as it is written.

use crate::{
    ParseError,
    source::Line,
    text::{Piece, pieces},
};
use std::ops::Range;

/// The most lanes one `i in` may unroll to.
pub(crate) const MOST_LANES: u32 = 1_000;

/// A row as it is written.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) written: String,
    pub(crate) place: Place,
    pub(crate) mode: Mode,
    pub(crate) pieces: Vec<Piece>,
    pub(crate) line: usize,
    pub(crate) column: usize,
    /// How many characters of gutter stand before the text.
    pub(crate) gutter: usize,
}

/// Where a row stands in the order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Main,
    Lane(char),
    Range(char, Range<u32>),
    Each(char),
    Float,
    Err,
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

const GUTTERS: &str = "expected `A|`, `i in 0..5|`, `i|`, `~|` or `err|`, each perhaps with `+` or `?` before \
                       the bar and a blank after it; for a main row that has a bar so early in its text, \
                       begin with `| `";

impl Row {
    pub(crate) fn parse(line: &Line<'_>) -> Result<Row, ParseError> {
        let whole = line.text.trim_end_matches([' ', '\t', '\r']);
        let (place, mode, text) = match gutter(whole) {
            Some(Ok(found)) => found,
            Some(Err((at, message))) => return Err(line.error(at, message)),
            None if looks_like_gutter(whole) => {
                return Err(line.error(0, format!("this is no gutter: {GUTTERS}")));
            }
            None => (Place::Main, Mode::Once, whole),
        };
        let start = whole[..whole.len() - text.len()].chars().count();
        let mode = match (text, mode, &place) {
            ("...", Mode::Once, Place::Float) => {
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
        let pieces = if mode == Mode::Any {
            Vec::new()
        } else {
            pieces(text).map_err(|(at, message)| line.error(start + at, message))?
        };
        Ok(Row {
            written: whole.to_owned(),
            place,
            mode,
            pieces,
            line: line.number,
            column: line.column,
            gutter: start,
        })
    }
}

type Gutter<'t> = (Place, Mode, &'t str);

/// The gutter and the text behind it, if the row begins with something of a gutter's form.
fn gutter(row: &str) -> Option<Result<Gutter<'_>, (usize, String)>> {
    let (before, after) = row.split_once('|')?;
    let text = match after.strip_prefix(' ') {
        Some(text) => text,
        None if after.is_empty() => after,
        None => return None,
    };
    let form = before.trim_end_matches(' ');
    let (form, mode) = match form.as_bytes().last() {
        Some(b'+') => (&form[..form.len() - 1], Mode::Repeated),
        Some(b'?') => (&form[..form.len() - 1], Mode::Optional),
        _ => (form, Mode::Once),
    };
    let mut letters = form.chars();
    let place = match (letters.next(), letters.as_str()) {
        // A bare bar escapes; blanks before it are part of no form.
        (None, _) if before.starts_with(' ') => return None,
        (None, _) => Place::Main,
        (Some('~'), "") => Place::Float,
        (Some('A'..='Z'), "") => Place::Lane(form.chars().next()?),
        (Some(c @ 'a'..='z'), "") => Place::Each(c),
        (Some(_), _) if form == "err" => Place::Err,
        (Some(c @ 'a'..='z'), rest) => {
            let (from, to) = rest.strip_prefix(" in ")?.split_once("..")?;
            let at = form.len() - from.len() - 2 - to.len();
            match (number(from)?, number(to)?) {
                (Ok(from), Ok(to)) if from < to && to - from <= MOST_LANES => {
                    Place::Range(c, from..to)
                }
                (Ok(from), Ok(to)) if from >= to => {
                    return Some(Err((
                        at,
                        "expected a range with at least one number: the last is excluded"
                            .to_owned(),
                    )));
                }
                _ => {
                    return Some(Err((
                        at,
                        format!("expected a range of at most {MOST_LANES} numbers"),
                    )));
                }
            }
        }
        _ => return None,
    };
    Some(Ok((place, mode, text)))
}

/// `None`: no digits; `Some(Err)`: more than fit.
fn number(digits: &str) -> Option<Result<u32, std::num::ParseIntError>> {
    (!digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())).then(|| digits.parse())
}

fn looks_like_gutter(row: &str) -> bool {
    row.split_once('|').is_some_and(|(before, _)| {
        before.len() <= 12
            && before.chars().all(|c| c.is_ascii_alphanumeric() || " \t+?*~.".contains(c))
    })
}

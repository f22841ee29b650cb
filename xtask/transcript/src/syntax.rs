//! The text of a row or of a pattern as it is written: literals, names, wildcards.

use crate::kind::{ValueKind, is_word};

/// One part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    Literal(String),
    /// `{name}` or `{name=sample}`; `at` is the byte where its name begins.
    Name {
        name: String,
        sample: Option<String>,
        at: usize,
    },
    Wild,
}

/// A byte of the text, and what was expected there.
pub(crate) type Unexpected = (usize, String);

/// Splits a text into its pieces.
pub(crate) fn pieces(text: &str) -> Result<Vec<Piece>, Unexpected> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let at = text.len() - rest.len();
        let (piece, length) = if rest.starts_with("{{") || rest.starts_with("}}") {
            (Piece::Literal(c.to_string()), 2)
        } else if rest.starts_with("[..]") {
            (Piece::Wild, 4)
        } else if let Some(after) = rest.strip_prefix('{') {
            let unclosed = || (at, "expected `}` to close `{`, or `{{` for a brace".to_owned());
            let inside = after.split_once('}').ok_or_else(unclosed)?.0;
            (name(inside, at + 1)?, inside.len() + 2)
        } else if c == '}' {
            return Err((at, "expected `}}` for a brace: this one closes nothing".to_owned()));
        } else {
            (Piece::Literal(c.to_string()), c.len_utf8())
        };
        rest = &rest[length..];
        match (pieces.last_mut(), piece) {
            (Some(Piece::Literal(before)), Piece::Literal(more)) => before.push_str(&more),
            // Two wildcards in a row take what one takes.
            (Some(Piece::Wild), Piece::Wild) => {}
            (_, piece) => pieces.push(piece),
        }
    }
    Ok(pieces)
}

fn name(inside: &str, at: usize) -> Result<Piece, Unexpected> {
    let (name, sample) = match inside.split_once('=') {
        Some((name, sample)) => (name, Some(sample)),
        None => (inside, None),
    };
    if !(name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.bytes().all(is_word)) {
        let message = format!("expected a name, `[A-Za-z][A-Za-z0-9_]*`, found {}", found(name));
        return Err((at, message));
    }
    if let Some(sample) = sample
        && ValueKind::of(sample).is_none()
    {
        let at = at + name.len() + "=".len();
        let message = format!(
            "expected a sample that is an integer, a decimal, a duration or a word, found {}",
            found(sample)
        );
        return Err((at, message));
    }
    Ok(Piece::Name { name: name.to_owned(), sample: sample.map(str::to_owned), at })
}

fn found(text: &str) -> String {
    if text.is_empty() { "nothing".to_owned() } else { format!("`{text}`") }
}

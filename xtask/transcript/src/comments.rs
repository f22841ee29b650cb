//! The `//` comments of a source: a directive is one of them, and not what looks like one in a string.

use crate::source::{Line, markdown};

/// A comment up to the end of its line, from its first slash on.
pub(crate) struct Comment<'s> {
    pub(crate) line: Line<'s>,
    /// Nothing but blanks stands before it.
    pub(crate) is_alone: bool,
}

impl Comment<'_> {
    /// Does it begin with `@`? (A line of `//!` may: it can be a row of the output.)
    pub(crate) fn is_nearly_directive(&self) -> bool {
        self.line.text.trim_start_matches(['/', ' ', '\t']).starts_with('@')
    }
}

/// What a place of a source is inside of.
#[derive(Clone, Copy)]
enum Inside {
    Code,
    /// Block comments, so many in each other.
    Block(usize),
    Text,
    /// A raw string that ends with a quote and so many `#`.
    Raw(usize),
}

/// All of them.
pub(crate) fn of(source: &str) -> Vec<Comment<'_>> {
    let mut comments = Vec::new();
    let mut inside = Inside::Code;
    for line in markdown(source) {
        let mut rest = line.text;
        while let Some(first) = rest.chars().next() {
            let next = rest.chars().nth(1);
            let one = first.len_utf8();
            let both = one + next.map_or(0, char::len_utf8);
            let (then, step) = match (inside, first, next) {
                (Inside::Code, '/', Some('/')) => {
                    let before = &line.text[..line.text.len() - rest.len()];
                    let is_alone = before.trim().is_empty();
                    let line = Line { text: rest, column: 1 + before.chars().count(), ..line };
                    comments.push(Comment { line, is_alone });
                    break;
                }
                (Inside::Code, '/', Some('*')) => (Inside::Block(1), both),
                (Inside::Code, '"', _) => (Inside::Text, one),
                (Inside::Code, 'r', _) => raw_string(rest).unwrap_or((inside, one)),
                (Inside::Code, '\'', _) => (inside, character(rest).unwrap_or(one)),
                (Inside::Block(depth), '/', Some('*')) => (Inside::Block(depth + 1), both),
                (Inside::Block(1), '*', Some('/')) => (Inside::Code, both),
                (Inside::Block(depth), '*', Some('/')) => (Inside::Block(depth - 1), both),
                (Inside::Text, '\\', _) => (inside, both),
                (Inside::Text, '"', _) => (Inside::Code, one),
                (Inside::Raw(hashes), '"', _) if hashes_at(&rest[1..]) >= hashes => {
                    (Inside::Code, one + hashes)
                }
                _ => (inside, one),
            };
            inside = then;
            rest = &rest[step..];
        }
    }
    comments
}

/// The inside of a raw string and the length of its beginning, if one begins with this `r`.
fn raw_string(code: &str) -> Option<(Inside, usize)> {
    let hashes = hashes_at(&code[1..]);
    let begins = code[1 + hashes..].starts_with('"');
    begins.then_some((Inside::Raw(hashes), "r".len() + hashes + "\"".len()))
}

fn hashes_at(text: &str) -> usize {
    text.bytes().take_while(|byte| *byte == b'#').count()
}

/// The length of a character's literal, if it is one and not a lifetime.
fn character(code: &str) -> Option<usize> {
    let body = &code[1..];
    let mut letters = body.char_indices();
    let (_, first) = letters.next()?;
    // What is escaped may be a quote.
    let end = if first == '\\' { letters.nth(1)?.0 } else { first.len_utf8() };
    let after = body[end..].find('\'').filter(|at| *at == 0 || first == '\\')?;
    Some(1 + end + after + 1)
}

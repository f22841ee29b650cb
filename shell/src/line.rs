//! Bytes cut into lines, apart from the pipes they came through.

use crate::pipes::Source;
use std::borrow::Cow;
use std::collections::VecDeque;
use std::io::{BufRead, Read};
use std::mem;

/// No piece of a line is longer than this, so a program that never ends its line cannot make us
/// keep all of it.
const PIECE: usize = 64 * 1024;

/// One line that a program printed, as it was read.
///
/// # Examples
///
/// ```
/// use shell::{Group, Source};
/// use std::process::Command;
///
/// let mut group = Group::spawn(Command::new("printf").arg(r"\377 and more\n"))?;
/// let line = group.next_line().unwrap();
/// assert_eq!(line.source, Source::Stdout);
/// assert_eq!(line.bytes, b"\xff and more\n");
/// assert_eq!(line.text(), "\u{FFFD} and more");
/// # Ok::<(), shell::StartError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Where it was printed.
    pub source: Source,
    /// Its bytes, newline included. The last line of an output may lack the newline. A line of
    /// more than 64 KiB comes in pieces of 64 KiB, of which only the last ends in a newline.
    pub bytes: Vec<u8>,
}

impl Line {
    /// The line as text, without its newline. What is not UTF-8 shows as U+FFFD; the
    /// [`bytes`](Line::bytes) are exact.
    pub fn text(&self) -> Cow<'_, str> {
        let line = self.bytes.strip_suffix(b"\n").unwrap_or(&self.bytes);
        String::from_utf8_lossy(line)
    }
}

/// Cuts one pipe's bytes into lines.
///
/// Invariant: between two calls, `line` holds no newline and fewer than `PIECE` bytes.
#[derive(Debug, Default)]
pub(crate) struct Cutter {
    unread: VecDeque<u8>,
    /// The beginning of the line whose end has not been read yet.
    line: Vec<u8>,
}

impl Cutter {
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.unread.extend(bytes);
    }

    /// The next whole line or piece.
    pub(crate) fn next(&mut self) -> Option<Vec<u8>> {
        let room = (PIECE - self.line.len()) as u64;
        let _memory_has_no_errors = (&mut self.unread).take(room).read_until(b'\n', &mut self.line);
        (self.line.ends_with(b"\n") || self.line.len() == PIECE).then(|| mem::take(&mut self.line))
    }

    /// What is left when `next` finds no more: the beginning of a line whose end may never come.
    pub(crate) fn rest(&mut self) -> Option<Vec<u8>> {
        (!self.line.is_empty()).then(|| mem::take(&mut self.line))
    }
}

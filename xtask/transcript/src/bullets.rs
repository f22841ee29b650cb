//! Bullets: each with the indented lines that continue it.

use crate::{ParseError, source::Line};

/// The text of a bullet in one line, and where its parts stand in the source.
pub(crate) struct Bullet<'s> {
    pub(crate) text: String,
    /// For each part: its first byte in `text`, its line, its first byte there.
    parts: Vec<(usize, Line<'s>, usize)>,
}

impl<'s> Bullet<'s> {
    pub(crate) fn all(lines: &[Line<'s>], errors: &mut Vec<ParseError>) -> Vec<Bullet<'s>> {
        let mut bullets: Vec<Bullet<'_>> = Vec::new();
        for line in lines {
            let text = line.text.trim_end();
            let is_indented = text.starts_with([' ', '\t']);
            let continued = bullets.last_mut().filter(|_| is_indented);
            match (text.strip_prefix("- "), continued) {
                _ if text.is_empty() => {}
                (Some(start), _) => {
                    let mut bullet = Bullet { text: String::new(), parts: Vec::new() };
                    bullet.add(line, start.trim_start());
                    bullets.push(bullet);
                }
                (None, Some(bullet)) => bullet.add(line, text.trim_start()),
                (None, None) => errors.push(line.error(
                    0,
                    "expected a bullet, `- ` and a rule, or an indented line that continues one",
                )),
            }
        }
        bullets
    }

    fn add(&mut self, line: &Line<'s>, part: &str) {
        if !self.text.is_empty() {
            self.text.push(' ');
        }
        self.parts.push((self.text.len(), *line, line.text.trim_end().len() - part.len()));
        self.text.push_str(part);
    }

    /// An error at a byte of the text.
    pub(crate) fn error(&self, at: usize, message: String) -> ParseError {
        let part = self.parts.iter().rfind(|part| part.0 <= at);
        let (start, line, indent) = part.unwrap_or(&self.parts[0]);
        line.error(indent + at - start, message)
    }
}

//! From the source of a section to the lines that matter: documentation, fence, bullets.

use std::{collections::HashMap, fmt};
use strsim::levenshtein;

/// A mistake in a transcript: where it stands, and what was expected there.
///
/// ```
/// let errors = transcript::Transcript::parse("# Output\n\n```text\ni| hello\n```\n").unwrap_err();
/// assert_eq!(errors[0].to_string(), "4:1: expected `i in FIRST..END|` at the first row of `i`");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// Line of the source, from 1.
    pub line: usize,
    /// Column of the source in characters, from 1.
    pub column: usize,
    /// What is wrong, and what was expected.
    pub message: String,
}

/// Prints `line:column: message`, so that `file:` can stand before it.
impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.message)
    }
}

impl std::error::Error for ParseError {}

/// The mistakes in the order in which a reader meets them.
pub(crate) fn in_order(mut errors: Vec<ParseError>) -> Vec<ParseError> {
    errors.sort_by_key(|e| (e.line, e.column));
    errors
}

/// A line of the documentation, and where it stands in the source.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line<'s> {
    pub(crate) text: &'s str,
    pub(crate) number: usize,
    /// Column of the text's first character, from 1.
    pub(crate) column: usize,
}

impl Line<'_> {
    /// An error at a byte of this line.
    pub(crate) fn error(&self, at: usize, message: impl Into<String>) -> ParseError {
        let column = self.column + self.text[..at].chars().count();
        ParseError { line: self.number, column, message: message.into() }
    }
}

/// The lines of a Markdown text.
pub(crate) fn markdown(text: &str) -> Vec<Line<'_>> {
    (1..).zip(text.lines()).map(|(number, text)| Line { text, number, column: 1 }).collect()
}

/// The `//!` lines at the head of a file.
pub(crate) fn docs(source: &str) -> Vec<Line<'_>> {
    let is_head =
        |l: &str| l.trim().is_empty() || ["//", "#!"].iter().any(|mark| l.starts_with(mark));
    let lines = markdown(source).into_iter().take_while(|l| is_head(l.text));
    lines
        .filter_map(|line| {
            let text = line.text.strip_prefix("//!")?;
            Some(match text.strip_prefix(' ') {
                Some(text) => Line { text, column: 5, ..line },
                None => Line { text, column: 4, ..line },
            })
        })
        .collect()
}

/// The two parts of the documentation that this crate reads.
#[derive(Debug, Default)]
pub(crate) struct Parts<'s> {
    /// What stands in the fence under `# Output`.
    pub(crate) rows: Vec<Line<'s>>,
    /// What stands under `# Always`.
    pub(crate) bullets: Vec<Line<'s>>,
}

const OUTPUT: &str = "`# Output`";
const ALWAYS: &str = "`# Always`";
const HEADINGS: [(&str, &str); 2] = [("Output", OUTPUT), ("Always", ALWAYS)];
const TRANSCRIPT: &str = "fence marked `text` under `# Output`";

/// Finds the fence under `# Output` and the lines under `# Always`.
pub(crate) fn parts<'s>(docs: &[Line<'s>]) -> Result<Parts<'s>, Vec<ParseError>> {
    let mut parts = Parts::default();
    let mut errors = Vec::new();
    // Where each of the three that may stand once was seen first.
    let mut first: HashMap<&str, Line<'_>> = HashMap::new();
    let mut once = |what: &'static str, line: &Line<'s>, errors: &mut Vec<ParseError>| {
        let first = first.entry(what).or_insert(*line);
        if first.number != line.number {
            let message = format!("expected one {what}; the first is on line {}", first.number);
            errors.push(line.error(0, message));
        }
    };
    let mut heading = "";
    let mut open: Option<(Line<'_>, Fence<'_>)> = None;
    for line in docs {
        if let Some((_, fence)) = &open {
            if fence.is_closed_by(line.text) {
                open = None;
            } else if heading == OUTPUT && fence.info == "text" {
                parts.rows.push(*line);
            }
        } else if let Some(fence) = Fence::open(line.text) {
            match heading {
                OUTPUT if fence.info == "text" => {
                    once(TRANSCRIPT, line, &mut errors);
                    if line.text.starts_with([' ', '\t']) {
                        errors.push(line.error(0, "expected this fence at the left margin"));
                    }
                }
                ALWAYS => {
                    errors.push(
                        line.error(0, "expected only `-` bullets under `# Always`, found a fence"),
                    );
                }
                _ => {}
            }
            open = Some((*line, fence));
        } else if let Some((title, shown)) = meant(line.text) {
            heading = shown;
            once(heading, line, &mut errors);
            // To pass over one that is nearly right would drop all that stands under it.
            if line.text.strip_prefix("# ").is_none_or(|found| found.trim() != title) {
                let at = line.text.len() - line.text.trim_start().len();
                let found = line.text.trim();
                errors.push(line.error(at, format!("expected {shown}, found `{found}`")));
            }
        } else if line.text.starts_with("# ") {
            heading = "";
        } else if heading == ALWAYS {
            parts.bullets.push(*line);
        }
    }
    if let Some((start, _)) = open {
        errors.push(start.error(0, "expected the end of this fence"));
    }
    match first.get(OUTPUT) {
        None => {
            let message =
                "expected a transcript: a heading `# Output`, and under it a fence marked `text`";
            errors.push(ParseError { line: 1, column: 1, message: message.to_owned() });
        }
        Some(heading) => match first.get(TRANSCRIPT) {
            None => errors.push(heading.error(0, format!("expected a {TRANSCRIPT}"))),
            Some(fence) if parts.rows.is_empty() => {
                errors.push(fence.error(0, "expected a row in this fence"));
            }
            Some(_) => {}
        },
    }
    if let Some(heading) = first.get(ALWAYS)
        && parts.bullets.iter().all(|l| l.text.trim().is_empty())
    {
        errors.push(heading.error(0, "expected a `-` bullet under `# Always`"));
    }
    if errors.is_empty() { Ok(parts) } else { Err(errors) }
}

/// Which of the two headings this line is, or was meant to be: at any level, whatever the case and
/// what stands round the word, with at most two letters off.
fn meant(line: &str) -> Option<(&'static str, &'static str)> {
    let title = line.trim_start().strip_prefix('#')?;
    let title = title.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    HEADINGS.into_iter().find(|(known, _)| levenshtein(&title, &known.to_lowercase()) <= 2)
}

/// A line that opens a fence of Markdown.
struct Fence<'s> {
    mark: char,
    length: usize,
    info: &'s str,
}

impl<'s> Fence<'s> {
    fn open(line: &'s str) -> Option<Fence<'s>> {
        let line = line.trim_start();
        let mark = line.chars().next().filter(|c| matches!(c, '`' | '~'))?;
        let info = line.trim_start_matches(mark);
        let length = line.len() - info.len();
        let fence = Fence { mark, length, info: info.trim() };
        (length >= 3 && !fence.info.contains('`')).then_some(fence)
    }

    fn is_closed_by(&self, line: &str) -> bool {
        let line = line.trim();
        line.len() >= self.length && line.chars().all(|c| c == self.mark)
    }
}

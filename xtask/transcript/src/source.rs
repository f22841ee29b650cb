//! From the source of a section to the lines that matter: title, directives, fence, bullets.

use crate::{Directives, ParseError};
use std::time::Duration;

/// A line of the documentation, and where it stands in the source.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line<'s> {
    pub(crate) text: &'s str,
    pub(crate) number: usize,
    /// Column of the text's first character, from 1.
    pub(crate) column: usize,
}

impl Line<'_> {
    /// An error at the `at`-th character of this line.
    pub(crate) fn error(&self, at: usize, message: impl Into<String>) -> ParseError {
        ParseError { line: self.number, column: self.column + at, message: message.into() }
    }
}

/// The `//!` lines at the head of a file.
pub(crate) fn docs(source: &str) -> Vec<Line<'_>> {
    (1..)
        .zip(source.lines())
        .take_while(|(_, l)| l.trim().is_empty() || l.starts_with("//") || l.starts_with("#!"))
        .filter_map(|(number, l)| {
            let text = l.strip_prefix("//!")?;
            Some(match text.strip_prefix(' ') {
                Some(text) => Line { text, number, column: 5 },
                None => Line { text, number, column: 4 },
            })
        })
        .collect()
}

/// The two parts of the documentation that are read by this crate.
#[derive(Debug, Default)]
pub(crate) struct Parts<'s> {
    pub(crate) rows: Vec<Line<'s>>,
    pub(crate) bullets: Vec<Line<'s>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Heading {
    Output,
    Always,
    Other,
}

/// Finds the fence under `# Output` and the lines under `# Always`.
pub(crate) fn parts<'s>(docs: &[Line<'s>]) -> Result<Parts<'s>, Vec<ParseError>> {
    let mut parts = Parts::default();
    let mut errors = Vec::new();
    let mut heading = Heading::Other;
    let mut output: Option<Line<'_>> = None;
    let mut always: Option<Line<'_>> = None;
    let mut transcript: Option<Line<'_>> = None;
    let mut open: Option<(Line<'_>, Fence<'_>)> = None;
    for line in docs {
        if let Some((start, fence)) = open {
            if fence.is_closed_by(line.text) {
                open = None;
            } else if heading == Heading::Output
                && fence.info == "text"
                && transcript.is_some_and(|t| t.number == start.number)
            {
                parts.rows.push(*line);
            }
            continue;
        }
        if let Some(fence) = Fence::open(line.text) {
            open = Some((*line, fence));
            match heading {
                Heading::Output if fence.info == "text" => match transcript {
                    None => transcript = Some(*line),
                    Some(first) => errors.push(line.error(
                        0,
                        format!("expected one fence marked `text` under `# Output`; the first is on line {}", first.number),
                    )),
                },
                Heading::Always => errors.push(line.error(0, "expected only `-` bullets under `# Always`, found a fence")),
                _ => {}
            }
        } else if let Some(title) = line.text.strip_prefix("# ") {
            let seen = match title.trim() {
                "Output" => {
                    heading = Heading::Output;
                    &mut output
                }
                "Always" => {
                    heading = Heading::Always;
                    &mut always
                }
                _ => {
                    heading = Heading::Other;
                    continue;
                }
            };
            if let Some(first) = seen {
                errors.push(line.error(
                    0,
                    format!(
                        "expected one `# {}`; the first is on line {}",
                        title.trim(),
                        first.number
                    ),
                ));
            }
            *seen = Some(*line);
        } else if heading == Heading::Always {
            parts.bullets.push(*line);
        }
    }
    if let Some((start, _)) = open {
        errors.push(start.error(0, "expected the end of this fence"));
    }
    match (output, always, transcript) {
        (None, ..) => errors.push(ParseError {
            line: 1,
            column: 1,
            message: "expected a transcript: a heading `# Output` in the `//!` documentation, and a fence marked `text` \
                      under it"
                .to_owned(),
        }),
        (Some(heading), _, None) => errors.push(heading.error(0, "expected a fence marked `text` under `# Output`")),
        (_, Some(heading), _) if parts.bullets.iter().all(|l| l.text.trim().is_empty()) => {
            errors.push(heading.error(0, "expected a `-` bullet under `# Always`"));
        }
        _ => {}
    }
    if errors.is_empty() { Ok(parts) } else { Err(errors) }
}

#[derive(Clone, Copy)]
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

    fn is_closed_by(self, line: &str) -> bool {
        let line = line.trim();
        line.len() >= self.length && line.chars().all(|c| c == self.mark)
    }
}

/// The first line of the documentation, without its full stop.
pub(crate) fn title(docs: &[Line<'_>]) -> Result<String, ParseError> {
    let title = docs.first().map_or("", |l| l.text.trim());
    if title.is_empty() || title.starts_with('#') {
        return Err(ParseError {
            line: docs.first().map_or(1, |l| l.number),
            column: 1,
            message: "expected a title: `//! Title: one sentence.`".to_owned(),
        });
    }
    Ok(title.trim_end_matches('.').to_owned())
}

/// The `//@` lines of a file.
pub(crate) fn directives(source: &str) -> Result<Directives, Vec<ParseError>> {
    let mut directives = Directives::default();
    let mut seen: Vec<(&str, usize)> = Vec::new();
    let mut errors = Vec::new();
    for (number, whole) in (1..).zip(source.lines()) {
        let Some(text) = whole.strip_prefix("//@") else {
            continue;
        };
        let line = Line { text, number, column: 4 };
        let (name, value) = match text.split_once(':') {
            Some((name, value)) => (name.trim(), Some(value.trim())),
            None => (text.trim(), None),
        };
        let at = text.len() - text.trim_start().len();
        if let Some((_, first)) = seen.iter().find(|(n, _)| *n == name) {
            errors.push(
                line.error(at, format!("expected `{name}` once; the first is on line {first}")),
            );
        }
        seen.push((name, number));
        if let Err(message) = directives.set(name, value) {
            errors.push(line.error(at, message));
        }
    }
    if errors.is_empty() { Ok(directives) } else { Err(errors) }
}

impl Default for Directives {
    /// What holds for a section without directives.
    fn default() -> Directives {
        Directives {
            exit: 0,
            args: Vec::new(),
            timeout: Duration::from_secs(30),
            alone: false,
            cores: 1,
            no_twin: None,
        }
    }
}

impl Directives {
    fn set(&mut self, name: &str, value: Option<&str>) -> Result<(), String> {
        let found = value.map_or("nothing".to_owned(), |v| format!("`{v}`"));
        match (name, value.filter(|v| !v.is_empty())) {
            ("exit", Some(value)) => {
                self.exit = i32::from(
                    value
                        .parse::<u8>()
                        .map_err(|_| format!("expected a status from 0 to 255, found {found}"))?,
                );
            }
            ("args", Some(value)) => {
                self.args = value.split_whitespace().map(str::to_owned).collect()
            }
            ("timeout", Some(value)) => {
                self.timeout = whole_seconds(value).ok_or_else(|| {
                    format!("expected whole seconds from 1s to 3600s, found {found}")
                })?;
            }
            ("alone", None) if value.is_none() => self.alone = true,
            ("cores", Some(value)) => {
                self.cores = value.parse().ok().filter(|n| *n >= 1).ok_or_else(|| {
                    format!("expected a number of cores, 1 or more, found {found}")
                })?;
            }
            ("no-twin", Some(value)) => self.no_twin = Some(value.to_owned()),
            ("exit", None) => return Err("expected `exit: STATUS`".to_owned()),
            ("args", None) => return Err("expected `args: ARGUMENTS`".to_owned()),
            ("timeout", None) => {
                return Err("expected `timeout: SECONDSs`, as in `timeout: 10s`".to_owned());
            }
            ("cores", None) => return Err("expected `cores: NUMBER`".to_owned()),
            ("no-twin", None) => return Err("expected `no-twin: REASON`".to_owned()),
            ("alone", _) => {
                return Err(format!("expected `alone` by itself, found {found} behind it"));
            }
            _ => {
                return Err(format!(
                    "expected a directive, one of exit, args, timeout, alone, cores, no-twin, found `{name}`"
                ));
            }
        }
        Ok(())
    }
}

fn whole_seconds(value: &str) -> Option<Duration> {
    let seconds: u64 = value.strip_suffix('s')?.trim_end().parse().ok()?;
    (1..=3600).contains(&seconds).then(|| Duration::from_secs(seconds))
}

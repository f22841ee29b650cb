//! The head of a section: its title, its directives, its transcript.

use crate::{
    Mutants, Output, ParseError, Status, Transcript, Verdict, comments, signals,
    source::{self, Line},
};
use std::time::Duration;

/// What a section says of itself before its code.
///
/// ```
/// use transcript::{Head, Status};
///
/// let source = "//! Hello: one line, and then the end.
/// //!
/// //! # Output
/// //!
/// //! ```text
/// //! hello
/// //! ```
/// //@ exit: 3
///
/// fn main() {}
/// ";
/// let head = Head::parse(source).unwrap();
/// assert_eq!(head.title, "Hello: one line, and then the end");
/// assert_eq!(head.directives.exit, Status::Exited(3));
/// assert_eq!(head.transcript.count().to_string(), "1");
/// ```
#[derive(Clone, Debug)]
pub struct Head {
    /// The first line of the file's documentation, without its full stop.
    pub title: String,
    /// How the section is to be run.
    pub directives: Directives,
    /// Which outputs are legal.
    pub transcript: Transcript,
}

/// The `//@` lines of a section.
///
/// ```
/// use std::time::Duration;
/// use transcript::{Directives, Status};
///
/// let usual = Directives::default();
/// assert_eq!((usual.exit, usual.timeout), (Status::Exited(0), Duration::from_secs(30)));
/// assert_eq!(usual.cores, 1);
/// assert!(usual.args.is_empty() && !usual.alone && usual.no_twin.is_none());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directives {
    /// The end that is right: with an exit status, or by a signal.
    pub exit: Status,
    /// Arguments for the checked run.
    pub args: Vec<String>,
    /// The time limit of the checked run.
    pub timeout: Duration,
    /// Needs a quiet machine: run after the others, by itself.
    pub alone: bool,
    /// Skipped where there are fewer cores than this.
    pub cores: usize,
    /// Why this section has no Python twin, if it has none.
    pub no_twin: Option<String>,
}

impl Head {
    /// Reads the source of a section.
    ///
    /// # Errors
    ///
    /// The mistakes in the order of their lines. Those of the rules are looked for when the rows
    /// are right: a rule speaks of the rows' names.
    pub fn parse(source: &str) -> Result<Head, Vec<ParseError>> {
        let docs = source::docs(source);
        let title = title(&docs).map_err(|error| vec![error]);
        let directives = Directives::parse(source);
        let transcript = Transcript::from_lines(&docs);
        match (title, directives, transcript) {
            (Ok(title), Ok(directives), Ok(transcript)) => {
                Ok(Head { title, directives, transcript })
            }
            (title, directives, transcript) => {
                let errors = [title.err(), directives.err(), transcript.err()];
                Err(source::in_order(errors.into_iter().flatten().flatten().collect()))
            }
        }
    }

    /// Is this run legal?
    ///
    /// ```
    /// use transcript::{Output, Head, Status, Verdict};
    ///
    /// let source = "//! Hello.\n//!\n//! # Output\n//!\n//! ```text\n//! hello\n//! ```\n";
    /// let head = Head::parse(source).unwrap();
    /// let run = Output { stdout: b"hello\n", stderr: b"", status: Status::Exited(0) };
    /// assert!(matches!(head.check(&run), Verdict::Legal(_)));
    /// let run = Output { status: Status::Exited(1), ..run };
    /// assert!(matches!(head.check(&run), Verdict::Illegal(_)));
    /// ```
    pub fn check(&self, run: &Output<'_>) -> Verdict {
        self.transcript.check(run, self.directives.exit)
    }

    /// Tries the line mutants of a legal run: see [`Mutants`].
    pub fn mutants(&self, run: &Output<'_>) -> Mutants {
        self.transcript.mutants(run, self.directives.exit)
    }
}

fn title(docs: &[Line<'_>]) -> Result<String, ParseError> {
    let first = docs.first().copied().unwrap_or(Line { text: "", number: 1, column: 1 });
    let title = first.text.trim();
    if title.is_empty() || title.starts_with('#') {
        let message = "expected a title: `//! Title: one sentence.`".to_owned();
        return Err(ParseError { line: first.number, column: 1, message });
    }
    Ok(title.trim_end_matches('.').to_owned())
}

impl Default for Directives {
    /// What holds for a section without directives.
    fn default() -> Directives {
        Directives {
            exit: Status::Exited(0),
            args: Vec::new(),
            timeout: Duration::from_secs(30),
            alone: false,
            cores: 1,
            no_twin: None,
        }
    }
}

impl Directives {
    fn parse(source: &str) -> Result<Directives, Vec<ParseError>> {
        let mut directives = Directives::default();
        let mut seen: Vec<(&str, usize)> = Vec::new();
        let mut errors = Vec::new();
        for comment in comments::of(source) {
            let Some(text) = comment.line.text.strip_prefix("//@").filter(|_| comment.is_alone)
            else {
                // One that is overlooked would be a trap.
                if comment.is_nearly_directive() {
                    let message = "expected `//@` and a directive, alone on its line";
                    errors.push(comment.line.error(0, message));
                }
                continue;
            };
            let at = "//@".len() + text.len() - text.trim_start().len();
            let text = text.trim();
            let (name, value) = match text.split_once(':') {
                Some((name, value)) => (name.trim(), Some(value.trim())),
                None => (text, None),
            };
            if let Some((_, first)) = seen.iter().find(|(seen, _)| *seen == name) {
                let message = format!("expected `{name}` once; the first is on line {first}");
                errors.push(comment.line.error(at, message));
            }
            seen.push((name, comment.line.number));
            if let Err(message) = directives.set(name, value) {
                errors.push(comment.line.error(at, message));
            }
        }
        if errors.is_empty() { Ok(directives) } else { Err(errors) }
    }

    fn set(&mut self, name: &str, value: Option<&str>) -> Result<(), String> {
        let form = match name {
            "exit" => "`exit: STATUS`, from 0 to 255, or `exit: SIGNAL`, as in SIGINT",
            "args" => "`args: ARGUMENTS`",
            "timeout" => "`timeout: SECONDS`, from 1s to 3600s",
            "alone" => "`alone` by itself",
            "cores" => "`cores: NUMBER`, 1 or more",
            "no-twin" => "`no-twin: REASON`",
            _ => "a directive, one of exit, args, timeout, alone, cores, no-twin",
        };
        let done = match (name, value) {
            ("exit", Some(value)) => {
                let status = value.parse::<u8>().map(|status| Status::Exited(status.into()));
                let signal = || signals::number(value).map(Status::Signalled);
                status.ok().or_else(signal).map(|exit| self.exit = exit)
            }
            ("args", Some(value)) if !value.is_empty() => {
                self.args = value.split_whitespace().map(str::to_owned).collect();
                Some(())
            }
            ("timeout", Some(value)) => seconds(value).map(|timeout| self.timeout = timeout),
            ("alone", None) => {
                self.alone = true;
                Some(())
            }
            ("cores", Some(value)) => {
                value.parse().ok().filter(|cores| *cores >= 1).map(|cores| self.cores = cores)
            }
            ("no-twin", Some(value)) if !value.is_empty() => {
                self.no_twin = Some(value.to_owned());
                Some(())
            }
            _ => None,
        };
        done.ok_or_else(|| match value {
            None => format!("expected {form}, found `{name}`"),
            Some("") => format!("expected {form}, found `{name}:`"),
            Some(value) => format!("expected {form}, found `{name}: {value}`"),
        })
    }
}

fn seconds(value: &str) -> Option<Duration> {
    let seconds: u64 = value.strip_suffix('s')?.trim_end().parse().ok()?;
    (1..=3600).contains(&seconds).then(|| Duration::from_secs(seconds))
}

//! What goes into a check and what comes out.

/// What a finished program left behind.
///
/// ```
/// use transcript::{Output, Status, Transcript, Verdict};
///
/// let transcript = Transcript::parse("# Output\n\n```text\nhello\n```\n").unwrap();
/// let run = Output { stdout: b"hello\n", stderr: b"", status: Status::Exited(0) };
/// assert!(matches!(transcript.check(&run, 0), Verdict::Legal(_)));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Output<'a> {
    /// All of its standard output.
    pub stdout: &'a [u8],
    /// All of its standard error.
    pub stderr: &'a [u8],
    /// How it ended.
    pub status: Status,
}

/// How a program ended.
///
/// ```
/// use transcript::{Output, Status, Transcript, Verdict};
///
/// let transcript = Transcript::parse("# Output\n\n```text\nhello\n```\n").unwrap();
/// let run = |status| Output { stdout: b"hello\n", stderr: b"", status };
/// assert!(matches!(transcript.check(&run(Status::Exited(3)), 3), Verdict::Legal(_)));
/// assert!(matches!(transcript.check(&run(Status::Signalled(6)), 0), Verdict::Illegal(_)));
/// assert!(matches!(transcript.check(&run(Status::Unjudged), 0), Verdict::Legal(_)));
/// // An end by a signal may be the right one.
/// let interrupted = Status::Signalled(2);
/// assert!(matches!(transcript.check(&run(interrupted), interrupted), Verdict::Legal(_)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// By itself, with this status.
    Exited(i32),
    /// By this signal.
    Signalled(i32),
    /// From outside, by its runner (a time-out, say), or not known: the status is not judged.
    Unjudged,
}

impl From<i32> for Status {
    /// An exit status.
    fn from(status: i32) -> Status {
        Status::Exited(status)
    }
}

/// The answer of [`Transcript::check`](crate::Transcript::check) and
/// [`Head::check`](crate::Head::check), where examples stand.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// The output is legal.
    Legal(Reading),
    /// The output is not legal, and why.
    Illegal(Box<Failure>),
    /// The transcript allows too many readings to tell, or takes too long to read the output by.
    TooAmbiguous(Box<Ambiguity>),
}

/// One way to read a legal output.
///
/// ```
/// use transcript::{Output, Status, Transcript, Verdict};
///
/// let transcript = Transcript::parse(
///     "# Output\n\n```text\nA| took {time=5 ms}\n~| tick\nbye\n```\n\n# Always\n\n- sometimes `took 7 ms`\n",
/// )
/// .unwrap();
/// let run = Output { stdout: b"tick\ntook 7 ms\nbye\n", stderr: b"", status: Status::Exited(0) };
/// let Verdict::Legal(reading) = transcript.check(&run, 0) else { panic!("not legal") };
/// assert_eq!(reading.lanes, ["~", "A", "main"]);
/// assert_eq!(reading.sometimes, [("sometimes `took 7 ms`".to_owned(), true)]);
/// assert_eq!(reading.order, ["tick", "took 5 ms", "bye"]);
/// ```
#[derive(Clone, Debug)]
pub struct Reading {
    /// The lane of each line of standard output: `main`, `A`, `i=0`, `~`.
    pub lanes: Vec<String>,
    /// The same for standard error: `err`.
    pub err_lanes: Vec<String>,
    /// Each `sometimes` rule as written, and whether this run showed it.
    pub sometimes: Vec<(String, bool)>,
    /// The lines with samples for values, once for each row that is not `...`: two runs with
    /// equal `order` are the same one of the
    /// [`Transcript::count`](crate::Transcript::count) outputs.
    pub order: Vec<String>,
}

/// Which of the seven things went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// No row matches this line.
    NoRow,
    /// A row would take this line, but other lines must come first.
    TooEarly,
    /// The rows that would take this line have all been used.
    OnceTooOften,
    /// The output ended before every row was used.
    Ended,
    /// A rule of `# Always` broke.
    Rule,
    /// A value is out of the bounds that a rule sets.
    OutOfBounds,
    /// The end is not the right one: another exit status, or another signal.
    Exit,
}

/// Why an output is not legal.
///
/// ```
/// use transcript::{Kind, Output, Status, Transcript, Verdict};
///
/// let transcript = Transcript::parse("# Output\n\n```text\nhello\nbye\n```\n").unwrap();
/// let run = Output { stdout: b"bye\n", stderr: b"", status: Status::Exited(0) };
/// let Verdict::Illegal(failure) = transcript.check(&run, 0) else { panic!("legal") };
/// assert_eq!((failure.kind, failure.line), (Kind::TooEarly, Some(1)));
/// assert_eq!(failure.target, "bye");
/// assert_eq!(failure.lanes, [""]);
/// assert_eq!(
///     failure.explain("farewell"),
///     "farewell: line 1 comes too early
///  > 1  ?| bye                        `bye` still needs `hello`
/// "
/// );
/// ```
#[derive(Clone, Debug)]
pub struct Failure {
    /// Which of the seven things went wrong.
    pub kind: Kind,
    /// The line at fault, from 1; none where the end of the output or the exit status is.
    pub line: Option<usize>,
    /// What is at fault is standard error.
    pub on_stderr: bool,
    /// The row or the rule at fault, as the transcript writes it: the row that would take the
    /// line, the nearest row, the first row still expected, the rule; `err` where standard error
    /// should be empty, `exit N` or `exit SIGNAL` for the right end, nothing where there is no row at all.
    pub target: String,
    /// The lanes of the lines of standard output; empty for a line that no row took.
    pub lanes: Vec<String>,
    /// The same for standard error.
    pub err_lanes: Vec<String>,
    pub(crate) report: String,
}

impl Failure {
    /// The whole explanation, for a section of this name; ends with a newline.
    pub fn explain(&self, name: &str) -> String {
        format!("{name}: {}", self.report)
    }
}

/// Why a transcript is too ambiguous for an output.
///
/// ```
/// use transcript::{Output, Status, Transcript, Verdict};
///
/// // Which twenty of forty threads said hello first? It matters, as the second lines differ.
/// let transcript = Transcript::parse("# Output\n\n```text\ni in 0..40| hello\ni| bye {i}\n```\n").unwrap();
/// let hellos = "hello\n".repeat(20);
/// let run = Output { stdout: hellos.as_bytes(), stderr: b"", status: Status::Exited(0) };
/// let Verdict::TooAmbiguous(ambiguity) = transcript.check(&run, 0) else { panic!("told") };
/// assert_eq!((ambiguity.line, ambiguity.on_stderr), (4, false));
/// assert_eq!(ambiguity.rows, ["i in 0..40| hello"]);
/// assert!(ambiguity.explain("forty").starts_with("forty: too ambiguous: up to line 4"));
/// ```
#[derive(Clone, Debug)]
pub struct Ambiguity {
    /// The line at which the readings became too many, or took too long, from 1.
    pub line: usize,
    /// That line is one of standard error.
    pub on_stderr: bool,
    /// The rows at fault, as the transcript writes them.
    pub rows: Vec<String>,
}

impl Ambiguity {
    /// The whole explanation, for a section of this name; ends with a newline.
    pub fn explain(&self, name: &str) -> String {
        let stream = if self.on_stderr { " of standard error" } else { "" };
        format!(
            "{name}: too ambiguous: up to line {}{stream} the output can be read in too many ways; \
             the rows that compete for lines:\n    {}\n",
            self.line,
            self.rows.join("\n    ")
        )
    }
}

//! Transcripts and runs in a line.

use transcript::{Failure, Head, Output, Status, Transcript, Verdict};

/// The Markdown of a transcript; its first row is on line 4.
pub(crate) fn markdown(rows: &str, rules: &str) -> String {
    let always = if rules.is_empty() { String::new() } else { format!("\n# Always\n\n{rules}\n") };
    format!("# Output\n\n```text\n{rows}\n```\n{always}")
}

pub(crate) fn parse(rows: &str, rules: &str) -> Transcript {
    Transcript::parse(&markdown(rows, rules)).unwrap_or_else(|errors| panic!("{}", errors[0]))
}

/// The mistakes in a transcript, one a line.
pub(crate) fn mistakes(markdown: &str) -> String {
    match Transcript::parse(markdown) {
        Ok(_) => String::new(),
        Err(errors) => errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"),
    }
}

/// The same for the source of a section.
pub(crate) fn mistakes_in_source(source: &str) -> String {
    match Head::parse(source) {
        Ok(_) => String::new(),
        Err(errors) => errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"),
    }
}

/// A run that ended well and wrote nothing to standard error.
pub(crate) fn run(stdout: &str) -> Output<'_> {
    Output { stdout: stdout.as_bytes(), stderr: b"", status: Status::Exited(0) }
}

pub(crate) fn is_legal(rows: &str, rules: &str, stdout: &str) -> bool {
    match parse(rows, rules).check(&run(stdout), 0) {
        Verdict::Legal(_) => true,
        Verdict::Illegal(_) => false,
        Verdict::TooAmbiguous(ambiguity) => panic!("{}", ambiguity.explain("")),
    }
}

pub(crate) fn failure(rows: &str, rules: &str, run: &Output<'_>) -> Failure {
    match parse(rows, rules).check(run, 0) {
        Verdict::Illegal(failure) => *failure,
        other => panic!("{other:?}"),
    }
}

/// The explanation of a failure, for a section named `x`.
pub(crate) fn explained(rows: &str, rules: &str, run: &Output<'_>) -> String {
    failure(rows, rules, run).explain("x")
}

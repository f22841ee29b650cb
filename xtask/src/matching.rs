//! `cargo xtask match`: is my output legal?

use crate::course::Course;
use crate::verify::runner::LIMIT;
use crate::{Outcome, screen};
use anyhow::{Context, Error, Result, ensure};
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;
use transcript::{Output, Status, Verdict};

/// Checks an output against a section's transcript.
///
/// It is taken for the standard output of a run that went well otherwise: with the right exit
/// status, and with no error output.
#[derive(clap::Args)]
pub struct Args {
    /// The section
    section: String,
    /// The output; standard input, if not given or `-`
    file: Option<PathBuf>,
}

/// Runs the task.
///
/// # Errors
///
/// The section is unknown or its transcript has a mistake; the output cannot be read.
pub fn run(args: &Args) -> Result<Outcome> {
    let course = Course::load()?;
    let section = course.section(&args.section)?;
    let head = section.head().map_err(Error::msg)?;
    let file = args.file.as_ref().filter(|file| file.as_os_str() != "-");
    let stdout = match file {
        Some(file) => {
            let read = File::open(file).and_then(read);
            read.with_context(|| format!("cannot read {}", file.display()))?
        }
        None => read(io::stdin()).context("cannot read standard input")?,
    };
    ensure!(stdout.len() <= LIMIT, "this is no output of a section: more than {} MiB", LIMIT >> 20);
    let name = &section.name;
    let lanes = match head.check(&Output { stdout: &stdout, stderr: b"", status: Status::Unjudged })
    {
        Verdict::Legal(reading) => reading.lanes,
        // Standard output is judged first: what is missing on standard error is another matter.
        Verdict::Illegal(failure) if failure.on_stderr => failure.lanes,
        Verdict::Illegal(failure) => {
            screen::print(&failure.explain(name));
            if file.is_none() && stdout.is_empty() {
                screen::aside(&format!(
                    "nothing came on standard input: pipe the output in, as by \
                     `{} | cargo xtask match {name}`, or name a file that holds it",
                    section.command()
                ));
            }
            return Ok(Outcome::Failed);
        }
        Verdict::TooAmbiguous(ambiguity) => {
            screen::print(&ambiguity.explain(name));
            return Ok(Outcome::Unable);
        }
    };
    let mut text = String::new();
    for ((number, line), lane) in (1..).zip(String::from_utf8_lossy(&stdout).lines()).zip(&lanes) {
        let _ = writeln!(text, "{number:>4}  {lane:<6} {line}");
    }
    let _ = writeln!(text, "legal: one of {} outputs of {name}", head.transcript.count().rounded());
    screen::print(&text);
    Ok(Outcome::Held)
}

/// Reads no more than is needed to see that it is too much: it may have no end.
fn read(from: impl Read) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    from.take(LIMIT as u64 + 1).read_to_end(&mut text)?;
    Ok(text)
}

//! `cargo xtask list`: the course as a table.

use crate::course::Course;
use crate::{Outcome, report};
use anyhow::Result;

/// Lists the sections, with the number of outputs that are legal.
#[derive(clap::Args)]
pub struct Args {
    /// Chapters or sections; all, when none is named
    #[arg(value_name = "FILTER")]
    filters: Vec<String>,
}

/// Runs the task.
///
/// # Errors
///
/// There is no workspace, or a filter is unknown.
pub fn run(args: &Args) -> Result<Outcome> {
    let course = Course::load()?;
    let mut outcome = Outcome::Held;
    let mut rows = Vec::new();
    for section in course.select(&args.filters)? {
        let (title, count) = match section.facts() {
            Ok(facts) => (facts.title.clone(), facts.transcript.count().rounded()),
            Err(mistakes) => {
                report::aside(mistakes.trim_end());
                outcome = Outcome::Unable;
                ("(its transcript has a mistake)".to_owned(), "-".to_owned())
            }
        };
        rows.push(vec![section.name.clone(), title, section.command(), count]);
    }
    report::print(&report::table(&["section", "title", "command", "legal outputs"], rows));
    Ok(outcome)
}

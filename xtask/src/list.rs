//! `cargo xtask list`: the course as a table.

use crate::course::{Course, Section};
use crate::{Outcome, screen};
use anyhow::{Context, Error, Result};
use std::fmt::Write as _;
use std::fs;

/// Lists the sections, with the number of outputs that are legal.
#[derive(clap::Args)]
pub struct Args {
    /// Chapters or sections; all, when none is named
    #[arg(value_name = "FILTER")]
    filters: Vec<String>,
    /// Write the table of the README instead
    #[arg(long, conflicts_with = "filters")]
    write: bool,
}

/// Runs the task.
///
/// # Errors
///
/// There is no workspace, or a filter is unknown; the README cannot be written, or lacks its markers.
pub fn run(args: &Args) -> Result<Outcome> {
    let course = Course::load()?;
    if args.write {
        let file = course.root.join("README.md");
        let page = fs::read_to_string(&file).context("cannot read README.md")?;
        fs::write(&file, readme(&course, &page)?).context("cannot write README.md")?;
        return Ok(Outcome::Held);
    }
    let mut outcome = Outcome::Held;
    let mut rows = Vec::new();
    for section in course.select(&args.filters)? {
        let (idea, count) = match section.head() {
            Ok(head) => (idea(&head.title), head.transcript.count().rounded()),
            Err(mistakes) => {
                screen::aside(&mistakes);
                outcome = Outcome::Unable;
                ("(its head has a mistake)".to_owned(), "-".to_owned())
            }
        };
        let number = section.number.clone().unwrap_or_default();
        rows.push(vec![number, section.name.clone(), idea, section.command(), count]);
    }
    screen::print(&screen::table(&["", "section", "idea", "command", "legal outputs"], rows));
    Ok(outcome)
}

const START: &str = "<!-- course -->";
const END: &str = "<!-- /course -->";

/// The README with the table of this course between its markers.
///
/// # Errors
///
/// It lacks the markers, or the head of a section has a mistake.
pub fn readme(course: &Course, page: &str) -> Result<String> {
    let lacks = || format!("README.md lacks `{START}` or `{END}`");
    let (before, rest) = page.split_once(START).with_context(lacks)?;
    let (_, after) = rest.split_once(END).with_context(lacks)?;
    let mut table =
        "| | section | idea | sources | command |\n| --- | --- | --- | --- | --- |\n".to_owned();
    for section in &course.sections {
        table += &row(course, section)?;
    }
    Ok(format!("{before}{START}\n\n{table}\n{END}{after}"))
}

fn row(course: &Course, section: &Section) -> Result<String> {
    let head = section.head().map_err(Error::msg)?;
    let mut sources = format!("[Rust]({})", section.source.display());
    let twin = section.twin();
    if course.root.join(&twin).is_file() {
        let _ = write!(sources, ", [Python]({})", twin.display());
    }
    let number = section.number.as_deref().unwrap_or_default();
    let (name, idea, command) = (&section.name, idea(&head.title), section.command());
    let page = section.page.clone().unwrap_or_else(|| section.source.display().to_string());
    Ok(format!("| {number} | [`{name}`]({page}) | {idea} | {sources} | `{command}` |\n"))
}

/// What a title says behind its first colon, as a sentence.
fn idea(title: &str) -> String {
    let idea = title.split_once(": ").map_or(title, |(_, idea)| idea);
    let end = if idea.ends_with(['?', '!']) { "" } else { "." };
    screen::upper(idea) + end
}

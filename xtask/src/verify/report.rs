//! What is told at the end: a table, then the failures explained, then all of it in one line.

use super::tally::Tally;
use crate::Outcome;
use crate::screen::table;
use std::time::Duration;
use transcript::Mutants;

/// What became of a section.
pub fn line(tally: &Tally<'_>) -> String {
    format!("{:<28} {}  {}", tally.name(), tally.in_words(), seconds(tally.wall))
}

/// A row for each section; the chapter stands at its first.
pub fn summary(tallies: &[Tally<'_>], repeat: u32) -> String {
    let mut header = vec!["chapter", "section", "verdict", "time"];
    if repeat > 1 {
        header.extend(["orders seen", "of legal", "95 % sure: fails below"]);
    }
    let mut chapter = "";
    let mut rows = Vec::new();
    for tally in tallies {
        let (now, name) = (tally.section.chapter.as_str(), &tally.section.name);
        let first = std::mem::replace(&mut chapter, now) != now;
        let mut row = vec![
            if first { now.to_owned() } else { String::new() },
            if tally.python { format!("{name} (python)") } else { name.clone() },
            tally.in_words(),
            seconds(tally.wall),
        ];
        if repeat > 1 {
            let facts = tally.section.facts.as_ref();
            row.push(tally.orders.len().to_string());
            row.push(
                facts.map_or_else(|_| "-".to_owned(), |facts| facts.transcript.count().rounded()),
            );
            let rate = tally.failure_rate_below();
            row.push(rate.map_or_else(|| "-".to_owned(), |rate| format!("{:.2} %", rate * 100.0)));
        }
        rows.push(row);
    }
    table(&header, rows)
}

/// The failures explained, and what else is to be said below the table.
pub fn details(tallies: &[Tally<'_>], repeat: u32) -> String {
    let mut lines = Vec::new();
    for tally in tallies {
        let name = tally.name();
        let failure = tally.failure.iter().map(|failed| &failed.explanation);
        for why in failure.chain(&tally.unable) {
            lines.push(format!("\n--- {name}\n{}", why.trim_end()));
        }
        if repeat > 1 {
            let seen = |(rule, seen): &(String, u32)| {
                format!("{name}: {rule}: seen in {seen} of {} runs", tally.held)
            };
            lines.extend(tally.sometimes.iter().map(seen));
        }
        if let Some(Mutants { tried, missed, swaps }) = &tally.mutants {
            let unnoticed = missed.len();
            lines
                .push(format!("\n{name}: {tried} lines dropped or doubled, {unnoticed} unnoticed"));
            lines.extend(missed.iter().map(|mutant| format!("  {mutant}")));
            lines.push(format!("{name}: {} swaps of neighbours are legal", swaps.len()));
            lines.extend(swaps.iter().map(|swap| format!("  {swap}")));
        }
    }
    lines.join("\n")
}

/// All of it in one line: `7 held, 1 failed`.
pub fn last_line(tallies: &[Tally<'_>], time: Duration) -> String {
    let count = |is: fn(&Tally<'_>) -> bool| tallies.iter().filter(|tally| is(tally)).count();
    let parts = [
        (count(|t| t.outcome() == Outcome::Held && t.rounds() > 0), "held"),
        (count(|t| t.outcome() == Outcome::Failed), "failed"),
        (count(|t| t.outcome() == Outcome::Unable), "could not run"),
        (count(|t| t.skipped.is_some()), "skipped"),
        (
            count(|t| t.outcome() == Outcome::Held && t.rounds() == 0 && t.skipped.is_none()),
            "not run",
        ),
    ];
    let parts = parts.iter().filter(|(count, word)| *count > 0 || *word == "held");
    let parts: Vec<_> = parts.map(|(count, word)| format!("{count} {word}")).collect();
    format!("{} ({})", parts.join(", "), seconds(time))
}

fn seconds(time: Duration) -> String {
    format!("{:.2} s", time.as_secs_f64())
}

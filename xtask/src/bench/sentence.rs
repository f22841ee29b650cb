//! What a report says, in one sentence for a page: who was ahead of whom, and how much faster a
//! variant was than its baseline where the cheatsheet has a figure for that.

use super::page::CHEATSHEET;
use super::peers;
use versus::{CaseResult, Report, Role, Speed};

/// The sentence of this report, with a link to its tables: `up` leads from the page to the folder of
/// `PERFORMANCE.md`.
pub fn sentence(report: &Report, up: &str) -> String {
    let Report { name, machine, .. } = report;
    let link = format!("[the table]({up}PERFORMANCE.md#{name})");
    let machine = format!("({}, {} cores)", machine.cpu, machine.cores);
    let clauses: Vec<_> = beside_peers(report).into_iter().chain(speed_ups(report)).collect();
    if clauses.is_empty() {
        return format!("The figures of one machine {machine} stand in {link}.");
    }
    format!("On the machine of {link} {machine}, {}.", clauses.join("; "))
}

/// The cases that are no point of a curve, each with what sets it apart from the others.
fn cases(report: &Report) -> impl Iterator<Item = (&CaseResult, &str)> {
    let cases = report.cases.iter().filter(|case| case.point.is_none());
    cases.map(|case| (case, case.name.split_once(", ").map_or(&*case.name, |(_, what)| what)))
}

fn beside_peers(report: &Report) -> Option<String> {
    let mut standings: Vec<(String, Vec<&str>)> = Vec::new();
    for (case, what) in cases(report) {
        let Some((peer, compared)) = peers::best(case) else { continue };
        let place = match compared.speed {
            Speed::Faster => "slower than",
            Speed::Slower => "faster than",
            Speed::Same => "as fast as",
            Speed::NotConclusive => "not clearly faster or slower than",
        };
        let words = format!("{place} `{}`", peer.label);
        match standings.iter_mut().find(|(known, _)| *known == words) {
            Some((_, cases)) => cases.push(what),
            None => standings.push((words, vec![what])),
        }
    }
    let several = standings.iter().map(|(_, cases)| cases.len()).sum::<usize>() > 1;
    let ours = cases(report).map(|(case, _)| &case.baseline).find(|it| it.role == Role::Ours)?;
    let ours = &ours.label;
    let shown = |(words, cases): &(String, Vec<&str>)| format!("{words} ({})", cases.join("; "));
    let standings = listed(&standings.iter().map(shown).collect::<Vec<_>>())?;
    let each = if several { "each time " } else { "" };
    Some(format!("`{ours}` was {standings}, {each}the fastest of the alternatives"))
}

fn speed_ups(report: &Report) -> Option<String> {
    let mut parts = Vec::new();
    let mut before = None;
    for (case, what) in cases(report) {
        for entry in case.variants.iter().filter(|entry| entry.notes.contains_key(CHEATSHEET)) {
            let Some(compared) = case.compare(entry) else { continue };
            let (variant, baseline) = (&entry.label, &case.baseline.label);
            let ratio = compared.wall.median;
            let times = if ratio > 1.0 {
                format!("took {} times as long as", times(ratio))
            } else {
                format!("was {} times as fast as", times(1.0 / ratio))
            };
            parts.push(if before.replace((variant, baseline)) == Some((variant, baseline)) {
                format!("{times} that ({what})")
            } else {
                format!("*{variant}* {times} *{baseline}* ({what})")
            });
        }
    }
    listed(&parts)
}

fn times(ratio: f64) -> String {
    if ratio < 9.95 { format!("{ratio:.2}") } else { format!("{ratio:.0}") }
}

/// `a`, `a and b`, `a, b, and c`.
fn listed(parts: &[String]) -> Option<String> {
    let (last, before) = parts.split_last()?;
    Some(match before {
        [] => last.clone(),
        [first] => format!("{first} and {last}"),
        _ => format!("{}, and {last}", before.join(", ")),
    })
}

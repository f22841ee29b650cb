//! What a report says, in one sentence for a page: who was ahead of whom, and how much faster a
//! variant was than its baseline where the cheatsheet has a figure for that.

use super::page::CHEATSHEET;
use super::peers;
use versus::{CaseResult, Report, Verdict};

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
        let Some((peer, compared)) = peers::best(report, case) else { continue };
        let place = match compared.verdict {
            Verdict::Faster => "behind",
            Verdict::Slower => "ahead of",
            Verdict::Same => "level with",
            Verdict::NotConclusive => "neither clearly ahead of nor clearly behind",
        };
        let words = format!("{place} `{peer}`");
        match standings.iter_mut().find(|(known, _)| *known == words) {
            Some((_, cases)) => cases.push(what),
            None => standings.push((words, vec![what])),
        }
    }
    let several = standings.iter().map(|(_, cases)| cases.len()).sum::<usize>() > 1;
    let ours = &report.cases.first()?.entries.first()?.name;
    let shown = |(words, cases): &(String, Vec<&str>)| format!("{words} ({})", cases.join("; "));
    let standings = listed(&standings.iter().map(shown).collect::<Vec<_>>())?;
    let each = if several { "each time " } else { "" };
    Some(format!("`{ours}` was {standings}, {each}the fastest peer"))
}

fn speed_ups(report: &Report) -> Option<String> {
    let mut parts = Vec::new();
    let mut before = None;
    for (case, what) in cases(report) {
        for (place, entry) in case.entries.iter().enumerate().skip(CaseResult::AGAIN + 1) {
            let noted = entry.notes.contains_key(CHEATSHEET);
            let Some(compared) = case.compare(place).filter(|_| noted) else { continue };
            let (variant, baseline) = (&entry.name, &case.entries[CaseResult::BASELINE].name);
            let times = times(1.0 / compared.wall.median);
            parts.push(if before.replace((variant, baseline)) == Some((variant, baseline)) {
                format!("{times} times ({what})")
            } else {
                format!("*{variant}* was {times} times as fast as *{baseline}* ({what})")
            });
        }
    }
    listed(&parts)
}

fn times(ratio: f64) -> String {
    match ratio {
        9.95.. => format!("{ratio:.0}"),
        0.095.. => format!("{ratio:.2}"),
        _ => format!("{ratio:.4}"),
    }
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

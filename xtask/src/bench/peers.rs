//! Where we stand beside the best of the others, in words.

use super::table::range;
use versus::{CaseResult, Entry, Report, Verdict};

/// The circumstance that names the variant that is ours. Only where it is the baseline of a case
/// are the other rows peers.
pub const OURS: &str = "ours";

/// How the case's baseline stands beside its best peer; `None` where there is no such comparison.
///
/// Peers are all variants but Python and those with a note `limit`: what no contender can be
/// faster than is no contender. The best one is that with the smallest median.
pub fn standing(report: &Report, case: &CaseResult) -> Option<String> {
    let ours = report.circumstances.get(OURS)?;
    if *ours != case.entries.first()?.name {
        return None;
    }
    let peer = |entry: &Entry| {
        !entry.name.starts_with("Python")
            && super::notes::note(report, case, "limit", &entry.name).is_none()
    };
    let medians =
        case.entries.iter().enumerate().skip(CaseResult::AGAIN + 1).filter_map(|(place, entry)| {
            Some((place, entry.wall().filter(|_| peer(entry))?.median))
        });
    let (place, _) = medians.min_by(|(_, one), (_, other)| one.total_cmp(other))?;
    let compared = case.compare(place)?;
    let best = &case.entries[place].name;
    let (wall, percent) = (compared.wall, compared.wall.confidence * 100.0);
    let cpu = compared
        .cpu
        .map_or_else(String::new, |cpu| format!(" and {:.2} of its processor time", cpu.median));
    let beside = format!(
        "{best}, the best peer, takes {:.2} ({}, {percent:.1} %) of the time of {ours}{cpu}.",
        wall.median,
        range(&wall)
    );
    Some(match compared.verdict {
        Verdict::Faster => format!("**We are behind.** {beside}"),
        Verdict::Slower => format!("We are ahead. {beside}"),
        Verdict::Same => format!("We are level. {beside}"),
        Verdict::NotConclusive => format!("Who is ahead is not conclusive. {beside}"),
    })
}

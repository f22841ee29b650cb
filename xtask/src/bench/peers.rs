//! Where we stand beside the best of the others, in words.

use versus::{CaseResult, Comparison, Entry, Report, Verdict, range_text, ratio_text};

/// The best peer of our building block in this case, and its figures beside ours; `None` where the case
/// is not about a block.
///
/// It is, where the bench is named after the block and the block is the baseline. Peers are the
/// other variants, but not Python's, and not what its name calls a `(limit)`: what no contender can
/// beat is no contender. The best one is that with the smallest ratio.
pub fn best<'r>(report: &Report, case: &'r CaseResult) -> Option<(&'r str, Comparison)> {
    let ours = &case.entries.first()?.name;
    if !same_name(ours, &report.name) {
        return None;
    }
    let peer = |entry: &Entry| !entry.name.starts_with("Python") && !entry.name.contains("(limit)");
    let places = CaseResult::AGAIN + 1..case.entries.len();
    let peers = places.filter(|place| peer(&case.entries[*place]));
    let compared = peers.filter_map(|place| Some((place, case.compare(place)?)));
    let (place, compared) =
        compared.min_by(|(_, one), (_, other)| one.wall.median.total_cmp(&other.wall.median))?;
    Some((&case.entries[place].name, compared))
}

/// How our building block stands beside that peer, in words.
pub fn standing(report: &Report, case: &CaseResult) -> Option<String> {
    let (best, compared) = best(report, case)?;
    let ours = &case.entries.first()?.name;
    let cpu = compared.cpu.map_or_else(String::new, |cpu| {
        format!(", and {} of its processor time", ratio_text(cpu.median))
    });
    let standing = match compared.verdict {
        Verdict::Faster => "**We are behind the best peer.**",
        Verdict::Slower => "We are ahead of the best peer.",
        Verdict::Same => "We are level with the best peer.",
        Verdict::NotConclusive => "Beside the best peer, who is ahead is not conclusive.",
    };
    let wall = compared.wall;
    Some(format!(
        "{standing} That is {best}: it takes {} ({}) of the time of {ours}{cpu}.",
        ratio_text(wall.median),
        range_text(&wall)
    ))
}

/// `PriorityQueue` and `priority_queue`.
fn same_name(block: &str, bench: &str) -> bool {
    let letters = |name: &str| name.replace('_', "").to_lowercase();
    letters(block) == letters(bench)
}

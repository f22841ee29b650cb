//! Where we stand beside the best of the others, in words.

use versus::{CaseResult, Comparison, Entry, Role, Speed, range_text, ratio_text};

/// The best peer of what we have built, and its figures beside ours; `None` where the baseline is
/// nothing of ours. The best one is that with the smallest ratio.
pub fn best(case: &CaseResult) -> Option<(&Entry, Comparison)> {
    let peers = case.variants.iter().filter(|entry| entry.role == Role::Peer);
    let compared = peers.filter_map(|peer| Some((peer, case.compare(peer)?)));
    let best = compared.min_by(|(_, a), (_, b)| a.wall.median.total_cmp(&b.wall.median));
    best.filter(|_| case.baseline.role == Role::Ours)
}

/// How we stand beside that peer, in words.
pub fn standing(case: &CaseResult) -> Option<String> {
    let (best, Comparison { wall, cpu, speed }) = best(case)?;
    let cpu = cpu.map_or_else(String::new, |cpu| {
        format!(", and {} of its processor time", ratio_text(cpu.median))
    });
    let standing = match speed {
        Speed::Faster => "**We are behind the best peer.**",
        Speed::Slower => "We are ahead of the best peer.",
        Speed::Same => "We are level with the best peer.",
        Speed::NotConclusive => "Beside the best peer, who is ahead is not conclusive.",
    };
    Some(format!(
        "{standing} That is {}: it takes {} ({}) of the time of {}{cpu}.",
        best.label,
        ratio_text(wall.median),
        range_text(&wall),
        case.baseline.label
    ))
}

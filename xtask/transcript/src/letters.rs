//! What the count tells apart: the lines that can occur, and what each does to the rules.

use crate::{
    Transcript,
    rows::Mode,
    rules::{Inspected, Meaning, Shared},
};
use std::collections::HashMap;

/// What a line does to one rule: the entries that it adds to as `A` and as `B`. Rule 1 keeps an
/// entry for each value of the shared names that `A` was seen with, rule 2 one for each difference.
pub(crate) type Effect = [Option<usize>; 2];

/// The lines that can occur, numbered, and what each does to each rule.
pub(crate) struct Letters {
    /// For each step; none for `...` and for standard error.
    pub(crate) of: Vec<Option<usize>>,
    pub(crate) all_different: bool,
    /// By rule, then by letter.
    pub(crate) effects: Vec<Vec<Effect>>,
    pub(crate) entries: usize,
}

impl Letters {
    pub(crate) fn new(transcript: &Transcript) -> Letters {
        let order = &transcript.order;
        let mut numbers: HashMap<&str, usize> = HashMap::new();
        let mut samples: Vec<&str> = Vec::new();
        let of = order.steps.iter().map(|step| {
            if order.is_err(step.row) || step.mode == Mode::Any {
                return None;
            }
            let sample = step.text.sample.as_str();
            Some(*numbers.entry(sample).or_insert_with(|| {
                samples.push(sample);
                samples.len() - 1
            }))
        });
        let of: Vec<Option<usize>> = of.collect();
        let mut entries: HashMap<(usize, Shared), usize> = HashMap::new();
        let mut entry = |rule: usize, shared: Option<Shared>| {
            let next = entries.len();
            shared.map(|shared| *entries.entry((rule, shared)).or_insert(next))
        };
        let lines: Vec<Inspected<'_>> =
            samples.iter().map(|s| Inspected::new(s.as_bytes())).collect();
        let effects = transcript.rules.iter().enumerate().map(|(at, rule)| {
            let effect = |line| {
                let found = match &rule.meaning {
                    Meaning::Before(pair) | Meaning::AtMost { pair, .. } => pair.matches(line),
                    Meaning::Never(pattern) => [line.find(pattern).map(|_| Shared::new()), None],
                    Meaning::Sorted { .. } | Meaning::Bound | Meaning::Sometimes(_) => [None, None],
                };
                found.map(|shared| entry(at, shared))
            };
            lines.iter().map(effect).collect()
        });
        let effects = effects.collect();
        let all_different = of.iter().flatten().count() == samples.len();
        Letters { of, all_different, effects, entries: entries.len() }
    }
}

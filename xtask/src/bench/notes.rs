//! What a bench says of a row beside its figures.
//!
//! A circumstance named `WORD: VARIANT`, or `WORD: CASE: VARIANT`, is a note: it stands in the row of
//! that variant, in a column headed `WORD`. `WORD: CASE` is said of the case as a whole.

use versus::{CaseResult, Report};

/// The note of this word on this variant.
pub fn note<'r>(
    report: &'r Report,
    case: &CaseResult,
    word: &str,
    variant: &str,
) -> Option<&'r str> {
    let notes = &report.circumstances;
    let own = notes.get(&format!("{word}: {}: {variant}", case.name));
    own.or_else(|| notes.get(&format!("{word}: {variant}"))).map(String::as_str)
}

/// The words of which this case has a note on some variant, by name.
pub fn words<'r>(report: &'r Report, case: &CaseResult) -> Vec<&'r str> {
    let mut words: Vec<_> =
        report.circumstances.keys().filter_map(|key| key.split_once(": ")).collect();
    words.retain(|(word, _)| {
        case.entries.iter().any(|entry| note(report, case, word, &entry.name).is_some())
    });
    let mut words: Vec<_> = words.into_iter().map(|(word, _)| word).collect();
    words.dedup(); // the keys are sorted
    words
}

/// What is said of the case as a whole.
pub fn of_case<'r>(report: &'r Report, case: &CaseResult) -> Vec<(&'r str, &'r str)> {
    let key = |key: &'r String| key.split_once(": ").filter(|(_, name)| *name == case.name);
    let notes = report.circumstances.iter();
    notes.filter_map(|(name, value)| Some((key(name)?.0, value.as_str()))).collect()
}

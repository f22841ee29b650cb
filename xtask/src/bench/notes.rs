//! What a bench says of a row beside its figures.
//!
//! A circumstance named `WORD: VARIANT`, or `WORD: CASE: VARIANT`, is a note: it stands in the row of
//! that variant, in a column headed `WORD`. `WORD: CASE` and `WORD: SERIES` are said of a case or a
//! curve as a whole.

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

/// What is said of a case or a curve as a whole, in words.
pub fn of_whole(report: &Report, name: &str) -> Vec<String> {
    let said = |(key, value): (&String, &String)| {
        let (word, _) = key.split_once(": ").filter(|(_, whole)| *whole == name)?;
        Some(format!("{}: {value}.", upper(word)))
    };
    report.circumstances.iter().filter_map(said).collect()
}

/// Whether a circumstance is a note on something that is in the report.
pub fn is_placed(report: &Report, key: &str) -> bool {
    let Some((_, of)) = key.split_once(": ") else { return false };
    report.cases.iter().any(|case| {
        let series = case.point.as_ref().is_some_and(|point| point.series == of);
        let variant = of.strip_prefix(&format!("{}: ", case.name)).unwrap_or(of);
        series || case.name == of || case.entries.iter().any(|entry| entry.name == variant)
    })
}

/// The text with its first letter in upper case.
pub fn upper(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

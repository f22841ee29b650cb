//! The rules over a whole output, judged line by line.

use crate::case::{Rule, Token};
use std::collections::{BTreeMap, HashMap, HashSet};

pub(crate) fn is_value(name: &str, text: &str) -> bool {
    let is_digit = |c: char| c.is_ascii_digit();
    !text.is_empty()
        && if name == "n" {
            text.chars().all(is_digit)
        } else {
            text.chars().all(|c| c.is_ascii_alphanumeric())
        }
}

/// The leftmost place where the tokens stand side by side: the values of the names.
pub(crate) fn find(pattern: &[Token], line: &str) -> Option<BTreeMap<String, String>> {
    let parts: Vec<&str> = line.split(' ').collect();
    parts.windows(pattern.len()).find_map(|parts| {
        let mut values: BTreeMap<String, String> = BTreeMap::new();
        for (token, part) in pattern.iter().zip(parts) {
            let name = match token {
                Token::Word(word) if word == part => continue,
                Token::Number if is_value("n", part) => "i",
                Token::Name(name, _) if is_value(name, part) => name,
                _ => return None,
            };
            if values.entry(name.to_owned()).or_insert_with(|| (*part).to_owned()) != part {
                return None;
            }
        }
        Some(values)
    })
}

impl Rule {
    /// The line that breaks this rule, from 1; the largest number stands for the end.
    pub(crate) fn broken(&self, lines: &[String]) -> Option<usize> {
        let shared = |a: &[Token], b: &[Token], line: &str| {
            let mut values = find(a, line)?;
            values.retain(|name, _| {
                let token = |t: &Token| match t {
                    Token::Number => name == "i",
                    Token::Name(n, _) => name == n,
                    _ => false,
                };
                b.iter().any(token)
            });
            Some(values)
        };
        let lines = (1..).zip(lines.iter().map(|l| l.trim_end()));
        match self {
            Rule::Never(pattern) => {
                lines.into_iter().find(|(_, l)| find(pattern, l).is_some()).map(|(at, _)| at)
            }
            Rule::Before(a, b) => {
                let mut seen = HashSet::new();
                for (at, line) in lines {
                    if shared(b, a, line).is_some_and(|values| !seen.contains(&values)) {
                        return Some(at);
                    }
                    seen.extend(shared(a, b, line));
                }
                None
            }
            Rule::AtMost(most, a, b, reached) => {
                let most = i32::try_from(*most).unwrap_or(i32::MAX);
                let mut counts: HashMap<BTreeMap<String, String>, i32> = HashMap::new();
                let mut peak = 0;
                for (at, line) in lines {
                    for (values, change) in [(shared(a, b, line), 1), (shared(b, a, line), -1)] {
                        if let Some(values) = values {
                            *counts.entry(values).or_default() += change;
                        }
                    }
                    if counts.values().any(|count| *count < 0 || *count > most) {
                        return Some(at);
                    }
                    peak = counts.values().copied().max().unwrap_or(0).max(peak);
                }
                (*reached && peak < most).then_some(usize::MAX)
            }
        }
    }
}

//! A parsed transcript.

use crate::{
    ParseError,
    order::Order,
    rows::Row,
    rule_syntax,
    rules::{Bound, Rule},
    source::{self, Line},
};

/// A parsed transcript: which outputs are legal.
///
/// ```
/// use transcript::{Output, Status, Transcript, Verdict};
///
/// let transcript = Transcript::parse("# Output\n\n```text\nA| ping\nB| pong\nover\n```\n").unwrap();
/// assert_eq!(transcript.count().to_string(), "2");
///
/// let run = Output { stdout: b"pong\nping\nover\n", stderr: b"", status: Status::Exited(0) };
/// assert!(matches!(transcript.check(&run, 0), Verdict::Legal(_)));
/// ```
#[derive(Clone, Debug)]
pub struct Transcript {
    pub(crate) order: Order,
    pub(crate) rules: Vec<Rule>,
    pub(crate) bounds: Vec<Bound>,
}

impl Transcript {
    /// Reads a transcript from Markdown: the fence under `# Output`, the bullets under
    /// `# Always`.
    ///
    /// # Errors
    ///
    /// The mistakes in the order of their lines. Those of the rules are looked for when the rows
    /// are right: a rule speaks of the rows' names.
    ///
    /// ```
    /// let errors = transcript::Transcript::parse("# Output\n\n```text\nA | a\nA|b\n```\n").unwrap_err();
    /// assert_eq!(errors.len(), 1);
    /// assert_eq!((errors[0].line, errors[0].column), (5, 1));
    /// assert!(errors[0].message.starts_with("this is no gutter: expected `A|`"));
    /// ```
    pub fn parse(markdown: &str) -> Result<Transcript, Vec<ParseError>> {
        Transcript::from_lines(&source::markdown(markdown)).map_err(source::in_order)
    }

    /// The same; the mistakes in any order.
    pub(crate) fn from_lines(lines: &[Line<'_>]) -> Result<Transcript, Vec<ParseError>> {
        let parts = source::parts(lines)?;
        let mut errors = Vec::new();
        let row = |line| Row::parse(line).map_err(|error| errors.push(error)).ok();
        let rows = parts.rows.iter().filter_map(row).collect();
        if !errors.is_empty() {
            return Err(errors);
        }
        let order = Order::new(rows)?;
        let (rules, bounds) = rule_syntax::parse(&parts.bullets, &order)?;
        Ok(Transcript { order, rules, bounds })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        kind::ValueKind,
        rows::Mode,
        rules::{Inspected, Meaning},
        text::{Atom, Text},
    };
    use proptest::prelude::*;
    use std::sync::LazyLock;

    /// Small texts: literals of few bytes, values whose names begin so, and wildcards.
    fn text(name: &'static str) -> impl Strategy<Value = String> {
        let literal =
            prop::sample::select(vec!["a", "1", "-", ".", " ", "1.1", "a1", "-1", "m", "1 s"]);
        let value = prop::sample::select(vec!["{@=1}", "{@=1.5}", "{@=1 s}", "{@=a}"]);
        let part = prop_oneof![4 => literal, 3 => value, 1 => Just("[..]")];
        prop::collection::vec(part, 1..4).prop_map(move |parts| {
            let parts = parts.iter().enumerate();
            parts.map(|(at, part)| part.replace('@', &format!("{name}{at}"))).collect()
        })
    }

    /// All lines of at most [`LONGEST`] of these bytes.
    static LINES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
        let mut lines = vec![Vec::new()];
        let mut at = 0;
        while lines[at].len() < LONGEST {
            let longer = b"a1-. sm".map(|byte| [lines[at].as_slice(), &[byte]].concat());
            lines.extend(longer);
            at += 1;
        }
        lines
    });

    const LONGEST: usize = 6;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

        /// Every short line is tried. A row and a pattern that together are shorter, with a byte on
        /// each side to part them, would show in one of them.
        #[test]
        fn a_pattern_is_possible_exactly_where_some_line_shows_it(row in text("r"), pattern in text("p")) {
            let parse = |rule| {
                let rows = format!("# Output\n\n```text\n| {row}\n```\n");
                Transcript::parse(&format!("{rows}\n# Always\n\n- {rule} `{pattern}`\n"))
            };
            let told = parse("sometimes").is_ok();
            // Values side by side, say, are no text.
            let Ok(Transcript { order, rules, .. }) = parse("never") else { return Ok(()) };
            let (step, Meaning::Never(pattern)) = (&order.steps[0], &rules[0].meaning) else {
                unreachable!("there is one rule")
            };
            prop_assume!(step.mode != Mode::Any);
            let row = &step.text;
            let shown = LINES.iter().find(|line| {
                row.take(line, &mut 0).is_some() && Inspected::new(line).find(pattern).is_some()
            });
            if let Some(line) = shown {
                prop_assert!(told, "{row:?} {pattern:?} {}", String::from_utf8_lossy(line));
            } else if shortest(row) + shortest(pattern) + 2 <= LONGEST {
                prop_assert!(!told, "{row:?} {pattern:?}");
            }
        }
    }

    /// How many bytes a line of this text has at least.
    fn shortest(text: &Text) -> usize {
        let atom = |atom: &Atom| match atom {
            Atom::Literal(text) => text.len(),
            Atom::Value { kind: ValueKind::Duration, .. } => 2,
            Atom::Value { .. } => 1,
            Atom::Wild => 0,
        };
        text.atoms.iter().map(atom).sum()
    }
}

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
/// use transcript::{Run, Status, Transcript, Verdict};
///
/// let transcript = Transcript::parse("# Output\n\n```text\nA| ping\nB| pong\nover\n```\n").unwrap();
/// assert_eq!(transcript.count().to_string(), "2");
///
/// let run = Run { stdout: b"pong\nping\nover\n", stderr: b"", status: Status::Exited(0) };
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

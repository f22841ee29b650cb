//! All cases of a program.

use crate::Case;
use anyhow::{Result, ensure};
use std::collections::HashSet;

/// The cases of one program, in the order in which they are measured.
///
/// # Examples
///
/// ```
/// let mut cases = versus::Cases::new();
/// cases.case("sum of numbers")
///     .item("number")
///     .answer(|items| items * (items - 1) / 2)
///     .baseline("loop")
///     .context("loop", "a plain loop", |items| {
///         let mut sum = 0;
///         for i in 0..items {
///             sum += std::hint::black_box(i);
///         }
///         sum
///     })
///     .context("iterator", "an iterator", |items| (0..items).map(std::hint::black_box).sum::<u64>());
/// assert!(cases.check().is_ok());
/// assert_eq!(cases.names().collect::<Vec<_>>(), ["sum of numbers"]);
/// ```
#[derive(Default)]
pub struct Cases<'a> {
    pub(crate) cases: Vec<Case<'a>>,
    pub(crate) circumstances: Vec<(String, String)>,
}

impl<'a> Cases<'a> {
    /// No case yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a case, to be filled in through the methods of [`Case`].
    pub fn case(&mut self, name: &str) -> &mut Case<'a> {
        self.cases.push_mut(Case::new(name))
    }

    /// Notes in the report what only the caller knows, such as the version of Python.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut cases = versus::Cases::new();
    /// cases.circumstance("Python", "3.11.7");
    /// cases.case("ones").baseline("loop").context("loop", "a loop", |items| items);
    /// let (clock, mut out) = (versus::SystemClock::new(), Vec::new());
    /// let report = versus::run("sum", cases, [], &clock, &mut out, &mut Vec::new()).unwrap();
    /// assert_eq!(report.circumstances["Python"], "3.11.7");
    /// ```
    pub fn circumstance(&mut self, key: &str, value: &str) {
        self.circumstances.push((key.to_owned(), value.to_owned()));
    }

    /// The names of the cases, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.cases.iter().map(|case| case.name.as_str())
    }

    /// Whether all of it can be measured.
    ///
    /// # Errors
    ///
    /// The first mistake in the order of definition.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut cases = versus::Cases::new();
    /// cases.case("lonely").peer("only", "the only one", |items| items);
    /// let mistake = cases.check().unwrap_err();
    /// assert_eq!(mistake.to_string(), "case `lonely` has no baseline");
    /// ```
    pub fn check(&self) -> Result<()> {
        let mut names = HashSet::new();
        for case in &self.cases {
            case.check()?;
            let first = names.insert(&case.name);
            ensure!(first, "case `{}` has the name of an earlier one", case.name);
        }
        Ok(())
    }
}

//! What is to be measured: cases, each with a baseline and variants.

use crate::{Answer, CaseResult};
use serde::{Deserialize, Serialize};
use std::{collections::HashSet, fmt, time::Duration};

/// A variant's code: does so many items and says what it found.
pub(crate) type Work<'a> = Box<dyn FnMut(u64) -> Answer + 'a>;

/// Says what a note holds.
pub(crate) type Say<'a> = Box<dyn FnMut() -> String + 'a>;

/// The cases of one program, in the order in which they are measured.
///
/// # Examples
///
/// ```
/// let mut cases = versus::Cases::new();
/// cases.case("sum of numbers")
///     .item("number")
///     .answer(|items| items * (items - 1) / 2)
///     .baseline("loop", |items| {
///         let mut sum = 0;
///         for i in 0..items {
///             sum += std::hint::black_box(i);
///         }
///         sum
///     })
///     .variant("iterator", |items| (0..items).map(std::hint::black_box).sum::<u64>());
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
    /// cases.case("ones").baseline("loop", |items| items);
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
    pub fn check(&self) -> Result<(), DefinitionError> {
        let mut names = HashSet::new();
        for case in &self.cases {
            case.check()?;
            if !names.insert(&case.name) {
                let mistake = "has the name of an earlier one";
                return Err(DefinitionError { case: case.name.clone(), mistake });
            }
        }
        Ok(())
    }
}

/// One question: how long does an item take, done in this way or in that?
///
/// A variant is given a number of items, does them all, and answers. How many it is given is up to
/// its own speed, so its work must grow with the number.
///
/// # Examples
///
/// ```
/// let mut cases = versus::Cases::new();
/// let case = cases.case("parse").item("line").answer(|lines| lines * 3);
/// case.baseline("split", |lines| {
///     (0..lines).map(|_| std::hint::black_box("a b c").split(' ').count() as u64).sum::<u64>()
/// });
/// assert!(cases.check().is_ok());
/// ```
pub struct Case<'a> {
    pub(crate) name: String,
    pub(crate) item: String,
    pub(crate) point: Option<Point>,
    pub(crate) remarks: Vec<String>,
    pub(crate) answer: Box<dyn Fn(u64) -> Answer + 'a>,
    /// The baseline stands first, whenever it was added.
    pub(crate) variants: Vec<Variant<'a>>,
    baselines: usize,
    pub(crate) notes: Vec<Note<'a>>,
    /// The variant, and how long its runs take at least.
    long_runs: Vec<(String, Duration)>,
}

pub(crate) struct Variant<'a> {
    pub(crate) name: String,
    pub(crate) work: Work<'a>,
}

pub(crate) struct Note<'a> {
    pub(crate) variant: String,
    pub(crate) head: String,
    pub(crate) say: Say<'a>,
}

/// Where a case stands on a curve.
///
/// # Examples
///
/// ```
/// let mut cases = versus::Cases::new();
/// for workers in [1_u8, 2, 4] {
///     cases.case(&format!("{workers} workers"))
///         .point("scaling", "workers", workers.into())
///         .baseline("a loop", |items| items);
/// }
/// assert!(cases.check().is_ok());
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Point {
    /// The curve: cases with the same one belong together.
    pub series: String,
    /// What is varied, with its unit, as it stands at the axis.
    pub axis: String,
    /// Its value here.
    pub x: f64,
}

impl<'a> Case<'a> {
    fn new(name: &str) -> Self {
        Case {
            name: name.to_owned(),
            item: "item".to_owned(),
            point: None,
            remarks: Vec::new(),
            answer: Box::new(Answer::from),
            variants: Vec::new(),
            baselines: 0,
            notes: Vec::new(),
            long_runs: Vec::new(),
        }
    }

    /// What one item is, in the singular: the unit of the figures. `item` unless told.
    pub fn item(&mut self, unit: &str) -> &mut Self {
        unit.clone_into(&mut self.item);
        self
    }

    /// What so many items must give, in every variant. Unless told, the number of items itself: a
    /// variant then answers how many it has done.
    ///
    /// Asked after every run, outside the measured time: let it be cheap.
    pub fn answer<A: Into<Answer>>(&mut self, expected: impl Fn(u64) -> A + 'a) -> &mut Self {
        self.answer = Box::new(move |items| expected(items).into());
        self
    }

    /// Makes the case a point of a curve: `x` on the axis `axis` of `series`.
    pub fn point(&mut self, series: &str, axis: &str, x: f64) -> &mut Self {
        self.point = Some(Point { series: series.to_owned(), axis: axis.to_owned(), x });
        self
    }

    /// Adds what the variants are compared with. It is measured twice in every round.
    pub fn baseline<A: Into<Answer>>(
        &mut self,
        name: &str,
        work: impl FnMut(u64) -> A + 'a,
    ) -> &mut Self {
        self.variants.insert(0, Variant::new(name, work));
        self.baselines += 1;
        self
    }

    /// Adds a contender.
    pub fn variant<A: Into<Answer>>(
        &mut self,
        name: &str,
        work: impl FnMut(u64) -> A + 'a,
    ) -> &mut Self {
        self.variants.push(Variant::new(name, work));
        self
    }

    /// Lets each run of a variant take at least so long, whatever the settings say. Where threads take
    /// turns of some milliseconds, a run of usual length may end before the second one's first turn.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let mut cases = versus::Cases::new();
    /// cases.case("lock")
    ///     .baseline("lock", |items| items)
    ///     .variant("taking turns of 5 ms", |items| items)
    ///     .at_least("taking turns of 5 ms", Duration::from_millis(400));
    /// assert!(cases.check().is_ok());
    /// ```
    pub fn at_least(&mut self, variant: &str, run: Duration) -> &mut Self {
        self.long_runs.push((variant.to_owned(), run));
        self
    }

    /// Puts beside a variant's figures what they do not tell, in a column under `head`: how it was
    /// measured, what somebody else has measured, how fair it is. `say` is asked once, before the first
    /// round, and may take its time.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut cases = versus::Cases::new();
    /// cases.case("lock")
    ///     .baseline("lock", |items| items)
    ///     .note("lock", "how", || "taken and released by one thread".to_owned());
    /// assert!(cases.check().is_ok());
    /// ```
    pub fn note(
        &mut self,
        variant: &str,
        head: &str,
        say: impl FnMut() -> String + 'a,
    ) -> &mut Self {
        let (variant, head) = (variant.to_owned(), head.to_owned());
        self.notes.push(Note { variant, head, say: Box::new(say) });
        self
    }

    /// Says something of the case as a whole: a sentence to stand below its table.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut cases = versus::Cases::new();
    /// let case = cases.case("ones").baseline("loop", |items| items).remark("Nothing is added.");
    /// let clock = versus::SystemClock::new();
    /// let result = versus::try_out(case, &clock, &mut |_| {}).unwrap();
    /// assert_eq!(result.remarks, ["Nothing is added."]);
    /// ```
    pub fn remark(&mut self, sentence: &str) -> &mut Self {
        self.remarks.push(sentence.to_owned());
        self
    }

    /// How long a run of the variant takes where usual ones take so long.
    pub(crate) fn run_of(&self, variant: &str, usual: Duration) -> Duration {
        let longer = self.long_runs.iter().filter(|(name, _)| name == variant);
        longer.map(|&(_, run)| run).fold(usual, Duration::max)
    }

    pub(crate) fn check(&self) -> Result<(), DefinitionError> {
        let mut names = HashSet::new();
        let mistake = if self.baselines == 0 {
            "has no baseline"
        } else if self.baselines > 1 {
            "has more than one baseline"
        } else if !self.variants.iter().all(|variant| names.insert(&variant.name)) {
            "has two variants of the same name"
        } else if !self.notes.iter().all(|note| names.contains(&note.variant)) {
            "has a note on a variant that it has not"
        } else if !self.long_runs.iter().all(|(variant, _)| names.contains(variant)) {
            "has long runs of a variant that it has not"
        } else if self.point.as_ref().is_some_and(|point| !point.x.is_finite()) {
            "has an x that is not a finite number"
        } else {
            return Ok(());
        };
        Err(DefinitionError { case: self.name.clone(), mistake })
    }

    /// Whether this is what was measured then.
    pub(crate) fn check_same(&self, then: &CaseResult) -> Result<(), DefinitionError> {
        let now = CaseResult::new(self);
        let names = |result: &CaseResult| -> Vec<String> {
            result.entries.iter().map(|entry| entry.name.clone()).collect()
        };
        if (&now.name, names(&now)) == (&then.name, names(then)) {
            return Ok(());
        }
        let mistake = "has not the variants of the rounds before";
        Err(DefinitionError { case: self.name.clone(), mistake })
    }
}

impl<'a> Variant<'a> {
    fn new<A: Into<Answer>>(name: &str, mut work: impl FnMut(u64) -> A + 'a) -> Self {
        Variant { name: name.to_owned(), work: Box::new(move |items| work(items).into()) }
    }
}

/// Why a case cannot be measured: a mistake in the program that defines it.
///
/// # Examples
///
/// ```
/// let mut cases = versus::Cases::new();
/// cases.case("lonely").variant("only", |items| items);
/// let mistake = cases.check().unwrap_err();
/// assert_eq!(mistake.to_string(), "case `lonely` has no baseline");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DefinitionError {
    case: String,
    mistake: &'static str,
}

impl fmt::Display for DefinitionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "case `{}` {}", self.case, self.mistake)
    }
}

impl std::error::Error for DefinitionError {}

//! What is to be measured: a case, with a baseline and other variants.

use crate::{Answer, Role};
use anyhow::{Result, bail};
use serde::{Deserialize, Serialize};
use std::{collections::HashSet, time::Duration};

/// A variant's code: does so many items and says what it found.
pub(crate) type Work<'a> = Box<dyn FnMut(u64) -> Answer + 'a>;

/// Says what a note holds.
pub(crate) type Say<'a> = Box<dyn FnMut() -> String + 'a>;

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
/// case.baseline("split").context("split", "std's split", |lines| {
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
    baselines: Vec<String>,
    pub(crate) notes: Vec<Note<'a>>,
    /// The variant, and how long its runs take at least.
    long_runs: Vec<(String, Duration)>,
}

pub(crate) struct Variant<'a> {
    pub(crate) id: String,
    pub(crate) label: String,
    pub(crate) role: Role,
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
///         .baseline("loop")
///         .context("loop", "a loop", |items| items);
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
    pub(crate) fn new(name: &str) -> Self {
        Case {
            name: name.to_owned(),
            item: "item".to_owned(),
            point: None,
            remarks: Vec::new(),
            answer: Box::new(Answer::from),
            variants: Vec::new(),
            baselines: Vec::new(),
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

    /// Names the variant that the others are compared with, by its id. It is measured twice in every
    /// round.
    pub fn baseline(&mut self, id: &str) -> &mut Self {
        self.baselines.push(id.to_owned());
        self.put_the_baseline_first()
    }

    /// Adds what we have built. The id stays what it is when the label becomes another one.
    pub fn ours<A: Into<Answer>>(
        &mut self,
        id: &str,
        label: &str,
        work: impl FnMut(u64) -> A + 'a,
    ) -> &mut Self {
        self.variant(Role::Ours, id, label, work)
    }

    /// Adds what one would take instead.
    pub fn peer<A: Into<Answer>>(
        &mut self,
        id: &str,
        label: &str,
        work: impl FnMut(u64) -> A + 'a,
    ) -> &mut Self {
        self.variant(Role::Peer, id, label, work)
    }

    /// Adds the same work with nothing around it, which nobody can pass.
    pub fn limit<A: Into<Answer>>(
        &mut self,
        id: &str,
        label: &str,
        work: impl FnMut(u64) -> A + 'a,
    ) -> &mut Self {
        self.variant(Role::Limit, id, label, work)
    }

    /// Adds what lets the other figures be understood.
    pub fn context<A: Into<Answer>>(
        &mut self,
        id: &str,
        label: &str,
        work: impl FnMut(u64) -> A + 'a,
    ) -> &mut Self {
        self.variant(Role::Context, id, label, work)
    }

    /// Adds what an interpreter runs. Its id is its label: no figures are missing where it is not there.
    pub fn python<A: Into<Answer>>(
        &mut self,
        label: &str,
        work: impl FnMut(u64) -> A + 'a,
    ) -> &mut Self {
        self.variant(Role::Python, label, label, work)
    }

    /// Adds a variant of this role.
    pub fn variant<A: Into<Answer>>(
        &mut self,
        role: Role,
        id: &str,
        label: &str,
        mut work: impl FnMut(u64) -> A + 'a,
    ) -> &mut Self {
        let (id, label) = (id.to_owned(), label.to_owned());
        let work = Box::new(move |items| work(items).into());
        self.variants.push(Variant { id, label, role, work });
        self.put_the_baseline_first()
    }

    fn put_the_baseline_first(&mut self) -> &mut Self {
        let baselines = &self.baselines;
        self.variants.sort_by_key(|variant| !baselines.contains(&variant.id));
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
    ///     .baseline("lock")
    ///     .ours("lock", "Lock", |items| items)
    ///     .peer("turns", "taking turns of 5 ms", |items| items)
    ///     .at_least("turns", Duration::from_millis(400));
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
    ///     .baseline("lock")
    ///     .ours("lock", "Lock", |items| items)
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
    /// let case = cases.case("ones").baseline("loop").context("loop", "a loop", |items| items);
    /// case.remark("Nothing is added.");
    /// let (clock, mut out) = (versus::SystemClock::new(), Vec::new());
    /// let report = versus::run("sum", cases, [], &clock, &mut out, &mut Vec::new()).unwrap();
    /// assert_eq!(report.cases[0].remarks, ["Nothing is added."]);
    /// ```
    pub fn remark(&mut self, sentence: &str) -> &mut Self {
        self.remarks.push(sentence.to_owned());
        self
    }

    /// How long a run of the variant takes where usual ones take so long.
    pub(crate) fn run_of(&self, variant: &str, usual: Duration) -> Duration {
        let longer = self.long_runs.iter().filter(|(id, _)| id == variant);
        longer.map(|&(_, run)| run).fold(usual, Duration::max)
    }

    pub(crate) fn check(&self) -> Result<()> {
        let mut ids = HashSet::new();
        let mistake = if !self.variants.iter().all(|variant| ids.insert(&variant.id)) {
            "has two variants of the same id"
        } else if !self.baselines.iter().any(|id| ids.contains(id)) {
            "has no baseline"
        } else if self.baselines.len() > 1 {
            "has more than one baseline"
        } else if !self.notes.iter().all(|note| ids.contains(&note.variant)) {
            "has a note on a variant that it has not"
        } else if !self.long_runs.iter().all(|(variant, _)| ids.contains(variant)) {
            "has long runs of a variant that it has not"
        } else if self.point.as_ref().is_some_and(|point| !point.x.is_finite()) {
            "has an x that is not a finite number"
        } else {
            return Ok(());
        };
        bail!("case `{}` {mistake}", self.name)
    }
}

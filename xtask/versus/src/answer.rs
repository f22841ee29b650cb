//! What a run found out, so that a fast wrong answer is noticed.

use crate::Time;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a run of a variant found, to be compared with what the case expects.
///
/// Made from a number, a text, or a `Result` of these; an `Err` is the variant's failure.
///
/// # Examples
///
/// ```
/// use versus::Answer;
///
/// assert_eq!(Answer::from(3), Answer::from("3"));
/// assert_eq!(Answer::from(3), Answer::from(Ok::<u64, String>(3)));
/// assert_ne!(Answer::from(3), Answer::from(Err::<u64, _>("3")));
/// ```
#[derive(Clone, Debug)]
pub struct Answer {
    found: Result<String, String>,
    took: Option<Time>,
}

impl Answer {
    /// States how long the work took, for a run whose preparation must not count.
    ///
    /// A queue that has to be filled first is one example; a command that starts an interpreter and
    /// prints its own time is another. Without this the whole run counts.
    ///
    /// # Examples
    ///
    /// ```
    /// use versus::{Answer, Clock, SystemClock};
    ///
    /// let clock = SystemClock::new();
    /// let filled: Vec<u64> = (0..1000).collect(); // not counted
    /// let start = clock.now();
    /// let sum: u64 = filled.iter().sum();
    /// let answer = Answer::from(sum).took(clock.now() - start);
    /// assert_eq!(answer, Answer::from(499_500));
    /// ```
    #[must_use]
    pub fn took(self, time: Time) -> Self {
        Answer { took: Some(time), ..self }
    }

    /// The run's own time, if it states one; or why this answer does not do.
    pub(crate) fn check(self, expected: &Answer, items: u64) -> Result<Option<Time>, Failure> {
        let found = self.found.map_err(Failure::Failed)?;
        match &expected.found {
            Ok(expected) if found == *expected => Ok(self.took),
            Ok(expected) => {
                Err(Failure::Wrong { items, expected: start(expected), found: start(&found) })
            }
            Err(why) => Err(Failure::Failed(format!("the case has no answer: {why}"))),
        }
    }
}

/// No more of a text than a line of a table holds.
fn start(text: &str) -> String {
    text.chars().take(60).collect()
}

/// Equal if what was found is; the time a run states is no part of that.
impl PartialEq for Answer {
    fn eq(&self, other: &Self) -> bool {
        self.found == other.found
    }
}

impl Eq for Answer {}

impl From<String> for Answer {
    fn from(text: String) -> Self {
        Answer { found: Ok(text), took: None }
    }
}

impl From<&str> for Answer {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl From<u64> for Answer {
    fn from(number: u64) -> Self {
        number.to_string().into()
    }
}

impl<T: Into<Answer>, E: fmt::Display> From<Result<T, E>> for Answer {
    fn from(result: Result<T, E>) -> Self {
        result.map_or_else(|why| Answer { found: Err(why.to_string()), took: None }, Into::into)
    }
}

/// Why a variant has no figures.
///
/// # Examples
///
/// ```
/// use versus::Failure;
///
/// let wrong = Failure::Wrong { items: 3, expected: "6".into(), found: "7".into() };
/// assert_eq!(wrong.to_string(), "wrong answer for 3 items: expected 6, found 7");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Failure {
    /// Its answer was not the case's.
    Wrong {
        /// How many items it had been given.
        items: u64,
        /// What the case expects of so many.
        expected: String,
        /// What the variant answered.
        found: String,
    },
    /// It panicked, with this message.
    Panicked(String),
    /// It said itself that it could not do its work.
    Failed(String),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Wrong { items, expected, found } => {
                write!(f, "wrong answer for {items} items: expected {expected}, found {found}")
            }
            Failure::Panicked(message) => write!(f, "panicked: {message}"),
            Failure::Failed(why) => write!(f, "failed: {why}"),
        }
    }
}

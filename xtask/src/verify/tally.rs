//! What all the rounds of one section, or of its twin, came to.

use super::judge::Judgement;
use super::plan::Checked;
use crate::Outcome;
use crate::course::Section;
use std::collections::HashSet;
use std::time::Duration;
use transcript::Mutants;

/// The rounds of one section, or of its twin, so far.
pub struct Tally<'a> {
    /// The section.
    pub section: &'a Section,
    /// Is it the twin?
    pub python: bool,
    /// Rounds whose run held.
    pub held: u32,
    /// Rounds whose run did not.
    pub failed: u32,
    /// Rounds that could not be run or judged.
    pub unable: u32,
    /// Why it was not to be run.
    pub skipped: Option<String>,
    /// Why the first of those that failed did, and the first of those that could not be run or judged.
    pub why: Vec<String>,
    /// Different orders of the lines in the runs that held.
    pub orders: HashSet<Vec<String>>,
    /// Each `sometimes` rule, and in how many rounds it was seen.
    pub sometimes: Vec<(String, u32)>,
    /// All rounds together, each from its start to its end.
    pub wall: Duration,
    /// What became of the line mutants, if they were asked for.
    pub mutants: Option<Mutants>,
}

impl<'a> Tally<'a> {
    /// No round yet.
    pub fn new(section: &'a Section, python: bool) -> Tally<'a> {
        Tally {
            section,
            python,
            held: 0,
            failed: 0,
            unable: 0,
            skipped: None,
            why: Vec::new(),
            orders: HashSet::new(),
            sometimes: Vec::new(),
            wall: Duration::ZERO,
            mutants: None,
        }
    }

    /// Counts one more round.
    pub fn add(&mut self, checked: Checked) {
        self.wall += checked.run.map_or(Duration::ZERO, |run| run.wall);
        self.mutants = self.mutants.take().or(checked.mutants);
        let (count, why) = match checked.judgement {
            Judgement::Held(reading) => {
                self.orders.insert(reading.order);
                self.sometimes.resize(reading.sometimes.len(), (String::new(), 0));
                for (sum, (rule, seen)) in self.sometimes.iter_mut().zip(reading.sometimes) {
                    *sum = (rule, sum.1 + u32::from(seen));
                }
                (&mut self.held, None)
            }
            Judgement::Failed(failed) => (&mut self.failed, Some(failed.explanation)),
            Judgement::Unable(why) => (&mut self.unable, Some(why)),
            Judgement::Skipped(why) => return self.skipped = Some(why),
        };
        self.why.extend(why.filter(|_| *count == 0));
        *count += 1;
    }

    /// Chapter and section, and whether it is the twin.
    pub fn name(&self) -> String {
        let twin = if self.python { " (python)" } else { "" };
        format!("{}/{}{twin}", self.section.chapter, self.section.name)
    }

    /// Rounds whose run was judged.
    pub fn judged(&self) -> u32 {
        self.held + self.failed
    }

    /// The worst of its rounds.
    pub fn outcome(&self) -> Outcome {
        match self {
            Tally { unable: 1.., .. } => Outcome::Unable,
            Tally { failed: 1.., .. } => Outcome::Failed,
            _ => Outcome::Held,
        }
    }

    /// Its rounds in a few words.
    pub fn in_words(&self) -> String {
        match (self.judged(), self) {
            (_, Tally { unable: 1.., .. }) => "could not run".to_owned(),
            (_, Tally { skipped: Some(why), .. }) => format!("skipped: {why}"),
            (0, _) => "not run".to_owned(),
            (1, Tally { failed: 0, .. }) => "held".to_owned(),
            (1, _) => "FAILED".to_owned(),
            (judged, Tally { failed: 0, .. }) => format!("held {judged} times"),
            (judged, Tally { failed, .. }) => format!("FAILED {failed} of {judged} times"),
        }
    }

    /// If no round failed: the rate of failures below which, by these rounds, it lies with 95 %
    /// confidence. A section that fails at a higher rate would have passed them all in fewer
    /// than 5 of 100 such trials: 1 - 0.05^(1/N) for N rounds, about 3/N.
    pub fn failure_rate_below(&self) -> Option<f64> {
        (self.failed == 0 && self.held > 0).then(|| 1.0 - 0.05_f64.powf(1.0 / f64::from(self.held)))
    }
}

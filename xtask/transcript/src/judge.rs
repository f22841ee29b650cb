//! The verdict on a run: of all that is wrong, what comes first.

use crate::{
    Ambiguity, Output, Reading, Status, Transcript, Verdict,
    case::{Case, Read, Stream},
    matcher::{Budget, Refused},
    rows::Mode,
    rules::{self, At},
    state::State,
};
use std::collections::{BTreeSet, HashSet};

impl Transcript {
    /// Judges a run whose right end is `exit`: an exit status, or a [`Status`].
    ///
    /// ```
    /// use transcript::{Output, Status, Transcript, Verdict};
    ///
    /// let transcript = Transcript::parse("# Output\n\n```text\nA| a\nB| b\n```\n").unwrap();
    /// for output in ["a\nb\n", "b\na\n"] {
    ///     let run = Output { stdout: output.as_bytes(), stderr: b"", status: Status::Exited(0) };
    ///     assert!(matches!(transcript.check(&run, 0), Verdict::Legal(_)));
    ///     assert!(matches!(transcript.check(&run, 1), Verdict::Illegal(_)));
    /// }
    /// ```
    pub fn check(&self, run: &Output<'_>, exit: impl Into<Status>) -> Verdict {
        let case = Case::new(self, run, exit.into());
        case.end().map_or_else(|wrong| wrong, |end| Verdict::Legal(case.reading(&end)))
    }
}

impl Case<'_> {
    /// The state in which a legal run ends, or what is wrong first.
    pub(crate) fn end(&self) -> Result<State, Verdict> {
        let mut budget = Budget::default();
        let out = self.read(Stream::Out, self.matcher(Stream::Out).start(), &mut budget);
        let broken = rules::judge(&self.transcript.rules, &self.inspected);
        // On one line the rows come before the rules; what is true only of the end comes last.
        if let Some(broken) = &broken
            && let At::Line(line) = broken.at
            && line < out.taken
        {
            return Err(self.broken(&out, broken));
        }
        let ends = self.ends(Stream::Out, &out)?;
        if let Some(broken) = &broken {
            return Err(self.broken(&out, broken));
        }
        let start = self.matcher(Stream::Err).go_on(&ends);
        let err = self.read(Stream::Err, start, &mut budget);
        let end = self.ends(Stream::Err, &err)?.swap_remove(0);
        if self.has_ended_well() { Ok(end) } else { Err(self.wrong_exit(&end)) }
    }

    fn reading(&self, end: &State) -> Reading {
        let (lanes, err_lanes) = self.lanes(end);
        let sometimes = self.transcript.rules.iter().filter_map(|rule| {
            let seen = rule.seen(&self.inspected)?;
            Some((rule.written.clone(), seen))
        });
        Reading { lanes, err_lanes, sometimes: sometimes.collect(), order: self.order(end) }
    }

    fn read(&self, stream: Stream, mut states: Vec<State>, budget: &mut Budget) -> Read {
        for (taken, line) in self.lines(stream).iter().enumerate() {
            match self.matcher(stream).advance(&states, line, budget) {
                Ok(next) => states = next,
                Err(refused) => return Read { states, taken, refused: Some(refused) },
            }
        }
        Read { states, taken: self.lines(stream).len(), refused: None }
    }

    /// The states in which the stream may end as it did, or what is wrong with its lines.
    fn ends(&self, stream: Stream, read: &Read) -> Result<Vec<State>, Verdict> {
        match &read.refused {
            Some(Refused::TooMany(steps)) => Err(self.ambiguity(stream, read, steps)),
            Some(Refused::OutOfBounds(found)) => Err(self.out_of_bounds(read, found)),
            Some(Refused::NoRow) => Err(self.refused(stream, read)),
            None => {
                let track = self.matcher(stream).track;
                let ends = read.states.iter().filter(|state| state.place.is_end(track));
                let ends: Vec<State> = ends.cloned().collect();
                if ends.is_empty() { Err(self.ended(stream, read)) } else { Ok(ends) }
            }
        }
    }

    fn ambiguity(&self, stream: Stream, read: &Read, steps: &[usize]) -> Verdict {
        let order = &self.transcript.order;
        let rows: BTreeSet<usize> = steps.iter().map(|step| order.steps[*step].row).collect();
        let rows = rows.into_iter().map(|row| order.rows[row].written.clone()).collect();
        let (line, on_stderr) = (read.taken + 1, stream == Stream::Err);
        Verdict::TooAmbiguous(Box::new(Ambiguity { line, on_stderr, rows }))
    }

    /// The lines of standard output with every value its sample, once for each row.
    fn order(&self, state: &State) -> Vec<String> {
        let steps = &self.transcript.order.steps;
        let mut seen = HashSet::new();
        let taken = state.trail.steps().into_iter().take(self.out.len());
        let counted = taken.filter(|step| steps[*step].mode != Mode::Any && seen.insert(*step));
        counted.map(|step| steps[step].text.sample.clone()).collect()
    }
}

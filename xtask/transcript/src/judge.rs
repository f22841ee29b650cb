//! The verdict on a run: of all that is wrong, what comes first.

use crate::{
    Ambiguity, Failure, Reading, Run, Status, Transcript, Verdict,
    case::{Case, Read, Stream},
    matcher::{Budget, Refused},
    rows::Mode,
    rules::{self, At, Inspected},
    state::State,
    text::lines,
};
use std::collections::HashSet;

/// What is wrong with the lines of a stream.
enum Fault {
    Failure(Failure),
    TooAmbiguous(Ambiguity),
}

impl From<Fault> for Verdict {
    fn from(fault: Fault) -> Verdict {
        match fault {
            Fault::Failure(failure) => Verdict::Illegal(Box::new(failure)),
            Fault::TooAmbiguous(ambiguity) => Verdict::TooAmbiguous(Box::new(ambiguity)),
        }
    }
}

impl Transcript {
    /// Judges a run whose right end is `exit`: an exit status, or a [`Status`].
    ///
    /// ```
    /// use transcript::{Run, Status, Transcript, Verdict};
    ///
    /// let transcript = Transcript::parse("# Output\n\n```text\nA| a\nB| b\n```\n").unwrap();
    /// for output in ["a\nb\n", "b\na\n"] {
    ///     let run = Run { stdout: output.as_bytes(), stderr: b"", status: Status::Exited(0) };
    ///     assert!(matches!(transcript.check(&run, 0), Verdict::Legal(_)));
    ///     assert!(matches!(transcript.check(&run, 1), Verdict::Illegal(_)));
    /// }
    /// ```
    pub fn check(&self, run: &Run<'_>, exit: impl Into<Status>) -> Verdict {
        let (out, err) = (lines(run.stdout), lines(run.stderr));
        let case = Case { transcript: self, out, err, status: run.status, exit: exit.into() };
        case.verdict().unwrap_or_else(Verdict::from)
    }
}

impl Case<'_> {
    fn verdict(&self) -> Result<Verdict, Fault> {
        let mut budget = Budget::default();
        let out = self.read(Stream::Out, self.matcher(Stream::Out).start(), &mut budget);
        let inspected = Inspected::all(&self.out, &self.transcript.rules);
        let broken = rules::judge(&self.transcript.rules, &inspected);
        // On one line the rows come before the rules; what is true only of the end comes last.
        if let Some(broken) = &broken
            && let At::Line(line) = broken.at
            && line < out.taken
        {
            return Err(Fault::Failure(self.broken(&out, broken)));
        }
        let ends = self.ends(Stream::Out, &out)?;
        if let Some(broken) = &broken {
            return Err(Fault::Failure(self.broken(&out, broken)));
        }
        let start = self.matcher(Stream::Err).go_on(&ends);
        let err = self.read(Stream::Err, start, &mut budget);
        let ends = self.ends(Stream::Err, &err)?;
        let end = &ends[0];
        if !self.has_ended_well() {
            return Err(Fault::Failure(self.wrong_exit(end)));
        }
        let (lanes, err_lanes) = self.lanes(end);
        let rules = self.transcript.rules.iter();
        let sometimes =
            rules.filter_map(|rule| Some((rule.written.clone(), rule.seen(&inspected)?)));
        let (sometimes, order) = (sometimes.collect(), self.order(end));
        Ok(Verdict::Legal(Reading { lanes, err_lanes, sometimes, order }))
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
    fn ends(&self, stream: Stream, read: &Read) -> Result<Vec<State>, Fault> {
        Err(match &read.refused {
            Some(Refused::TooMany(steps)) => {
                Fault::TooAmbiguous(self.ambiguity(stream, read, steps))
            }
            Some(Refused::OutOfBounds(found)) => Fault::Failure(self.out_of_bounds(read, found)),
            Some(Refused::NoRow) => Fault::Failure(self.refused(stream, read)),
            None => {
                let track = self.matcher(stream).track;
                let ends = read.states.iter().filter(|state| state.place.is_end(track));
                let ends: Vec<State> = ends.cloned().collect();
                if !ends.is_empty() {
                    return Ok(ends);
                }
                Fault::Failure(self.ended(stream, read))
            }
        })
    }

    fn ambiguity(&self, stream: Stream, read: &Read, steps: &[usize]) -> Ambiguity {
        let order = &self.transcript.order;
        let mut rows: Vec<usize> = steps.iter().map(|step| order.steps[*step].row).collect();
        rows.sort_unstable();
        rows.dedup();
        let rows = rows.into_iter().map(|row| order.rows[row].written.clone()).collect();
        Ambiguity { line: read.taken + 1, on_stderr: stream == Stream::Err, rows }
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

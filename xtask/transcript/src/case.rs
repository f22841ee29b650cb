//! A run that is judged: its lines, and how they were read.

use crate::{
    Output, Status, Transcript,
    matcher::{Matcher, Refused},
    place::Track,
    rules::Inspected,
    signals,
    state::State,
    text::lines,
};

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stream {
    Out,
    Err,
}

/// All that a verdict is made from.
pub(crate) struct Case<'c> {
    pub(crate) transcript: &'c Transcript,
    pub(crate) out: Vec<&'c [u8]>,
    pub(crate) err: Vec<&'c [u8]>,
    /// The lines of standard output, as rules see them.
    pub(crate) inspected: Vec<Inspected<'c>>,
    pub(crate) status: Status,
    /// The right end.
    pub(crate) exit: Status,
}

/// How far the lines of one stream could be read.
pub(crate) struct Read {
    /// Never empty.
    pub(crate) states: Vec<State>,
    /// How many lines were taken.
    pub(crate) taken: usize,
    /// Why not all.
    pub(crate) refused: Option<Refused>,
}

impl<'c> Case<'c> {
    pub(crate) fn new(transcript: &'c Transcript, run: &Output<'c>, exit: Status) -> Case<'c> {
        let (out, err) = (lines(run.stdout), lines(run.stderr));
        let inspected = Inspected::all(&out, &transcript.rules);
        Case { transcript, out, err, inspected, status: run.status, exit }
    }

    pub(crate) fn matcher(&self, stream: Stream) -> Matcher<'c> {
        let Transcript { order, bounds, .. } = self.transcript;
        let (blocks, bounds): (_, &[_]) = match stream {
            Stream::Out => (&order.out, bounds),
            // Rules see standard output only.
            Stream::Err => (&order.err, &[]),
        };
        Matcher { order, track: Track { blocks, steps: &order.steps }, bounds }
    }

    pub(crate) fn lines(&self, stream: Stream) -> &[&'c [u8]] {
        match stream {
            Stream::Out => &self.out,
            Stream::Err => &self.err,
        }
    }

    /// Is the end right, or nobody's business?
    pub(crate) fn has_ended_well(&self) -> bool {
        self.exit == Status::Unjudged || self.status == Status::Unjudged || self.status == self.exit
    }

    /// How the program ended.
    pub(crate) fn ending(&self) -> String {
        match self.status {
            Status::Exited(status) => format!("the exit status is {status}"),
            Status::Signalled(number) => format!("ended by {}", signals::told(number)),
            Status::Unjudged => "ended from outside".to_owned(),
        }
    }

    /// The lanes of the lines of both streams; empty where no row took the line.
    pub(crate) fn lanes(&self, state: &State) -> (Vec<String>, Vec<String>) {
        let steps = state.trail.steps();
        let mut lanes = steps.iter().map(|step| self.transcript.order.steps[*step].lane.clone());
        let mut padded = |lines: usize| {
            let mut lanes: Vec<String> = lanes.by_ref().take(lines).collect();
            lanes.resize(lines, String::new());
            lanes
        };
        (padded(self.out.len()), padded(self.err.len()))
    }
}

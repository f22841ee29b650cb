//! Line mutants of a legal output: a smoke test of the transcript.

use crate::{
    Run, Status, Transcript, Verdict,
    matcher::{Budget, Matcher},
    rows::Mode,
    text::lines,
};

/// What became of the line mutants of a legal run: each line of a row that takes a fixed number
/// of lines dropped, each line of a row that does not repeat doubled, each two neighbours with
/// different text swapped.
///
/// ```
/// use transcript::{Run, Status, Transcript};
///
/// let transcript = Transcript::parse("# Output\n\n```text\nA| a\nB| b\nover\n```\n").unwrap();
/// let run = Run { stdout: b"a\nb\nover\n", stderr: b"", status: Status::Exited(0) };
/// let mutants = transcript.mutants(&run, 0);
/// assert_eq!(mutants.tried, 6);
/// assert!(mutants.missed.is_empty());
/// assert_eq!(mutants.swaps, ["lines 1 and 2: a <-> b"]);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Mutants {
    /// How many lines were dropped or doubled.
    pub tried: usize,
    /// Dropped and doubled lines that went unnoticed: `drop line 3: text`.
    pub missed: Vec<String>,
    /// The swaps of neighbours that are legal, one by one: the freedom that the transcript gives,
    /// for its author to confirm.
    pub swaps: Vec<String>,
}

impl Transcript {
    /// Tries the line mutants of a legal run. Nothing is tried on a run that is not legal.
    pub fn mutants(&self, run: &Run<'_>, exit: impl Into<Status>) -> Mutants {
        let exit = exit.into();
        let mut mutants = Mutants::default();
        let lines = lines(run.stdout);
        let is_legal = |lines: &[&[u8]]| {
            let stdout: Vec<u8> =
                lines.iter().flat_map(|line| [line, b"\n".as_slice()].concat()).collect();
            matches!(self.check(&Run { stdout: &stdout, ..*run }, exit), Verdict::Legal(_))
        };
        let Some(modes) = self.modes(&lines).filter(|_| is_legal(&lines)) else {
            return mutants;
        };
        let text = |at: usize| String::from_utf8_lossy(lines[at]);
        for (at, mode) in modes.into_iter().enumerate() {
            let mut changed = lines.clone();
            if mode == Mode::Once {
                changed.remove(at);
                mutants.tried += 1;
                if is_legal(&changed) {
                    mutants.missed.push(format!("drop line {}: {}", at + 1, text(at)));
                }
                changed.insert(at, lines[at]);
            }
            if !mode.may_repeat() {
                changed.insert(at, lines[at]);
                mutants.tried += 1;
                if is_legal(&changed) {
                    mutants.missed.push(format!("double line {}: {}", at + 1, text(at)));
                }
                changed.remove(at);
            }
            if at + 1 < lines.len() && lines[at] != lines[at + 1] {
                changed.swap(at, at + 1);
                if is_legal(&changed) {
                    let (first, second) = (text(at), text(at + 1));
                    mutants.swaps.push(format!(
                        "lines {} and {}: {first} <-> {second}",
                        at + 1,
                        at + 2
                    ));
                }
            }
        }
        mutants
    }

    /// The mode of the row that took each line, if rows did.
    fn modes(&self, lines: &[&[u8]]) -> Option<Vec<Mode>> {
        let matcher = Matcher::stdout(&self.order, &self.bounds);
        let mut budget = Budget::default();
        let advance =
            |states: Vec<_>, line: &&[u8]| matcher.advance(&states, line, &mut budget).ok();
        let states = lines.iter().try_fold(matcher.start(), advance)?;
        let end = states.into_iter().find(|state| state.place.is_end(matcher.track))?;
        Some(end.trail.steps().into_iter().map(|step| self.order.steps[step].mode).collect())
    }
}

//! Line mutants of a legal output: a smoke test of the transcript.

use crate::{Output, Status, Transcript, case::Case, rows::Mode};

/// What became of the line mutants of a legal run: each line of a row that takes a fixed number
/// of lines dropped, each line of a row that does not repeat doubled, each two neighbours with
/// different text swapped.
///
/// ```
/// use transcript::{Output, Status, Transcript};
///
/// let transcript = Transcript::parse("# Output\n\n```text\nA| a\nB| b\nover\n```\n").unwrap();
/// let run = Output { stdout: b"a\nb\nover\n", stderr: b"", status: Status::Exited(0) };
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
    pub fn mutants(&self, run: &Output<'_>, exit: impl Into<Status>) -> Mutants {
        let exit = exit.into();
        let mut mutants = Mutants::default();
        let case = Case::new(self, run, exit);
        let Ok(end) = case.end() else { return mutants };
        let lines = &case.out;
        let is_legal = |lines: &[&[u8]]| {
            let stdout: Vec<u8> =
                lines.iter().flat_map(|line| [line, b"\n".as_slice()].concat()).collect();
            Case::new(self, &Output { stdout: &stdout, ..*run }, exit).end().is_ok()
        };
        let text = |at: usize| String::from_utf8_lossy(lines[at]);
        for (at, step) in end.trail.steps().into_iter().take(lines.len()).enumerate() {
            let mode = self.order.steps[step].mode;
            let (before, after) = (&lines[..at], &lines[at + 1..]);
            for (what, is_fit, changed) in [
                ("drop", mode == Mode::Once, [before, after].concat()),
                ("double", !mode.may_repeat(), [before, &[lines[at]; 2], after].concat()),
            ] {
                mutants.tried += usize::from(is_fit);
                if is_fit && is_legal(&changed) {
                    mutants.missed.push(format!("{what} line {}: {}", at + 1, text(at)));
                }
            }
            if at + 1 < lines.len() && lines[at] != lines[at + 1] {
                let mut changed = lines.clone();
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
}

//! Line mutants of a legal output: a smoke test of the transcript.

use crate::{
    Mutants, Run, Transcript, Verdict, matcher::Advance, matcher::Matcher, rows::Mode, text::lines,
};

impl Transcript {
    /// Tries the line mutants of a legal run: each line of a row that takes a fixed number of
    /// lines dropped, each line of a row that does not repeat doubled, each two neighbours with
    /// different text swapped.
    ///
    /// Nothing is tried on a run that is not legal.
    pub fn mutants(&self, run: &Run<'_>, exit: i32) -> Mutants {
        let mut mutants = Mutants::default();
        let lines = lines(run.stdout);
        let Some(modes) = self.modes(&lines) else {
            return mutants;
        };
        let is_legal = |lines: &[&[u8]]| {
            let stdout = lines.join(&b'\n');
            // `join` of lines that end with an empty one needs the last newline.
            let stdout = [stdout.as_slice(), b"\n"].concat();
            let stdout = if lines.is_empty() { Vec::new() } else { stdout };
            matches!(self.check(&Run { stdout: &stdout, ..*run }, exit), Verdict::Legal(_))
        };
        let text = |at: usize| String::from_utf8_lossy(lines[at]).into_owned();
        if !is_legal(&lines) {
            return mutants;
        }
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
                    mutants.swaps.push(format!(
                        "lines {} and {}: {} <-> {}",
                        at + 1,
                        at + 2,
                        text(at),
                        text(at + 1)
                    ));
                }
            }
        }
        mutants
    }

    /// The mode of the row that took each line.
    fn modes(&self, lines: &[&[u8]]) -> Option<Vec<Mode>> {
        let matcher =
            Matcher { order: &self.order, elements: &self.order.out, bounds: &self.bounds };
        let mut states = vec![matcher.start()];
        for line in lines {
            let Advance::To(next) = matcher.advance(states, line) else {
                return None;
            };
            states = next;
        }
        let end =
            states.into_iter().find(|s| s.place().is_end(&self.order.out, &self.order.steps))?;
        Some(end.trail.steps().into_iter().map(|s| self.order.steps[s].mode).collect())
    }
}

//! The seven kinds of failure, each with its own sentence.

use crate::{
    Kind, Status, Verdict,
    case::{Case, Read, Stream},
    page::Page,
    reader::{Reader, Takers, quoted},
    rows::Mode,
    rules::{At, Broken},
    signals,
    state::{OutOfBounds, State},
};
use std::mem::discriminant;

/// How many rows are listed, beside a line and below the output, before the rest is a number.
const MOST_BESIDE: usize = 3;
const MOST_BELOW: usize = 20;

/// Of how many readings of the lines before a refused one the explanation is looked for.
const MOST_READINGS: usize = 100;

impl Case<'_> {
    /// No state allows the next line: too early, once too often, or no row matches.
    pub(crate) fn refused(&self, stream: Stream, read: &Read) -> Verdict {
        let at = read.taken;
        let takers = self.takers(stream, at);
        let readers =
            || read.states.iter().take(MOST_READINGS).map(|s| Reader::new(self, stream, s));
        for reader in readers() {
            let left = reader.state.place.left(reader.track());
            if let Some(step) = left.into_iter().find(|step| reader.would_take(*step, at, &takers))
            {
                return reader.too_early(at, step);
            }
        }
        for reader in readers() {
            let mut used = reader.used();
            if let Some((line, step)) = used.find(|(_, step)| reader.would_take(*step, at, &takers))
            {
                return reader.once_too_often(at, step, line);
            }
        }
        Reader::new(self, stream, &read.states[0]).no_row(at, &takers)
    }

    /// The steps that would take this line, whatever has come before; `...` does not count.
    fn takers(&self, stream: Stream, at: usize) -> Takers {
        let matcher = self.matcher(stream);
        let steps = matcher.track.all();
        let steps = steps.filter(|step| matcher.order.steps[*step].mode != Mode::Any);
        let line = self.lines(stream)[at];
        steps.filter_map(|step| Some((step, matcher.take(step, line, &mut 0)?))).collect()
    }

    pub(crate) fn ended(&self, stream: Stream, read: &Read) -> Verdict {
        let missing = |state: &State| {
            let mut missing = state.place.missing(self.matcher(stream).track, None);
            missing.sort_unstable();
            missing
        };
        let states = read.states.iter().map(|state| (missing(state), state));
        let Some((missing, state)) = states.min_by_key(|(missing, _)| missing.len()) else {
            unreachable!("there is always a state")
        };
        let what = match stream {
            Stream::Out => "the output",
            Stream::Err => "standard error",
        };
        let headline = match self.lines(stream).len() {
            0 => format!("{what} is empty"),
            last => format!("{what} ended after line {last}"),
        };
        let reader = Reader::new(self, stream, state);
        let mut page = reader.page(headline);
        page.after.push("still expected:".to_owned());
        let listed = missing.iter().take(MOST_BELOW);
        page.after.extend(listed.map(|step| format!("    {}", reader.quote(*step))));
        if missing.len() > MOST_BELOW {
            page.after.push(format!("    and {} more", missing.len() - MOST_BELOW));
        }
        page.failure(Kind::Ended, reader.written(missing[0]))
    }

    pub(crate) fn out_of_bounds(&self, read: &Read, found: &OutOfBounds) -> Verdict {
        let (state, at) = (&read.states[0], read.taken);
        let rule = self.transcript.rules[found.rule].written.clone();
        let name = &self.transcript.order.names.get(found.name).spelling;
        let headline = format!("{} has a value out of bounds", here(Stream::Out, at));
        let mut page = Page::new(headline, self, Stream::Out, state);
        page.fail(at, format!("`{name}` is {}", found.value));
        page.note(at, rule.clone());
        page.failure(Kind::OutOfBounds, rule)
    }

    pub(crate) fn broken(&self, out: &Read, broken: &Broken) -> Verdict {
        let track = self.matcher(Stream::Out).track;
        let end = out.states.iter().find(|state| state.place.is_end(track));
        let state = end.unwrap_or(&out.states[0]);
        let rule = self.transcript.rules[broken.rule].written.clone();
        let headline = match broken.at {
            At::Line(line) => format!("{} breaks a rule", here(Stream::Out, line)),
            At::End(peak) => {
                format!("the output breaks a rule: {peak} is the most that was reached")
            }
        };
        let mut page = Page::new(headline, self, Stream::Out, state);
        broken.notes.iter().for_each(|(line, note)| page.note(*line, note.clone()));
        match broken.at {
            At::Line(line) => page.fail(line, rule.clone()),
            At::End(_) => page.after.push(format!("the rule: {rule}")),
        }
        page.failure(Kind::Rule, rule)
    }

    pub(crate) fn wrong_exit(&self, state: &State) -> Verdict {
        let (what, right, target) = match self.exit {
            Status::Exited(right) => ("exit status ", right.to_string(), right.to_string()),
            Status::Signalled(right) => ("an end by ", signals::told(right), signals::name(right)),
            Status::Unjudged => unreachable!("any end is right"),
        };
        let is_alike = discriminant(&self.exit) == discriminant(&self.status);
        let right = if is_alike { right } else { what.to_owned() + &right };
        let headline = format!("{}, and {right} is right", self.ending());
        let mut page = Page::new(headline, self, Stream::Out, state);
        page.status = None;
        page.failure(Kind::Exit, format!("exit {target}"))
    }
}

impl Reader<'_> {
    fn page(&self, headline: String) -> Page {
        Page::new(headline, self.case, self.stream, self.state)
    }

    fn too_early(&self, at: usize, step: usize) -> Verdict {
        let mut needs = self.state.place.missing(self.track(), Some(step));
        needs.sort_unstable();
        let listed = needs.iter().take(MOST_BESIDE);
        let mut listed: Vec<String> = listed.map(|step| quoted(&self.quote(*step))).collect();
        if needs.len() > MOST_BESIDE {
            listed.push(format!("{} more", needs.len() - MOST_BESIDE));
        }
        let mut page = self.page(format!("{} comes too early", here(self.stream, at)));
        page.fail(at, format!("{} still needs {}", quoted(&self.quote(step)), and(&listed)));
        page.failure(Kind::TooEarly, self.written(step))
    }

    fn once_too_often(&self, at: usize, step: usize, line: usize) -> Verdict {
        let row = quoted(&self.quote(step));
        let mut page = self.page(format!("{} comes once too often", here(self.stream, at)));
        let why = match self.mode(step) {
            Mode::Repeated => format!("{row} took line {}, and has ended since", line + 1),
            _ => format!("line {} was the one for {row}", line + 1),
        };
        page.fail(at, why);
        page.failure(Kind::OnceTooOften, self.written(step))
    }

    fn no_row(&self, at: usize, takers: &Takers) -> Verdict {
        let mut page = self.page(format!("no row matches {}", here(self.stream, at)));
        let line = String::from_utf8_lossy(self.case.lines(self.stream)[at]);
        // Neither open nor left nor used: it was skipped.
        if let Some(step) = self.track().all().find(|step| self.would_take(*step, at, takers)) {
            let written = self.written(step);
            page.fail(at, format!("{} would take it, but its turn has passed", quoted(&written)));
            return page.failure(Kind::NoRow, written);
        }
        let Some(step) = self.nearest(&line) else {
            let (target, why) = match self.stream {
                Stream::Out => ("", "the transcript expects no output"),
                Stream::Err => ("err", "standard error must be empty: there is no `err` row"),
            };
            page.fail(at, why);
            return page.failure(Kind::NoRow, target.to_owned());
        };
        let (written, row) = (self.written(step), self.towards(step, &line));
        if row.text.is_empty() {
            page.fail(at, "the nearest row is an empty line");
        } else {
            page.fail(at, "the nearest row, with the difference marked:");
            page.compare(&line, &row, &written);
        }
        page.failure(Kind::NoRow, written)
    }
}

fn here(stream: Stream, at: usize) -> String {
    match stream {
        Stream::Out => format!("line {}", at + 1),
        Stream::Err => format!("line {} of standard error", at + 1),
    }
}

fn and(things: &[String]) -> String {
    match things {
        [first @ .., last] if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        _ => things.concat(),
    }
}

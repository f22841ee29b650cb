//! The seven kinds of failure, each with its own sentence.

use crate::{
    Failure, Kind, Status, Verdict,
    case::{Case, Read, Stream},
    page::Page,
    reader::{Reader, Takers, quoted},
    rows::Mode,
    rules::{At, Broken},
    signals,
    state::{OutOfBounds, State},
};

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
            let left = reader.state.place.left(self.matcher(stream).track);
            if let Some(step) = left.into_iter().find(|step| reader.would_take(*step, at, &takers))
            {
                return self.too_early(&reader, at, step);
            }
        }
        for reader in readers() {
            let mut used = reader.used();
            if let Some((line, step)) = used.find(|(_, step)| reader.would_take(*step, at, &takers))
            {
                return self.once_too_often(&reader, at, step, line);
            }
        }
        self.no_row(&Reader::new(self, stream, &read.states[0]), at, &takers)
    }

    /// The steps that would take this line, whatever has come before; `...` does not count.
    fn takers(&self, stream: Stream, at: usize) -> Takers {
        let matcher = self.matcher(stream);
        let steps = matcher.track.all();
        let steps = steps.filter(|step| matcher.order.steps[*step].mode != Mode::Any);
        let line = self.lines(stream)[at];
        steps.filter_map(|step| Some((step, matcher.take(step, line, &mut 0)?))).collect()
    }

    fn too_early(&self, reader: &Reader<'_>, at: usize, step: usize) -> Verdict {
        let Reader { stream, state, .. } = *reader;
        let mut needs = state.place.missing(self.matcher(stream).track, Some(step));
        needs.sort_unstable();
        let listed = needs.iter().take(MOST_BESIDE);
        let mut listed: Vec<String> = listed.map(|step| quoted(&reader.quote(*step))).collect();
        if needs.len() > MOST_BESIDE {
            listed.push(format!("{} more", needs.len() - MOST_BESIDE));
        }
        let mut page = self.page(stream, state, format!("{} comes too early", here(stream, at)));
        page.fail(at, format!("{} still needs {}", quoted(&reader.quote(step)), and(&listed)));
        self.failure(Kind::TooEarly, reader.written(step), state, &page)
    }

    fn once_too_often(&self, reader: &Reader<'_>, at: usize, step: usize, line: usize) -> Verdict {
        let Reader { stream, state, .. } = *reader;
        let row = quoted(&reader.quote(step));
        let mut page =
            self.page(stream, state, format!("{} comes once too often", here(stream, at)));
        page.fail(
            at,
            match self.transcript.order.steps[step].mode {
                Mode::Repeated => format!("{row} took line {}, and has ended since", line + 1),
                _ => format!("line {} was the one for {row}", line + 1),
            },
        );
        self.failure(Kind::OnceTooOften, reader.written(step), state, &page)
    }

    fn no_row(&self, reader: &Reader<'_>, at: usize, takers: &Takers) -> Verdict {
        let Reader { stream, state, .. } = *reader;
        let mut page = self.page(stream, state, format!("no row matches {}", here(stream, at)));
        let line = String::from_utf8_lossy(self.lines(stream)[at]);
        // Neither open nor left nor used: it was skipped.
        if let Some(step) = reader.all().find(|step| reader.would_take(*step, at, takers)) {
            let written = reader.written(step);
            page.fail(at, format!("{} would take it, but its turn has passed", quoted(&written)));
            return self.failure(Kind::NoRow, written, state, &page);
        }
        let Some(step) = reader.nearest(&line) else {
            let (target, why) = match stream {
                Stream::Out => ("", "the transcript expects no output"),
                Stream::Err => ("err", "standard error must be empty: there is no `err` row"),
            };
            page.fail(at, why);
            return self.failure(Kind::NoRow, target.to_owned(), state, &page);
        };
        let (written, row) = (reader.written(step), reader.towards(step, &line));
        if row.text.is_empty() {
            page.fail(at, "the nearest row is an empty line");
        } else {
            page.fail(at, "the nearest row, with the difference marked:");
            page.compare(&line, &row, &written);
        }
        self.failure(Kind::NoRow, written, state, &page)
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
        let mut page = self.page(stream, state, headline);
        page.after.push("still expected:".to_owned());
        let listed = missing.iter().take(MOST_BELOW);
        page.after.extend(listed.map(|step| format!("    {}", reader.quote(*step))));
        if missing.len() > MOST_BELOW {
            page.after.push(format!("    and {} more", missing.len() - MOST_BELOW));
        }
        self.failure(Kind::Ended, reader.written(missing[0]), state, &page)
    }

    pub(crate) fn out_of_bounds(&self, read: &Read, found: &OutOfBounds) -> Verdict {
        let (state, at) = (&read.states[0], read.taken);
        let rule = self.transcript.rules[found.rule].written.clone();
        let name = &self.transcript.order.names.get(found.name).spelling;
        let headline = format!("{} has a value out of bounds", here(Stream::Out, at));
        let mut page = self.page(Stream::Out, state, headline);
        page.fail(at, format!("`{name}` is {}", found.value));
        page.note(at, rule.clone());
        self.failure(Kind::OutOfBounds, rule, state, &page)
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
        let mut page = self.page(Stream::Out, state, headline);
        broken.notes.iter().for_each(|(line, note)| page.note(*line, note.clone()));
        match broken.at {
            At::Line(line) => page.fail(line, rule.clone()),
            At::End(_) => page.after.push(format!("the rule: {rule}")),
        }
        self.failure(Kind::Rule, rule, state, &page)
    }

    pub(crate) fn wrong_exit(&self, state: &State) -> Verdict {
        let right = match (self.exit, self.status) {
            (Status::Exited(right), Status::Exited(_)) => right.to_string(),
            (Status::Exited(right), _) => format!("exit status {right}"),
            (Status::Signalled(right), Status::Signalled(_)) => signals::told(right),
            (Status::Signalled(right), _) => format!("an end by {}", signals::told(right)),
            (Status::Unjudged, _) => "any end".to_owned(),
        };
        let target = match self.exit {
            Status::Signalled(right) => format!("exit {}", signals::name(right)),
            Status::Exited(right) => format!("exit {right}"),
            Status::Unjudged => "exit".to_owned(),
        };
        let headline = format!("{}, and {right} is right", self.ending());
        let mut page = self.page(Stream::Out, state, headline);
        page.status = None;
        self.failure(Kind::Exit, target, state, &page)
    }

    fn ending(&self) -> String {
        match self.status {
            Status::Exited(status) => format!("the exit status is {status}"),
            Status::Signalled(number) => format!("ended by {}", signals::told(number)),
            Status::Unjudged => "ended from outside".to_owned(),
        }
    }

    fn page(&self, stream: Stream, state: &State, headline: String) -> Page {
        let (lanes, err_lanes) = self.lanes(state);
        let mut page = Page::new(headline, stream, (&self.out, lanes), (&self.err, err_lanes));
        page.status = (!self.has_ended_well()).then(|| self.ending());
        page
    }

    fn failure(&self, kind: Kind, target: String, state: &State, page: &Page) -> Verdict {
        let (lanes, err_lanes) = self.lanes(state);
        Verdict::Illegal(Box::new(Failure {
            kind,
            line: page.failing().map(|at| at + 1),
            on_stderr: page.stream == Stream::Err,
            target,
            lanes,
            err_lanes,
            report: page.to_string(),
        }))
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

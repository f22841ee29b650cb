//! The seven kinds of failure, each with its own sentence.

use crate::{
    Failure, Kind, Status,
    judge::{Case, Read, Stream},
    matcher::{OutOfBounds, State},
    page::Page,
    reader::Reader,
    rows::Mode,
    rules::{At, Broken},
};

/// How many rows are listed, beside a line and below the output, before the rest is a number.
const MOST_BESIDE: usize = 3;
const MOST_BELOW: usize = 20;

impl Case<'_> {
    /// No state allows the next line: too early, once too often, or no row matches.
    pub(crate) fn refused(&self, stream: Stream, read: &Read) -> Failure {
        let (track, at) = (self.matcher(stream).track, read.taken);
        let readings: Vec<Reader<'_>> =
            read.states.iter().map(|s| Reader::new(self, stream, s)).collect();
        for reader in &readings {
            let left = reader.state.place.left(track);
            if let Some(step) = left.into_iter().find(|step| reader.would_take(*step, at)) {
                return self.too_early(reader, at, step);
            }
        }
        for reader in &readings {
            let mut used = reader.used();
            if let Some((line, step)) = used.find(|(_, step)| reader.would_take(*step, at)) {
                return self.once_too_often(reader, at, step, line);
            }
        }
        self.no_row(&readings[0], at)
    }

    fn too_early(&self, reader: &Reader<'_>, at: usize, step: usize) -> Failure {
        let mut needs = reader.state.place.missing(self.matcher(reader.stream).track, Some(step));
        needs.sort_unstable();
        let mut listed: Vec<String> = needs
            .iter()
            .take(MOST_BESIDE)
            .map(|step| format!("`{}`", reader.quote(*step)))
            .collect();
        if needs.len() > MOST_BESIDE {
            listed.push(format!("{} more", needs.len() - MOST_BESIDE));
        }
        let note = format!("`{}` still needs {}", reader.quote(step), and(&listed));
        let mut page =
            self.page(reader.state, format!("{} comes too early", here(reader.stream, at)));
        page.fail(reader.stream, at, [note]);
        self.failure(Kind::TooEarly, Some(at), reader.written(step), reader.state, &page)
    }

    fn once_too_often(&self, reader: &Reader<'_>, at: usize, step: usize, line: usize) -> Failure {
        let row = reader.quote(step);
        let note = match self.transcript.order.steps[step].mode {
            Mode::Repeated => format!("`{row}` took line {}, and has ended since", line + 1),
            _ => format!("line {} was the one for `{row}`", line + 1),
        };
        let mut page =
            self.page(reader.state, format!("{} comes once too often", here(reader.stream, at)));
        page.fail(reader.stream, at, [note]);
        self.failure(Kind::OnceTooOften, Some(at), reader.written(step), reader.state, &page)
    }

    fn no_row(&self, reader: &Reader<'_>, at: usize) -> Failure {
        let Reader { stream, state, .. } = *reader;
        let mut page = self.page(state, format!("no row matches {}", here(stream, at)));
        let line = String::from_utf8_lossy(self.lines(stream)[at]);
        let Some(step) = reader.nearest(&line) else {
            let (target, note) = match stream {
                Stream::Out => ("", "the transcript expects no output"),
                Stream::Err => ("err", "standard error must be empty: there is no `err` row"),
            };
            page.fail(stream, at, [note.to_owned()]);
            return self.failure(Kind::NoRow, Some(at), target.to_owned(), state, &page);
        };
        let (written, row) = (reader.written(step), reader.towards(step, &line));
        if reader.would_take(step, at) {
            // Neither open nor left nor used: it was skipped.
            page.fail(stream, at, [format!("`{written}` would take it, but its turn has passed")]);
        } else if row.is_empty() {
            page.fail(stream, at, ["the nearest row is an empty line".to_owned()]);
        } else {
            page.fail(stream, at, ["the nearest row, with the difference marked:".to_owned()]);
            page.compare(stream, &line, &row, &written);
        }
        self.failure(Kind::NoRow, Some(at), written, state, &page)
    }

    pub(crate) fn ended(&self, stream: Stream, read: &Read) -> Failure {
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
        let mut page = self.page(state, headline);
        let reader = Reader::new(self, stream, state);
        page.after.push("still expected:".to_owned());
        let listed = missing.iter().take(MOST_BELOW);
        page.after.extend(listed.map(|step| format!("    {}", reader.quote(*step))));
        if missing.len() > MOST_BELOW {
            page.after.push(format!("    and {} more", missing.len() - MOST_BELOW));
        }
        self.failure(Kind::Ended, None, reader.written(missing[0]), state, &page)
    }

    pub(crate) fn out_of_bounds(&self, read: &Read, found: &OutOfBounds) -> Failure {
        let state = &read.states[0];
        let rule = self.transcript.rules[found.rule].written.clone();
        let name = &self.transcript.order.names.get(found.name).spelling;
        let headline = format!("{} has a value out of bounds", here(Stream::Out, read.taken));
        let mut page = self.page(state, headline);
        page.fail(Stream::Out, read.taken, [format!("`{name}` is {}", found.value), rule.clone()]);
        self.failure(Kind::OutOfBounds, Some(read.taken), rule, state, &page)
    }

    pub(crate) fn broken(&self, out: &Read, broken: &Broken) -> Failure {
        let track = self.matcher(Stream::Out).track;
        let end = out.states.iter().find(|state| state.place.is_end(track));
        let state = end.unwrap_or(&out.states[0]);
        let rule = self.transcript.rules[broken.rule].written.clone();
        let (headline, line) = match broken.at {
            At::Line(line) => (format!("{} breaks a rule", here(Stream::Out, line)), Some(line)),
            At::End(peak) => {
                (format!("the output breaks a rule: {peak} is the most that was reached"), None)
            }
        };
        let mut page = self.page(state, headline);
        broken.notes.iter().for_each(|(line, note)| page.note(Stream::Out, *line, note.clone()));
        match line {
            Some(line) => page.fail(Stream::Out, line, [rule.clone()]),
            None => page.after.push(format!("the rule: {rule}")),
        }
        self.failure(Kind::Rule, line, rule, state, &page)
    }

    pub(crate) fn wrong_exit(&self, state: &State) -> Failure {
        let right = match self.status {
            Status::Exited(_) => self.exit.to_string(),
            Status::Signalled(_) | Status::Unjudged => format!("exit status {}", self.exit),
        };
        let mut page = self.page(state, format!("{}, and {right} is right", self.ending()));
        page.status = None;
        self.failure(Kind::Exit, None, format!("exit {}", self.exit), state, &page)
    }

    fn ending(&self) -> String {
        match self.status {
            Status::Exited(status) => format!("the exit status is {status}"),
            Status::Signalled(number) => format!("ended by {}", signal(number)),
            Status::Unjudged => "ended from outside".to_owned(),
        }
    }

    fn page(&self, state: &State, headline: String) -> Page {
        let (lanes, err_lanes) = self.lanes(state);
        let mut page = Page::new(headline, (&self.out, lanes), (&self.err, err_lanes));
        page.status = (!self.has_ended_well()).then(|| self.ending());
        page
    }

    fn failure(
        &self,
        kind: Kind,
        line: Option<usize>,
        target: String,
        state: &State,
        page: &Page,
    ) -> Failure {
        let (lanes, err_lanes) = self.lanes(state);
        let line = line.map(|at| at + 1);
        Failure { kind, line, target, lanes, err_lanes, report: page.to_string() }
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

/// A signal by number and, where all systems agree on it, by name.
fn signal(number: i32) -> String {
    let name = match number {
        1 => " (HUP)",
        2 => " (INT)",
        3 => " (QUIT)",
        4 => " (ILL)",
        5 => " (TRAP)",
        6 => " (ABRT)",
        8 => " (FPE)",
        9 => " (KILL)",
        11 => " (SEGV)",
        13 => " (PIPE)",
        14 => " (ALRM)",
        15 => " (TERM)",
        _ => "",
    };
    format!("signal {number}{name}")
}

//! The verdict on a run: rows, then rules, then standard error, then the exit status; of all that
//! is wrong, what stands on the earliest line.

use crate::{
    Ambiguity, Failure, Kind, Reading, Run, Status, Transcript, Verdict,
    explain::{Page, quote, signal},
    matcher::{Advance, Matcher, OutOfBounds, State},
    order::Element,
    rows::Mode,
    rules::{self, Broken, Inspected, Meaning},
    text::lines,
};

/// How far the lines of one stream could be read.
struct Read {
    states: Vec<State>,
    /// How many lines were taken.
    taken: usize,
    stop: Stop,
}

enum Stop {
    End,
    NoRow,
    OutOfBounds(OutOfBounds),
    TooMany(Vec<usize>),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stream {
    Out,
    Err,
}

/// All that a verdict is made from.
struct Case<'c> {
    transcript: &'c Transcript,
    out: Vec<&'c [u8]>,
    err: Vec<&'c [u8]>,
    status: Status,
    exit: i32,
}

impl Transcript {
    /// Judges a run whose right exit status is `exit`.
    pub fn check(&self, run: &Run<'_>, exit: i32) -> Verdict {
        let case = Case {
            transcript: self,
            out: lines(run.stdout),
            err: lines(run.stderr),
            status: run.status,
            exit,
        };
        case.verdict()
    }
}

fn read(matcher: Matcher<'_>, mut states: Vec<State>, lines: &[&[u8]]) -> Read {
    for (taken, line) in lines.iter().enumerate() {
        let (back, stop) = match matcher.advance(states, line) {
            Advance::To(next) => {
                states = next;
                continue;
            }
            Advance::NoRow(back) => (back, Stop::NoRow),
            Advance::OutOfBounds(back, found) => (back, Stop::OutOfBounds(found)),
            Advance::TooMany(back, rows) => (back, Stop::TooMany(rows)),
        };
        return Read { states: back, taken, stop };
    }
    Read { states, taken: lines.len(), stop: Stop::End }
}

impl<'c> Case<'c> {
    fn matcher(&self, stream: Stream) -> Matcher<'c> {
        let order = &self.transcript.order;
        match stream {
            Stream::Out => Matcher { order, elements: &order.out, bounds: &self.transcript.bounds },
            // Rules see standard output only.
            Stream::Err => Matcher { order, elements: &order.err, bounds: &[] },
        }
    }

    fn is_end(&self, stream: Stream, state: &State) -> bool {
        state.place().is_end(self.matcher(stream).elements, &self.transcript.order.steps)
    }

    fn verdict(&self) -> Verdict {
        let matcher = self.matcher(Stream::Out);
        let mut out = read(matcher, vec![matcher.start()], &self.out);
        let inspected: Vec<Inspected<'_>> = self.out.iter().map(|l| Inspected::new(l)).collect();
        let broken = rules::judge(&self.transcript.rules, &inspected);

        // A rule that broke on an earlier line than the rows comes first.
        let rule_first = broken.as_ref().and_then(|b| b.line).is_some_and(|line| line < out.taken);
        if !rule_first && let Some(verdict) = self.rows_verdict(Stream::Out, &mut out, None) {
            return verdict;
        }
        if let Some(broken) = broken {
            return self.broken(&out, &broken);
        }

        out.states.retain(|s| self.is_end(Stream::Out, s));
        let first = out.states[0].clone();
        let mut err =
            read(self.matcher(Stream::Err), self.matcher(Stream::Err).go_on(out.states), &self.err);
        if let Some(verdict) = self.rows_verdict(Stream::Err, &mut err, Some(&first)) {
            return verdict;
        }
        err.states.retain(|s| self.is_end(Stream::Err, s));
        let state = &err.states[0];

        let right = match self.status {
            Status::Exited(code) => code == self.exit,
            Status::Signalled(_) => false,
            Status::Unjudged => true,
        };
        if !right {
            let headline =
                format!("{}, and exit status {} is right", self.status_text(), self.exit);
            return self.illegal(
                Kind::Exit,
                None,
                format!("exit {}", self.exit),
                &headline,
                state,
                self.page(state),
            );
        }
        let (lanes, err_lanes) = self.lanes(state);
        let sometimes = self
            .transcript
            .rules
            .iter()
            .filter_map(|rule| Some((rule.written.clone(), rule.seen(&inspected)?)));
        Verdict::Legal(Reading {
            lanes,
            err_lanes,
            sometimes: sometimes.collect(),
            order: self.normal_order(state),
        })
    }

    /// The lines of standard output with every value its sample, once for each row.
    fn normal_order(&self, state: &State) -> Vec<String> {
        let order = &self.transcript.order;
        let mut seen = std::collections::HashSet::new();
        let steps = state.trail.steps().into_iter().take(self.out.len());
        steps
            .filter(|step| order.steps[*step].mode != Mode::Any && seen.insert(*step))
            .map(|step| order.steps[step].text.sample.clone())
            .collect()
    }

    fn status_text(&self) -> String {
        match self.status {
            Status::Exited(code) => format!("exit status {code}"),
            Status::Signalled(number) => format!("ended by {}", signal(number)),
            Status::Unjudged => "ended from outside".to_owned(),
        }
    }

    /// What is wrong with the lines of a stream, if something is.
    fn rows_verdict(
        &self,
        stream: Stream,
        read: &mut Read,
        before: Option<&State>,
    ) -> Option<Verdict> {
        let matcher = self.matcher(stream);
        if let Stop::TooMany(rows) = &read.stop {
            let rows =
                rows.iter().map(|r| self.transcript.order.rows[*r].written.clone()).collect();
            return Some(Verdict::TooAmbiguous(Box::new(Ambiguity {
                line: read.taken + 1,
                on_stderr: stream == Stream::Err,
                rows,
            })));
        }
        if let Stop::End = read.stop {
            return if read.states.iter().any(|s| self.is_end(stream, s)) {
                None
            } else {
                Some(self.ended(stream, read))
            };
        }
        let state = read.states.first().or(before)?;
        let at = read.taken;
        let line = match stream {
            Stream::Out => self.out[at],
            Stream::Err => self.err[at],
        };
        let order = &self.transcript.order;
        let mut page = self.page(state);
        let here = match stream {
            Stream::Out => format!("line {}", at + 1),
            Stream::Err => format!("line {} of standard error", at + 1),
        };
        let side = match stream {
            Stream::Out => &mut page.out,
            Stream::Err => &mut page.err,
        };
        side.failing = Some(at);
        if let Stop::OutOfBounds(found) = &read.stop {
            let rule = &self.transcript.rules[found.rule].written;
            let name = &order.names[found.name].name;
            side.notes.push((at, format!("`{name}` is {}", found.value)));
            side.notes.push((at, rule.clone()));
            let headline = format!("{here} has a value out of bounds");
            return Some(self.illegal(
                Kind::OutOfBounds,
                Some(at),
                rule.clone(),
                &headline,
                state,
                page,
            ));
        }
        for state in &read.states {
            let left = state.place().left(matcher.elements, &order.steps);
            let early = left.into_iter().find(|s| {
                order.steps[*s].mode != Mode::Any && matcher.take(state, *s, line).is_some()
            });
            if let Some(step) = early {
                let mut needs = state.place().missing(matcher.elements, &order.steps, Some(step));
                needs.sort_unstable();
                let needs: Vec<String> =
                    needs.into_iter().map(|s| quote(order, s, &state.values)).collect();
                side.notes.push((at, format!("it still needs {}", list(&needs))));
                let target = order.rows[order.steps[step].row].written.clone();
                return Some(self.illegal(
                    Kind::TooEarly,
                    Some(at),
                    target,
                    &format!("{here} comes too early"),
                    state,
                    page,
                ));
            }
        }
        for state in &read.states {
            let trail = state.trail.steps();
            let skip = if stream == Stream::Err { self.out.len() } else { 0 };
            let used = trail.iter().skip(skip).enumerate();
            let mut used = used.filter(|(_, s)| {
                order.steps[**s].mode != Mode::Any && matcher.take(state, **s, line).is_some()
            });
            if let Some((by, step)) = used.next() {
                side.notes.push((
                    at,
                    format!("line {} took the row {}", by + 1, quote(order, *step, &state.values)),
                ));
                let target = order.rows[order.steps[*step].row].written.clone();
                let headline = format!("{here} comes once too often");
                return Some(self.illegal(
                    Kind::OnceTooOften,
                    Some(at),
                    target,
                    &headline,
                    state,
                    page,
                ));
            }
        }
        let nearest = self.nearest(matcher, state, line);
        let target = match nearest {
            Some(step) => {
                side.nearest(at, line, order, step, state);
                order.rows[order.steps[step].row].written.clone()
            }
            None if stream == Stream::Err => {
                side.notes.push((
                    at,
                    "standard error must be empty: the transcript has no `err` row".to_owned(),
                ));
                "err".to_owned()
            }
            None => String::new(),
        };
        Some(self.illegal(
            Kind::NoRow,
            Some(at),
            target,
            &format!("no row matches {here}"),
            state,
            page,
        ))
    }

    fn nearest(&self, matcher: Matcher<'_>, state: &State, line: &[u8]) -> Option<usize> {
        let order = &self.transcript.order;
        let line = String::from_utf8_lossy(line);
        let open = state.place().moves(matcher.elements, &order.steps).into_iter().map(|m| m.step);
        let left = state.place().left(matcher.elements, &order.steps);
        let all = matcher.elements.iter().flat_map(|e| match e {
            Element::Main(step) => vec![*step],
            Element::Block(lanes) => lanes.iter().flat_map(|l| l.steps.iter().copied()).collect(),
        });
        let alike = |step: &usize| {
            let text = &order.steps[*step].text.sample;
            let prefix = text.chars().zip(line.chars()).take_while(|(a, b)| a == b).count();
            let suffix =
                text.chars().rev().zip(line.chars().rev()).take_while(|(a, b)| a == b).count();
            let shorter = text.chars().count().min(line.chars().count());
            (prefix + suffix).min(shorter) * 2
        };
        // `max_by_key` keeps the last of equals: what is open is preferred.
        let mut candidates: Vec<usize> =
            open.chain(left).chain(all).filter(|s| order.steps[*s].mode != Mode::Any).collect();
        candidates.reverse();
        candidates.into_iter().max_by_key(alike)
    }

    fn ended(&self, stream: Stream, read: &Read) -> Verdict {
        let order = &self.transcript.order;
        let elements = self.matcher(stream).elements;
        let missing = |s: &State| s.place().missing(elements, &order.steps, None);
        let Some(state) = read.states.iter().min_by_key(|s| missing(s).len()) else {
            unreachable!("a set of states is never empty")
        };
        let mut steps = missing(state);
        steps.sort_unstable();
        let mut page = self.page(state);
        let (what, count) = match stream {
            Stream::Out => ("the output", self.out.len()),
            Stream::Err => ("standard error", self.err.len()),
        };
        page.after.push("still expected:".to_owned());
        for step in steps.iter().take(20) {
            page.after
                .push(format!("    {}", quote(order, *step, &state.values).trim_matches('`')));
        }
        if steps.len() > 20 {
            page.after.push(format!("    and {} more", steps.len() - 20));
        }
        let target = order.rows[order.steps[steps[0]].row].written.clone();
        let headline = match count {
            0 => format!("{what} is empty, and rows still expect lines"),
            _ => format!("{what} ended after line {count}, and rows still expect lines"),
        };
        self.illegal(Kind::Ended, None, target, &headline, state, page)
    }

    fn broken(&self, out: &Read, broken: &Broken) -> Verdict {
        let rule = &self.transcript.rules[broken.rule];
        let ends = out.states.iter().find(|s| self.is_end(Stream::Out, s));
        let state = ends.unwrap_or(&out.states[0]);
        let mut page = self.page(state);
        page.out.failing = broken.line;
        page.out.notes.clone_from(&broken.notes);
        let headline = match broken.line {
            Some(line) => {
                page.out.notes.push((line, rule.written.clone()));
                format!("line {} breaks a rule", line + 1)
            }
            None => {
                page.after.push(format!("the rule: {}", rule.written));
                format!("the output breaks a rule: {}", broken.reason)
            }
        };
        debug_assert!(!matches!(rule.meaning, Meaning::Bound));
        self.illegal(Kind::Rule, broken.line, rule.written.clone(), &headline, state, page)
    }

    /// The lanes of the lines of both streams; empty where no row took the line.
    fn lanes(&self, state: &State) -> (Vec<String>, Vec<String>) {
        let lane = |step: &usize| self.transcript.order.steps[*step].lane.clone();
        let steps = state.trail.steps();
        let (out, err) = steps.split_at(steps.len().min(self.out.len()));
        let padded = |steps: &[usize], lines: usize| {
            let mut lanes: Vec<String> = steps.iter().map(lane).collect();
            lanes.resize(lines, String::new());
            lanes
        };
        (padded(out, self.out.len()), padded(err, self.err.len()))
    }

    fn page(&self, state: &State) -> Page {
        let (lanes, err_lanes) = self.lanes(state);
        let right = matches!(self.status, Status::Exited(code) if code == self.exit)
            || self.status == Status::Unjudged;
        let status = (!right).then(|| self.status_text());
        Page::new(&self.out, &lanes, &self.err, &err_lanes, status)
    }

    fn illegal(
        &self,
        kind: Kind,
        line: Option<usize>,
        target: String,
        headline: &str,
        state: &State,
        page: Page,
    ) -> Verdict {
        let (lanes, err_lanes) = self.lanes(state);
        let line = line.map(|at| at + 1);
        let report = format!("{headline}\n{page}");
        Verdict::Illegal(Box::new(Failure { kind, line, target, lanes, err_lanes, report }))
    }
}

fn list(things: &[String]) -> String {
    const MOST: usize = 4;
    match things.len() {
        0..=MOST => things.join(", "),
        n => format!("{} and {} more", things[..MOST].join(", "), n - MOST),
    }
}

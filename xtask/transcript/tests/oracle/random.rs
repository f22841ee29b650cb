//! Random small transcripts, and outputs that keep them or nearly do.

use crate::brute::Oracle;
use crate::case::{Case, Gutter, Mode, Row, Rule, Token};
use proptest::prelude::*;

type RawRow = (u8, u8, Vec<u8>, bool);
type RawRule = (u8, Vec<u8>, Vec<u8>, usize);

pub(crate) fn case(most_rows: usize) -> impl Strategy<Value = Case> {
    let row = (0..13_u8, 0..9_u8, prop::collection::vec(0..8_u8, 1..3), any::<bool>());
    let tokens = || prop::collection::vec(0..6_u8, 1..3);
    let rule = (0..4_u8, tokens(), tokens(), 1..3_usize);
    let seeds = prop::collection::vec(prop::collection::vec(any::<u8>(), 40), 4);
    (prop::collection::vec(row, 1..=most_rows), prop::collection::vec(rule, 0..3), seeds)
        .prop_map(|(rows, rules, seeds)| made_of(rows, rules, seeds))
}

/// Makes rows that are right out of any numbers.
#[derive(Default)]
struct Builder {
    rows: Vec<Row>,
    main_rows: usize,
    /// The last range of `i`: its row, and how many main rows stand above the last row of `i`.
    range: Option<(usize, usize)>,
    /// For each row the range it belongs to.
    ranges: Vec<Option<usize>>,
    /// Names and the rows that bind them.
    bound: Vec<(&'static str, usize)>,
}

impl Builder {
    fn row(&mut self, (gutter, mode, tokens, fresh): RawRow) {
        let gutter = self.gutter(gutter, fresh);
        let mode = match mode {
            0..=4 => Mode::Once,
            5 | 6 => Mode::Optional,
            7 => Mode::Repeated,
            _ if gutter == Gutter::Float => Mode::Once,
            _ => Mode::Any,
        };
        let is_each = matches!(gutter, Gutter::Each(_));
        self.ranges.push(self.range.filter(|_| is_each).map(|(row, _)| row));
        let has_wild = tokens.contains(&7);
        self.rows.push(Row { gutter, mode, tokens: Vec::new() });
        if mode == Mode::Any {
            return;
        }
        for token in tokens {
            let token = match token {
                2 => Token::Word("b"),
                3 | 4 if is_each => Token::Number,
                3 | 5 if !has_wild => self.name("n"),
                4 | 6 if !has_wild => self.name("word"),
                7 => Token::Wild,
                _ => Token::Word("a"),
            };
            self.rows[self.ranges.len() - 1].tokens.push(token);
        }
    }

    fn gutter(&mut self, gutter: u8, fresh: bool) -> Gutter {
        match gutter {
            0 | 1 => {
                self.main_rows += 1;
                Gutter::Main
            }
            2 | 3 => Gutter::A,
            4 | 5 => Gutter::B,
            6 | 7 => Gutter::Float,
            8 => Gutter::Err,
            _ => {
                let is_new = match self.range {
                    Some((_, above)) => fresh && above < self.main_rows,
                    None => true,
                };
                let row = self.range.filter(|_| !is_new).map_or(self.rows.len(), |(row, _)| row);
                self.range = Some((row, self.main_rows));
                Gutter::Each(is_new.then_some(if fresh { (0, 2) } else { (1, 4) }))
            }
        }
    }

    /// Binds a name, says it, or, where it may not be said, something else.
    fn name(&mut self, name: &'static str) -> Token {
        let here = self.rows.len() - 1;
        let Some((_, binds)) = self.bound.iter().find(|(bound, _)| *bound == name) else {
            self.bound.push((name, here));
            return Token::Name(name, true);
        };
        let is_own = self.ranges[*binds].is_some_and(|range| self.ranges[here] != Some(range));
        let is_each_lines = self.rows[*binds].mode == Mode::Repeated && *binds != here;
        if is_own || is_each_lines { Token::Word("a") } else { Token::Name(name, false) }
    }

    fn pattern(&self, tokens: &[u8]) -> Vec<Token> {
        let is_bound = |name| self.bound.iter().any(|(bound, _)| *bound == name);
        let token = |token: &u8| match token {
            2 => Token::Word("b"),
            3 if self.range.is_some() => Token::Number,
            4 if is_bound("n") => Token::Name("n", false),
            5 if is_bound("word") => Token::Name("word", false),
            _ => Token::Word("a"),
        };
        tokens.iter().map(token).collect()
    }
}

fn made_of(rows: Vec<RawRow>, rules: Vec<RawRule>, seeds: Vec<Vec<u8>>) -> Case {
    let mut builder = Builder::default();
    for row in rows {
        builder.row(row);
    }
    let rules = rules.into_iter().map(|(kind, a, b, most)| {
        let (a, b) = (builder.pattern(&a), builder.pattern(&b));
        match kind {
            0 => Rule::Before(a, b),
            1 => Rule::AtMost(most, a, b, false),
            2 => Rule::AtMost(most, a, b, true),
            _ => Rule::Never(a),
        }
    });
    let mut rules: Vec<Rule> = rules.collect();
    let case = Case { rows: builder.rows, rules: Vec::new(), seeds };
    // A rule that nothing can meet is a mistake, which is for other tests to see.
    let oracle = Oracle::new(&case);
    rules.retain(|rule| match rule {
        Rule::Before(a, b) | Rule::AtMost(_, a, b, _) => {
            oracle.is_possible(a) && oracle.is_possible(b)
        }
        Rule::Never(_) => true,
    });
    Case { rules, ..case }
}

/// Outputs that keep the order of the rows, and the same with a few changes.
pub(crate) fn outputs(case: &Case, oracle: &Oracle) -> Vec<(Vec<String>, Vec<String>)> {
    let mut outputs = Vec::new();
    for seed in &case.seeds {
        let mut seed = seed.iter().map(|b| usize::from(*b)).cycle();
        let mut next = |below: usize| seed.next().unwrap_or(0) % below.max(1);
        let (mut out, mut err) = oracle.linearize(&mut next);
        outputs.push((out.clone(), err.clone()));
        for _ in 0..2 {
            let lines = if next(5) == 0 { &mut err } else { &mut out };
            match next(4) {
                0 if !lines.is_empty() => {
                    lines.remove(next(lines.len()));
                }
                1 if lines.len() > 1 => {
                    let at = next(lines.len() - 1);
                    lines.swap(at, at + 1);
                }
                2 if !lines.is_empty() => {
                    let line = lines[next(lines.len())].clone();
                    lines.insert(next(lines.len() + 1), line);
                }
                _ => {
                    let line = ["a", "b", "a 1", "7 a", "w", "", "a b"][next(7)];
                    lines.insert(next(lines.len() + 1), line.to_owned());
                }
            }
            outputs.push((out.clone(), err.clone()));
        }
    }
    outputs
}

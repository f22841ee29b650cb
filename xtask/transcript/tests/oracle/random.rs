//! Random small transcripts, and outputs that keep them or nearly do.

use crate::brute::Oracle;
use proptest::prelude::*;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gutter {
    Main,
    A,
    B,
    /// A lane for each number of `i`; with a range where it stands first.
    Each(Option<(u32, u32)>),
    Float,
    Err,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Once,
    Optional,
    Repeated,
    Any,
}

/// Texts are tokens with a blank between them; the values of a name are whole tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    Word(&'static str),
    Number,
    /// A name, and whether it binds here.
    Name(&'static str, bool),
    Wild,
}

pub(crate) const SAMPLES: [(&str, &str); 2] = [("n", "7"), ("word", "w")];

#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) gutter: Gutter,
    pub(crate) mode: Mode,
    pub(crate) tokens: Vec<Token>,
}

#[derive(Clone, Debug)]
pub(crate) enum Rule {
    Before(Vec<Token>, Vec<Token>),
    AtMost(usize, Vec<Token>, Vec<Token>, bool),
    Never(Vec<Token>),
}

#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) rows: Vec<Row>,
    pub(crate) rules: Vec<Rule>,
    /// What the outputs are made from.
    seeds: Vec<Vec<u8>>,
}

type RawRow = (u8, u8, Vec<u8>, bool);
type RawRule = (u8, Vec<u8>, Vec<u8>, usize);

pub(crate) fn case(most_rows: usize) -> impl Strategy<Value = Case> {
    let row = (0..13_u8, 0..9_u8, prop::collection::vec(0..8_u8, 1..3), any::<bool>());
    let tokens = || prop::collection::vec(0..6_u8, 1..3);
    let rule = (0..4_u8, tokens(), tokens(), 1..3_usize);
    let seeds = prop::collection::vec(prop::collection::vec(any::<u8>(), 40), 4);
    (prop::collection::vec(row, 1..=most_rows), prop::collection::vec(rule, 0..3), seeds)
        .prop_map(|(rows, rules, seeds)| Case::new(rows, rules, seeds))
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

impl Case {
    fn new(rows: Vec<RawRow>, rules: Vec<RawRule>, seeds: Vec<Vec<u8>>) -> Case {
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

    pub(crate) fn needs_err(&self) -> bool {
        self.rows
            .iter()
            .any(|r| r.gutter == Gutter::Err && matches!(r.mode, Mode::Once | Mode::Repeated))
    }

    /// Can every line be read in one way only?
    pub(crate) fn is_literal(&self) -> bool {
        let is_fixed = |token: &Token| matches!(token, Token::Word(_) | Token::Number);
        let fixed = [Mode::Once, Mode::Optional];
        self.rows.iter().all(|row| fixed.contains(&row.mode) && row.tokens.iter().all(is_fixed))
    }

    pub(crate) fn markdown(&self) -> String {
        let lines = |lines: Vec<String>| lines.join("\n");
        let rows = lines(self.rows.iter().map(Row::written).collect());
        let rules = lines(self.rules.iter().map(Rule::written).collect());
        let always = if rules.is_empty() { "" } else { "\n# Always\n\n" };
        format!("# Output\n\n```text\n{rows}\n```\n{always}{rules}\n")
    }

    /// Outputs that keep the order of the rows, and the same with a few changes.
    pub(crate) fn outputs(&self, oracle: &Oracle) -> Vec<(Vec<String>, Vec<String>)> {
        let mut outputs = Vec::new();
        for seed in &self.seeds {
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
}

impl Row {
    fn written(&self) -> String {
        let gutter = match self.gutter {
            Gutter::Main => String::new(),
            Gutter::A => "A".to_owned(),
            Gutter::B => "B".to_owned(),
            Gutter::Each(Some((from, to))) => format!("i in {from}..{to}"),
            Gutter::Each(None) => "i".to_owned(),
            Gutter::Float => "~".to_owned(),
            Gutter::Err => "err".to_owned(),
        };
        match self.mode {
            Mode::Once => format!("{gutter}| {}", written(&self.tokens)),
            Mode::Optional => format!("{gutter}?| {}", written(&self.tokens)),
            Mode::Repeated => format!("{gutter}+| {}", written(&self.tokens)),
            Mode::Any => format!("{gutter}| ..."),
        }
    }
}

impl Rule {
    fn written(&self) -> String {
        match self {
            Rule::Before(a, b) => format!("- `{}` before `{}`", written(a), written(b)),
            Rule::AtMost(n, a, b, reached) => {
                let reached = if *reached { format!(", {n} reached") } else { String::new() };
                format!("- at most {n} between `{}` and `{}`{reached}", written(a), written(b))
            }
            Rule::Never(a) => format!("- never `{}`", written(a)),
        }
    }
}

fn written(tokens: &[Token]) -> String {
    let one = |token: &Token| match token {
        Token::Word(word) => (*word).to_owned(),
        Token::Number => "{i}".to_owned(),
        Token::Name(name, true) => {
            format!("{{{name}={}}}", SAMPLES.iter().find(|s| s.0 == *name).map_or("", |s| s.1))
        }
        Token::Name(name, false) => format!("{{{name}}}"),
        Token::Wild => "[..]".to_owned(),
    };
    tokens.iter().map(one).collect::<Vec<_>>().join(" ")
}

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

impl Case {
    fn new(raw: Vec<RawRow>, rules: Vec<RawRule>, seeds: Vec<Vec<u8>>) -> Case {
        let mut rows = Vec::new();
        // For `i` how many main rows came before its last row, and where its range is; where names are bound.
        let mut range = None;
        let mut mains = 0;
        let mut bound: Vec<(&str, usize)> = Vec::new();
        let mut row_ranges: Vec<Option<usize>> = Vec::new();
        for (at, (gutter, mode, tokens, fresh)) in raw.into_iter().enumerate() {
            let mut mode = match mode {
                0..=4 => Mode::Once,
                5 | 6 => Mode::Optional,
                7 => Mode::Repeated,
                _ => Mode::Any,
            };
            let gutter = match gutter {
                0 | 1 => Gutter::Main,
                2 | 3 => Gutter::A,
                4 | 5 => Gutter::B,
                6 | 7 => Gutter::Float,
                8 => Gutter::Err,
                _ => match range {
                    Some((last, binds)) if last == mains || !fresh => {
                        range = Some((mains, binds));
                        Gutter::Each(None)
                    }
                    _ => {
                        let numbers = if fresh { (0, 2) } else { (1, 4) };
                        range = Some((mains, at));
                        Gutter::Each(Some(numbers))
                    }
                },
            };
            if gutter == Gutter::Main {
                mains += 1;
            }
            if gutter == Gutter::Float && mode == Mode::Any {
                mode = Mode::Once;
            }
            let of = match gutter {
                Gutter::Each(_) => range.map(|r| r.1),
                _ => None,
            };
            let wild = tokens.contains(&7);
            let mut row = Row { gutter, mode, tokens: Vec::new() };
            for token in tokens {
                let name = |name: &'static str| -> Token {
                    if wild {
                        return Token::Word("b");
                    }
                    match bound.iter().find(|b| b.0 == name) {
                        None => Token::Name(name, true),
                        Some((_, binds)) if *binds == at => Token::Name(name, false),
                        Some((_, binds)) => {
                            let binder: &Row = &rows[*binds];
                            let own = row_ranges[*binds].is_some() && row_ranges[*binds] != of;
                            if own || binder.mode == Mode::Repeated {
                                Token::Word("a")
                            } else {
                                Token::Name(name, false)
                            }
                        }
                    }
                };
                let token = match token {
                    0 | 1 => Token::Word("a"),
                    2 => Token::Word("b"),
                    3 | 4 if of.is_some() => Token::Number,
                    3 | 5 => name("n"),
                    4 | 6 => name("word"),
                    _ => Token::Wild,
                };
                if let Token::Name(name, true) = token {
                    bound.push((name, at));
                }
                if mode != Mode::Any
                    && !(token == Token::Wild && row.tokens.last() == Some(&Token::Wild))
                {
                    row.tokens.push(token);
                } else if let Token::Name(..) = token {
                    bound.retain(|b| b.1 != at);
                }
            }
            row_ranges.push(of);
            rows.push(row);
        }
        let mut case = Case { rows, rules: Vec::new(), seeds };
        let letter = range.is_some();
        let names: Vec<&str> = bound.iter().map(|b| b.0).collect();
        let pattern = |raw: &[u8]| -> Vec<Token> {
            let token = |t: &u8| match t {
                2 => Token::Word("b"),
                3 if letter => Token::Number,
                4 if names.contains(&"n") => Token::Name("n", false),
                5 if names.contains(&"word") => Token::Name("word", false),
                _ => Token::Word("a"),
            };
            raw.iter().map(token).collect()
        };
        for (kind, a, b, most) in rules {
            let (a, b) = (pattern(&a), pattern(&b));
            case.rules.push(match kind {
                0 => Rule::Before(a, b),
                1 => Rule::AtMost(most, a, b, false),
                2 => Rule::AtMost(most, a, b, true),
                _ => Rule::Never(a),
            });
        }
        // A rule that nothing can meet is an error, which is for other tests to see.
        let oracle = Oracle::new(&case);
        let possible = |p: &Vec<Token>| oracle.is_possible(p);
        let mut rules = case.rules.clone();
        rules.retain(|rule| match rule {
            Rule::Before(a, b) | Rule::AtMost(_, a, b, _) => possible(a) && possible(b),
            Rule::Never(_) => true,
        });
        case.rules = rules;
        case
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
        let mut text = "# Output\n\n```text\n".to_owned();
        for row in &self.rows {
            let gutter = match row.gutter {
                Gutter::Main => String::new(),
                Gutter::A => "A".to_owned(),
                Gutter::B => "B".to_owned(),
                Gutter::Each(Some((from, to))) => format!("i in {from}..{to}"),
                Gutter::Each(None) => "i".to_owned(),
                Gutter::Float => "~".to_owned(),
                Gutter::Err => "err".to_owned(),
            };
            let mode = match row.mode {
                Mode::Once | Mode::Any => "",
                Mode::Optional => "?",
                Mode::Repeated => "+",
            };
            let tokens =
                if row.mode == Mode::Any { "...".to_owned() } else { written(&row.tokens) };
            text += &format!("{gutter}{mode}| {tokens}\n");
        }
        text += "```\n";
        if !self.rules.is_empty() {
            text += "# Always\n";
        }
        for rule in &self.rules {
            text += &match rule {
                Rule::Before(a, b) => format!("- `{}` before `{}`\n", written(a), written(b)),
                Rule::AtMost(n, a, b, reached) => {
                    let reached = if *reached { format!(", {n} reached") } else { String::new() };
                    format!(
                        "- at most {n} between `{}` and `{}`{reached}\n",
                        written(a),
                        written(b)
                    )
                }
                Rule::Never(a) => format!("- never `{}`\n", written(a)),
            };
        }
        text
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

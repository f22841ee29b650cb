//! What a random transcript is, and how it is written.

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
    pub(crate) seeds: Vec<Vec<u8>>,
}

impl Case {
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

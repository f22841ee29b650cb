//! The specification once more, as directly as it can be said: every row of every lane stands
//! for itself, `before` is a relation between two of them, nothing is merged.

use crate::case::{Case, Gutter, Mode, Rule, SAMPLES, Token};
use crate::rules::{find, is_value};
use std::collections::{BTreeMap, HashMap, HashSet};
use transcript::Kind;

/// One row of one lane.
#[derive(Debug)]
struct Instance {
    row: usize,
    gutter: Gutter,
    number: u32,
    mode: Mode,
    tokens: Vec<Token>,
}

/// What a name stands for, by the name and the lane that owns it, if one does.
type Values = BTreeMap<(&'static str, Option<u32>), String>;

/// Which instances have taken a line, and what is bound.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct State {
    used: Vec<bool>,
    values: Values,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) line: Option<usize>,
    pub(crate) kind: Kind,
    /// Another reading of the lines before would say so.
    pub(crate) or: Kind,
}

#[derive(Debug)]
pub(crate) struct Oracle {
    instances: Vec<Instance>,
    /// Rows that bind a name in an unrolled lane, and rows that bind one for each line.
    own: Vec<&'static str>,
    each_line: Vec<&'static str>,
    main_rows: Vec<usize>,
    rules: Vec<Rule>,
}

impl Oracle {
    pub(crate) fn new(case: &Case) -> Oracle {
        let mut instances = Vec::new();
        let mut range = (0, 1);
        let (mut own, mut each_line, mut main_rows) = (Vec::new(), Vec::new(), Vec::new());
        for (at, row) in case.rows.iter().enumerate() {
            let numbers = match row.gutter {
                Gutter::Each(new) => {
                    range = new.unwrap_or(range);
                    range
                }
                _ => (0, 1),
            };
            if row.gutter == Gutter::Main {
                main_rows.push(at);
            }
            for token in &row.tokens {
                if let Token::Name(name, true) = token {
                    if row.mode == Mode::Repeated {
                        each_line.push(*name);
                    } else if matches!(row.gutter, Gutter::Each(_)) {
                        own.push(*name);
                    }
                }
            }
            // Two rows of one lane differ in whether they declare the range; here they do not.
            let gutter =
                if let Gutter::Each(_) = row.gutter { Gutter::Each(None) } else { row.gutter };
            for number in numbers.0..numbers.1 {
                instances.push(Instance {
                    row: at,
                    gutter,
                    number,
                    mode: row.mode,
                    tokens: row.tokens.clone(),
                });
            }
        }
        Oracle { instances, own, each_line, main_rows, rules: case.rules.clone() }
    }

    fn is_before(&self, x: usize, y: usize) -> bool {
        let (x, y) = (&self.instances[x], &self.instances[y]);
        if x.row >= y.row || (x.gutter == Gutter::Err) != (y.gutter == Gutter::Err) {
            return false;
        }
        let same_lane = x.gutter == y.gutter && x.number == y.number && x.gutter != Gutter::Float;
        let by_main = self.main_rows.iter().any(|m| (x.row..=y.row).contains(m));
        x.gutter == Gutter::Err || same_lane || by_main
    }

    /// May this instance take a line now, whatever its text?
    fn may_take(&self, state: &State, y: usize) -> bool {
        let repeats = matches!(self.instances[y].mode, Mode::Repeated | Mode::Any);
        let passed = (0..self.instances.len()).any(|z| state.used[z] && self.is_before(y, z));
        (repeats || !state.used[y]) && !passed && self.waits_for_nothing(state, y)
    }

    fn waits_for_nothing(&self, state: &State, y: usize) -> bool {
        (0..self.instances.len())
            .all(|x| state.used[x] || !self.is_required(x) || !self.is_before(x, y))
    }

    fn is_required(&self, x: usize) -> bool {
        matches!(self.instances[x].mode, Mode::Once | Mode::Repeated)
    }

    /// The values after this instance took this line, if its text does.
    fn values_after(&self, state: &State, y: usize, line: &str) -> Option<Values> {
        let instance = &self.instances[y];
        let mut values = state.values.clone();
        if instance.mode == Mode::Any {
            return Some(values);
        }
        if instance.tokens.contains(&Token::Wild) {
            let text = instance.text(&|_| String::new(), "*");
            let mut padded = line.to_owned();
            let taken = (0..4).any(|_| {
                let taken = glob(&text, &padded);
                padded.push(' ');
                taken
            });
            return taken.then_some(values);
        }
        let parts: Vec<&str> = line.split(' ').collect();
        if parts.len() != instance.tokens.len() {
            return None;
        }
        let mut on_line: HashMap<&str, &str> = HashMap::new();
        for (token, part) in instance.tokens.iter().zip(parts) {
            match token {
                Token::Word(word) if *word == part => {}
                Token::Number if *part == instance.number.to_string() => {}
                Token::Name(name, _) if is_value(name, part) => {
                    let bound = if self.each_line.contains(name) {
                        (*on_line.entry(name).or_insert(part)).to_owned()
                    } else {
                        let own = self.own.contains(name).then_some(instance.number);
                        values.entry((name, own)).or_insert_with(|| part.to_owned()).clone()
                    };
                    if bound != part {
                        return None;
                    }
                }
                _ => return None,
            }
        }
        Some(values)
    }

    fn advance(&self, states: &HashSet<State>, err: bool, line: &str) -> HashSet<State> {
        let mut next = HashSet::new();
        for state in states {
            for y in (0..self.instances.len())
                .filter(|y| (self.instances[*y].gutter == Gutter::Err) == err)
            {
                if self.may_take(state, y)
                    && let Some(values) = self.values_after(state, y, line)
                {
                    let mut used = state.used.clone();
                    used[y] = true;
                    next.insert(State { used, values });
                }
            }
        }
        next
    }

    fn is_complete(&self, state: &State, err: bool) -> bool {
        let of_stream = |x: &usize| (self.instances[*x].gutter == Gutter::Err) == err;
        (0..self.instances.len()).filter(of_stream).all(|x| state.used[x] || !self.is_required(x))
    }

    /// Why no row takes this line: by the first reading of the lines before, and by another.
    fn why_not(&self, states: &HashSet<State>, err: bool, line: &str) -> (Kind, Kind) {
        let would = |state: &State, y: usize| {
            (self.instances[y].gutter == Gutter::Err) == err
                && self.instances[y].mode != Mode::Any
                && self.values_after(state, y, line).is_some()
        };
        let all = 0..self.instances.len();
        let early = |s: &State| {
            all.clone().any(|y| {
                !s.used[y] && would(s, y) && !all.clone().any(|z| s.used[z] && self.is_before(y, z))
            })
        };
        let used = |s: &State| all.clone().any(|y| s.used[y] && would(s, y));
        match () {
            () if states.iter().any(early) => (Kind::TooEarly, Kind::TooEarly),
            () if states.iter().all(used) => (Kind::OnceTooOften, Kind::OnceTooOften),
            () if states.iter().any(used) => (Kind::OnceTooOften, Kind::NoRow),
            () => (Kind::NoRow, Kind::NoRow),
        }
    }

    /// What is wrong first, if anything is.
    pub(crate) fn first_fault(&self, out: &[String], err: &[String]) -> Option<Fault> {
        let start = State { used: vec![false; self.instances.len()], values: Values::new() };
        let mut states = HashSet::from([start]);
        let broken = self.rules.iter().filter_map(|r| r.broken(out)).min();
        for (is_err, lines) in [(false, out), (true, err)] {
            for (number, line) in (1..).zip(lines) {
                let line = line.trim_end();
                let next = self.advance(&states, is_err, line);
                if next.is_empty() {
                    let (kind, or) = self.why_not(&states, is_err, line);
                    return Some(Fault { line: Some(number), kind, or });
                }
                states = next;
                if !is_err && broken == Some(number) {
                    return Some(Fault { line: Some(number), kind: Kind::Rule, or: Kind::Rule });
                }
            }
            states.retain(|s| self.is_complete(s, is_err));
            if states.is_empty() {
                return Some(Fault { line: None, kind: Kind::Ended, or: Kind::Ended });
            }
            if !is_err && broken == Some(usize::MAX) {
                return Some(Fault { line: None, kind: Kind::Rule, or: Kind::Rule });
            }
        }
        None
    }

    /// Walks through the order, choosing among what is open.
    pub(crate) fn linearize(
        &self,
        next: &mut impl FnMut(usize) -> usize,
    ) -> (Vec<String>, Vec<String>) {
        let mut state = State { used: vec![false; self.instances.len()], values: Values::new() };
        let mut lines = [Vec::new(), Vec::new()];
        for is_err in [false, true] {
            for _ in 0..24 {
                let of_stream = |y: &usize| (self.instances[*y].gutter == Gutter::Err) == is_err;
                let open: Vec<usize> = (0..state.used.len())
                    .filter(of_stream)
                    .filter(|y| self.may_take(&state, *y))
                    .collect();
                if open.is_empty() || (self.is_complete(&state, is_err) && next(3) == 0) {
                    break;
                }
                let y = open[next(open.len())];
                let instance = &self.instances[y];
                let wild = ["", "a", "b 1"][next(3)];
                let new = [next(2), next(2)];
                let text = instance.text(
                    &|name| {
                        let own = self.own.contains(&name).then_some(instance.number);
                        let values = if name == "n" { ["1", "2"] } else { ["a", "w"] };
                        let fresh = values[new[usize::from(name == "n")]].to_owned();
                        state.values.get(&(name, own)).cloned().unwrap_or(fresh)
                    },
                    wild,
                );
                let text = if instance.mode == Mode::Any {
                    ["a", "z", "b 1"][next(3)].to_owned()
                } else {
                    text
                };
                let text = text.trim_end().to_owned();
                if let Some(values) = self.values_after(&state, y, &text) {
                    state.values = values;
                    state.used[y] = true;
                    lines[usize::from(is_err)].push(text);
                }
            }
        }
        let [out, err] = lines;
        (out, err)
    }

    /// Every legal output where values are samples, nothing repeats and wildcards are empty; nothing when
    /// they are too many to list.
    pub(crate) fn all_legal(&self) -> Option<HashSet<Vec<String>>> {
        let start = State { used: vec![false; self.instances.len()], values: Values::new() };
        let mut open = vec![(start.clone(), Vec::new())];
        let mut seen = HashSet::from([(start, Vec::new())]);
        let mut legal = HashSet::new();
        while let Some((state, lines)) = open.pop() {
            if seen.len() > 30_000 {
                return None;
            }
            if self.is_complete(&state, false)
                && self.rules.iter().all(|r| r.broken(&lines).is_none())
            {
                legal.insert(lines.clone());
            }
            for (y, instance) in self.instances.iter().enumerate() {
                let counts =
                    instance.gutter != Gutter::Err && instance.mode != Mode::Any && !state.used[y];
                if counts && self.may_take(&state, y) {
                    let mut state = state.clone();
                    state.used[y] = true;
                    let sample = |name: &str| {
                        SAMPLES.iter().find(|s| s.0 == name).map_or("", |s| s.1).to_owned()
                    };
                    let mut lines = lines.clone();
                    lines.push(instance.text(&sample, "").trim_end().to_owned());
                    if seen.insert((state.clone(), lines.clone())) {
                        open.push((state, lines));
                    }
                }
            }
        }
        Some(legal)
    }

    /// Can this pattern match a line that some row of standard output takes? Tried with few words,
    /// which are all that patterns here have.
    pub(crate) fn is_possible(&self, pattern: &[Token]) -> bool {
        const WORDS: [&str; 3] = ["a", "b", "7"];
        let pairs = WORDS.iter().flat_map(|x| WORDS.iter().map(move |y| format!("{x} {y}")));
        let wilds: Vec<String> =
            pairs.chain(WORDS.map(str::to_owned)).chain([String::new()]).collect();
        self.instances.iter().filter(|i| i.gutter != Gutter::Err).any(|instance| {
            instance.mode == Mode::Any
                || wilds.iter().any(|wild| {
                    WORDS.iter().any(|word| {
                        let value = |name: &str| {
                            if name == "n" { "7".to_owned() } else { (*word).to_owned() }
                        };
                        find(pattern, &instance.text(&value, wild)).is_some()
                    })
                })
        })
    }
}

impl Instance {
    fn text(&self, value: &dyn Fn(&'static str) -> String, wild: &str) -> String {
        let one = |token: &Token| match token {
            Token::Word(word) => (*word).to_owned(),
            Token::Number => self.number.to_string(),
            Token::Name(name, _) => value(name),
            Token::Wild => wild.to_owned(),
        };
        self.tokens.iter().map(one).collect::<Vec<_>>().join(" ")
    }
}

/// `*` stands for any characters.
fn glob(pattern: &str, line: &str) -> bool {
    match pattern.split_at_checked(1) {
        None => line.is_empty(),
        Some(("*", rest)) => (0..=line.len()).any(|at| glob(rest, &line[at..])),
        Some((first, rest)) => line.strip_prefix(first).is_some_and(|line| glob(rest, line)),
    }
}

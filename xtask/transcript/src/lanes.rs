//! Which lanes each row stands in.

use crate::{
    ParseError,
    rows::{Gutter, Row},
};
use std::{collections::HashMap, ops::Range};

/// The lanes that a row stands in: one, or those of an `i in`.
#[derive(Clone, Debug)]
pub(crate) struct Lanes {
    /// The row that opens them.
    pub(crate) opened_by: usize,
    /// What stands for their numbers, if they are unrolled.
    pub(crate) letter: Option<char>,
    /// One lane for each.
    pub(crate) numbers: Range<u32>,
}

/// The lanes of each row.
pub(crate) fn lanes(rows: &[Row], errors: &mut Vec<ParseError>) -> Vec<Lanes> {
    // For each letter: its lanes, and how many main rows stand above their last row.
    let mut current: HashMap<char, (Lanes, usize)> = HashMap::new();
    let mut main_rows = 0;
    let of_row = |(opened_by, row): (usize, &Row)| {
        let alone = Lanes { opened_by, letter: None, numbers: 0..1 };
        match &row.gutter {
            Gutter::Main => {
                main_rows += 1;
                alone
            }
            Gutter::Float | Gutter::Err => alone,
            Gutter::Lane(letter) => current.entry(*letter).or_insert((alone, 0)).0.clone(),
            Gutter::Range(letter, numbers) => {
                if current.get(letter).is_some_and(|(_, above)| *above == main_rows) {
                    let message = format!(
                        "expected `{letter}|`: another range for `{letter}` may be given at its first row after a main row"
                    );
                    errors.push(row.error(message));
                }
                let new = Lanes { letter: Some(*letter), numbers: numbers.clone(), ..alone };
                current.insert(*letter, (new.clone(), main_rows));
                new
            }
            Gutter::Each(letter) => {
                let Some((lanes, above)) = current.get_mut(letter) else {
                    let message = format!(
                        "expected `{letter} in FIRST..END|` at the first row of `{letter}`"
                    );
                    errors.push(row.error(message));
                    return alone;
                };
                *above = main_rows;
                lanes.clone()
            }
        }
    };
    rows.iter().enumerate().map(of_row).collect()
}

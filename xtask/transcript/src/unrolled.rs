//! Which `i in` each row belongs to.

use crate::{
    ParseError,
    rows::{Gutter, Row},
};
use std::{collections::HashMap, ops::Range};

/// The `i in` that a row belongs to.
#[derive(Clone, Debug)]
pub(crate) struct Unrolled {
    pub(crate) letter: char,
    /// Which `i in` of the transcript.
    pub(crate) index: usize,
    pub(crate) numbers: Range<u32>,
}

/// For each row the `i in` it belongs to.
pub(crate) fn unrolled(rows: &[Row], errors: &mut Vec<ParseError>) -> Vec<Option<Unrolled>> {
    // For each letter: its last `i in`, and how many main rows stand above its last row.
    let mut current: HashMap<char, (Unrolled, usize)> = HashMap::new();
    let mut main_rows = 0;
    let mut index = 0;
    let mut unrolled = Vec::new();
    for row in rows {
        let of_row = match &row.gutter {
            Gutter::Main => {
                main_rows += 1;
                None
            }
            Gutter::Range(letter, numbers) => {
                if current.get(letter).is_some_and(|(_, above)| *above == main_rows) {
                    let message = format!(
                        "expected `{letter}|`: another range for `{letter}` may be given at its first row after a main row"
                    );
                    errors.push(row.error(message));
                }
                let new = Unrolled { letter: *letter, index, numbers: numbers.clone() };
                index += 1;
                current.insert(*letter, (new.clone(), main_rows));
                Some(new)
            }
            Gutter::Each(letter) => {
                if let Some((unrolled, above)) = current.get_mut(letter) {
                    *above = main_rows;
                    Some(unrolled.clone())
                } else {
                    let message = format!(
                        "expected `{letter} in FIRST..END|` at the first row of `{letter}`"
                    );
                    errors.push(row.error(message));
                    None
                }
            }
            Gutter::Lane(_) | Gutter::Float | Gutter::Err => None,
        };
        unrolled.push(of_row);
    }
    unrolled
}

//! A table, for the terminal and as Markdown, and how numbers are told.

use crate::screen;

/// A table with what is said above and below it.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// Its title.
    pub title: String,
    /// How it was measured.
    pub above: String,
    /// The head of each column.
    pub header: Vec<String>,
    /// The rows, as wide as the head.
    pub rows: Vec<Vec<String>>,
    /// What it says, in words: a paragraph each.
    pub below: Vec<String>,
}

impl Table {
    /// As wide as the terminal.
    pub fn in_terminal(&self) -> String {
        let header: Vec<_> = self.header.iter().map(String::as_str).collect();
        let mut text = format!("{}\n{}\n", self.title, self.above);
        text += &screen::table(&header, self.rows.iter().cloned());
        for words in &self.below {
            text += &format!("{}\n", words.replace("**", ""));
        }
        text
    }

    /// As Markdown, under a title of the third level.
    pub fn in_markdown(&self) -> String {
        let line = |cells: &[String]| {
            let cells: Vec<_> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
            format!("| {} |\n", cells.join(" | "))
        };
        // Figures to the right; words, which fill the first column and those with letters, left.
        let figures = |column: usize| {
            let cells = || self.rows.iter().map(|row| row[column].as_str());
            column > 0 && cells().all(|cell| !is_words(cell))
        };
        let rule: Vec<_> = (0..self.header.len())
            .map(|column| if figures(column) { "---:" } else { "---" }.to_owned())
            .collect();
        let mut text = format!("### {}\n\n{}\n\n", self.title, self.above);
        text += &(line(&self.header) + &line(&rule));
        self.rows.iter().for_each(|row| text += &line(row));
        for words in &self.below {
            text += &format!("\n{words}\n");
        }
        text
    }
}

/// More than a figure with its unit, or two.
fn is_words(cell: &str) -> bool {
    !cell.is_empty() && cell != "-" && !cell.starts_with(|first: char| first.is_ascii_digit())
}

/// A place that is not known well: to two digits.
pub fn rough(x: f64) -> String {
    let step = 10_f64.powf(x.abs().log10().floor() - 1.0);
    number((x / step).round() * step)
}

/// A place on an axis: three digits, thousands parted by commas.
pub fn number(x: f64) -> String {
    if x.abs() < 999.5 {
        let digits = if x.abs() < 9.995 { 2 } else { usize::from(x.abs() < 99.95) };
        let text = format!("{x:.digits$}");
        let text = if text.contains('.') {
            text.trim_end_matches('0').trim_end_matches('.')
        } else {
            &text
        };
        return text.to_owned();
    }
    let step = 10_f64.powf(x.abs().log10().floor() - 2.0);
    let digits = format!("{:.0}", (x / step).round() * step);
    let parts: Vec<_> = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy).collect();
    parts.join(",")
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn numbers_are_told_with_three_digits() {
        let due = [(1.0, "1"), (0.25, "0.25"), (12.34, "12.3"), (350.4, "350"), (999.9, "1,000")];
        for (x, text) in due.into_iter().chain([(1e6, "1,000,000"), (12_345.0, "12,300")]) {
            assert_eq!(number(x), text);
        }
    }
}

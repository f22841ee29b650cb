//! A table, for the terminal and as Markdown.

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

//! The charts of a report: ratios or prices as dots with their intervals, and curves.

use super::curve::Curve;
use super::page::is_price_list;
use super::{dots, lines};
use versus::Report;

/// A chart, to be written to a file.
pub struct Chart {
    /// The file's name.
    pub file: String,
    /// What it shows.
    pub title: String,
    /// The same in words.
    pub description: String,
    /// The drawing.
    pub svg: String,
}

/// The charts of a report: in the order of its tables, with their titles.
pub fn charts(report: &Report) -> Vec<Chart> {
    let dots = report
        .cases
        .iter()
        .filter(|case| case.point.is_none())
        .map(|case| if is_price_list(case) { dots::prices(case) } else { dots::ratios(case) });
    let dots = dots.map(dots::Dots::draw);
    let curves = Curve::of(report);
    let mut charts: Vec<_> = dots.chain(curves.iter().map(lines::draw)).collect();
    for chart in &mut charts {
        chart.file = file(&report.name, &chart.title);
    }
    charts
}

/// `semaphore-2-threads-1-permit.svg`: the bench's name is not said twice.
fn file(bench: &str, title: &str) -> String {
    let title = title.strip_prefix(bench).unwrap_or(title);
    let mut name = bench.to_owned();
    for word in title.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()) {
        name += &format!("-{}", word.to_lowercase());
    }
    name + ".svg"
}

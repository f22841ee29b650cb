//! What a report says, as tables and charts.
//!
//! The heads of two notes mean more than a column here. Where every row says `how` it was measured, the
//! case is a list of prices. Beside a figure of the `cheatsheet` stands the speed-up reached.

use super::curve::Curve;
use super::table::Table;
use super::{dots, lines, peers};
use versus::{CaseResult, Entry, Report, circumstances, ratio_text, time_text};

/// What a report shows: a table and a chart, as SVG, for each case, but one of each for all points of a curve.
pub fn sections(report: &Report) -> Vec<(Table, String)> {
    let cases = report.cases.iter().filter(|case| case.point.is_none());
    let cases = cases.map(|case| {
        if is_price_list(case) {
            (prices(case), dots::prices(case))
        } else {
            (ratios(report, case), dots::ratios(case))
        }
    });
    let curves = Curve::of(report).into_iter().map(|curve| (curve.table(), lines::draw(&curve)));
    cases.chain(curves).collect()
}

/// The tables alone.
pub fn tables(report: &Report) -> impl Iterator<Item = Table> {
    sections(report).into_iter().map(|(table, _)| table)
}

/// Every row of a price list says how it was measured; no row is another's contender.
fn is_price_list(case: &CaseResult) -> bool {
    case.entries().all(|entry| entry.failure.is_some() || entry.notes.contains_key(HOW))
}

const HOW: &str = "how";
/// The head of the notes that say what the cheatsheet prints.
pub const CHEATSHEET: &str = "cheatsheet";

fn ratios(report: &Report, case: &CaseResult) -> Table {
    let notes = case.note_heads();
    let mut header = case.header().to_vec();
    // Beside a figure of the cheatsheet stands how much faster the row is than its baseline.
    let speed_up = notes.contains(CHEATSHEET);
    header.extend(speed_up.then(|| "speed-up".to_owned()));
    header.extend(notes.iter().map(|head| (*head).to_owned()));
    let row = |entry: &Entry| {
        let mut row = case.row(entry).to_vec();
        if speed_up {
            let compared = case.compare(entry).filter(|_| entry.id != case.baseline.id);
            row.push(compared.map_or_else(String::new, |it| ratio_text(1.0 / it.wall.median)));
        }
        row.extend(notes.iter().map(|head| entry.notes.get(*head).cloned().unwrap_or_default()));
        row
    };
    let mut below = case.remarks.clone();
    if speed_up {
        below.push(format!("There are {} cores here.", report.machine.cores));
    }
    below.extend(peers::standing(case));
    table(case, header, row, below)
}

fn prices(case: &CaseResult) -> Table {
    let header = ["one", "costs", "interval", "CPU", "how it was measured"].map(str::to_owned);
    let row = |entry: &Entry| {
        let how = entry.notes.get(HOW).cloned().unwrap_or_default();
        let Some(wall) = entry.wall() else {
            let why = entry.failure.as_ref().map(ToString::to_string).unwrap_or_default();
            return vec![entry.title(), "-".to_owned(), "-".to_owned(), "-".to_owned(), why];
        };
        let interval = format!("{} to {}", time_text(wall.low), time_text(wall.high));
        let cpu = entry.cpu().map_or_else(String::new, |cpu| time_text(cpu.median));
        vec![entry.title(), time_text(wall.median), interval, cpu, how]
    };
    table(case, header.to_vec(), row, case.remarks.clone())
}

fn table(
    case: &CaseResult,
    header: Vec<String>,
    row: impl Fn(&Entry) -> Vec<String>,
    below: Vec<String>,
) -> Table {
    let (title, above) = (case.name.clone(), circumstances(&[case]) + ".");
    Table { title, above, header, rows: case.entries().map(row).collect(), below }
}

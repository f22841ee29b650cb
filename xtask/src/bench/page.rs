//! What a report says, as tables and charts.
//!
//! The heads of two notes mean more than a column here. Where every row says `how` it was measured, the
//! case is a list of prices. Beside a figure of the `cheatsheet` stands the speed-up reached.

use super::chart::Chart;
use super::curve::Curve;
use super::table::Table;
use super::{dots, lines, peers};
use versus::{CaseResult, Comparison, Entry, Report, range_text, rate_text, ratio_text, time_text};

/// What a report shows: a table and a chart for each case, but one of each for all points of a curve.
pub fn sections(report: &Report) -> Vec<(Table, Chart)> {
    let cases = report.cases.iter().filter(|case| case.point.is_none());
    let cases = cases.map(|case| {
        if is_price_list(case) {
            (prices(case), dots::prices(case).draw())
        } else {
            (ratios(report, case), dots::ratios(case).draw())
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
    case.entries.iter().all(|entry| entry.failure.is_some() || entry.notes.contains_key(HOW))
}

const HOW: &str = "how";
/// The head of the notes that say what the cheatsheet prints.
pub const CHEATSHEET: &str = "cheatsheet";

/// The entries that have a row, with their places: the baseline's second run has none.
pub fn shown(case: &CaseResult) -> impl Iterator<Item = (usize, &Entry)> {
    let entries = case.entries.iter().enumerate();
    entries.filter(|(place, _)| *place != CaseResult::AGAIN)
}

fn ratios(report: &Report, case: &CaseResult) -> Table {
    let notes = case.note_heads();
    // Beside a figure of the cheatsheet stands how much faster the row is than its baseline.
    let speed_up = notes.contains(CHEATSHEET);
    let mut header =
        ["", &format!("per {}", case.item), "rate", "ratio", "interval", "CPU", "verdict"]
            .map(str::to_owned)
            .to_vec();
    header.extend(speed_up.then(|| "speed-up".to_owned()));
    header.extend(notes.iter().map(|head| (*head).to_owned()));
    let row = |(place, entry): (usize, &Entry)| {
        let mut row = vec![entry.name.clone()];
        row.extend(figures(case, place, entry));
        let compared = case.compare(place).filter(|_| place != CaseResult::BASELINE);
        row.extend(
            speed_up
                .then(|| compared.map_or_else(String::new, |it| ratio_text(1.0 / it.wall.median))),
        );
        row.extend(notes.iter().map(|head| entry.notes.get(*head).cloned().unwrap_or_default()));
        row
    };
    let mut below = case.remarks.clone();
    if speed_up {
        below.push(format!("There are {} cores here.", report.machine.cores));
    }
    below.extend(peers::standing(report, case));
    Table {
        title: case.name.clone(),
        above: case.circumstances() + ".",
        header,
        rows: shown(case).map(row).collect(),
        below,
    }
}

/// Figure per item, rate, ratio, interval, CPU ratio, verdict.
fn figures(case: &CaseResult, place: usize, entry: &Entry) -> [String; 6] {
    let Some(wall) = entry.wall() else {
        let why = entry.failure.as_ref().map(ToString::to_string).unwrap_or_default();
        return ["-".to_owned(), String::new(), String::new(), String::new(), String::new(), why];
    };
    let (time, rate) = (time_text(wall.median), rate_text(wall.median));
    if place == CaseResult::BASELINE {
        return [time, rate, String::new(), String::new(), String::new(), "baseline".to_owned()];
    }
    let Some(Comparison { wall, cpu, verdict }) = case.compare(place) else {
        return [
            time,
            rate,
            "-".to_owned(),
            String::new(),
            String::new(),
            "no baseline".to_owned(),
        ];
    };
    let cpu = cpu.map_or_else(|| "-".to_owned(), |cpu| ratio_text(cpu.median));
    [time, rate, ratio_text(wall.median), range_text(&wall), cpu, verdict.to_string()]
}

fn prices(case: &CaseResult) -> Table {
    let header = ["one", "costs", "interval", "CPU", "how it was measured"];
    let row = |(_, entry): (usize, &Entry)| {
        let how = entry.notes.get(HOW).cloned().unwrap_or_default();
        let Some(wall) = entry.wall() else {
            let why = entry.failure.as_ref().map(ToString::to_string).unwrap_or_default();
            return vec![entry.name.clone(), "-".to_owned(), "-".to_owned(), "-".to_owned(), why];
        };
        let interval = format!("{} to {}", time_text(wall.low), time_text(wall.high));
        let cpu = entry.cpu().map_or_else(String::new, |cpu| time_text(cpu.median));
        vec![entry.name.clone(), time_text(wall.median), interval, cpu, how]
    };
    Table {
        title: case.name.clone(),
        above: case.circumstances() + ".",
        header: header.map(str::to_owned).to_vec(),
        rows: shown(case).map(row).collect(),
        below: case.remarks.clone(),
    }
}

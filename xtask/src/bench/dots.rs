//! A chart of dots: ratios beside the noise band, or prices.

use super::draw::{Axis, Canvas, tick_text, width};
use crate::screen::upper;
use versus::{CaseResult, Comparison, Entry, Interval, Speed, range_text, ratio_text, time_text};

/// A row of a dot chart.
struct Row {
    name: String,
    /// Where its dot and its line are; a row without is said to have none.
    interval: Option<Interval>,
    figures: String,
    class: &'static str,
}

const PLOT: f64 = 340.0;
const TOP: f64 = 66.0;
const ROW: f64 = 26.0;

/// A chart of the ratios of a case to its baseline, and the noise floor.
pub fn ratios(case: &CaseResult) -> String {
    let row = |entry: &Entry| {
        let (interval, figures, class) = match case.compare(entry) {
            _ if entry.failure.is_some() => (None, "failed".to_owned(), "same"),
            None => (None, "no baseline".to_owned(), "same"),
            Some(_) if entry.id == case.baseline.id => {
                let one = Interval { low: 1.0, median: 1.0, high: 1.0, confidence: 1.0 };
                (Some(one), "baseline".to_owned(), "same")
            }
            Some(Comparison { wall, speed, .. }) => {
                let class = match speed {
                    Speed::Faster => "c0",
                    Speed::Slower => "c1",
                    Speed::Same | Speed::NotConclusive => "same",
                };
                let ratio = ratio_text(wall.median);
                (Some(wall), format!("{ratio} ({}), {speed}", range_text(&wall)), class)
            }
        };
        Row { name: entry.title(), interval, figures, class }
    };
    let baseline = &case.baseline.label;
    let axis = format!("time per {}, relative to {baseline}; left is faster", case.item);
    let rows: Vec<_> = case.entries().map(row).collect();
    draw(&case.name, &axis, &rows, case.floor(), tick_text)
}

/// A chart of the prices of a price list.
pub fn prices(case: &CaseResult) -> String {
    let row = |entry: &Entry| {
        let wall = entry.wall();
        let figures = wall.map_or_else(|| "failed".to_owned(), |wall| time_text(wall.median));
        Row { name: entry.title(), interval: wall, figures, class: "c0" }
    };
    let rows: Vec<_> = case.entries().map(row).collect();
    let tell = |ns| time_text(ns).replace(".00", "").replace(".0", "");
    draw(&case.name, "what one costs", &rows, None, tell)
}

/// Rows of dots along one axis, whose values are told as `tell` has it.
fn draw(
    title: &str,
    axis_text: &str,
    rows: &[Row],
    floor: Option<Interval>,
    tell: fn(f64) -> String,
) -> String {
    let widest = |texts: &mut dyn Iterator<Item = f64>| texts.fold(0.0, f64::max);
    let left = 24.0 + widest(&mut rows.iter().map(|row| width(&row.name)));
    let right = 32.0 + widest(&mut rows.iter().map(|row| width(&row.figures)));
    // The title and the line below it may be wider than the rows.
    let plot = PLOT.max(width(title) * 1.25 - left - right);
    let (bottom, end) = (TOP + ROW * rows.len() as f64, left + plot);
    let description = description(axis_text, rows, floor);
    let mut canvas = Canvas::new(end + right, bottom + 34.0, title, &description);
    let ends = rows.iter().filter_map(|row| row.interval).chain(floor);
    let axis = Axis::new(ends.flat_map(|it| [it.low, it.high]), left, end);

    canvas.text("faint", (16.0, 46.0), "start", axis_text);
    if let Some(floor) = floor {
        canvas.area("band", (axis.at(floor.low), TOP), (axis.at(floor.high), bottom));
    }
    for tick in axis.ticks(64.0) {
        let x = axis.at(tick);
        canvas.line("grid", (x, TOP), (x, bottom));
        canvas.text("faint", (x, bottom + 18.0), "middle", &tell(tick));
    }
    if floor.is_some() {
        canvas.line("one", (axis.at(1.0), TOP), (axis.at(1.0), bottom));
    }
    for (at, row) in rows.iter().enumerate() {
        let y = TOP + ROW * (at as f64 + 0.5);
        canvas.text("", (left - 10.0, y + 4.5), "end", &row.name);
        canvas.text(row.class, (end + 10.0, y + 4.5), "start", &row.figures);
        if let Some(interval) = row.interval {
            let class = format!("{} thin", row.class);
            for (from, to, height) in [
                (interval.low, interval.high, 0.0),
                (interval.low, interval.low, 4.0),
                (interval.high, interval.high, 4.0),
            ] {
                canvas.line(&class, (axis.at(from), y - height), (axis.at(to), y + height));
            }
            canvas.dot(row.class, (axis.at(interval.median), y));
        }
    }
    canvas.finish()
}

/// All it shows, in words.
fn description(axis: &str, rows: &[Row], floor: Option<Interval>) -> String {
    let row = |row: &Row| format!("{}: {}", row.name, row.figures);
    let rows: Vec<_> = rows.iter().map(row).collect();
    let floor = floor.map(|floor| format!(" The noise floor is {}.", range_text(&floor)));
    format!("{}: {}.{}", upper(axis), rows.join("; "), floor.unwrap_or_default())
}

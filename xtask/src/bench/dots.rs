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

/// Rows of dots along one axis.
struct Dots {
    title: String,
    axis: String,
    rows: Vec<Row>,
    floor: Option<Interval>,
    /// How a value of the axis is told.
    tell: fn(f64) -> String,
}

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
    let dots = Dots {
        title: case.name.clone(),
        axis: format!("time per {}, relative to {baseline}; left is faster", case.item),
        rows: case.entries().map(row).collect(),
        floor: case.floor(),
        tell: tick_text,
    };
    dots.draw()
}

/// A chart of the prices of a price list.
pub fn prices(case: &CaseResult) -> String {
    let row = |entry: &Entry| {
        let wall = entry.wall();
        let figures = wall.map_or_else(|| "failed".to_owned(), |wall| time_text(wall.median));
        Row { name: entry.title(), interval: wall, figures, class: "c0" }
    };
    let dots = Dots {
        title: case.name.clone(),
        axis: "what one costs".to_owned(),
        rows: case.entries().map(row).collect(),
        floor: None,
        tell: |ns| time_text(ns).replace(".00", "").replace(".0", ""),
    };
    dots.draw()
}

impl Dots {
    const PLOT: f64 = 340.0;
    const TOP: f64 = 66.0;
    const ROW: f64 = 26.0;

    fn description(&self) -> String {
        let row = |row: &Row| format!("{}: {}", row.name, row.figures);
        let rows: Vec<_> = self.rows.iter().map(row).collect();
        let floor = self.floor.map(|floor| format!(" The noise floor is {}.", range_text(&floor)));
        format!("{}: {}.{}", upper(&self.axis), rows.join("; "), floor.unwrap_or_default())
    }

    fn draw(&self) -> String {
        let widest = |texts: &mut dyn Iterator<Item = f64>| texts.fold(0.0, f64::max);
        let left = 24.0 + widest(&mut self.rows.iter().map(|row| width(&row.name)));
        let right = 32.0 + widest(&mut self.rows.iter().map(|row| width(&row.figures)));
        // The title and the line below it may be wider than the rows.
        let plot = Self::PLOT.max(width(&self.title) * 1.25 - left - right);
        let (bottom, end) = (Self::TOP + Self::ROW * self.rows.len() as f64, left + plot);
        let description = self.description();
        let mut canvas = Canvas::new(end + right, bottom + 34.0, &self.title, &description);
        let ends = self.rows.iter().filter_map(|row| row.interval).chain(self.floor);
        let axis = Axis::new(ends.flat_map(|it| [it.low, it.high]), left, end);

        canvas.text("faint", (16.0, 46.0), "start", &self.axis);
        if let Some(floor) = self.floor {
            canvas.area("band", (axis.at(floor.low), Self::TOP), (axis.at(floor.high), bottom));
        }
        for tick in axis.ticks(64.0) {
            let x = axis.at(tick);
            canvas.line("grid", (x, Self::TOP), (x, bottom));
            canvas.text("faint", (x, bottom + 18.0), "middle", &(self.tell)(tick));
        }
        if self.floor.is_some() {
            canvas.line("one", (axis.at(1.0), Self::TOP), (axis.at(1.0), bottom));
        }
        for (at, row) in self.rows.iter().enumerate() {
            let y = Self::TOP + Self::ROW * (at as f64 + 0.5);
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
}

//! The charts of a report: ratios or prices as dots with their intervals, and curves.

use super::curve::{BreakEven, Curve, number};
use super::draw::{Axis, COLOURS, Canvas, tick_text, width};
use super::page::{is_price_list, shown};
use super::table::{range, ratio};
use versus::{CaseResult, Comparison, Interval, Report, Verdict, time_text};

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
        .map(|case| if is_price_list(report, case) { prices(case) } else { ratios(case) });
    let dots = dots.map(Dots::draw);
    let curves = Curve::of(report);
    let mut charts: Vec<_> = dots.chain(curves.iter().map(curve)).collect();
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

fn ratios(case: &CaseResult) -> Dots {
    let baseline = case.entries.first().map_or("", |entry| &entry.name);
    let row = |(place, entry): (usize, &versus::Entry)| {
        let (interval, figures, class) = match case.compare(place) {
            _ if entry.failure.is_some() => (None, "failed".to_owned(), "same"),
            None => (None, "no baseline".to_owned(), "same"),
            Some(_) if place == CaseResult::BASELINE => (
                Some(Interval { low: 1.0, median: 1.0, high: 1.0, confidence: 1.0 }),
                "baseline".to_owned(),
                "same",
            ),
            Some(Comparison { wall, verdict, .. }) => {
                let class = match verdict {
                    Verdict::Faster => "c0",
                    Verdict::Slower => "c1",
                    Verdict::Same | Verdict::NotConclusive => "same",
                };
                (Some(wall), format!("{} ({}), {verdict}", ratio(wall.median), range(&wall)), class)
            }
        };
        Row { name: entry.name.clone(), interval, figures, class }
    };
    Dots {
        title: case.name.clone(),
        axis: format!("time per {}, as a multiple of {baseline}'s; left is faster", case.item),
        rows: shown(case).map(row).collect(),
        floor: case.floor(),
        tell: tick_text,
    }
}

fn prices(case: &CaseResult) -> Dots {
    let row = |(_, entry): (usize, &versus::Entry)| {
        let wall = entry.wall();
        let figures = wall.map_or_else(|| "failed".to_owned(), |wall| time_text(wall.median));
        Row { name: entry.name.clone(), interval: wall, figures, class: "c0" }
    };
    let rows = shown(case).map(row).collect();
    let axis = "what one costs".to_owned();
    Dots {
        title: case.name.clone(),
        axis,
        rows,
        floor: None,
        tell: |ns| time_text(ns).replace(".00", "").replace(".0", ""),
    }
}

impl Dots {
    const PLOT: f64 = 340.0;
    const TOP: f64 = 66.0;
    const ROW: f64 = 26.0;

    fn description(&self) -> String {
        let row = |row: &Row| format!("{}: {}", row.name, row.figures);
        let rows: Vec<_> = self.rows.iter().map(row).collect();
        let floor = self.floor.map(|floor| format!(" The noise floor is {}.", range(&floor)));
        format!("{}: {}.{}", upper(&self.axis), rows.join("; "), floor.unwrap_or_default())
    }

    fn draw(self) -> Chart {
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
        Chart { file: String::new(), title: self.title, description, svg: canvas.finish() }
    }
}

/// The ratios of a curve's variants to its baseline, with the band of the noise floor.
fn curve(curve: &Curve<'_>) -> Chart {
    let variants = curve.variants();
    let marked: Vec<(&str, BreakEven)> =
        variants.iter().map(|variant| (*variant, curve.break_even(variant))).collect();
    let crossings = marked.iter().filter(|(_, at)| matches!(at, BreakEven::At(_))).count() as f64;
    let (left, top, plot, height) = (64.0, 66.0 + 18.0 * crossings, 460.0, 300.0);
    let (end, bottom) = (left + plot, top + height);
    let legend =
        variants.iter().map(|name| width(name)).fold(width(curve.baseline()), f64::max) + 60.0;
    let description = describe(curve, &variants, &marked);
    let wide = (end + legend).max(width(curve.series) * 1.25 + 32.0);
    let mut canvas = Canvas::new(wide, bottom + 52.0, curve.series, &description);

    let floors: Vec<_> =
        curve.points.iter().filter_map(|(x, case)| Some((*x, case.floor()?))).collect();
    let lines: Vec<_> = variants.iter().map(|variant| curve.line(variant)).collect();
    let ends =
        lines.iter().flatten().map(|(_, at)| at.wall).chain(floors.iter().map(|(_, floor)| *floor));
    let y = Axis::new(ends.flat_map(|it| [it.low, it.high]), bottom, top);
    let x = Axis::new(curve.points.iter().map(|(x, _)| *x), left, end);

    let lower = format!("time per item, as a multiple of {}'s; lower is faster", curve.baseline());
    canvas.text("faint", (16.0, 46.0), "start", &lower);
    let above = floors.iter().map(|(at, floor)| (x.at(*at), y.at(floor.high)));
    let below = floors.iter().rev().map(|(at, floor)| (x.at(*at), y.at(floor.low)));
    canvas.shape("band", &above.chain(below).collect::<Vec<_>>());
    for tick in y.ticks(36.0) {
        canvas.line("grid", (left, y.at(tick)), (end, y.at(tick)));
        canvas.text("faint", (left - 8.0, y.at(tick) + 4.5), "end", &tick_text(tick));
    }
    // A few points name their places themselves; of many only round ones are named.
    let places: Vec<f64> = curve.points.iter().map(|(x, _)| *x).collect();
    for tick in if places.len() <= 8 { places } else { x.ticks(64.0) } {
        canvas.line("grid", (x.at(tick), top), (x.at(tick), bottom));
        canvas.text("faint", (x.at(tick), bottom + 18.0), "middle", &tick_text(tick));
    }
    canvas.text("faint", (f64::midpoint(left, end), bottom + 40.0), "middle", curve.axis);
    canvas.line("one", (left, y.at(1.0)), (end, y.at(1.0)));

    let key = |row: usize| top + 12.0 + 24.0 * row as f64;
    canvas.line("one", (end + 14.0, key(0)), (end + 38.0, key(0)));
    canvas.text("", (end + 46.0, key(0) + 4.5), "start", curve.baseline());
    let mut crossing = 0.0;
    for (at, (variant, break_even)) in marked.iter().enumerate() {
        let class = COLOURS[at % COLOURS.len()];
        let places: Vec<_> =
            lines[at].iter().map(|(at, it)| (x.at(*at), y.at(it.wall.median))).collect();
        canvas.path(class, &places);
        for ((place, it), dot) in lines[at].iter().zip(&places) {
            let class_thin = format!("{class} thin");
            canvas.line(
                &class_thin,
                (x.at(*place), y.at(it.wall.low)),
                (x.at(*place), y.at(it.wall.high)),
            );
            canvas.dot(class, *dot);
        }
        if let BreakEven::At(place) = break_even {
            let row = 66.0 + 18.0 * crossing;
            crossing += 1.0;
            let place_x = x.at(*place);
            canvas.line(&format!("{class} dashed"), (place_x, row), (place_x, bottom));
            // Towards the middle, where there is room.
            let (shift, anchor) =
                if place_x > f64::midpoint(left, end) { (-6.0, "end") } else { (6.0, "start") };
            let text = format!("{variant} pays from {}", number(*place));
            canvas.text(class, (place_x + shift, row + 8.0), anchor, &text);
        }
        canvas.line(&format!("{class} path"), (end + 14.0, key(at + 1)), (end + 38.0, key(at + 1)));
        canvas.dot(class, (end + 26.0, key(at + 1)));
        canvas.text("", (end + 46.0, key(at + 1) + 4.5), "start", variant);
    }
    Chart { file: String::new(), title: curve.series.to_owned(), description, svg: canvas.finish() }
}

fn describe(curve: &Curve<'_>, variants: &[&str], marked: &[(&str, BreakEven)]) -> String {
    let mut text = format!(
        "Time per item as a multiple of that of {}, over {}.",
        curve.baseline(),
        curve.axis
    );
    for variant in variants {
        let line = curve.line(variant);
        let points: Vec<_> = line
            .iter()
            .map(|(x, at)| format!("{} at {}", ratio(at.wall.median), number(*x)))
            .collect();
        text += &format!(" {variant}: {}.", points.join(", "));
    }
    for (variant, at) in marked {
        if let BreakEven::At(place) = at {
            text += &format!(" {variant} breaks even at about {}.", number(*place));
        }
    }
    text
}

fn upper(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

//! A chart of lines: the variants of a curve, relative to its baseline.

use super::curve::{BreakEven, Curve};
use super::draw::{Axis, COLOURS, Canvas, tick_text, width};
use super::table::{number, rough};
use versus::{Comparison, Entry, ratio_text};

const LEFT: f64 = 64.0;
const RIGHT: f64 = LEFT + 460.0;
/// Where the names of the break-evens begin; the lines begin below the last of them.
const TOP: f64 = 66.0;
const NAME: f64 = 18.0;
const HEIGHT: f64 = 300.0;
/// A row of the legend.
const KEY: f64 = 24.0;

/// One variant's line.
struct Line {
    name: String,
    class: &'static str,
    points: Vec<(f64, Comparison)>,
    /// Where it breaks even, if that is known.
    pays_from: Option<f64>,
}

/// The axes, and between which heights the lines are.
struct Frame {
    x: Axis,
    y: Axis,
    top: f64,
    bottom: f64,
}

/// The chart of a curve.
pub fn draw(curve: &Curve<'_>) -> String {
    let lines = curve.variants().into_iter().zip(COLOURS.into_iter().cycle());
    let lines: Vec<_> = lines.map(|(entry, class)| Line::of(curve, entry, class)).collect();
    let names = break_evens(&lines);
    let top = TOP + NAME * names.len() as f64;
    let bottom = top + HEIGHT;
    let floors: Vec<_> =
        curve.points.iter().filter_map(|(x, case)| Some((*x, case.floor()?))).collect();
    let ratios = lines.iter().flat_map(|line| &line.points).map(|(_, at)| at.wall);
    let ratios = ratios.chain(floors.iter().map(|(_, floor)| *floor));
    let frame = Frame {
        x: Axis::new(curve.points.iter().map(|(x, _)| *x), LEFT, RIGHT),
        y: Axis::new(ratios.flat_map(|it| [it.low, it.high]), bottom, top),
        top,
        bottom,
    };

    let legend = lines.iter().map(|line| width(&line.name)).fold(width(curve.baseline), f64::max);
    let ends = names.iter().map(|(x, _, text)| frame.x.at(*x) + 6.0 + width(text));
    let wide = ends.fold(RIGHT + 60.0 + legend, f64::max).max(32.0 + 1.25 * width(curve.series));
    let description = describe(curve, &lines);
    let mut canvas = Canvas::new(wide, bottom + 52.0, curve.series, &description);
    let what = format!("time per {}, relative to {}; lower is faster", curve.item, curve.baseline);
    canvas.text("faint", (16.0, 46.0), "start", &what);
    let above = floors.iter().map(|(x, floor)| frame.at(*x, floor.high));
    let below = floors.iter().rev().map(|(x, floor)| frame.at(*x, floor.low));
    canvas.shape("band", &above.chain(below).collect::<Vec<_>>());
    frame.grid(&mut canvas, curve);
    for (row, (x, class, text)) in names.into_iter().enumerate() {
        let (x, y) = (frame.x.at(x), TOP + NAME * row as f64);
        canvas.line(&format!("{class} dashed"), (x, y), (x, bottom));
        canvas.text(class, (x + 6.0, y + 8.0), "start", &text);
    }
    for line in &lines {
        line.draw(&mut canvas, &frame);
    }
    draw_legend(&mut canvas, curve.baseline, &lines, top);
    canvas.finish()
}

/// Where they are, with colour and text, from left to right: the text of each stands to the right
/// of its line, and the lines further to the right begin below it.
fn break_evens(lines: &[Line]) -> Vec<(f64, &'static str, String)> {
    let name = |line: &Line| {
        let about = line.pays_from?;
        Some((about, line.class, format!("{}: pays from about {}", line.name, rough(about))))
    };
    let mut names: Vec<_> = lines.iter().filter_map(name).collect();
    names.sort_by(|(a, ..), (b, ..)| a.total_cmp(b));
    names
}

impl Frame {
    fn at(&self, x: f64, ratio: f64) -> (f64, f64) {
        (self.x.at(x), self.y.at(ratio))
    }

    fn grid(&self, canvas: &mut Canvas, curve: &Curve<'_>) {
        for tick in self.y.ticks(36.0) {
            let y = self.y.at(tick);
            canvas.line("grid", (LEFT, y), (RIGHT, y));
            canvas.text("faint", (LEFT - 8.0, y + 4.5), "end", &tick_text(tick));
        }
        // A few points name their places themselves; of many only round ones are named.
        let places: Vec<f64> = curve.points.iter().map(|(x, _)| *x).collect();
        for tick in if places.len() <= 7 { places } else { self.x.ticks(64.0) } {
            let x = self.x.at(tick);
            canvas.line("grid", (x, self.top), (x, self.bottom));
            canvas.text("faint", (x, self.bottom + 18.0), "middle", &tick_text(tick));
        }
        let middle = f64::midpoint(LEFT, RIGHT);
        canvas.text("faint", (middle, self.bottom + 40.0), "middle", curve.axis);
        canvas.line("one", (LEFT, self.y.at(1.0)), (RIGHT, self.y.at(1.0)));
    }
}

impl Line {
    fn of(curve: &Curve<'_>, entry: &Entry, class: &'static str) -> Line {
        let pays_from = match curve.break_even(&entry.id) {
            BreakEven::Between { about, .. } => Some(about),
            _ => None,
        };
        Line { name: entry.title(), class, points: curve.line(&entry.id), pays_from }
    }

    fn draw(&self, canvas: &mut Canvas, frame: &Frame) {
        let place = |(x, at): &(f64, Comparison)| frame.at(*x, at.wall.median);
        canvas.path(self.class, &self.points.iter().map(place).collect::<Vec<_>>());
        for (x, at) in &self.points {
            let class = format!("{} thin", self.class);
            canvas.line(&class, frame.at(*x, at.wall.low), frame.at(*x, at.wall.high));
            canvas.dot(self.class, frame.at(*x, at.wall.median));
        }
    }
}

fn draw_legend(canvas: &mut Canvas, baseline: &str, lines: &[Line], top: f64) {
    let mut y = top + 12.0;
    canvas.line("one", (RIGHT + 14.0, y), (RIGHT + 38.0, y));
    canvas.text("", (RIGHT + 46.0, y + 4.5), "start", baseline);
    for Line { name, class, .. } in lines {
        y += KEY;
        canvas.line(&format!("{class} path"), (RIGHT + 14.0, y), (RIGHT + 38.0, y));
        canvas.dot(class, (RIGHT + 26.0, y));
        canvas.text("", (RIGHT + 46.0, y + 4.5), "start", name);
    }
}

/// All it shows, in words.
fn describe(curve: &Curve<'_>, lines: &[Line]) -> String {
    let (item, baseline, axis) = (curve.item, curve.baseline, curve.axis);
    let mut text = format!("Time per {item}, relative to {baseline}, over {axis}.");
    for Line { name, points, .. } in lines {
        let point = |(x, at): &(f64, Comparison)| {
            format!("{} at {}", ratio_text(at.wall.median), number(*x))
        };
        text += &format!(" {name}: {}.", points.iter().map(point).collect::<Vec<_>>().join(", "));
    }
    for Line { name, pays_from, .. } in lines {
        if let Some(about) = pays_from {
            text += &format!(" {name} breaks even at about {}.", rough(*about));
        }
    }
    text
}

//! What the charts are drawn with: shapes, colours for light and dark, and a logarithmic axis.

use super::table::number;
use svg::Document;
use svg::node::element::{
    Circle, Description, Line, Polygon, Polyline, Rectangle, Style, Text, Title,
};

/// Both schemes; whoever shows the file chooses. The series' colours are those of Okabe and Ito,
/// which the colour-blind can tell apart, lightened or darkened to stand out on either ground.
const STYLE: &str = "
text { font: 13px system-ui, 'DejaVu Sans', sans-serif; fill: #1f2328; }
.title { font-size: 16px; font-weight: 600; }
.faint { fill: #59636e; }
.ground { fill: #ffffff; }
.grid { stroke: #d1d9e0; }
.band { fill: #e4e9ee; }
.one { stroke: #59636e; stroke-dasharray: 4 3; }
.same { fill: #59636e; stroke: #59636e; }
.c0 { fill: #0072b2; stroke: #0072b2; }
.c1 { fill: #c04f00; stroke: #c04f00; }
.c2 { fill: #007a58; stroke: #007a58; }
.c3 { fill: #a8437f; stroke: #a8437f; }
.c4 { fill: #8a6a00; stroke: #8a6a00; }
.c5 { fill: #2d7f9f; stroke: #2d7f9f; }
.thin { stroke-width: 1.5; }
.path { fill: none; stroke-width: 2; }
.dashed { stroke-dasharray: 2 4; stroke-width: 1.5; }
text.c0, text.c1, text.c2, text.c3, text.c4, text.c5, text.same { stroke: none; }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3; }
.faint { fill: #9da7b1; }
.ground { fill: #0d1117; }
.grid { stroke: #30363d; }
.band { fill: #252c35; }
.one { stroke: #9da7b1; }
.same { fill: #9da7b1; stroke: #9da7b1; }
.c0 { fill: #56b4e9; stroke: #56b4e9; }
.c1 { fill: #f0883e; stroke: #f0883e; }
.c2 { fill: #2fc39a; stroke: #2fc39a; }
.c3 { fill: #e59acb; stroke: #e59acb; }
.c4 { fill: #e3c34d; stroke: #e3c34d; }
.c5 { fill: #8fd3e8; stroke: #8fd3e8; }
.path { fill: none; }
}
";

/// The classes of the lines of a chart; more lines begin again.
pub const COLOURS: [&str; 6] = ["c0", "c1", "c2", "c3", "c4", "c5"];

/// The width of a text, guessed generously: fonts differ.
pub fn width(text: &str) -> f64 {
    8.0 * text.chars().count() as f64
}

/// A drawing; `y` grows downwards.
pub struct Canvas {
    document: Document,
}

impl Canvas {
    /// With a title, and all it shows in words for who cannot see it.
    pub fn new(width: f64, height: f64, title: &str, description: &str) -> Canvas {
        let document = Document::new()
            .set("viewBox", format!("0 0 {width:.0} {height:.0}"))
            .set("width", format!("{width:.0}"))
            .set("height", format!("{height:.0}"))
            .set("role", "img")
            .set("aria-labelledby", "title description")
            .add(Title::new(title).set("id", "title"))
            .add(Description::new().set("id", "description").add(svg::node::Text::new(description)))
            .add(Style::new(STYLE));
        let mut canvas = Canvas { document };
        canvas.area("ground", (0.0, 0.0), (width, height));
        canvas.text("title", (16.0, 26.0), "start", title);
        canvas
    }

    /// The whole chart, as SVG.
    pub fn finish(self) -> String {
        format!("{}\n", self.document)
    }

    fn add(&mut self, node: impl Into<Box<dyn svg::Node>>) {
        svg::Node::append(&mut self.document, node);
    }

    /// A text that starts, ends or has its middle at this place.
    pub fn text(&mut self, class: &str, (x, y): (f64, f64), anchor: &str, text: &str) {
        let node = Text::new(text).set("class", class).set("text-anchor", anchor);
        self.add(node.set("x", short(x)).set("y", short(y)));
    }

    /// A line from here to there.
    pub fn line(&mut self, class: &str, (x1, y1): (f64, f64), (x2, y2): (f64, f64)) {
        let node = Line::new().set("class", class).set("x1", short(x1)).set("y1", short(y1));
        self.add(node.set("x2", short(x2)).set("y2", short(y2)));
    }

    /// A filled rectangle from its upper left to its lower right corner.
    pub fn area(&mut self, class: &str, (x1, y1): (f64, f64), (x2, y2): (f64, f64)) {
        let node = Rectangle::new().set("class", class).set("x", short(x1)).set("y", short(y1));
        self.add(node.set("width", short(x2 - x1)).set("height", short(y2 - y1)));
    }

    /// A dot.
    pub fn dot(&mut self, class: &str, (x, y): (f64, f64)) {
        let node = Circle::new().set("class", class).set("cx", short(x)).set("cy", short(y));
        self.add(node.set("r", 4));
    }

    /// A line through these places.
    pub fn path(&mut self, class: &str, places: &[(f64, f64)]) {
        let class = format!("{class} path");
        self.add(Polyline::new().set("class", class).set("points", points(places)));
    }

    /// The area within these places.
    pub fn shape(&mut self, class: &str, places: &[(f64, f64)]) {
        self.add(Polygon::new().set("class", class).set("points", points(places)));
    }
}

fn points(places: &[(f64, f64)]) -> String {
    let places: Vec<_> =
        places.iter().map(|(x, y)| format!("{},{}", short(*x), short(*y))).collect();
    places.join(" ")
}

/// A tenth of a pixel is enough.
fn short(x: f64) -> String {
    let text = format!("{x:.1}");
    text.strip_suffix(".0").unwrap_or(&text).to_owned()
}

/// Positive values on a line, equal ratios at equal distances.
pub struct Axis {
    low: f64,
    high: f64,
    from: f64,
    to: f64,
}

impl Axis {
    /// Wide enough for these values and a little more, drawn between these pixels.
    pub fn new(values: impl IntoIterator<Item = f64>, from: f64, to: f64) -> Axis {
        let values = values.into_iter().filter(|value| value.is_finite() && *value > 0.0);
        let (low, high) =
            values.fold((f64::MAX, 0.0_f64), |(low, high), x| (low.min(x), high.max(x)));
        let (low, high) = if low <= high { (low, high) } else { (1.0, 1.0) };
        // Never narrower than a factor of 1.2, so that noise does not look like mountains.
        let middle = (low * high).sqrt();
        let (low, high) = (low.min(middle / 1.1), high.max(middle * 1.1));
        let margin = (high / low).powf(0.04);
        Axis { low: low / margin, high: high * margin, from, to }
    }

    /// Where a value stands.
    pub fn at(&self, value: f64) -> f64 {
        self.from + (self.to - self.from) * (value / self.low).ln() / (self.high / self.low).ln()
    }

    /// Round values to be named beside the axis, no more than fit `pixels` apart.
    pub fn ticks(&self, pixels: f64) -> Vec<f64> {
        let room = ((self.to - self.from).abs() / pixels).max(2.0);
        let unit = 10_f64.powf(self.high.log10().floor());
        let steps = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5].map(|part| self.steps(part * unit));
        // Of each power of ten, or of every second or third, these multiples.
        let powers =
            [(1, &[1.0, 2.0, 5.0][..]), (1, &[1.0, 3.0]), (1, &[1.0]), (2, &[1.0]), (3, &[1.0])];
        let powers = powers.map(|(each, digits)| self.powers(each, digits));
        // Where it is too narrow for powers of ten, equal steps, as fine as there is room.
        let narrow = self.high / self.low < 4.0;
        let mut choices = steps.into_iter().filter(|_| narrow).chain(powers);
        choices.find(|ticks| ticks.len() as f64 <= room).unwrap_or_default()
    }

    fn powers(&self, each: usize, digits: &[f64]) -> Vec<f64> {
        let tens = (-12..=15).step_by(each).map(|ten| 10_f64.powi(ten));
        let values = tens.flat_map(|ten| digits.iter().map(move |digit| digit * ten));
        values.filter(|value| (self.low..=self.high).contains(value)).collect()
    }

    fn steps(&self, step: f64) -> Vec<f64> {
        let mut ticks = Vec::new();
        let mut count = (self.low / step).ceil();
        while count * step <= self.high {
            ticks.push(count * step);
            count += 1.0;
        }
        ticks
    }
}

/// A tick's name.
pub fn tick_text(value: f64) -> String {
    if value < 0.01 { format!("{value:.0e}") } else { number(value) }
}

#[cfg(test)]
mod tests {
    use super::Axis;

    #[test]
    fn equal_ratios_are_equally_far_apart() {
        let axis = Axis::new([1.0, 100.0], 0.0, 100.0);
        let steps = [axis.at(10.0) - axis.at(1.0), axis.at(100.0) - axis.at(10.0)];
        assert!((steps[0] - steps[1]).abs() < 1e-9, "{steps:?}");
        assert!(axis.at(1.0) > 0.0 && axis.at(100.0) < 100.0);
    }

    #[test]
    fn ticks_have_room_and_there_are_at_least_two() {
        for (low, high) in
            [(0.98, 1.02), (0.5, 1.1), (0.7, 2.9), (0.4, 30.0), (1.0, 1e6), (1e-3, 1e6), (3.0, 4.0)]
        {
            let axis = Axis::new([low, high], 0.0, 320.0);
            let ticks = axis.ticks(50.0);
            assert!((2..=6).contains(&ticks.len()), "{low} {high}: {ticks:?}");
            assert!(
                ticks.windows(2).all(|pair| axis.at(pair[1]) - axis.at(pair[0]) > 20.0),
                "{ticks:?}"
            );
        }
    }
}

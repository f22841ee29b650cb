//! The cases that are points of one curve, and where it crosses the baseline.

use super::table::{Table, number, rough};
use std::collections::HashSet;
use versus::{CaseResult, Comparison, Entry, Point, Report, Speed};
use versus::{circumstances, range_text, ratio_text, time_text};

/// The points of a series, from left to right.
pub struct Curve<'r> {
    /// What it shows.
    pub series: &'r str,
    /// What is varied, with its unit.
    pub axis: &'r str,
    /// What the variants are compared with.
    pub baseline: &'r str,
    /// What one item is.
    pub item: &'r str,
    /// Its points: where they stand, and what was measured there.
    pub points: Vec<(f64, &'r CaseResult)>,
}

/// Where a variant begins to pay.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum BreakEven {
    /// Somewhere between two neighbouring points of which more is known.
    Between {
        /// The last point at which it is slower.
        slower: f64,
        /// Where the medians cross, on a straight line between points, both axes in logarithms.
        about: f64,
        /// The first point after that at which it is faster.
        faster: f64,
    },
    /// It is slower, or as fast, at every point.
    Never,
    /// It is slower at no point.
    Always,
    /// It is slower here and there, and not faster to the right of that.
    Unclear,
}

impl<'r> Curve<'r> {
    /// All curves of a report, in the order of their first points.
    pub fn of(report: &'r Report) -> Vec<Curve<'r>> {
        let mut curves: Vec<Curve<'r>> = Vec::new();
        for case in &report.cases {
            let Some(Point { series, axis, x }) = &case.point else { continue };
            let same = |curve: &&mut Curve<'_>| curve.series == series && curve.axis == axis;
            match curves.iter_mut().find(same) {
                Some(curve) => curve.points.push((*x, case)),
                None => curves.push(Curve {
                    series,
                    axis,
                    baseline: &case.baseline.label,
                    item: &case.item,
                    points: vec![(*x, case)],
                }),
            }
        }
        for curve in &mut curves {
            curve.points.sort_by(|(a, _), (b, _)| a.total_cmp(b));
        }
        curves
    }

    /// The other variants, each where it first comes up, those of later points last.
    pub fn variants(&self) -> Vec<&'r Entry> {
        let mut ids = HashSet::new();
        let all = self.points.iter().flat_map(|(_, case)| &case.variants);
        all.filter(|entry| ids.insert(&entry.id)).collect()
    }

    /// The variant of this id beside the baseline, at each point where it has figures.
    pub fn line(&self, id: &str) -> Vec<(f64, Comparison)> {
        self.points.iter().filter_map(|(x, case)| Some((*x, beside(case, id)?))).collect()
    }

    /// Where the variant begins to pay: between the last point at which it is slower and the next
    /// at which it is faster.
    pub fn break_even(&self, id: &str) -> BreakEven {
        let line = self.line(id);
        let is = |speed| move |(_, at): &(f64, Comparison)| at.speed == speed;
        let pays = line.iter().any(is(Speed::Faster));
        let Some(slower) = line.iter().rposition(is(Speed::Slower)) else {
            return if pays { BreakEven::Always } else { BreakEven::Never };
        };
        let Some(faster) = line[slower..].iter().position(is(Speed::Faster)) else {
            return if pays { BreakEven::Unclear } else { BreakEven::Never };
        };
        let between = &line[slower..=slower + faster];
        let crossing = between.windows(2).find_map(|pair| {
            let [(left, a), (right, b)] = pair else { return None };
            let (a, b) = (a.wall.median.ln(), b.wall.median.ln());
            (a > 0.0 && b <= 0.0).then(|| (left.ln() + (right / left).ln() * a / (a - b)).exp())
        });
        let (slower, faster) = (line[slower].0, line[slower + faster].0);
        // A slower point lies above 1 and a faster one below: they cross.
        crossing.map_or(BreakEven::Unclear, |about| BreakEven::Between { slower, about, faster })
    }

    /// Where it begins to pay, in words, for below the table.
    fn in_words(&self, entry: &Entry) -> String {
        let (baseline, axis) = (self.baseline, self.axis);
        let said = match self.break_even(&entry.id) {
            BreakEven::Between { slower, about, faster } => {
                let (slower, about, faster) = (number(slower), rough(about), number(faster));
                format!(
                    "begins to pay at about {about} ({axis}): slower than {baseline} at {slower}, \
                     faster at {faster}"
                )
            }
            BreakEven::Never => {
                format!("at no point faster than {baseline}, as far as can be told")
            }
            BreakEven::Always => {
                format!("at no point slower than {baseline}, as far as can be told")
            }
            BreakEven::Unclear => {
                format!("no place is known from which on it is faster than {baseline}")
            }
        };
        format!("{}: {said}.", entry.title())
    }

    /// A row for each point: the baseline's time, and the ratios to it.
    pub fn table(&self) -> Table {
        let variants = self.variants();
        let mut header =
            vec![self.axis.to_owned(), format!("{}, per {}", self.baseline, self.item)];
        header.extend(variants.iter().map(|entry| format!("{}, ratio", entry.title())));
        let row = |(x, case): &(f64, &CaseResult)| {
            let time = case.baseline.wall();
            let mut row = vec![number(*x), time.map_or("-".to_owned(), |it| time_text(it.median))];
            row.extend(variants.iter().map(|variant| {
                beside(case, &variant.id).map_or("-".to_owned(), |Comparison { wall, .. }| {
                    format!("{} ({})", ratio_text(wall.median), range_text(&wall))
                })
            }));
            row
        };
        let failed = self.points.iter().flat_map(|(x, case)| {
            case.entries().filter_map(move |entry| {
                let why = entry.failure.as_ref()?;
                Some(format!("{} at {}: {why}", entry.title(), number(*x)))
            })
        });
        let cases: Vec<_> = self.points.iter().map(|(_, case)| *case).collect();
        let words = variants.iter().map(|variant| self.in_words(variant));
        let mut said = HashSet::new();
        let remarks = self.points.iter().flat_map(|(_, case)| &case.remarks);
        let remarks = remarks.filter(|remark| said.insert(*remark)).cloned();
        Table {
            title: self.series.to_owned(),
            above: circumstances(&cases) + ".",
            header,
            rows: self.points.iter().map(row).collect(),
            below: words.chain(failed).chain(remarks).collect(),
        }
    }
}

/// The variant of this id beside the baseline.
fn beside(case: &CaseResult, id: &str) -> Option<Comparison> {
    case.compare(case.variants.iter().find(|entry| entry.id == id)?)
}

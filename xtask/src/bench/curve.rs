//! The cases that are points of one curve, and where it crosses the baseline.

use super::table::Table;
use versus::{CaseResult, Comparison, Entry, Report, Verdict, range_text, ratio_text, time_text};

/// The points of a series, from left to right.
pub struct Curve<'r> {
    /// What it shows.
    pub series: &'r str,
    /// What is varied, with its unit.
    pub axis: &'r str,
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
            let Some(point) = &case.point else { continue };
            let same =
                |curve: &&mut Curve<'_>| curve.series == point.series && curve.axis == point.axis;
            match curves.iter_mut().find(same) {
                Some(curve) => curve.points.push((point.x, case)),
                None => curves.push(Curve {
                    series: &point.series,
                    axis: &point.axis,
                    points: vec![(point.x, case)],
                }),
            }
        }
        for curve in &mut curves {
            curve.points.sort_by(|(a, _), (b, _)| a.total_cmp(b));
        }
        curves
    }

    /// The name of what the variants are compared with.
    pub fn baseline(&self) -> &'r str {
        self.points
            .first()
            .and_then(|(_, case)| case.entries.first())
            .map_or("", |entry| &entry.name)
    }

    /// What one item is.
    pub fn item(&self) -> &'r str {
        self.points.first().map_or("item", |(_, case)| &case.item)
    }

    /// The other variants, those of later points last.
    pub fn variants(&self) -> Vec<&'r str> {
        let mut names: Vec<&str> = Vec::new();
        for (_, case) in &self.points {
            for entry in case.entries.iter().skip(CaseResult::AGAIN + 1) {
                if !names.contains(&&*entry.name) {
                    names.push(&entry.name);
                }
            }
        }
        names
    }

    /// A variant beside the baseline, at each point where it has figures.
    pub fn line(&self, variant: &str) -> Vec<(f64, Comparison)> {
        self.points.iter().filter_map(|(x, case)| Some((*x, beside(case, variant)?))).collect()
    }

    /// Where the variant begins to pay: between the last point at which it is slower and the next
    /// at which it is faster.
    pub fn break_even(&self, variant: &str) -> BreakEven {
        let line = self.line(variant);
        let is = |verdict| move |(_, at): &(f64, Comparison)| at.verdict == verdict;
        let Some(slower) = line.iter().rposition(is(Verdict::Slower)) else {
            let pays = line.iter().any(is(Verdict::Faster));
            return if pays { BreakEven::Always } else { BreakEven::Never };
        };
        let Some(faster) = line[slower..].iter().position(is(Verdict::Faster)) else {
            let paid = line.iter().any(is(Verdict::Faster));
            return if paid { BreakEven::Unclear } else { BreakEven::Never };
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

    /// What is said of its points, once.
    fn remarks(&self) -> Vec<String> {
        let mut remarks: Vec<String> = Vec::new();
        for remark in self.points.iter().flat_map(|(_, case)| &case.remarks) {
            if !remarks.contains(remark) {
                remarks.push(remark.clone());
            }
        }
        remarks
    }

    /// In words, for below the table.
    fn in_words(&self, variant: &str) -> String {
        let (baseline, axis) = (self.baseline(), self.axis);
        match self.break_even(variant) {
            BreakEven::Between { slower, about, faster } => format!(
                "{variant}: begins to pay at about {} ({axis}): slower than {baseline} at {}, faster \
                 at {}.",
                rough(about),
                number(slower),
                number(faster)
            ),
            BreakEven::Never => {
                format!("{variant}: at no point faster than {baseline}, as far as can be told.")
            }
            BreakEven::Always => {
                format!("{variant}: at no point slower than {baseline}, as far as can be told.")
            }
            BreakEven::Unclear => {
                format!("{variant}: no place is known from which on it is faster than {baseline}.")
            }
        }
    }

    /// A row for each point: the baseline's time, and the ratios to it.
    pub fn table(&self) -> Table {
        let variants = self.variants();
        let mut header =
            vec![self.axis.to_owned(), format!("{}, per {}", self.baseline(), self.item())];
        header.extend(variants.iter().map(|name| format!("{name}, ratio")));
        let row = |(x, case): &(f64, &CaseResult)| {
            let time = case.entries.first().and_then(Entry::wall);
            let mut row = vec![number(*x), time.map_or("-".to_owned(), |it| time_text(it.median))];
            row.extend(variants.iter().map(|variant| {
                beside(case, variant).map_or("-".to_owned(), |Comparison { wall, .. }| {
                    format!("{} ({})", ratio_text(wall.median), range_text(&wall))
                })
            }));
            row
        };
        let failed = self.points.iter().flat_map(|(x, case)| {
            super::page::shown(case).filter_map(move |(_, entry)| {
                let why = entry.failure.as_ref()?;
                Some(format!("{} at {}: {why}", entry.name, number(*x)))
            })
        });
        let words = variants.iter().map(|variant| self.in_words(variant));
        Table {
            title: self.series.to_owned(),
            above: self.circumstances(),
            header,
            rows: self.points.iter().map(row).collect(),
            below: words.chain(failed).chain(self.remarks()).collect(),
        }
    }

    fn circumstances(&self) -> String {
        let rounds = self.points.iter().map(|(_, case)| case.rounds.len()).max().unwrap_or(0);
        let floors = self.points.iter().filter_map(|(_, case)| case.floor());
        let widest = floors.max_by(|a, b| a.high.total_cmp(&b.high));
        let mut text = format!("{rounds} rounds at each point");
        if let Some(floor) = widest {
            let percent = floor.confidence * 100.0;
            text += &format!(
                ", intervals of {percent:.1} %, widest noise floor {}",
                range_text(&floor)
            );
        }
        let again: usize = self.points.iter().map(|(_, case)| case.measured_again).sum();
        if again > 0 {
            text += &format!(", {again} measured again");
        }
        match self.points.iter().map(|(_, case)| case.disturbed()).sum::<Option<usize>>() {
            None => text += ", disturbance unknown",
            Some(0) => {}
            Some(rounds) => text += &format!(", {rounds} disturbed"),
        }
        text + "."
    }
}

/// The variant of this name beside the baseline.
fn beside(case: &CaseResult, variant: &str) -> Option<Comparison> {
    case.compare(case.entries.iter().position(|entry| entry.name == variant)?)
}

/// A place that is not known well: to two digits.
pub fn rough(x: f64) -> String {
    let step = 10_f64.powf(x.abs().log10().floor() - 1.0);
    number((x / step).round() * step)
}

/// A place on an axis: three digits, thousands parted by commas.
pub fn number(x: f64) -> String {
    if x.abs() < 999.5 {
        let digits = if x.abs() < 9.995 { 2 } else { usize::from(x.abs() < 99.95) };
        let text = format!("{x:.digits$}");
        let text = if text.contains('.') {
            text.trim_end_matches('0').trim_end_matches('.')
        } else {
            &text
        };
        return text.to_owned();
    }
    let step = 10_f64.powf(x.abs().log10().floor() - 2.0);
    let digits = format!("{:.0}", (x / step).round() * step);
    let parts: Vec<_> = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy).collect();
    parts.join(",")
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn numbers_are_told_with_three_digits() {
        let due = [(1.0, "1"), (0.25, "0.25"), (12.34, "12.3"), (350.4, "350"), (999.9, "1,000")];
        for (x, text) in due.into_iter().chain([(1e6, "1,000,000"), (12_345.0, "12,300")]) {
            assert_eq!(number(x), text);
        }
    }
}

//! What sections print about times, computed again.

use std::thread::available_parallelism;
use tests_and_benches::lines_of;

/// The number between two texts of a line, or of its end; a duration in milliseconds.
fn number(line: &str, before: &str, after: &str) -> f64 {
    let (_, rest) = line.split_once(before).unwrap_or_else(|| panic!("no `{before}`: {line}"));
    let number = rest.split_once(after).map_or(rest, |(number, _)| number);
    let units = [("ms", 1.0), ("µs", 1e-3), ("ns", 1e-6), ("s", 1e3)];
    let unit = units.into_iter().find_map(|(unit, factor)| {
        number.strip_suffix(unit).map(|number| number.parse::<f64>().unwrap() * factor)
    });
    unit.unwrap_or_else(|| number.parse().unwrap())
}

/// The line that begins so.
fn line<'a>(lines: &'a [String], begin: &str) -> &'a str {
    lines.iter().find(|line| line.starts_with(begin)).unwrap()
}

#[test]
fn medians_and_ratio_are_those_of_the_rounds_that_no_gil_prints() {
    // A wrong one of five may be the median by chance, but not three times over.
    (0..3).for_each(|_| check(&lines_of(env!("CARGO_BIN_EXE_no_gil"))));
}

fn check(lines: &[String]) {
    let median = |how: &str, begin: &str, threads: f64| {
        let rounds = lines.iter().filter(|line| line.starts_with(how));
        let figures = |line: &String| (number(line, begin, ", "), number(line, "processor ", ","));
        let (mut walls, processors): (Vec<_>, Vec<_>) = rounds.map(figures).unzip();
        for (wall, processor) in walls.iter().zip(processors) {
            // A twentieth for the thread that starts them.
            assert!(processor < 1.05 * threads * wall, "{how}{processor} ms in {wall} ms");
        }
        assert_eq!(walls.len(), 5);
        walls.sort_by(f64::total_cmp);
        walls[2]
    };
    let turn = median("in turn: ", "1 thread, ", 1.0);
    let both = median("at once: ", "2 threads, ", 2.0);
    let medians = line(lines, "median of 5: ");
    // Exactly: the same numbers, rounded in the same way.
    assert_eq!(number(medians, "median of 5: ", " in turn").to_bits(), turn.to_bits());
    assert_eq!(number(medians, "in turn, ", " at once").to_bits(), both.to_bits());
    // The times are rounded to a thousandth of their unit, the ratio to a thousandth.
    let ratio = number(line(lines, "two threads are "), "are ", " times");
    let off = |time: f64| if time < 1_000.0 { 0.0005 } else { 0.5 };
    let least = (turn - off(turn)) / (both + off(both));
    let most = (turn + off(turn)) / (both - off(both));
    assert!((least - 0.0006..most + 0.0006).contains(&ratio), "{turn} / {both} is not {ratio}");
}

#[test]
fn build_and_cores_are_those_of_the_section_that_runs() {
    let lines = lines_of(env!("CARGO_BIN_EXE_no_gil"));
    let build = if cfg!(debug_assertions) { "dev" } else { "release" };
    let cores = available_parallelism().unwrap();
    assert_eq!(line(&lines, "fib("), format!("fib(35) twice, {build} build, {cores} cores"));
}

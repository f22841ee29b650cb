//! What the section `no_gil` prints, computed again.

use tests_and_benches::lines_of;

/// The number between two texts of a line; a duration in milliseconds.
fn number(line: &str, before: &str, after: &str) -> f64 {
    let (_, rest) = line.split_once(before).unwrap_or_else(|| panic!("no `{before}`: {line}"));
    let (number, _) = rest.split_once(after).unwrap_or_else(|| panic!("no `{after}`: {line}"));
    let units = [("ms", 1.0), ("µs", 1e-3), ("ns", 1e-6), ("s", 1e3)];
    let unit = units.into_iter().find_map(|(unit, factor)| {
        number.strip_suffix(unit).map(|number| number.parse::<f64>().unwrap() * factor)
    });
    unit.unwrap_or_else(|| number.parse().unwrap())
}

#[test]
fn medians_and_ratio_are_those_of_the_rounds_it_prints() {
    // A wrong one of five may be the median by chance, but not three times over.
    (0..3).for_each(|_| check(&lines_of(env!("CARGO_BIN_EXE_no_gil"))));
}

fn check(lines: &[String]) {
    let line = |begin: &str| lines.iter().find(|line| line.starts_with(begin)).unwrap();
    let median = |how: &str, begin| {
        let rounds = lines.iter().filter(|line| line.starts_with(how));
        let mut walls: Vec<_> = rounds.map(|line| number(line, begin, ", ")).collect();
        assert_eq!(walls.len(), 5);
        walls.sort_by(f64::total_cmp);
        walls[2]
    };
    let turn = median("in turn: ", "1 thread, ");
    let both = median("at once: ", "2 threads, ");
    let medians = line("median of 5: ");
    // Exactly: the same numbers, rounded in the same way.
    assert_eq!(number(medians, "median of 5: ", " in turn").to_bits(), turn.to_bits());
    assert_eq!(number(medians, "in turn, ", " at once").to_bits(), both.to_bits());
    // The times are rounded to a thousandth of their unit, the ratio to a thousandth.
    let ratio = number(line("two threads are "), "are ", " times");
    let off = |time: f64| if time < 1_000.0 { 0.0005 } else { 0.5 };
    let least = (turn - off(turn)) / (both + off(both));
    let most = (turn + off(turn)) / (both - off(both));
    assert!((least - 0.0006..most + 0.0006).contains(&ratio), "{turn} / {both} is not {ratio}");
}

#[test]
fn the_build_is_the_one_that_runs() {
    let lines = lines_of(env!("CARGO_BIN_EXE_no_gil"));
    let build = if cfg!(debug_assertions) { "dev" } else { "release" };
    assert!(lines[4].starts_with(&format!("fib(35) twice, {build} build, ")), "{}", lines[4]);
}

//! What the section `threads_vs_processes` prints, computed again.

use tests_and_benches::lines_of;

/// The number that follows this in a line, up to a comma or the end; a duration in milliseconds.
fn number(line: &str, before: &str) -> f64 {
    let (_, rest) = line.split_once(before).unwrap_or_else(|| panic!("no `{before}`: {line}"));
    let number = rest.split([',', ' ']).next().unwrap();
    let units = [("ms", 1.0), ("µs", 1e-3), ("s", 1e3), ("", 1.0)];
    let in_unit = |(unit, factor): (&str, f64)| {
        number.strip_suffix(unit)?.parse::<f64>().ok().map(|number| number * factor)
    };
    units.into_iter().find_map(in_unit).unwrap_or_else(|| panic!("no number: {rest}"))
}

#[test]
fn medians_and_ratio_are_those_of_the_rounds_it_prints() {
    let lines = lines_of(env!("CARGO_BIN_EXE_threads_vs_processes"));
    let median = |begin: &str, before| {
        let rounds = lines.iter().filter(|line| line.starts_with(begin));
        let mut times: Vec<_> = rounds.map(|line| number(line, before)).collect();
        assert_eq!(times.len(), 3);
        times.sort_by(f64::total_cmp);
        times[1]
    };
    let threads = median("Threads: ", "this process, ");
    let processes = median("Processes: ", "other processes, ");
    let [.., medians, ratio] = &lines[..] else { panic!("{lines:?}") };
    // Exactly: the same numbers, rounded in the same way.
    assert_eq!(number(medians, "Threads ").to_bits(), threads.to_bits());
    assert_eq!(number(medians, "Processes ").to_bits(), processes.to_bits());
    // The times are rounded to a thousandth of their unit, the ratio to a thousandth.
    let ratio = number(ratio, "processes take ");
    let off = |time: f64| if time < 1_000.0 { 0.0005 } else { 0.5 };
    let least = (processes - off(processes)) / (threads + off(threads));
    let most = (processes + off(processes)) / (threads - off(threads));
    assert!((least - 0.0006..most + 0.0006).contains(&ratio), "{processes} / {threads}: {ratio}");
}

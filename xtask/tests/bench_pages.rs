//! What tables and charts say of results with known truth.

use std::collections::BTreeMap;
use versus::{CaseResult, Entry, Failure, Point, Report, Role, Round, Samples, Settings};
use xtask::bench::curve::{BreakEven, Curve};
use xtask::bench::sentence::sentence;
use xtask::bench::{page, render, table::Table};

const ROUNDS: usize = 6;

fn samples(nanoseconds: u64) -> Samples {
    let times = vec![1000 * nanoseconds; ROUNDS];
    Samples { wall_ns: times.clone(), cpu_ns: times }
}

/// An entry that takes so long for an item in every round.
fn entry(role: Role, label: &str, nanoseconds: u64) -> Entry {
    Entry {
        id: format!("the id of {label}"),
        label: label.to_owned(),
        role,
        items: 1000,
        samples: samples(nanoseconds),
        notes: BTreeMap::new(),
        failure: None,
    }
}

/// The first is the baseline.
fn case_of(name: &str, entries: &[(Role, &str, u64)]) -> CaseResult {
    let mut all = entries.iter().map(|(role, label, ns)| entry(*role, label, *ns));
    let round = Round { order: (0..=entries.len()).collect(), yardstick_ns: Some(450_000) };
    CaseResult {
        name: name.to_owned(),
        item: "pair".to_owned(),
        point: None,
        remarks: vec![],
        rounds: vec![round; ROUNDS],
        measured_again: 0,
        baseline: all.next().expect("a case has a baseline"),
        again: samples(entries[0].2),
        variants: all.collect(),
    }
}

fn case(name: &str, entries: &[(&str, u64)]) -> CaseResult {
    let context: Vec<_> = entries.iter().map(|(label, ns)| (Role::Context, *label, *ns)).collect();
    case_of(name, &context)
}

/// The case with notes: on which entry, under which head, and what they say.
fn noted(mut case: CaseResult, notes: &[(&str, &str, &str)]) -> CaseResult {
    for (name, head, text) in notes {
        for entry in case.entries_mut().filter(|entry| entry.label == *name) {
            entry.notes.insert((*head).to_owned(), (*text).to_owned());
        }
    }
    case
}

/// A point at `x` of a curve.
fn point(x: f64, entries: &[(&str, u64)]) -> CaseResult {
    let point = Point { series: "maps".to_owned(), axis: "cost in ns".to_owned(), x };
    let remarks = vec!["Limit: 2.".to_owned()];
    CaseResult { point: Some(point), remarks, ..case(&format!("maps of {x}"), entries) }
}

fn report(name: &str, circumstances: &[(&str, &str)], cases: Vec<CaseResult>) -> Report {
    let mut report = Report::new(name, Settings::full(7));
    let facts = [("rustc", "1.95.0"), ("commit", "3cadc7c1a2b3")];
    let all = facts.iter().chain(circumstances);
    report.circumstances =
        all.map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    report.cases = cases;
    report
}

fn markdown(report: &Report) -> String {
    page::tables(report).map(|table| table.in_markdown()).collect()
}

#[track_caller]
fn assert_says(text: &str, due: &[&str]) {
    for due in due {
        assert!(text.contains(due), "nothing says {due:?}:\n{text}");
    }
}

#[test]
fn the_circumstances_stand_above_the_tables() {
    let mut report = report("pairs", &[("Python", "3.11.7")], vec![]);
    report.machine.cpu = "A processor".to_owned();
    report.machine.cores = 2;
    report.date = "2026-11-23T06:19:00Z".to_owned();
    report.profile = "release".to_owned();
    (report.machine.system, report.machine.load) = ("linux x86_64".to_owned(), Some(0.41));
    let due = "`A processor`, 2 cores, `linux x86_64`, load 0.41 before; release build; \
               2026-11-23T06:19:00Z; 31 rounds of 30 ms a run, seed 7; Python 3.11.7; \
               commit 3cadc7c1a2b3; rustc 1.95.0.";
    assert_eq!(report.in_words(), due);
}

#[test]
fn a_row_has_figure_rate_ratio_interval_processor_time_and_verdict() {
    let report = report("pairs", &[], vec![case("pairs, alone", &[("ours", 100), ("theirs", 80)])]);
    assert_says(
        &markdown(&report),
        &[
            "6 rounds, intervals of 96.9 %, noise floor 1.000 to 1.000.\n",
            "|  | per pair | rate | ratio | interval | CPU | verdict |",
            "| ours | 100 ns | 10.0 M/s |  |  |  | baseline |",
            "| theirs | 80.0 ns | 12.5 M/s | 0.800 | 0.800 to 0.800 | 0.800 | faster |",
        ],
    );
}

/// Ours, two peers, and three who are no competitors, all of them faster.
fn beside_others(a: u64, b: u64) -> [(Role, &'static str, u64); 6] {
    [
        (Role::Ours, "Pair", 100),
        (Role::Peer, "a", a),
        (Role::Peer, "b, trying", b),
        (Role::Limit, "by hand", 9),
        (Role::Python, "Python", 1),
        (Role::Context, "half of it", 1),
    ]
}

#[test]
fn where_we_are_behind_the_best_peer_the_table_says_so() {
    let said = |theirs: u64| {
        markdown(&report("pair", &[], vec![case_of("pair, alone", &beside_others(300, theirs))]))
    };
    let behind = "**We are behind the best peer.** That is b, trying: it takes 0.800 (0.800 to 0.800) of the \
                  time of Pair, and 0.800 of its processor time.";
    assert_says(&said(80), &[behind]);
    assert_says(&said(120), &["We are ahead of the best peer. That is b, trying: it takes 1.200"]);
    assert_says(&said(100), &["We are level with the best peer. That is b, trying"]);
    assert_says(&said(100), &["| by hand (limit) | 9.00 ns |"]);
    // Where the baseline is not ours, nobody is our competitor.
    let entries = [(Role::Context, "Pair", 100), (Role::Peer, "b", 80)];
    let other = report("scaling", &[], vec![case_of("scaling", &entries)]);
    assert!(!markdown(&other).contains("best peer"));
}

#[test]
fn a_failed_variant_keeps_its_row_and_says_why() {
    let mut bad = case("pairs", &[("ours", 100), ("theirs", 80)]);
    let entry = &mut bad.variants[0];
    entry.samples = Samples::default();
    entry.failure = Some(Failure::Panicked("no | permit".to_owned()));
    let report = report("pairs", &[], vec![bad]);
    assert_says(&markdown(&report), &["| theirs | - |  |  |  |  | panicked: no \\| permit |"]);
    assert_says(&page::sections(&report)[0].1, &["failed"]);
}

#[test]
fn beside_the_cheatsheets_figure_stand_speed_up_cores_and_limit() {
    let notes = [
        ("in turn", "cheatsheet", "9.51 s"),
        ("two threads", "cheatsheet", "11.31 s"),
        ("two threads", "limit", "2"),
    ];
    let case = case("no_gil", &[("in turn", 100), ("two threads", 50)]);
    let mut report = report("no_gil", &[], vec![noted(case, &notes)]);
    report.machine.cores = 4;
    assert_says(
        &markdown(&report),
        &[
            "| verdict | speed-up | cheatsheet | limit |",
            "| baseline |  | 9.51 s |  |",
            "| faster | 2.00 | 11.31 s | 2 |",
            "There are 4 cores here.",
        ],
    );
}

#[test]
fn a_price_list_says_how_each_price_was_measured() {
    let notes = [("lock", "how", "taken and released"), ("thread", "how", "started and joined")];
    let case = case("prices", &[("lock", 10), ("thread", 80_000)]);
    let report = report("prices", &[], vec![noted(case, &notes)]);
    assert_says(
        &markdown(&report),
        &[
            "| one | costs | interval | CPU | how it was measured |",
            "| thread | 80.0 us | 80.0 us to 80.0 us | 80.0 us | started and joined |",
        ],
    );
}

#[test]
fn a_curve_is_one_table_and_says_where_a_variant_begins_to_pay() {
    let points = vec![
        point(1000.0, &[("a loop", 1000), ("threads", 500), ("boxes", 1000)]),
        point(10.0, &[("a loop", 100), ("threads", 200), ("boxes", 1000)]),
        point(1.0, &[("a loop", 100), ("threads", 400), ("boxes", 1000)]),
    ];
    let report = report("maps", &[], points);
    let curves = Curve::of(&report);
    assert_eq!(curves.len(), 1);
    // Twice as slow at 10 and twice as fast at 1,000: level half-way, in logarithms.
    let BreakEven::Between { slower, about, faster } = curves[0].break_even("the id of threads")
    else {
        panic!("it breaks even")
    };
    assert_eq!((slower, faster), (10.0, 1000.0));
    assert!((about - 100.0).abs() < 1e-6, "{about}");
    assert_eq!(curves[0].break_even("the id of boxes"), BreakEven::Never);
    assert_says(
        &markdown(&report),
        &[
            "| cost in ns | a loop, per pair | threads, ratio | boxes, ratio |",
            "| 1 | 100 ns | 4.00 (4.00 to 4.00) | 10.0 (10.0 to 10.0) |\n| 10 |",
            "threads: begins to pay at about 100 (cost in ns): slower than a loop at 10, faster at 1,000.",
            "boxes: at no point faster than a loop",
            "\n\nLimit: 2.\n",
        ],
    );
    assert_eq!(markdown(&report).matches("Limit").count(), 1, "not once for every point");
    assert_says(&page::sections(&report)[0].1, &["threads: pays from about 100"]);
}

#[test]
fn a_chart_stands_alone_in_light_and_dark_and_in_words() {
    let strange = "1 < 2 & \"3\"";
    let notes = [("lock", "how", "x"), (strange, "how", "y")];
    let cases = vec![
        noted(case("prices", &[("lock", 10), (strange, 80)]), &notes),
        case("ratios", &[("ours", 10), ("a very long name of a variant, by hand", 80)]),
        point(1.0, &[("a loop", 100), ("threads", 200)]),
        point(10.0, &[("a loop", 100), ("threads", 50)]),
    ];
    let report = report("prices", &[], cases);
    let sections = page::sections(&report);
    let file = |table: &Table| render::chart_file("prices", &table.title);
    let files: Vec<_> = sections.iter().map(|(table, _)| file(table)).collect();
    assert_eq!(files, ["prices.svg", "prices-ratios.svg", "prices-maps.svg"]);
    for (_, chart) in sections {
        let due = ["<title", "<desc", "role=\"img\"", "prefers-color-scheme: dark"];
        assert_says(&chart, &due);
        let words = chart.split_once("</desc").map_or("", |(before, _)| before);
        assert!(words.contains("relative to") || words.contains("What one costs"), "{words}");
        for outside in ["url(", "href", "@import", "@font-face"] {
            assert!(!chart.contains(outside), "{outside}");
        }
        assert!(!chart.contains("NaN") && !chart.contains("inf"), "{chart}");
        assert!(!chart.contains("1 < 2"), "not escaped: {chart}");
    }
}

#[test]
fn a_page_gets_one_sentence_that_names_machine_peers_and_cases() {
    let said = |cases: &[(&str, u64, u64)]| {
        let cases = cases.iter().map(|(name, a, b)| case_of(name, &beside_others(*a, *b)));
        let cases = cases.collect();
        let mut report = report("pair", &[], cases);
        (report.machine.cpu, report.machine.cores) = ("A processor".to_owned(), 2);
        sentence(&report, "../")
    };
    let on =
        "On the machine of [the table](../PERFORMANCE.md#pair) (A processor, 2 cores), `Pair` was ";
    assert_eq!(
        said(&[("pair", 200, 80)]),
        format!("{on}slower than `b, trying` (pair), the fastest of the alternatives.")
    );
    let cases = [("pair, 1", 120, 200), ("pair, 2, wide", 200, 100), ("pair, 3", 130, 200)];
    let due = "faster than `a` (1; 3) and as fast as `b, trying` (2, wide), each time the fastest of the alternatives.";
    assert_eq!(said(&cases), format!("{on}{due}"));
}

#[test]
fn a_page_gets_the_speed_ups_that_the_cheatsheet_has_too() {
    let speeds = |name: &str, figures: &[(&str, u64)]| {
        let notes: Vec<_> = figures.iter().map(|(name, _)| (*name, "cheatsheet", "9 s")).collect();
        noted(case(name, &[figures, &[("without", 10)]].concat()), &notes)
    };
    let said = |cases| sentence(&report("x", &[], cases), "../");
    let rust = speeds("x, Rust", &[("turn", 100), ("two", 50)]);
    let python = speeds("x, Python", &[("turn", 100), ("two", 108)]);
    let due = "), *two* was 2.00 times as fast as *turn* (Rust) and took 1.08 times as long as that (Python).";
    assert_says(&said(vec![rust.clone(), python]), &[due]);
    let other = speeds("x, Python", &[("map", 100), ("pool", 5), ("boxes", 100_000)]);
    let due = "), *two* was 2.00 times as fast as *turn* (Rust), *pool* was 20 times as fast as *map* (Python), and \
               *boxes* took 1000 times as long as *map* (Python).";
    assert_says(&said(vec![rust, other]), &[due]);
}

#[test]
fn a_page_gets_a_link_where_there_is_nothing_to_compare() {
    let points = vec![point(10.0, &[("a loop", 100), ("threads", 200)])];
    let mut report = report("maps", &[], points);
    (report.machine.cpu, report.machine.cores) = ("A processor".to_owned(), 2);
    let due = "The figures of one machine (A processor, 2 cores) stand in [the table](../PERFORMANCE.md#maps).";
    assert_eq!(sentence(&report, "../"), due);
}

/// What a page says of each bench, as long as its name is not `nobody` or `new`.
fn say(name: &str) -> Option<String> {
    match name {
        "nobody" => None,
        "new" => Some(String::new()),
        name => Some(format!("{name}!")),
    }
}

#[test]
fn only_what_stands_between_markers_is_replaced() {
    let text = "before\n<!-- bench: pairs -->\nold\n<!-- /bench -->\nafter <!-- other -->\n\
                <!-- bench: new -->\nold\n<!-- /bench -->\n<!-- bench: nobody -->\nold\n<!-- /bench -->\n";
    let (new, mistakes) = render::between_markers(text, say);
    assert_eq!(mistakes, ["`<!-- bench: nobody -->` is of no bench"]);
    let due = "before\n<!-- bench: pairs -->\n\npairs!\n\n<!-- /bench -->\nafter <!-- other -->\n\
               <!-- bench: new -->\n<!-- /bench -->\n<!-- bench: nobody -->\nold\n<!-- /bench -->\n";
    assert_eq!(new, due);
    assert_eq!(render::between_markers(&new, say).0, new, "a second time changes nothing");
}

#[test]
fn a_marker_without_an_end_costs_no_prose() {
    let text = "<!-- bench: pairs -->\nprose\n<!-- bench: pairs -->\nold\n<!-- /bench -->\n";
    let (new, mistakes) = render::between_markers(text, say);
    assert_eq!(mistakes, ["`<!-- bench: pairs -->` has no `<!-- /bench -->`"]);
    let due = "<!-- bench: pairs -->\nprose\n<!-- bench: pairs -->\n\npairs!\n\n<!-- /bench -->\n";
    assert_eq!(new, due);
}

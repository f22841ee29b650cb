//! What the section `spawn` promises.

mod common;

use common::output_of;

const SECTION: &str = env!("CARGO_BIN_EXE_spawn");

#[test]
fn each_worker_of_each_form_prints_one_whole_line() {
    for _ in 0..20 {
        let output = output_of(SECTION);
        let lines: Vec<_> = output.lines().collect();
        for id in [1, 2] {
            for line in [
                format!("I am worker {id}"),
                format!("I am worker {id} in a thread called worker-{id}"),
                format!("I am worker {id} and borrow: hello"),
            ] {
                assert_eq!(lines.iter().filter(|other| **other == line).count(), 1);
            }
        }
        assert_eq!(lines.len(), 9);
    }
}

#[test]
fn who_joins_goes_on_after_its_workers() {
    let output = output_of(SECTION);
    let lines: Vec<_> = output.lines().collect();
    let joined = [2, 5, 8].map(|place: usize| lines[place]);
    let expected =
        ["squares: 1 and 4", "both are back", "letters: 5 and 5, and hello is still ours"];
    assert_eq!(joined, expected);
}

//! What the section `spawn` promises.

use std::process::Command;

fn lines() -> Vec<String> {
    let section = env!("CARGO_BIN_EXE_spawn");
    let output = Command::new(section).output().expect("the section starts");
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    let text = String::from_utf8(output.stdout).expect("the section prints UTF-8");
    text.lines().map(String::from).collect()
}

#[test]
fn each_worker_of_each_form_prints_one_whole_line() {
    for _ in 0..20 {
        let lines = lines();
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
    let lines = lines();
    let joined = [2, 5, 8].map(|place: usize| lines[place].as_str());
    let expected =
        ["squares: 1 and 4", "both are back", "letters: 5 and 5, and hello is still ours"];
    assert_eq!(joined, expected);
}

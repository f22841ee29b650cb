use std::process::Command;

/// Runs a section to its end and returns its lines.
///
/// For what a transcript cannot say: it is the transcript that judges a section's output.
///
/// # Panics
///
/// If the section cannot start, fails, prints what is not UTF-8, or prints to standard error.
///
/// ```no_run
/// let lines = tests_and_benches::lines_of("target/debug/spawn");
/// assert!(lines[0].starts_with("I am worker"));
/// ```
pub fn lines_of(section: &str) -> Vec<String> {
    let output = Command::new(section).output().expect("the section starts");
    assert!(output.status.success() && output.stderr.is_empty(), "{section}: {output:?}");
    let text = String::from_utf8(output.stdout).expect("the section prints UTF-8");
    text.lines().map(String::from).collect()
}

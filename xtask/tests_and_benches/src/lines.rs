use shell::output_timeout;
use std::process::{Command, Stdio};
use std::time::Duration;

/// What takes so long never ends. (Less than a promise is given, so that a promise that hangs here
/// still gets to end the section.)
const HANGS: Duration = Duration::from_secs(50);

/// Runs a section to its end and returns its lines.
///
/// For what a transcript cannot say: it is the transcript that judges a section's output.
///
/// # Panics
///
/// If the section cannot start, fails, hangs, prints what is not UTF-8, or prints to standard error.
/// One that hangs is ended, with all that it has started.
///
/// # Examples
///
/// A chapter's test asks cargo where the section is: `lines_of(env!("CARGO_BIN_EXE_no_gil"))`. Any
/// other program will do, too:
///
/// ```
/// let lines = tests_and_benches::lines_of("uname");
/// assert_eq!(lines.len(), 1, "the name of the system");
/// ```
pub fn lines_of(section: &str) -> Vec<String> {
    let mut command = Command::new(section);
    let output = output_timeout(command.stdin(Stdio::null()), HANGS, Duration::ZERO)
        .unwrap_or_else(|error| panic!("{section}: {error}"));
    assert!(output.exit.success() && output.stderr.is_empty(), "{section}: {output:?}");
    let text = String::from_utf8(output.stdout).expect("the section prints UTF-8");
    text.lines().map(String::from).collect()
}

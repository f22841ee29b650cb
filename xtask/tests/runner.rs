//! The runner trusts no program: each kind of misbehaviour gets its verdict, and leaves nothing.

use shell::{Exit, Source};
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{env, fs};
use xtask::verify::judge::{Failed, Judgement, judge};
use xtask::verify::runner::{End, LIMIT, Run, run};

/// Long enough for all that ends by itself, on any machine.
const LONG: Duration = Duration::from_mins(2);

/// The program `examples/NAME.rs`.
fn program(name: &str) -> PathBuf {
    let test = env::current_exe().expect("a test knows where it is");
    let folder = test.ancestors().nth(2).expect("a test is built in `deps`");
    folder.join("examples").join(name)
}

fn section(name: &str) -> transcript::Head {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("examples/{name}.rs"));
    let source = fs::read_to_string(source).expect("every example has a source");
    transcript::Head::parse(&source).expect("every example has a transcript")
}

fn run_example(name: &str, limit: Duration) -> Run {
    run(&program(name), &[], limit).expect("`cargo test -p xtask` builds the examples")
}

fn failure(name: &str, run: &Run, limit: Duration) -> Failed {
    match judge(name, &section(name), run, limit) {
        Judgement::Failed(failed) => failed,
        other => panic!("{name} should have failed: {other:?}"),
    }
}

/// Runs a program that never ends until it has printed something within the limit.
fn run_endless(name: &str) -> (Run, Duration) {
    for limit in [1, 2, 4, 8, 16, 32, 64].map(Duration::from_secs) {
        let run = run_example(name, limit);
        assert!(matches!(run.end, End::Limit(_)), "{name} never ends, but: {:?}", run.end);
        if !run.lines.is_empty() {
            return (run, limit);
        }
    }
    panic!("{name} printed nothing within a minute");
}

#[cfg(target_os = "linux")]
fn assert_gone(run: &Run) {
    for process in &run.outlived {
        let stat = fs::read_to_string(format!("/proc/{}/stat", process.pid)).unwrap_or_default();
        let alive = !stat.is_empty() && !stat.contains(") Z") && !stat.contains(") X");
        assert!(!alive, "{} ({}) is still there", process.name, process.pid);
    }
}

#[cfg(not(target_os = "linux"))]
fn assert_gone(_run: &Run) {}

#[test]
fn a_hang_is_ended_and_says_what_its_threads_wait_in() {
    let (run, limit) = run_endless("hangs");
    let failed = failure("hangs", &run, limit);
    assert_eq!(failed.target, "does not end");
    assert!(failed.explanation.contains("it did not end within"), "{}", failed.explanation);
    if cfg!(target_os = "linux") {
        assert!(failed.explanation.contains("its threads were waiting in:\n    hangs ("));
    }
}

#[test]
fn a_hang_before_the_last_line_names_the_row_it_owes() {
    let source = "//! T.\n//!\n//! # Output\n//!\n//! ```text\n//! begun\n//! never\n//! ```\n";
    let section = transcript::Head::parse(source).expect("the transcript is right");
    let (run, limit) = run_endless("hangs");
    let Judgement::Failed(failed) = judge("hangs", &section, &run, limit) else {
        panic!("it hangs")
    };
    assert_eq!(failed.target, "never");
    assert!(failed.explanation.contains("it did not end within"), "{}", failed.explanation);
}

#[cfg(target_os = "linux")]
#[test]
fn a_program_that_a_signal_has_stopped_is_called_so() {
    let script = ["-c", "echo here; kill -STOP $$; echo never"].map(Into::into);
    for limit in [1, 2, 4, 8, 16, 32, 64].map(Duration::from_secs) {
        let run = run(Path::new("/bin/sh"), &script, limit).expect("there is a shell");
        if run.lines.is_empty() {
            continue; // so busy is the machine
        }
        let End::Limit(waits) = &run.end else { panic!("{:?}", run.end) };
        assert_eq!(waits.len(), 1);
        assert!(waits[0].ends_with("nothing: a signal has stopped it"), "{}", waits[0]);
        return;
    }
    panic!("it printed nothing within a minute");
}

#[test]
fn who_does_not_heed_term_is_killed() {
    let (run, _) = run_endless("ignores_term");
    assert_eq!(run.ended.exit, Exit::Signal(9));
}

#[test]
fn the_line_in_which_a_program_hangs_is_shown() {
    let (run, limit) = run_endless("ignores_term");
    assert_eq!(run.output(Source::Stdout), b"deaf");
    assert_eq!(failure("ignores_term", &run, limit).target, "does not end");
}

#[test]
fn closed_outputs_are_no_end() {
    let (run, limit) = run_endless("closes_outputs");
    assert_eq!(failure("closes_outputs", &run, limit).target, "does not end");
}

#[test]
fn a_flood_is_stopped_at_the_cap() {
    let run = run_example("floods", LONG);
    assert_eq!(run.end, End::Flood);
    assert!(run.output(Source::Stdout).len() <= LIMIT);
    let failed = failure("floods", &run, LONG);
    assert_eq!(failed.target, "prints without end");
    assert!(failed.explanation.contains("stopped after 4 MiB of output, which begins:\n    y\n"));
}

#[test]
fn a_crash_names_its_signal() {
    let run = run_example("crashes", LONG);
    assert_eq!(run.ended.exit, Exit::Signal(6));
    let failed = failure("crashes", &run, LONG);
    assert_eq!(failed.target, "exit 0");
    assert!(failed.explanation.contains("signal 6"), "{}", failed.explanation);
}

#[test]
fn the_exit_status_counts() {
    let failed = failure("wrong_exit", &run_example("wrong_exit", LONG), LONG);
    assert_eq!(failed.target, "exit 0");
    assert!(failed.explanation.contains("the exit status is 3"), "{}", failed.explanation);
}

#[test]
fn invalid_utf8_is_no_accident_of_printing() {
    let run = run_example("not_utf8", LONG);
    assert_eq!(run.output(Source::Stdout), b"caf\xe9\n");
    assert_eq!(failure("not_utf8", &run, LONG).target, "caf");
}

#[test]
fn standard_error_must_be_empty() {
    let run = run_example("writes_stderr", LONG);
    assert_eq!(run.output(Source::Stderr), b"and a warning\n");
    let failed = failure("writes_stderr", &run, LONG);
    assert!(failed.explanation.contains("and a warning"), "{}", failed.explanation);
}

#[test]
fn a_grandchild_that_holds_the_pipe_is_named_and_ended() {
    let run = run_example("leaves_grandchild", LONG);
    assert_eq!(run.end, End::Itself);
    let failed = failure("leaves_grandchild", &run, LONG);
    assert_eq!(failed.target, "left behind");
    if cfg!(target_os = "linux") {
        assert!(failed.explanation.contains("`leaves_grandchi` (pid"), "{}", failed.explanation);
    }
    assert_gone(&run);
}

#[test]
#[cfg(target_os = "linux")]
fn who_leaves_the_group_is_found_and_ended() {
    let run = run_example("escapes_group", LONG);
    assert_eq!(run.end, End::Itself);
    let failed = failure("escapes_group", &run, LONG);
    assert_eq!(failed.target, "left behind");
    assert!(failed.explanation.contains("outside its process group"), "{}", failed.explanation);
    assert_gone(&run);
}

#[test]
fn dead_orphans_are_reaped_while_their_run_goes_on() {
    let run = run_example("waits_for_orphans", LONG);
    let verdict = judge("waits_for_orphans", &section("waits_for_orphans"), &run, LONG);
    assert!(matches!(verdict, Judgement::Held(_)), "{verdict:?}");
}

#[test]
fn a_program_that_is_not_there_is_named() {
    let error = run(Path::new("/no/such/program"), &[], LONG).expect_err("it is not there");
    assert!(format!("{error:#}").contains("/no/such/program"), "{error:#}");
}

#[test]
fn a_long_line_is_one_line() {
    let run = run_example("long_lines", LONG);
    let lengths = |source| {
        let lines = run.lines.iter().filter(move |(_, line)| line.source == source);
        lines.map(|(_, line)| line.text().len()).collect::<Vec<_>>()
    };
    assert_eq!(lengths(Source::Stdout), [300_000, 5]);
    assert_eq!(lengths(Source::Stderr), [300_000]);
    assert!(matches!(judge("long_lines", &section("long_lines"), &run, LONG), Judgement::Held(_)));
}

#[test]
fn a_run_has_nothing_but_what_it_is_given() {
    let run = run_example("surroundings", LONG);
    let verdict = judge("surroundings", &section("surroundings"), &run, LONG);
    assert!(matches!(verdict, Judgement::Held(_)), "{verdict:?}");
}

#[test]
fn times_never_run_backwards() {
    let run = run_example("surroundings", LONG);
    let times: Vec<_> = run.lines.iter().map(|(time, _)| *time).collect();
    assert_eq!(times.len(), 4);
    assert!(times.is_sorted(), "{times:?}");
}

//! A runner that is told to stop ends what it started, tells what is finished, and says so by its
//! exit status.

mod workspace;

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};
use versus::Report;
use workspace::{Said, Workspace, good, section};

/// The number that a program has written into this file, once it has.
fn written_pid(file: &Path) -> Pid {
    let give_up = Instant::now() + Duration::from_mins(2);
    while Instant::now() < give_up {
        let text = fs::read_to_string(file).unwrap_or_default();
        if let Some(pid) = text.strip_suffix('\n').and_then(|text| text.parse().ok()) {
            return Pid::from_raw(pid);
        }
        thread::sleep(Duration::from_millis(5));
    }
    panic!("{} was not written", file.display());
}

/// Code that writes the number of its process into this file, and then hangs: longer than any test
/// waits, but not for ever if it gets away.
fn hang(file: &Path) -> String {
    format!(
        "std::fs::write(\"{}\", format!(\"{{}}\\n\", std::process::id())).unwrap();
        std::thread::park_timeout(std::time::Duration::from_mins(5)); std::process::abort();",
        file.display()
    )
}

/// Starts a task, sends it this signal once `file` is written, and checks that it ends with this
/// status and says this, and that who wrote the file is gone by then.
fn interrupt(mut command: Command, file: &Path, signal: Signal, (status, texts): (i32, &[&str])) {
    let runner =
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it is built");
    let pid = written_pid(file);
    kill(Pid::from_raw(runner.id().cast_signed()), signal).expect("the runner is there");
    let said = Said::of(&runner.wait_with_output().expect("it ends"));
    said.assert(status, texts);
    assert_goes(pid);
}

/// It is dead by now; who inherited it may take a moment to reap it. By itself it ends much later.
fn assert_goes(pid: Pid) {
    let give_up = Instant::now() + Duration::from_mins(2);
    while kill(pid, None) != Err(Errno::ESRCH) {
        assert!(Instant::now() < give_up, "what the runner had started is still there");
        thread::sleep(Duration::from_millis(5));
    }
}

/// A course with a section that hangs and one that does not.
fn course() -> Workspace {
    let course = Workspace::new(&[("good", &good())]);
    let source = section("fine", &hang(&course.path("pid")));
    course.write("chapter/src/bin/hang.rs", &source);
    course
}

fn interrupted_by(signal: Signal, status: i32, words: &str) {
    let course = course();
    let command = course.xtask(&["verify", "--json", "report.json"]);
    let texts = [words, "not run", "| chapter"];
    interrupt(command, &course.path("pid"), signal, (status, &texts));
    let report: Value = serde_json::from_str(&course.read("report.json")).expect("it is JSON");
    assert_eq!(report["interrupted"], words);
    course.assert_tidy();
}

#[test]
fn ctrl_c_is_status_130() {
    interrupted_by(Signal::SIGINT, 130, "Ctrl-C (signal INT)");
}

#[test]
fn term_is_status_143() {
    interrupted_by(Signal::SIGTERM, 143, "signal TERM");
}

#[test]
fn hangup_is_status_129() {
    interrupted_by(Signal::SIGHUP, 129, "hangup (signal HUP)");
}

#[test]
fn quit_is_status_131() {
    interrupted_by(Signal::SIGQUIT, 131, "Ctrl-\\ (signal QUIT)");
}

#[test]
fn of_what_was_under_way_it_is_told_what_it_had_printed_and_where_it_waited() {
    let course = Workspace::new(&[]);
    let pid = course.path("pid");
    let main = format!("println!(\"fine\"); {}", hang(&pid));
    course.write("chapter/src/bin/hang.rs", &section("fine", &main));
    let waits = if cfg!(target_os = "linux") { "thread hang: futex" } else { "" };
    let texts = ["--- chapter/hang", "it had printed:\n    fine\n", waits];
    interrupt(course.xtask(&["verify"]), &pid, Signal::SIGINT, (130, &texts));
}

#[test]
fn what_was_finished_is_told() {
    let course = Workspace::new(&[]);
    // Fine in its first round, and only in that.
    let (mark, pid) = (course.path("mark"), course.path("pid"));
    let main = format!(
        "if std::fs::exists(\"{mark}\").unwrap() {{ {} }}
        std::fs::write(\"{mark}\", \"\").unwrap();
        println!(\"fine\");",
        hang(&pid),
        mark = mark.display()
    );
    course.write("chapter/src/bin/once.rs", &section("fine", &main));
    let command = course.xtask(&["verify", "--repeat", "2", "--jobs", "1"]);
    let texts = ["stopped by Ctrl-C (signal INT)", "1 held"];
    interrupt(command, &pid, Signal::SIGINT, (130, &texts));
}

#[test]
fn the_build_is_ended_too() {
    let course = Workspace::new(&[("good", &good())]);
    let main = hang(&course.path("pid"));
    course.write("chapter/build.rs", &format!("fn main() {{ {main} }}"));
    let texts = ["stopped by signal TERM", "0 held, 1 not run"];
    interrupt(course.xtask(&["verify"]), &course.path("pid"), Signal::SIGTERM, (143, &texts));
}

#[test]
fn of_a_measurement_what_was_finished_is_kept() {
    let course = Workspace::new(&[]);
    let cases = [("quick one", "is fine"), ("endless one", "hangs in round 2")];
    course.bench("pairs", &cases);
    let texts = ["stopped by Ctrl-C (signal INT)", "theirs"];
    let pid = course.path("chapter/pid");
    interrupt(course.xtask(&["bench"]), &pid, Signal::SIGINT, (130, &texts));
    let report = Report::read(&course.path("target/bench/pairs.json")).expect("it is a report");
    let rounds = report.cases.iter().map(|case| (&*case.name, case.rounds.len()));
    assert_eq!(rounds.collect::<Vec<_>>(), [("quick one", 2), ("endless one", 1)]);
    assert!(!course.has("performance"), "an unfinished result is no record");
    course.assert_tidy();
}

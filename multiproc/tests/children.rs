//! What `Children` promises: whatever ends their owner ends them.

use multiproc::Children;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::signal::{Signal, raise};
use shell::Exit;
use std::io::{self, BufRead, BufReader, PipeReader, Read};
use std::os::unix::process::ExitStatusExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};
use tests_and_benches::named;
use tests_and_benches::promises::{no_child_is_left, open_files, sh, this};

fn main() -> ExitCode {
    tests_and_benches::promises::main(
        named![
            term_is_enough_for_those_that_hear_it,
            a_deaf_one_is_killed_when_the_grace_is_over,
            all_share_one_grace,
            nobody_is_killed_who_ends_within_the_grace,
            grandchildren_end_as_well,
            dropping_ends_them,
            a_panic_ends_them,
            dropped_they_have_time_to_tidy_up,
            without_threads_they_end_all_the_same,
            they_may_end_by_themselves,
            what_they_leave_behind_is_ended,
            a_signal_ends_them_and_is_passed_on,
            a_signal_that_came_before_counts,
            a_signal_that_nobody_asks_for_is_passed_on_after_them,
            without_children_a_signal_has_its_default_effect,
            of_two_each_is_told_and_none_disarms_the_other,
            one_that_cannot_start_changes_nothing,
            they_leave_nothing,
        ],
        named![
            wait,
            signalled_before,
            signalled_and_dropped,
            signalled_afterwards,
            two_owners,
            one_of_two_left,
        ],
    )
}

const LONG: Duration = Duration::from_secs(20);
const DEAF: &str = "trap '' TERM; echo ready; sleep 60; sleep 60";
const HEARS: &str = "echo ready; sleep 60";

/// Starts these scripts, and waits until each has printed a line. The end of the output comes when
/// all are gone.
fn started(grace: Duration, scripts: &[&str]) -> (Children, BufReader<PipeReader>) {
    let (output, theirs) = io::pipe().unwrap();
    let mut children = Children::new(grace).unwrap();
    for script in scripts {
        children.spawn(sh(script).stdout(theirs.try_clone().unwrap())).unwrap();
    }
    drop(theirs);
    let mut output = BufReader::new(output);
    for _ in scripts {
        assert_eq!(line(&mut output), "ready");
    }
    (children, output)
}

fn line(output: &mut impl BufRead) -> String {
    let mut line = String::new();
    output.read_line(&mut line).unwrap();
    line.trim_end().to_owned()
}

/// Asserts that nobody alive has the other end, as it was not before.
fn all_are_gone(mut output: impl Read) {
    let start = Instant::now();
    assert_eq!(output.read_to_end(&mut Vec::new()).unwrap(), 0);
    assert!(start.elapsed() < LONG); // and not after a minute
    no_child_is_left();
}

fn term_is_enough_for_those_that_hear_it() {
    let (children, output) = started(LONG, &[HEARS; 5]);
    let ends = children.stop();
    assert!(ends.iter().all(|end| end.exit == Exit::Signal(15) && !end.killed));
    assert_eq!(ends.len(), 5);
    all_are_gone(output);
}

fn a_deaf_one_is_killed_when_the_grace_is_over() {
    let grace = Duration::from_millis(300);
    let (children, output) = started(grace, &[HEARS, DEAF, HEARS]);
    let start = Instant::now();
    let ends = children.stop();
    assert!(start.elapsed() >= grace);
    let exits: Vec<_> = ends.iter().map(|end| (end.exit, end.killed)).collect();
    let [term, kill] = [(Exit::Signal(15), false), (Exit::Signal(9), true)];
    assert_eq!(exits, [term, kill, term]);
    all_are_gone(output);
}

fn all_share_one_grace() {
    // One after the other they would take five minutes.
    let (children, output) = started(Duration::from_secs(3), &[DEAF; 100]);
    let start = Instant::now();
    assert!(children.stop().iter().all(|end| end.killed));
    assert!(start.elapsed() < Duration::from_mins(1));
    all_are_gone(output);
}

fn nobody_is_killed_who_ends_within_the_grace() {
    // It waits without a child: one that has been forked and is not yet what it will be may lose
    // the signal.
    let tidy = "trap 'sleep 0.1; exit 5' TERM; echo ready; while :; do :; done";
    let (children, output) = started(LONG, &[tidy; 3]);
    let ends = children.stop();
    assert!(ends.iter().all(|end| end.exit == Exit::Code(5) && !end.killed), "{ends:?}");
    all_are_gone(output);
}

fn grandchildren_end_as_well() {
    let family = "sleep 60 & (sleep 60 & sleep 60) & echo ready; sleep 60";
    let (children, output) = started(LONG, &[family; 3]);
    children.stop();
    all_are_gone(output);
}

fn dropping_ends_them() {
    let (children, output) = started(Duration::from_millis(100), &[HEARS, DEAF]);
    drop(children);
    all_are_gone(output);
}

fn a_panic_ends_them() {
    let (children, output) = started(Duration::from_millis(100), &[HEARS, DEAF]);
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        let _owned = children;
        panic!("before anybody has stopped them");
    }));
    assert!(panicked.is_err());
    all_are_gone(output);
}

fn dropped_they_have_time_to_tidy_up() {
    // It waits without a child, as above.
    let tidy = "trap 'echo tidy; exit' TERM; echo ready; while :; do :; done";
    for panics in [false, true] {
        let (children, mut output) = started(LONG, &[tidy; 2]);
        let dropped = catch_unwind(AssertUnwindSafe(|| {
            let _owned = children;
            assert!(!panics, "before anybody has stopped them");
        }));
        assert_eq!(dropped.is_err(), panics);
        assert_eq!([line(&mut output), line(&mut output)], ["tidy"; 2]);
        all_are_gone(output);
    }
}

fn without_threads_they_end_all_the_same() {
    if !cfg!(target_os = "linux") {
        return; // elsewhere this limit limits nothing
    }
    let (children, output) = started(LONG, &[HEARS; 3]);
    // Memory for small things, and not for the stack of a thread.
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let size = status.lines().find_map(|line| line.strip_prefix("VmSize:")).unwrap();
    let size: u64 = size.trim().trim_end_matches(" kB").parse().unwrap();
    let (_, most) = getrlimit(Resource::RLIMIT_AS).unwrap();
    setrlimit(Resource::RLIMIT_AS, (size + 1024) * 1024, most).unwrap();
    assert!(thread::Builder::new().spawn(|| ()).is_err());
    let ends = children.stop();
    assert!(ends.iter().all(|end| end.exit == Exit::Signal(15) && !end.killed));
    assert_eq!(ends.len(), 3);
    all_are_gone(output);
}

fn they_may_end_by_themselves() {
    let (children, output) = started(LONG, &["echo ready", "echo ready; exit 3"]);
    let stopped = children.wait_or_signal();
    assert_eq!(stopped.signal, None);
    let exits: Vec<_> = stopped.ends.iter().map(|end| end.exit).collect();
    assert_eq!(exits, [Exit::Code(0), Exit::Code(3)]);
    assert!(stopped.ends.iter().all(|end| !end.left_behind && !end.killed));
    all_are_gone(output);
    let nobody = Children::new(LONG).unwrap().wait_or_signal();
    assert!(nobody.signal.is_none() && nobody.ends.is_empty());
}

fn what_they_leave_behind_is_ended() {
    let (children, output) = started(LONG, &["sleep 60 & echo ready"]);
    let stopped = children.wait_or_signal();
    assert_eq!(stopped.signal, None);
    assert!(stopped.ends[0].left_behind && stopped.ends[0].exit == Exit::Code(0));
    all_are_gone(output);
}

/// Starts a role, and waits until it says a line. Its children have the other end of its output.
fn role(name: &str) -> (Child, BufReader<std::process::ChildStdout>) {
    let mut role = this(name).stdout(Stdio::piped()).spawn().unwrap();
    let mut output = BufReader::new(role.stdout.take().unwrap());
    assert_eq!(line(&mut output), "ready");
    (role, output)
}

/// Asserts that it dies by this signal, after having said this, and leaves nobody.
fn dies_by(signal: Signal, mut role: Child, mut output: impl BufRead, words: &str) {
    assert_eq!(line(&mut output), words);
    assert_eq!(role.wait().unwrap().signal(), Some(signal as i32));
    all_are_gone(output);
}

fn send(signal: Signal, to: &Child) {
    let pid = nix::unistd::Pid::from_raw(i32::try_from(to.id()).unwrap());
    nix::sys::signal::kill(pid, signal).unwrap();
}

/// Starts children that print nothing and have our output.
fn children(grace: Duration) -> Children {
    let mut children = Children::new(grace).unwrap();
    for script in ["sleep 60 & sleep 60", "trap '' TERM; sleep 60; sleep 60"] {
        children.spawn(&mut sh(script)).unwrap();
    }
    children
}

fn a_signal_ends_them_and_is_passed_on() {
    for signal in [Signal::SIGINT, Signal::SIGTERM] {
        let (role, output) = role("wait");
        send(signal, &role);
        dies_by(signal, role, output, &format!("interrupted by {}, 2 ended", signal as i32));
    }
}

fn wait() {
    let children = children(Duration::from_millis(200));
    println!("ready");
    report(children);
}

fn report(children: Children) {
    let stopped = children.wait_or_signal();
    let signal = stopped.signal.unwrap();
    println!("interrupted by {signal}, {} ended", stopped.ends.len());
    signal_hook::low_level::emulate_default_handler(signal).unwrap();
}

fn a_signal_that_came_before_counts() {
    let (role, output) = role("signalled_before");
    dies_by(Signal::SIGTERM, role, output, "interrupted by 15, 2 ended");
}

fn signalled_before() {
    let children = children(Duration::from_millis(200));
    println!("ready");
    raise(Signal::SIGTERM).unwrap();
    report(children);
}

fn a_signal_that_nobody_asks_for_is_passed_on_after_them() {
    let (role, output) = role("signalled_and_dropped");
    dies_by(Signal::SIGINT, role, output, "still here");
}

fn signalled_and_dropped() {
    let children = children(Duration::from_millis(200));
    println!("ready");
    raise(Signal::SIGINT).unwrap();
    println!("still here");
    drop(children);
    println!("and gone");
}

fn without_children_a_signal_has_its_default_effect() {
    let (role, output) = role("signalled_afterwards");
    dies_by(Signal::SIGTERM, role, output, "");
}

fn signalled_afterwards() {
    drop(children(Duration::from_millis(200)));
    drop(children(Duration::from_millis(200)));
    println!("ready");
    raise(Signal::SIGTERM).unwrap();
    println!("still here");
}

fn of_two_each_is_told_and_none_disarms_the_other() {
    let (first, output) = role("two_owners");
    send(Signal::SIGINT, &first);
    dies_by(Signal::SIGINT, first, output, "both were told");
    let (second, output) = role("one_of_two_left");
    send(Signal::SIGINT, &second);
    dies_by(Signal::SIGINT, second, output, "interrupted by 2, 2 ended");
}

fn two_owners() {
    let both = [(); 2].map(|()| children(Duration::from_millis(200)));
    println!("ready");
    let signals = both.map(|it| it.wait_or_signal().signal);
    assert_eq!(signals, [Some(2); 2]);
    println!("both were told");
    signal_hook::low_level::emulate_default_handler(2).unwrap();
}

fn one_of_two_left() {
    let [one, other] = [(); 2].map(|()| children(Duration::from_millis(200)));
    drop(one);
    println!("ready");
    report(other);
}

fn one_that_cannot_start_changes_nothing() {
    let (mut children, output) = started(LONG, &[HEARS]);
    let error = children.spawn(&mut Command::new("no-such-program")).unwrap_err();
    assert_eq!(error.to_string(), "cannot start `no-such-program`: no such file");
    assert_eq!(children.stop().len(), 1);
    all_are_gone(output);
}

fn they_leave_nothing() {
    drop(started(LONG, &[HEARS]));
    let before = open_files();
    for _ in 0..200 {
        drop(started(LONG, &[HEARS, "echo ready; exit 1"]));
    }
    assert_eq!(open_files(), before);
    no_child_is_left();
}

//! What a time limit promises.

use nix::errno::Errno;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::{Pid, setsid};
use shell::{Exit, Group, Output, OutputTimeoutError, StartFailure, TimedOut, output_timeout};
use std::io::{self, ErrorKind, Read, Write};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};
use tests_and_benches::named;
use tests_and_benches::promises::{no_child_is_left, open_files, sh, this, this_after};

fn main() -> ExitCode {
    tests_and_benches::promises::main(
        named![
            a_program_that_ends_in_time_is_left_alone,
            a_limit_that_is_over_hands_back_what_was_printed,
            last_words_are_handed_back_too,
            a_program_that_ignores_term_is_killed,
            the_whole_group_is_gone_and_its_number_free,
            a_background_process_is_ended_and_not_waited_for,
            a_background_process_that_prints_on_is_not_waited_for,
            a_process_that_left_the_group_keeps_nobody_waiting,
            no_flood_outruns_the_limit,
            a_stopped_program_has_not_ended,
            a_program_that_closed_its_outputs_is_still_limited,
            a_piped_input_ends_at_once,
            limits_of_zero_and_for_ever_are_limits,
            no_limit_is_over_early,
            a_program_that_cannot_start_is_no_time_out,
            limits_leave_no_descriptor_and_no_zombie,
        ],
        named![
            capture_and_leave_a_flood,
            leave_the_group,
            silent_away_from_the_group,
            capture_a_flood,
        ],
    )
}

const SECOND: Duration = Duration::from_secs(1);

/// Runs a program that never ends under longer and longer limits, until it had the time to print
/// `word`: no limit is long enough on every machine.
fn over_the_limit(word: &str, command: impl Fn() -> Command, grace: Duration) -> (Output, bool) {
    let mut limit = Duration::from_millis(100);
    loop {
        match output_timeout(&mut command(), limit, grace) {
            Err(OutputTimeoutError::TimedOut { output, killed }) => {
                if String::from_utf8_lossy(&output.stdout).contains(word) {
                    return (output, killed);
                }
            }
            other => panic!("it should never end: {other:?}"),
        }
        limit *= 2;
    }
}

fn a_program_that_ends_in_time_is_left_alone() {
    let zeros = "head -c 1048576 /dev/zero";
    let mut command = sh(&format!("{zeros} >&2; {zeros}; exit 3"));
    let ran = output_timeout(&mut command, Duration::MAX, Duration::ZERO).unwrap();
    assert_eq!([ran.stdout.len(), ran.stderr.len()], [1 << 20, 1 << 20]);
    assert_eq!(ran.exit, Exit::Code(3));
}

fn a_limit_that_is_over_hands_back_what_was_printed() {
    let script = "echo out; echo err >&2; echo both; sleep 30";
    let (output, killed) = over_the_limit("both", || sh(script), 20 * SECOND);
    assert_eq!(output.stdout, b"out\nboth\n");
    assert_eq!(output.stderr, b"err\n");
    assert_eq!(output.exit, Exit::Signal(15));
    assert!(!killed);
}

fn last_words_are_handed_back_too() {
    // More than a pipe holds. Before TERM it starts no other program: one born just then would not
    // get it.
    let script = "trap 'head -c 200000 /dev/zero; echo bye; exit 5' TERM; echo ready; \
                  n=0; while [ $n -lt 20000000 ]; do n=$((n + 1)); done";
    let (output, killed) = over_the_limit("ready", || sh(script), 20 * SECOND);
    assert_eq!(output.stdout.len(), "ready\n".len() + 200_000 + "bye\n".len());
    assert!(output.stdout.ends_with(b"\0bye\n"));
    assert_eq!(output.exit, Exit::Code(5));
    assert!(!killed);
}

fn a_program_that_ignores_term_is_killed() {
    let script = "trap '' TERM; echo deaf; sleep 30; sleep 30";
    let (output, killed) = over_the_limit("deaf", || sh(script), SECOND / 10);
    assert_eq!(output.exit, Exit::Signal(9));
    assert!(killed);
}

fn the_whole_group_is_gone_and_its_number_free() {
    // Dead orphans keep the number until process 1 reaps them; here they come to us.
    #[cfg(target_os = "linux")]
    nix::sys::prctl::set_child_subreaper(true).unwrap();
    let script = "sleep 30 & (sleep 30 & echo here; sleep 30)";
    let mut group = Group::spawn(&mut sh(script)).unwrap();
    assert_eq!(group.next_line().unwrap().text(), "here");
    let number = Pid::from_raw(i32::try_from(group.id()).unwrap());
    assert_eq!(killpg(number, None), Ok(()));
    let ended = group.stop(20 * SECOND);
    assert!(!ended.killed && !ended.left_behind);
    if cfg!(target_os = "linux") {
        assert_eq!(killpg(number, None), Err(Errno::ESRCH));
    } else {
        assert!(killpg(number, None).is_err());
    }
    no_child_is_left();
}

fn a_background_process_is_ended_and_not_waited_for() {
    let (theirs, mut ours) = io::pipe().unwrap();
    // A shell takes standard input from its background processes, but no other descriptor.
    let mut command = sh("exec 3<&0; sleep 30 <&3 & echo here");
    let ran = output_timeout(command.stdin(theirs), Duration::MAX, 20 * SECOND).unwrap();
    drop(command); // it has their end, too
    assert_eq!(ran.stdout, b"here\n");
    assert!(ran.exit.success());
    assert_eq!(ours.write(b"x").unwrap_err().kind(), ErrorKind::BrokenPipe);
}

fn a_background_process_that_prints_on_is_not_waited_for() {
    // Waited for, it would take all memory there is.
    let ran = this_after("sh", "ulimit -v 4000000", "capture_and_leave_a_flood").status();
    assert!(ran.unwrap().success());
}

fn capture_and_leave_a_flood() {
    let floods = "cat /dev/zero & ".repeat(4);
    let mut command = sh(&format!("{floods} echo last >&2; exit 3"));
    let ran = output_timeout(&mut command, Duration::MAX, 20 * SECOND).unwrap();
    assert_eq!(ran.stderr, b"last\n");
    assert_eq!(ran.exit, Exit::Code(3));
}

fn a_process_that_left_the_group_keeps_nobody_waiting() {
    let (theirs, ours) = io::pipe().unwrap();
    let mut command = this("leave_the_group");
    let mut group = Group::spawn(command.stdin(theirs)).unwrap();
    assert_eq!(group.next_line().unwrap().text(), "away");
    // It still holds our pipes and lives; the program has ended.
    assert_eq!(group.next_line(), None);
    let ended = group.stop(20 * SECOND);
    assert!(ended.exit.success());
    assert!(!ended.killed && !ended.left_behind);
    drop(ours); // ends it
}

fn leave_the_group() {
    let (mut ready, said) = io::pipe().unwrap();
    let away = this("silent_away_from_the_group").stderr(said).spawn();
    ready.read_exact(&mut [0]).unwrap(); // it has left
    drop(away);
}

/// Out of the program's group, with its outputs in hand, until standard input ends.
fn silent_away_from_the_group() {
    setsid().unwrap();
    println!("away");
    eprint!("!");
    io::stdin().read_line(&mut String::new()).unwrap();
}

fn no_flood_outruns_the_limit() {
    // Without the limit it would take all memory there is.
    let ran = this_after("sh", "ulimit -v 4000000", "capture_a_flood").status();
    assert!(ran.unwrap().success());
}

fn capture_a_flood() {
    // Several, lest the pipe is ever found empty.
    let floods = "cat /dev/zero & ".repeat(4) + "wait";
    let (output, _) = over_the_limit("\0", || sh(&floods), 20 * SECOND);
    assert_eq!(output.exit, Exit::Signal(15));
}

fn a_stopped_program_has_not_ended() {
    let mut group = Group::spawn(&mut sh("echo here; kill -STOP $$; echo on")).unwrap();
    let number = Pid::from_raw(i32::try_from(group.id()).unwrap());
    assert_eq!(group.next_line().unwrap().text(), "here");
    let moment = Duration::from_millis(50);
    assert!(!group.wait_timeout(moment));
    // More than once: it may be slow to stop.
    let on = loop {
        match group.next_line_timeout(moment) {
            Err(TimedOut) => killpg(number, Signal::SIGCONT).unwrap(),
            Ok(line) => break line,
        }
    };
    assert_eq!(on.unwrap().text(), "on");
}

fn a_program_that_closed_its_outputs_is_still_limited() {
    let script = "echo here; exec >&- 2>&-; sleep 30";
    let (output, killed) = over_the_limit("here", || sh(script), 20 * SECOND);
    assert_eq!(output.exit, Exit::Signal(15));
    assert!(!killed);
}

fn a_piped_input_ends_at_once() {
    let mut cat = Command::new("cat");
    let ran = output_timeout(cat.stdin(Stdio::piped()), Duration::MAX, SECOND).unwrap();
    assert!(ran.exit.success());
}

fn limits_of_zero_and_for_ever_are_limits() {
    let zero = output_timeout(&mut sh("sleep 30"), Duration::ZERO, Duration::ZERO);
    let Err(OutputTimeoutError::TimedOut { output, killed }) = zero else {
        panic!("{zero:?}");
    };
    assert!(matches!(output.exit, Exit::Signal(_)));
    let over = OutputTimeoutError::TimedOut { output, killed };
    assert!(over.to_string().starts_with("the time limit was over: signal "));
    assert!(output_timeout(&mut sh("exit 0"), Duration::MAX, Duration::MAX).is_ok());
}

fn no_limit_is_over_early() {
    let start = Instant::now();
    output_timeout(&mut sh("sleep 30"), SECOND / 10, SECOND).unwrap_err();
    assert!(start.elapsed() >= SECOND / 10);
}

fn a_program_that_cannot_start_is_no_time_out() {
    let error = output_timeout(&mut Command::new("no-such-program"), SECOND, SECOND).unwrap_err();
    assert_eq!(error.to_string(), "cannot start `no-such-program`: no such file");
    assert!(
        matches!(error, OutputTimeoutError::Start(error) if matches!(error.reason, StartFailure::NotFound))
    );
}

fn limits_leave_no_descriptor_and_no_zombie() {
    let before = open_files();
    for _ in 0..20 {
        let mut endless = sh("sleep 30 & sleep 30");
        endless.stdin(Stdio::piped());
        output_timeout(&mut endless, Duration::from_millis(10), SECOND).unwrap_err();
    }
    assert_eq!(open_files(), before);
    no_child_is_left();
}

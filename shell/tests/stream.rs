//! What live lines promise.

use shell::{Exit, Group, Line, Source, TimedOut, output};
use std::io::{self, ErrorKind, Write};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};
use tests_and_benches::named;
use tests_and_benches::promises::{no_child_is_left, nobody_holds, open_files, sh, this};

fn main() -> ExitCode {
    tests_and_benches::promises::main(
        named![
            a_line_arrives_while_the_program_waits_for_us,
            lines_keep_their_bytes_and_their_newlines,
            text_is_the_line_without_its_newline,
            both_outputs_may_lack_the_last_newline,
            a_long_line_comes_in_pieces_of_64_kib,
            a_flood_of_lines_keeps_memory_flat,
            a_flood_on_one_output_does_not_hide_the_other,
            outputs_may_go_where_the_command_says,
            a_limit_that_is_over_loses_nothing,
            a_limit_of_zero_only_looks,
            a_limit_of_zero_finds_a_line_that_is_there,
            no_limit_is_over_early,
            what_comes_late_on_one_pipe_is_not_lost,
            a_background_process_keeps_nobody_waiting,
            a_background_process_that_prints_on_keeps_nobody_waiting,
            nothing_that_the_program_wrote_is_lost_to_a_background_process,
            nothing_is_lost_from_the_largest_pipe,
            a_program_may_close_its_outputs_and_live_on,
            waiting_for_a_silent_program_costs_no_processor_time,
            signals_change_nothing,
            a_finished_program_is_only_reaped,
            the_input_ends_when_the_group_is_stopped,
            a_dropped_group_is_killed_and_reaped,
            stopped_and_dropped_groups_leave_no_descriptor_and_no_zombie,
        ],
        named![fill_the_largest_pipe, wait_for_a_silent_program],
    )
}

const SECOND: Duration = Duration::from_secs(1);

fn group(script: &str) -> Group {
    Group::spawn(sh(script).stdin(Stdio::piped())).unwrap()
}

/// The rest of the lines, as they are.
fn rest(group: &mut Group) -> Vec<Vec<u8>> {
    std::iter::from_fn(|| group.next_line()).map(|line| line.bytes).collect()
}

fn tell(group: &mut Group, word: &str) {
    writeln!(group.stdin.as_mut().unwrap(), "{word}").unwrap();
}

fn a_line_arrives_while_the_program_waits_for_us() {
    let mut cat = Group::spawn(Command::new("cat").stdin(Stdio::piped())).unwrap();
    for word in ["one", "two", "three"] {
        tell(&mut cat, word);
        assert_eq!(cat.next_line().unwrap().text(), word);
    }
    drop(cat.stdin.take());
    assert_eq!(cat.next_line(), None);
    assert_eq!(cat.next_line(), None); // and so it stays
    assert!(cat.wait_timeout(Duration::MAX));
    assert_eq!(cat.stop(SECOND).exit, Exit::Code(0));
}

fn lines_keep_their_bytes_and_their_newlines() {
    let mut group = group(r"printf '\n\nx\r\n\377\000\n last'");
    assert_eq!(rest(&mut group), [&b"\n"[..], b"\n", b"x\r\n", b"\xff\0\n", b" last"]);
}

fn both_outputs_may_lack_the_last_newline() {
    let mut group = group("printf out; printf err >&2");
    let mut lines = rest(&mut group);
    lines.sort();
    assert_eq!(lines, [b"err", b"out"]);
}

fn text_is_the_line_without_its_newline() {
    let text = |bytes: &[u8]| {
        let (source, bytes) = (Source::Stdout, bytes.to_vec());
        Line { source, bytes }.text().into_owned()
    };
    assert_eq!(text(b"a\n"), "a");
    assert_eq!(text(b"a"), "a");
    assert_eq!(text(b"\n"), "");
    assert_eq!(text(b"a\xffb\n"), "a\u{FFFD}b");
}

fn a_long_line_comes_in_pieces_of_64_kib() {
    let mut group = group("head -c 200000 /dev/zero; echo; head -c 65535 /dev/zero; echo");
    let lines = rest(&mut group);
    let lengths: Vec<_> = lines.iter().map(Vec::len).collect();
    assert_eq!(lengths, [65_536, 65_536, 65_536, 200_001 - 3 * 65_536, 65_536]);
    let ends: Vec<_> = lines.iter().map(|line| line.ends_with(b"\n")).collect();
    assert_eq!(ends, [false, false, false, true, true]);
}

fn a_flood_of_lines_keeps_memory_flat() {
    let before = most_memory_kib();
    let yes = r#"yes "$(printf '%01000d' 0)" | head -c 67108864"#;
    let mut group = group(&format!("{yes} >&2 & {yes}; wait"));
    let mut bytes = 0;
    while let Some(line) = group.next_line() {
        bytes += line.bytes.len();
    }
    assert_eq!(bytes, 2 * (64 << 20));
    assert!(most_memory_kib() - before < 4096);
}

/// The most memory this process ever had; 0 where the system does not tell.
fn most_memory_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    number.map_or(0, |number| number.parse().unwrap())
}

fn a_flood_on_one_output_does_not_hide_the_other() {
    for (flood, other, source) in [(1, 2, Source::Stderr), (2, 1, Source::Stdout)] {
        // Several, lest we ever find the pipe empty.
        let floods = format!("cat /dev/zero >&{flood} & ").repeat(4);
        let mut group = group(&format!("{floods} echo alarm >&{other}; wait"));
        let alarm = std::iter::from_fn(|| group.next_line()).find(|line| line.source == source);
        assert_eq!(alarm.unwrap().text(), "alarm");
        group.stop(SECOND);
    }
}

fn outputs_may_go_where_the_command_says() {
    let mut command = sh("echo out; echo err >&2");
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    let mut group = Group::spawn_as_is(&mut command).unwrap();
    let line = group.next_line().unwrap();
    assert_eq!((line.source, line.text().as_ref()), (Source::Stderr, "err"));
    assert_eq!(group.next_line(), None);
}

fn a_limit_that_is_over_loses_nothing() {
    let mut group = group("printf begun,; read word; echo $word");
    let limit = Duration::from_millis(50);
    assert_eq!(group.next_line_timeout(limit), Err(TimedOut));
    assert_eq!(group.next_line_timeout(limit), Err(TimedOut));
    tell(&mut group, "ended");
    assert_eq!(group.next_line().unwrap().text(), "begun,ended");
    assert_eq!(group.next_line_timeout(Duration::MAX), Ok(None));
    assert_eq!(TimedOut.to_string(), "no line came within the limit");
}

fn a_limit_of_zero_only_looks() {
    let mut group = group("read word; echo $word; sleep 30 & exit 0");
    assert_eq!(group.next_line_timeout(Duration::ZERO), Err(TimedOut));
    tell(&mut group, "here");
    let line = loop {
        if let Ok(line) = group.next_line_timeout(Duration::ZERO) {
            break line;
        }
    };
    assert_eq!(line.unwrap().text(), "here");
    assert!(group.wait_timeout(Duration::MAX));
    assert_eq!(group.next_line_timeout(Duration::ZERO), Ok(None));
}

fn a_limit_of_zero_finds_a_line_that_is_there() {
    let (theirs, ours) = io::pipe().unwrap();
    let mut group = Group::spawn(sh("echo here; exec <&-; sleep 30").stdin(theirs)).unwrap();
    nobody_holds(&ours); // so the line has been written
    let line = group.next_line_timeout(Duration::ZERO).unwrap().unwrap();
    assert_eq!(line.text(), "here");
}

fn no_limit_is_over_early() {
    let limit = Duration::from_millis(50);
    let mut silent = group("read word");
    let start = Instant::now();
    assert_eq!(silent.next_line_timeout(limit), Err(TimedOut));
    assert!(start.elapsed() >= limit);
    let start = Instant::now();
    assert!(!silent.wait_timeout(limit));
    assert!(start.elapsed() >= limit);
}

fn what_comes_late_on_one_pipe_is_not_lost() {
    for (open, closed) in [(1, 2), (2, 1)] {
        let script =
            format!("exec {closed}>&-; echo closed >&{open}; read word; echo $word >&{open}");
        let mut group = group(&script);
        assert_eq!(group.next_line().unwrap().text(), "closed");
        // By now the other pipe's end can be seen. It is not the end of the lines.
        assert_eq!(group.next_line_timeout(Duration::ZERO), Err(TimedOut));
        tell(&mut group, "late");
        assert_eq!(group.next_line().unwrap().text(), "late");
    }
}

fn a_background_process_keeps_nobody_waiting() {
    let mut group = group("echo here; sleep 30 & exit 3");
    assert_eq!(group.next_line().unwrap().text(), "here");
    assert_eq!(group.next_line(), None);
    assert!(group.wait_timeout(Duration::MAX));
    let ended = group.stop(20 * SECOND);
    assert_eq!(ended.exit, Exit::Code(3));
    assert!(ended.left_behind && !ended.killed);
}

fn a_background_process_that_prints_on_keeps_nobody_waiting() {
    // Several, lest the pipe is ever found empty.
    let floods = "cat /dev/zero & ".repeat(4);
    let mut group = group(&format!("{floods} echo last >&2; exit 3"));
    let mut rest = std::iter::from_fn(|| group.next_line());
    assert!(rest.any(|line| line.text() == "last"));
    rest.for_each(drop);
    assert!(group.wait_timeout(Duration::ZERO)); // it has ended: that is why there are no more
    assert!(group.stop(20 * SECOND).left_behind);
}

fn nothing_that_the_program_wrote_is_lost_to_a_background_process() {
    let mut group = group("sleep 30 & head -c 50000 /dev/zero; printf last");
    let bytes: usize = rest(&mut group).iter().map(Vec::len).sum();
    assert_eq!(bytes, 50_004);
}

/// What a pipe holds at most; elsewhere it cannot be made larger than one look reads.
const LARGEST_PIPE: usize = if cfg!(target_os = "linux") { 1 << 20 } else { 1 << 14 };

fn nothing_is_lost_from_the_largest_pipe() {
    let mut group = Group::spawn(&mut this("fill_the_largest_pipe")).unwrap();
    assert!(group.wait_timeout(Duration::MAX));
    let bytes: usize = rest(&mut group).iter().map(Vec::len).sum();
    assert_eq!(bytes, LARGEST_PIPE);
}

fn fill_the_largest_pipe() {
    #[cfg(target_os = "linux")]
    {
        use nix::fcntl::{FcntlArg, fcntl};
        fcntl(io::stdout(), FcntlArg::F_SETPIPE_SZ(1 << 20)).unwrap();
    }
    drop(sh("sleep 30").spawn()); // holds the pipe
    io::stdout().write_all(&vec![b'.'; LARGEST_PIPE]).unwrap();
}

fn a_program_may_close_its_outputs_and_live_on() {
    let mut group = group("echo here; exec >&- 2>&-; read word; exit 7");
    assert_eq!(rest(&mut group), [b"here\n"]);
    assert!(!group.wait_timeout(Duration::from_millis(100)));
    tell(&mut group, "go");
    assert!(group.wait_timeout(Duration::MAX));
    assert_eq!(group.stop(SECOND).exit, Exit::Code(7));
}

fn waiting_for_a_silent_program_costs_no_processor_time() {
    let ran = output(&mut this("wait_for_a_silent_program")).unwrap();
    assert!(ran.exit.success());
    assert!(ran.user + ran.system < Duration::from_millis(100));
}

fn wait_for_a_silent_program() {
    let mut silent = group("read word");
    assert_eq!(silent.next_line_timeout(Duration::from_millis(500)), Err(TimedOut));
    let mut closed = group("exec >&- 2>&-; read word");
    assert_eq!(closed.next_line(), None);
    assert!(!closed.wait_timeout(Duration::from_millis(500)));
}

fn signals_change_nothing() {
    let came = std::sync::Arc::default();
    signal_hook::flag::register(signal_hook::consts::SIGUSR1, came).unwrap();
    let mut group = group("for i in 1 2 3 4 5; do kill -USR1 $PPID; echo $i; done");
    assert_eq!(rest(&mut group).concat(), b"1\n2\n3\n4\n5\n");
}

fn a_finished_program_is_only_reaped() {
    let mut group = group("exit 4");
    assert!(group.wait_timeout(Duration::MAX));
    let ended = group.stop(Duration::MAX);
    assert_eq!(ended.exit, Exit::Code(4));
    assert!(!ended.left_behind && !ended.killed);
}

fn the_input_ends_when_the_group_is_stopped() {
    let mut group = group("trap '' TERM; echo deaf; read word; exit 6");
    assert_eq!(group.next_line().unwrap().text(), "deaf");
    let ended = group.stop(Duration::MAX);
    assert_eq!(ended.exit, Exit::Code(6));
    assert!(!ended.killed);
}

/// The never-ending program of the section `timeout`, and its child, which is deaf to `TERM`. As
/// long as one of them lives, it holds the reading end of a pipe.
fn endless() -> (Group, io::PipeWriter) {
    let (theirs, ours) = io::pipe().unwrap();
    let program = env!("CARGO_BIN_EXE_timeout");
    let mut group = Group::spawn(Command::new(program).arg("program").stdin(theirs)).unwrap();
    assert_eq!(group.next_line().unwrap().source, Source::Stdout);
    assert!(group.next_line().unwrap().text().contains("deaf to TERM"));
    (group, ours)
}

fn a_dropped_group_is_killed_and_reaped() {
    let (group, mut pipe) = endless();
    drop(group);
    no_child_is_left();
    // At once, not some time later.
    assert_eq!(pipe.write(b"x").unwrap_err().kind(), ErrorKind::BrokenPipe);
}

fn stopped_and_dropped_groups_leave_no_descriptor_and_no_zombie() {
    let before = open_files();
    for _ in 0..10 {
        let (group, mut pipe) = endless();
        let ended = group.stop(Duration::ZERO);
        assert!(ended.killed && !ended.left_behind);
        assert_eq!(pipe.write(b"x").unwrap_err().kind(), ErrorKind::BrokenPipe);
        drop(endless());
    }
    assert_eq!(open_files(), before);
    no_child_is_left();
}

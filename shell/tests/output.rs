//! What `output` promises.

use nix::sys::resource::{Usage, UsageWho, getrusage};
use nix::sys::time::{TimeVal, TimeValLike};
use shell::{Exit, Group, StartError, StartFailure, output};
use std::fs::{self, File, Permissions};
use std::hint::black_box;
use std::io::{ErrorKind, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};
use tests_and_benches::named;
use tests_and_benches::promises::{no_child_is_left, open_files, sh, this, this_after};

fn main() -> ExitCode {
    tests_and_benches::promises::main(
        named![
            both_pipes_may_be_filled_at_once,
            either_pipe_may_be_filled_first,
            what_comes_late_on_one_pipe_is_not_lost,
            bytes_are_kept_as_they_are,
            a_code_is_not_a_signal,
            every_failed_start_names_the_program_and_what_is_missing,
            a_failed_start_can_be_mended_and_tried_again,
            failed_starts_leave_no_descriptor_open,
            runs_leave_no_descriptor_and_no_zombie,
            the_child_inherits_no_descriptor_that_we_opened,
            the_child_has_the_default_reaction_to_a_broken_pipe,
            environment_folder_and_input_are_the_commands,
            words_are_split_by_nobody,
            times_are_those_of_this_child_alone,
            user_and_system_time_are_told_apart,
            signals_change_nothing,
            ignored_sigchld_loses_the_status_and_nothing_else,
            closed_standard_streams_are_no_obstacle,
        ],
        named![compute, ask_the_system, run_with_sigchld_ignored, run_with_closed_streams],
    )
}

const MIB: usize = 1 << 20;

fn both_pipes_may_be_filled_at_once() {
    let zeros = "head -c 67108864 /dev/zero";
    let ran = output(&mut sh(&format!("{zeros} >&2 & {zeros}; wait"))).unwrap();
    assert_eq!(ran.stdout.len(), 64 * MIB);
    assert_eq!(ran.stderr.len(), 64 * MIB);
    assert!(ran.stdout.iter().all(|&byte| byte == 0));
}

fn either_pipe_may_be_filled_first() {
    for (first, second) in [(1, 2), (2, 1)] {
        let zeros = "head -c 1048576 /dev/zero";
        let ran = output(&mut sh(&format!("{zeros} >&{first}; {zeros} >&{second}"))).unwrap();
        assert_eq!([ran.stdout.len(), ran.stderr.len()], [MIB, MIB]);
    }
}

fn what_comes_late_on_one_pipe_is_not_lost() {
    let late_on = |open, closed| {
        output(&mut sh(&format!("exec {closed}>&-; sleep 0.2; echo late >&{open}"))).unwrap()
    };
    assert_eq!(late_on(2, 1).stderr, b"late\n");
    assert_eq!(late_on(1, 2).stdout, b"late\n");
}

fn bytes_are_kept_as_they_are() {
    let ran = output(Command::new("printf").arg(r"\377\000\r\n\303")).unwrap();
    assert_eq!(ran.stdout, b"\xff\0\r\n\xc3");
}

fn a_code_is_not_a_signal() {
    let exit = |script| output(&mut sh(script)).unwrap().exit;
    assert_eq!(exit("exit 0"), Exit::Code(0));
    assert_eq!(exit("exit 255"), Exit::Code(255));
    assert_eq!(exit("kill -TERM $$"), Exit::Signal(15));
    assert_eq!(exit("exit 143"), Exit::Code(143)); // what a shell says of the one above
    assert_eq!(Exit::Signal(15).to_string(), "signal 15 (TERM)");
    assert_eq!(Exit::Code(143).to_string(), "exit status 143");
    assert!(!Exit::Signal(0).success() && !Exit::Unknown.success());
}

/// A file or folder name of this process's own.
fn scratch(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    folder.join(format!("{}-{name}", std::process::id()))
}

fn every_failed_start_names_the_program_and_what_is_missing() {
    let fails = |command: &mut Command| output(command).unwrap_err();
    let fails_by_name = |name: &PathBuf| fails(&mut Command::new(name));
    let says = |error: &StartError, reason: &str| {
        let name = error.program.display();
        assert_eq!(error.to_string(), format!("cannot start `{name}`: {reason}"));
    };

    let missing = fails(&mut Command::new("no-such-program"));
    says(&missing, "no such file");
    assert_eq!(missing.program, "no-such-program");
    says(&fails(&mut Command::new("./no-such-program")), "no such file");

    let folder = scratch("folder");
    fs::create_dir(&folder).unwrap();
    let in_folder = fails(Command::new("true").current_dir(folder.join("gone")));
    says(&in_folder, &format!("no folder `{}`", folder.join("gone").display()));
    says(&fails_by_name(&folder), "it is a folder");

    let script = folder.join("script");
    fs::write(&script, "#!/no/such/interpreter\n").unwrap();
    says(&fails_by_name(&script), "permission denied");
    fs::set_permissions(&script, Permissions::from_mode(0o755)).unwrap();
    says(&fails_by_name(&script), "its interpreter is missing");

    let other = |error: &StartError| match &error.reason {
        StartFailure::Other(error) => error.kind(),
        reason => panic!("{reason:?}"),
    };
    let long = fails(Command::new("true").arg("x".repeat(16 * MIB)));
    assert_eq!(other(&long), ErrorKind::ArgumentListTooLong);
    assert_eq!(other(&fails(Command::new("true").arg("a\0b"))), ErrorKind::InvalidInput);
    if cfg!(target_os = "linux") {
        // As the system says of a program that is being written: try again later.
        fs::copy("/bin/sh", folder.join("busy")).unwrap();
        let _being_written = File::options().append(true).open(folder.join("busy")).unwrap();
        assert_eq!(other(&fails_by_name(&folder.join("busy"))), ErrorKind::ExecutableFileBusy);
    }
    fs::remove_dir_all(folder).unwrap();
}

fn a_failed_start_can_be_mended_and_tried_again() {
    let folder = scratch("later");
    let mut command = sh("pwd");
    command.current_dir(&folder);
    assert!(output(&mut command).is_err());
    fs::create_dir(&folder).unwrap();
    assert!(output(&mut command).unwrap().exit.success());
    fs::remove_dir(folder).unwrap();
}

fn failed_starts_leave_no_descriptor_open() {
    let before = open_files();
    for _ in 0..1024 {
        output(&mut Command::new("./no-such-program")).unwrap_err();
    }
    assert_eq!(open_files(), before);
    no_child_is_left();
}

fn runs_leave_no_descriptor_and_no_zombie() {
    let before = open_files();
    for _ in 0..100 {
        output(&mut Command::new("true")).unwrap();
    }
    assert_eq!(open_files(), before);
    no_child_is_left();
}

fn the_child_inherits_no_descriptor_that_we_opened() {
    let seen = || output(Command::new("ls").arg("/dev/fd")).unwrap().stdout;
    let before = seen(); // our own parent may have left us some
    let _file = File::open("/dev/null").unwrap();
    let _other = Group::spawn(Command::new("sleep").arg("30").stdin(Stdio::piped())).unwrap();
    assert_eq!(seen(), before);
}

fn the_child_has_the_default_reaction_to_a_broken_pipe() {
    // Rust programs ignore SIGPIPE; a program that inherited this would not stop in a pipeline.
    assert_eq!(output(&mut sh("kill -PIPE $$")).unwrap().exit, Exit::Signal(13));
}

fn environment_folder_and_input_are_the_commands() {
    let path = std::env::var_os("PATH").unwrap();
    let env = output(Command::new("env").env_clear().env("PATH", path).env("A", "b")).unwrap();
    let env = String::from_utf8(env.stdout).unwrap();
    assert_eq!(env.lines().filter(|line| !line.starts_with("PATH=")).collect::<Vec<_>>(), ["A=b"]);
    assert_eq!(output(sh("pwd").current_dir("/")).unwrap().stdout, b"/\n");
    let echoed = output(Command::new("cat").stdin(File::open("/dev/null").unwrap())).unwrap();
    assert_eq!(echoed.stdout, b"");
    // Nobody could write to a pipe here, so its end comes at once.
    assert!(output(Command::new("cat").stdin(Stdio::piped())).unwrap().exit.success());
}

fn words_are_split_by_nobody() {
    let word = "a b; $(touch x) `y` *\n'\"";
    assert_eq!(output(Command::new("printf").args(["%s", word])).unwrap().stdout, word.as_bytes());
}

fn times_are_those_of_this_child_alone() {
    let spent = |script| {
        let ran = output(&mut sh(script)).unwrap();
        ran.user + ran.system
    };
    let busy = spent("i=0; while [ $i -lt 200000 ]; do i=$((i + 1)); done");
    assert!(busy > Duration::ZERO);
    assert!(spent("exit 0") < busy);
}

const A_LOT: Duration = Duration::from_millis(100);

fn user_and_system_time_are_told_apart() {
    // Each ends only when the system itself says that it has spent so much.
    let start = Instant::now();
    let user = output(&mut this("compute")).unwrap().user;
    let system = output(&mut this("ask_the_system")).unwrap().system;
    assert!(user >= A_LOT && system >= A_LOT);
    // Both have one thread: so far off are only wrong units.
    assert!(user + system < 10 * start.elapsed());
}

/// Spends user time, and as little system time as can be.
fn compute() {
    while spent(Usage::user_time) < A_LOT {
        black_box((0..100_000_u64).fold(0, |sum, n| black_box(sum + n)));
    }
}

/// Spends system time, and as little user time as can be.
fn ask_the_system() {
    let mut zeros = vec![0; MIB];
    while spent(Usage::system_time) < A_LOT {
        File::open("/dev/zero").unwrap().read_exact(&mut zeros).unwrap();
    }
}

/// By this process so far.
fn spent(time: fn(&Usage) -> TimeVal) -> Duration {
    let spent = time(&getrusage(UsageWho::RUSAGE_SELF).unwrap());
    Duration::from_micros(spent.num_microseconds().unsigned_abs())
}

fn signals_change_nothing() {
    let came = Arc::new(AtomicBool::new(false));
    signal_hook::flag::register(signal_hook::consts::SIGUSR1, came.clone()).unwrap();
    let script = "for i in 1 2 3 4 5 6 7 8 9; do kill -USR1 $PPID; echo $i; done";
    let ran = output(&mut sh(script)).unwrap();
    assert!(came.load(Relaxed));
    assert_eq!(ran.stdout, b"1\n2\n3\n4\n5\n6\n7\n8\n9\n");
    assert!(ran.exit.success());
}

fn ignored_sigchld_loses_the_status_and_nothing_else() {
    // bash, because dash does not hand this setting on.
    let ran = this_after("bash", "trap '' CHLD", "run_with_sigchld_ignored").output();
    assert!(ran.unwrap().status.success());
}

fn run_with_sigchld_ignored() {
    let ran = output(&mut sh("echo out; echo err >&2; exit 3")).unwrap();
    assert_eq!([ran.stdout, ran.stderr], [b"out\n", b"err\n"]);
    assert_eq!(ran.exit, Exit::Unknown);

    let mut group = Group::spawn(&mut sh("echo first; sleep 30")).unwrap();
    assert_eq!(group.next_line().unwrap().bytes, b"first\n");
    assert_eq!(group.stop(Duration::from_secs(20)).exit, Exit::Unknown);

    let mut group = Group::spawn(&mut sh("echo first; exit 3")).unwrap();
    assert_eq!(group.next_line().unwrap().bytes, b"first\n");
    assert_eq!(group.next_line(), None);
    assert!(group.wait_timeout(Duration::MAX));
    assert_eq!(group.stop(Duration::from_secs(20)).exit, Exit::Unknown);
}

fn closed_standard_streams_are_no_obstacle() {
    let ran = this_after("sh", "exec <&- >&- 2>&-", "run_with_closed_streams").output();
    assert!(ran.unwrap().status.success());
}

fn run_with_closed_streams() {
    let ran = output(&mut sh("echo out; echo err >&2; exit 3")).unwrap();
    assert_eq!([ran.stdout, ran.stderr], [b"out\n", b"err\n"]);
    assert_eq!(ran.exit, Exit::Code(3));
}

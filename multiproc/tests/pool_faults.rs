//! What goes wrong around the pool, and what it promises all the same.

mod work;

use multiproc::{Job, JobError, ProcessPool, StartError};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::signal::{Signal, kill};
use nix::unistd::getpid;
use serde::{Deserialize, Serialize};
use shell::Exit;
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{self, Command, ExitCode, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};
use std::{env, fs, hint, thread};
use tests_and_benches::promises::{no_child_is_left, open_files, this, this_after};
use tests_and_benches::{named, until};
use work::{Found, Odd, Work, number, pattern, pool, run, submit};

fn main() -> ExitCode {
    multiproc::worker::<Work>();
    tests_and_benches::promises::main(
        named![
            what_cannot_be_sent_costs_no_other_job_and_no_worker,
            a_panic_may_be_of_any_kind,
            no_garbage_is_taken_for_an_answer,
            a_worker_may_be_killed_at_any_moment,
            what_a_job_prints_is_the_parents_and_it_reads_nothing,
            a_worker_has_no_descriptor_but_its_own,
            what_a_job_leaves_running_ends_with_its_worker,
            a_worker_cannot_have_workers,
            a_worker_may_map_over_forked_children,
            a_program_that_forgets_the_entry_is_told_and_starts_nothing_more,
            a_program_that_says_nothing_is_told_after_ten_seconds,
            a_test_without_the_entry_refuses_to_be_a_worker,
            too_few_descriptors_are_an_error_and_leave_nothing,
            too_few_processes_are_an_error_and_leave_nothing,
            a_deleted_program_is_an_error_and_leaves_nothing,
            workers_end_with_a_parent_that_is_killed,
            a_parent_dies_of_the_signal_it_gets,
            it_works_in_odd_surroundings,
            signals_change_nothing,
            limits_of_nothing_and_for_ever_are_limits,
            many_threads_may_use_one_pool,
            pools_may_be_started_while_threads_run,
        ],
        named![
            print,
            leave_running,
            without_a_program,
            with_few_processes,
            own_workers,
            surrounded,
            tell_descriptors,
        ],
    )
}

fn what_cannot_be_sent_costs_no_other_job_and_no_worker() {
    let pool = pool(1);
    let before = work::pid(&pool);
    for _ in 0..20 {
        for odd in [Odd::WriteFails, Odd::WritePanics] {
            match run(&pool, Work::Odd(odd)) {
                Err(JobError::NotSent { job, .. }) => assert_eq!(job, Work::Odd(odd)),
                other => panic!("{other:?}"),
            }
        }
        let read_fails = run(&pool, Work::Odd(Odd::ReadFails));
        assert!(matches!(read_fails, Err(JobError::NoAnswer(_))), "{read_fails:?}");
        let read_panics = run(&pool, Work::Odd(Odd::ReadPanics));
        assert!(matches!(read_panics, Err(JobError::Panicked { .. })), "{read_panics:?}");
        for answer in 0..4 {
            let why = match run(&pool, Work::Answer(answer)) {
                Err(JobError::NoAnswer(why)) => why,
                Err(JobError::Panicked { message, .. }) => message,
                other => panic!("{other:?}"),
            };
            assert!(
                why.contains(["the result", "in writing", "", "in reading"][usize::from(answer)])
            );
        }
    }
    // In a map they are among others.
    let odd = |number| match number % 5 {
        0 => Work::Odd(Odd::WriteFails),
        1 => Work::Odd(Odd::ReadFails),
        2 => Work::Odd(Odd::WritePanics),
        _ => Work::Square(number),
    };
    for (number, outcome) in (0..).zip(pool.map((0..1000).map(odd))) {
        match (number % 5, outcome) {
            (0, Err(JobError::NotSent { job, .. })) => assert_eq!(job, Work::Odd(Odd::WriteFails)),
            (1, Err(JobError::NoAnswer(_))) => {}
            (2, Err(JobError::NotSent { job, .. })) => assert_eq!(job, Work::Odd(Odd::WritePanics)),
            (_, Ok(found)) => assert_eq!(found, Found::Number(number * number)),
            (_, other) => panic!("{number}: {other:?}"),
        }
    }
    assert_eq!(work::pid(&pool), before);
}

fn a_panic_may_be_of_any_kind() {
    let pool = pool(1);
    let before = work::pid(&pool);
    let outcome = run(&pool, Work::PanicTwice);
    assert!(matches!(&outcome, Err(JobError::Panicked { message, .. }) if message.is_empty()));
    let long = "x".repeat(1 << 20);
    match run(&pool, Work::Panic(long.clone())) {
        Err(JobError::Panicked { message, .. }) => assert!(message == long),
        other => panic!("{other:?}"),
    }
    assert_eq!(work::pid(&pool), before);
}

fn no_garbage_is_taken_for_an_answer() {
    let (pool, inherited) = (pool(1), inherited());
    let frame = |length: u32, rest: &[u8]| [&length.to_le_bytes(), rest].concat();
    let next = |number: u32, rest: &[u8]| [&number.to_le_bytes(), rest].concat();
    let cases: [(&str, Vec<u8>); 6] = [
        ("longer than any frame", frame(u32::MAX, b"")),
        ("nothing in it", frame(0, b"")),
        ("no number", frame(2, b"ab")),
        ("another number", frame(5, &next(77, b"a"))),
        ("a tag that there is not", frame(5, &next(0, &[9]))),
        ("an answer with more behind", frame(7, &next(0, &[0, 5, 5]))),
    ];
    for (what, bytes) in cases {
        let before = work::pid(&pool);
        signal_and_wait(before); // a fresh worker, whose first answer has the number 0
        let outcome = run(&pool, Work::Send(bytes, inherited.clone()));
        // The true answer may be found in what the worker has left.
        let fine = matches!(outcome, Err(JobError::NoAnswer(_)) | Ok(Found::Nothing));
        assert!(fine, "{what}: {outcome:?}");
        for number in 0..10 {
            match run(&pool, Work::Square(number)) {
                Ok(found) => assert_eq!(found, Found::Number(number * number), "{what}"),
                // What looked like the answer to the job before may have been in the way.
                Err(JobError::NoAnswer(_)) => assert_eq!(number, 0, "{what}"),
                other => panic!("{what}: {other:?}"),
            }
        }
    }
    // Half an answer, and then the end.
    let half = [&20_u32.to_le_bytes()[..], b"half"].concat();
    let outcome = run(&pool, Work::SendAndAbort(half, inherited));
    assert!(matches!(outcome, Err(JobError::Died(Exit::Signal(6)))), "{outcome:?}");
    assert_eq!(number(run(&pool, Work::Square(4))), 16);
}

/// Kills an idle worker, and waits until it is gone.
fn signal_and_wait(worker: u64) {
    work::signal(worker, Signal::SIGKILL);
    until("it is gone", || !work::lives(worker));
}

fn a_worker_may_be_killed_at_any_moment() {
    let folder = tempfile::tempdir().unwrap();
    for round in 0..150_u64 {
        let file = folder.path().join(round.to_string());
        let pool = pool(2);
        let jobs = (0..200_u8).map(|byte| match byte {
            10 | 110 => Work::KillLater(round * 7 % 400),
            _ => Work::Write(file.clone(), byte),
        });
        let outcomes = pool.map(jobs);
        let log = fs::read(&file).unwrap();
        let mut died = 0;
        for (byte, outcome) in (0..).zip(outcomes) {
            let count = log.split(|it| *it == byte).count() - 1;
            match outcome {
                Ok(_) => assert_eq!(count, usize::from(byte % 100 != 10), "{byte}"),
                Err(JobError::Died(Exit::Signal(9))) => {
                    died += 1;
                    assert!(count <= 1, "{byte}");
                }
                other => panic!("{other:?}"),
            }
        }
        assert!(died <= 2);
        drop(pool);
        no_child_is_left();
    }
}

fn what_a_job_prints_is_the_parents_and_it_reads_nothing() {
    let ran = shell::output(&mut this("print")).unwrap();
    assert!(ran.exit.success(), "{ran:?}");
    assert_eq!(String::from_utf8(ran.stdout).unwrap(), "a line\nhalf a line read: 0\n");
}

fn print() {
    let pool = pool(1);
    let read = number(run(&pool, Work::Print));
    println!(" read: {read}"); // while the worker lives: its end would print what it had kept
}

fn a_worker_has_no_descriptor_but_its_own() {
    let _files: Vec<_> = (0..20).map(|_| fs::File::open("/dev/null").unwrap()).collect();
    let pools: Vec<_> = (0..3).map(|_| pool(3)).collect();
    let inherited = inherited();
    for pool in &pools {
        let Ok(Found::Descriptors(mut its_own)) = run(pool, Work::Descriptors) else { panic!() };
        its_own.retain(|number| !inherited.contains(number));
        assert_eq!(its_own.len(), 2, "the socket, for each direction one: {its_own:?}");
    }
}

/// What every program has that is started here: what whoever has started us has left open.
fn inherited() -> Vec<i32> {
    let ran = shell::output(&mut this("tell_descriptors")).unwrap();
    let text = String::from_utf8(ran.stdout).unwrap();
    text.split_whitespace().map(|number| number.parse().unwrap()).collect()
}

fn tell_descriptors() {
    for number in work::descriptors() {
        println!("{number}");
    }
}

fn what_a_job_leaves_running_ends_with_its_worker() {
    // Whoever is left has the other end of its output open.
    let ran = shell::output(&mut this("leave_running")).unwrap();
    assert!(ran.exit.success(), "{ran:?}");
}

fn leave_running() {
    let pool = pool(2);
    run(&pool, Work::Background).unwrap();
    let outcomes = [Work::Background, Work::Abort].map(|job| submit(&pool, job));
    assert!(outcomes[0].recv().unwrap().is_ok() && outcomes[1].recv().unwrap().is_err());
}

fn a_worker_cannot_have_workers() {
    let told = Found::Text(StartError::InWorker.to_string());
    assert_eq!(run(&pool(1), Work::Pool).unwrap(), told);
}

fn a_worker_may_map_over_forked_children() {
    if cfg!(target_os = "linux") {
        // Elsewhere a worker has a second thread, which watches for the end of the parent.
        assert_eq!(number(run(&pool(1), Work::Parmap)), 14);
    }
}

/// Work for which `main` does not begin with an entry.
#[derive(Serialize, Deserialize)]
struct Forgotten;

impl Job for Forgotten {
    type Output = ();

    fn run(self) {}
}

fn a_program_that_forgets_the_entry_is_told_and_starts_nothing_more() {
    // A worker of the pool comes here as well, and so on for ever, if it may.
    match ProcessPool::<Forgotten>::new(2) {
        Err(StartError::InWorker) => process::exit(9),
        Err(StartError::NoWorker { ended: Some(Exit::Code(9)) }) => no_child_is_left(),
        other => panic!("{other:?}"),
    }
}

fn a_program_that_says_nothing_is_told_after_ten_seconds() {
    let start = Instant::now();
    match ProcessPool::<Forgotten>::new(2) {
        Err(StartError::InWorker) => thread::sleep(Duration::from_mins(2)),
        Err(StartError::NoWorker { ended: None }) => no_child_is_left(),
        other => panic!("{other:?}"),
    }
    assert!(start.elapsed() >= Duration::from_secs(10));
}

fn a_test_without_the_entry_refuses_to_be_a_worker() {
    let mut test = Command::new(env::current_exe().unwrap());
    for (name, _) in this("").get_envs() {
        test.env_remove(name); // it is to be a test, and not a role
    }
    let ran = shell::output(test.arg("--multiproc-worker=nobody's")).unwrap();
    assert!(!ran.exit.success());
    assert!(!String::from_utf8_lossy(&ran.stdout).contains("running"), "{ran:?}");
}

fn too_few_descriptors_are_an_error_and_leave_nothing() {
    let before = open_files();
    let (_, most) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    let mut started = false;
    for limit in 3..80 {
        setrlimit(Resource::RLIMIT_NOFILE, limit, most).unwrap();
        let pool = ProcessPool::<Work>::new(4);
        started = pool.is_ok();
        if let Err(error) = &pool {
            assert!(matches!(error, StartError::System(_)), "{limit}: {error:?}");
        }
        drop(pool);
        setrlimit(Resource::RLIMIT_NOFILE, most, most).unwrap();
        assert_eq!(open_files(), before, "{limit}");
        no_child_is_left();
    }
    assert!(started);
}

/// A copy of this program, in a folder where everybody may run it.
fn copy(folder: &Path, role: &str) -> Command {
    let everybody = fs::Permissions::from_mode(0o755);
    fs::set_permissions(folder, everybody.clone()).unwrap();
    let program = folder.join("program");
    fs::copy(env::current_exe().unwrap(), &program).unwrap();
    fs::set_permissions(&program, everybody).unwrap();
    let mut command = Command::new(program);
    command.envs(this(role).get_envs().filter_map(|(name, value)| Some((name, value?))));
    command
}

fn too_few_processes_are_an_error_and_leave_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = copy(folder.path(), "with_few_processes");
    if fs::metadata(folder.path()).unwrap().uid() == 0 {
        command.uid(54_321); // there is no limit for the superuser
    }
    let ran = shell::output(&mut command).unwrap();
    assert!(ran.exit.success(), "{}", String::from_utf8_lossy(&ran.stderr));
}

/// The limit holds for all of a user's threads and processes, so how many are too few depends on
/// who else is there. None at all are too few for everybody.
fn with_few_processes() {
    let (_, most) = getrlimit(Resource::RLIMIT_NPROC).unwrap();
    let before = open_files();
    let mut failed = 0;
    for limit in 1..12 {
        setrlimit(Resource::RLIMIT_NPROC, limit, most).unwrap();
        if let Err(error) = ProcessPool::<Work>::new(3) {
            assert!(matches!(error, StartError::System(_)), "{limit}: {error:?}");
            failed += 1;
        }
        assert_eq!(open_files(), before, "{limit}");
        no_child_is_left();
    }
    assert!(failed > 0);
}

fn a_deleted_program_is_an_error_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let ran = shell::output(&mut copy(folder.path(), "without_a_program")).unwrap();
    assert!(ran.exit.success(), "{}", String::from_utf8_lossy(&ran.stderr));
}

fn without_a_program() {
    let pool = pool(2);
    let before = open_files();
    fs::remove_file(env::current_exe().unwrap()).unwrap();
    let none = ProcessPool::<Work>::new(2);
    assert!(matches!(none, Err(StartError::System(_))), "{none:?}");
    assert_eq!(open_files(), before);
    // The workers of a pool that was there before cannot be replaced. One of two does the work of
    // both.
    run(&pool, Work::Abort).unwrap_err();
    let squares: Vec<_> = (0..500).map(|it| submit(&pool, Work::Square(it))).collect();
    for (it, square) in (0..).zip(squares) {
        assert_eq!(number(square.recv().unwrap()), it * it);
    }
    run(&pool, Work::Abort).unwrap_err();
    match run(&pool, Work::Square(3)) {
        Err(JobError::NoWorker { job, .. }) => assert_eq!(job, Work::Square(3)),
        other => panic!("{other:?}"),
    }
    let map = pool.map((0..10).map(Work::Square));
    assert!(map.into_iter().all(|it| it.unwrap_err().job().is_some()));
    drop(pool);
    no_child_is_left();
}

/// Starts a role that has workers, idle and busy ones, and returns it when all are there.
fn owner() -> process::Child {
    let mut owner = this("own_workers").stdout(Stdio::piped()).spawn().unwrap();
    let mut ready = [0; 6];
    owner.stdout.as_mut().unwrap().read_exact(&mut ready).unwrap();
    owner
}

fn own_workers() {
    let pool = pool(4);
    let _busy = [submit(&pool, Work::Sleep), submit(&pool, Work::Sleep)];
    let folder = tempfile::tempdir().unwrap();
    // These two are done when both others are at work.
    let meet = Work::Meet(folder.path().to_owned(), 2);
    let idle = [submit(&pool, meet.clone()), submit(&pool, meet)].map(|it| it.recv().unwrap());
    assert!(idle.iter().all(Result::is_ok));
    drop(folder);
    println!("ready");
    thread::sleep(Duration::from_mins(2));
}

fn workers_end_with_a_parent_that_is_killed() {
    for _ in 0..5 {
        let mut owner = owner();
        owner.kill().unwrap();
        owner.wait().unwrap();
        // Each of them has the other end of its output. This ends when all have ended.
        let start = Instant::now();
        owner.stdout.take().unwrap().read_to_end(&mut Vec::new()).unwrap();
        assert!(start.elapsed() < Duration::from_secs(20)); // not 120, as they would by themselves
    }
}

fn a_parent_dies_of_the_signal_it_gets() {
    for signal in [Signal::SIGINT, Signal::SIGTERM] {
        let mut owner = owner();
        work::signal(owner.id().into(), signal);
        assert_eq!(owner.wait().unwrap().signal(), Some(signal as i32));
        let start = Instant::now();
        owner.stdout.take().unwrap().read_to_end(&mut Vec::new()).unwrap();
        assert!(start.elapsed() < Duration::from_secs(20));
    }
}

fn it_works_in_odd_surroundings() {
    for arrangement in ["trap '' CHLD", "exec <&- >&- 2>&-", "exec <&-", "trap '' PIPE INT TERM"] {
        let ran = shell::output(&mut this_after("sh", arrangement, "surrounded")).unwrap();
        assert!(ran.exit.success(), "{arrangement}: {}", String::from_utf8_lossy(&ran.stderr));
    }
}

fn surrounded() {
    let pool = pool(2);
    let squares = pool.map((0..100).map(Work::Square)).into_iter().map(number);
    assert!(squares.eq((0..100).map(|it| it * it)));
    let outcome = run(&pool, Work::Abort);
    // Who ignores SIGCHLD is not told how its children end.
    assert!(matches!(outcome, Err(JobError::Died(Exit::Signal(6) | Exit::Unknown))), "{outcome:?}");
    assert_eq!(run(&pool, Work::Reverse(pattern(1 << 20))).unwrap(), reversed(1 << 20));
    drop(pool);
    no_child_is_left();
}

fn reversed(length: usize) -> Found {
    Found::Bytes(pattern(length).into_iter().rev().collect())
}

fn signals_change_nothing() {
    signal_hook::flag::register(signal_hook::consts::SIGUSR1, Arc::default()).unwrap();
    let over = &AtomicBool::new(false);
    thread::scope(|s| {
        s.spawn(|| {
            while !over.load(Relaxed) {
                kill(getpid(), Signal::SIGUSR1).unwrap();
                thread::sleep(Duration::from_micros(500));
            }
        });
        for limit in [None, Some(Duration::from_mins(1))] {
            let pool = match limit {
                None => ProcessPool::new(2).unwrap(),
                Some(limit) => ProcessPool::with_time_limit(2, limit).unwrap(),
            };
            for _ in 0..5 {
                for outcome in pool.map((0..4).map(|_| Work::Reverse(pattern(16 << 20)))) {
                    assert!(outcome.unwrap() == reversed(16 << 20));
                }
                let squares = pool.map((0..5_000).map(Work::Square)).into_iter().map(number);
                assert!(squares.eq((0..5_000).map(|it| it * it)));
            }
        }
        // And a limit is over when it is over.
        let pool = ProcessPool::with_time_limit(1, Duration::from_millis(300)).unwrap();
        let start = Instant::now();
        assert!(matches!(run(&pool, Work::Sleep), Err(JobError::TimedOut)));
        assert!(start.elapsed() >= Duration::from_millis(300));
        over.store(true, Relaxed);
    });
}

fn limits_of_nothing_and_for_ever_are_limits() {
    let pool = ProcessPool::with_time_limit(2, Duration::ZERO).unwrap();
    for outcome in pool.map((0..10).map(|_| Work::Sleep)) {
        assert!(matches!(outcome, Err(JobError::TimedOut)), "{outcome:?}");
    }
    let pool = ProcessPool::with_time_limit(2, Duration::MAX).unwrap();
    let squares = pool.map((0..100).map(Work::Square)).into_iter().map(number);
    assert!(squares.eq((0..100).map(|it| it * it)));
}

fn many_threads_may_use_one_pool() {
    let pool = &pool(2);
    thread::scope(|s| {
        for thread in 0..8_u64 {
            s.spawn(move || {
                for it in 0..20 {
                    let from = thread * 1000 + it;
                    let squares = pool.map((from..from + 50).map(Work::Square));
                    assert!(
                        squares.into_iter().map(number).eq((from..from + 50).map(|it| it * it))
                    );
                    assert_eq!(number(run(pool, Work::Square(from))), from * from);
                }
            });
        }
    });
}

fn pools_may_be_started_while_threads_run() {
    let over = &AtomicBool::new(false);
    thread::scope(|s| {
        for _ in 0..3 {
            s.spawn(|| {
                // They have the allocator's lock, and that of standard output, most of the time.
                while !over.load(Relaxed) {
                    hint::black_box(vec![0_u8; 5_000]);
                    let _ = io::stdout().lock().flush();
                }
            });
        }
        for _ in 0..100 {
            assert_eq!(number(run(&pool(2), Work::Square(7))), 49);
        }
        over.store(true, Relaxed);
    });
    no_child_is_left();
}

//! What the pool and its workers promise.

use multiproc::{Job, JobError, Outcome, ProcessPool, StartError};
use nix::sys::signal::{Signal, kill, raise};
use nix::unistd::Pid;
use serde::{Deserialize, Serialize};
use shell::Exit;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{self, ExitCode};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Barrier};
use std::time::Duration;
use tests_and_benches::promises::{no_child_is_left, open_files};
use tests_and_benches::{named, until};

fn main() -> ExitCode {
    multiproc::worker::<Work>();
    tests_and_benches::promises::main(
        named![
            outcomes_come_in_the_order_of_the_jobs,
            outcomes_come_as_they_complete_with_their_numbers,
            the_workers_are_other_processes,
            a_panic_costs_one_job_and_no_worker,
            a_death_costs_one_job_and_says_how,
            every_other_job_runs_once_though_workers_die,
            a_worker_that_dies_idle_costs_nothing,
            a_stopped_worker_is_not_dead,
            a_limit_ends_a_stopped_worker,
            what_is_larger_than_any_pipe_goes_both_ways_at_once,
            dropping_finishes_what_was_submitted,
            closing_hands_back_what_has_not_started,
            a_job_can_be_withdrawn_until_it_starts,
            a_callback_may_panic,
            a_callback_may_drop_the_pool,
            a_pool_without_workers_is_refused,
            two_hundred_pools_leave_nothing,
        ],
        named![],
    )
}

/// What the workers of these tests do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Work {
    Square(u64),
    Pid,
    Panic(String),
    Exit(i32),
    Abort,
    Raise(i32),
    /// Appends this byte to the file.
    Write(PathBuf, u8),
    /// The same, and then dies.
    WriteAndAbort(PathBuf, u8),
    /// Waits in the folder until so many workers do.
    Meet(PathBuf, usize),
    /// Waits until the file is there.
    WaitFor(PathBuf),
    Reverse(#[serde(with = "bytes")] Vec<u8>),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Found {
    Number(u64),
    Bytes(#[serde(with = "bytes")] Vec<u8>),
    Nothing,
}

impl Job for Work {
    type Output = Found;

    fn run(self) -> Found {
        match self {
            Work::Square(number) => return Found::Number(number * number),
            Work::Pid => return Found::Number(process::id().into()),
            Work::Panic(why) => panic!("{why}"),
            Work::Exit(code) => process::exit(code),
            Work::Abort => process::abort(),
            // Std has a handler for SIGSEGV, which gives way to the system's after the first.
            Work::Raise(signal) => {
                for _ in 0..2 {
                    raise(Signal::try_from(signal).unwrap()).unwrap();
                }
            }
            Work::Meet(folder, number) => {
                let pid = process::id();
                write(&folder.join(pid.to_string()), 1);
                until("all have come", || fs::read_dir(&folder).unwrap().count() >= number);
                return Found::Number(pid.into());
            }
            Work::Write(file, byte) => write(&file, byte),
            Work::WriteAndAbort(file, byte) => {
                write(&file, byte);
                process::abort();
            }
            Work::WaitFor(file) => until("the file is there", || file.exists()),
            Work::Reverse(mut bytes) => {
                bytes.reverse();
                return Found::Bytes(bytes);
            }
        }
        Found::Nothing
    }
}

fn write(file: &Path, byte: u8) {
    let mut file = File::options().append(true).create(true).open(file).unwrap();
    file.write_all(&[byte]).unwrap();
}

/// Bytes as they are, and not one by one.
mod bytes {
    use serde::de::{Deserializer, Error, Visitor};
    use serde::ser::Serializer;
    use std::fmt;

    pub(crate) fn serialize<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_bytes(bytes)
    }

    pub(crate) fn deserialize<'a, D: Deserializer<'a>>(from: D) -> Result<Vec<u8>, D::Error> {
        struct Bytes;
        impl Visitor<'_> for Bytes {
            type Value = Vec<u8>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("bytes")
            }
            fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Vec<u8>, E> {
                Ok(bytes.to_vec())
            }
        }
        from.deserialize_bytes(Bytes)
    }
}

fn pool(workers: usize) -> ProcessPool<Work> {
    ProcessPool::new(workers).unwrap()
}

/// Submits a job, and says where its outcome comes out.
fn submit(pool: &ProcessPool<Work>, job: Work) -> Receiver<Outcome<Work>> {
    let (outcome, receiver) = channel();
    pool.submit(job, move |it| outcome.send(it).unwrap()).unwrap();
    receiver
}

fn run(pool: &ProcessPool<Work>, job: Work) -> Outcome<Work> {
    submit(pool, job).recv().unwrap()
}

fn number(outcome: Outcome<Work>) -> u64 {
    match outcome.unwrap() {
        Found::Number(number) => number,
        other => panic!("{other:?}"),
    }
}

fn pid(pool: &ProcessPool<Work>) -> u64 {
    number(run(pool, Work::Pid))
}

fn signal(pid: u64, signal: Signal) {
    kill(Pid::from_raw(i32::try_from(pid).unwrap()), signal).unwrap();
}

fn outcomes_come_in_the_order_of_the_jobs() {
    for workers in [1, 3] {
        let pool = pool(workers);
        for count in [0, 1, 2, 7, 10_000] {
            let squares: Vec<u64> =
                pool.map((0..count).map(Work::Square)).into_iter().map(number).collect();
            assert_eq!(squares, (0..count).map(|it| it * it).collect::<Vec<_>>());
        }
    }
}

fn outcomes_come_as_they_complete_with_their_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("there");
    let pool = pool(2);
    let mut completed = pool.map_as_completed([Work::WaitFor(file.clone()), Work::Square(1)]);
    assert_eq!(completed.next().unwrap().0, 1);
    write(&file, 1);
    assert_eq!(completed.next().unwrap().0, 0);
    assert!(completed.next().is_none());

    let all: BTreeSet<(usize, u64)> = pool
        .map_as_completed((0..1000).map(Work::Square))
        .map(|(job, outcome)| (job, number(outcome)))
        .collect();
    assert!(all.into_iter().eq((0..1000).map(|it| (it, (it * it) as u64))));
}

fn the_workers_are_other_processes() {
    let pool = pool(3);
    let folder = tempfile::tempdir().unwrap();
    let meet = Work::Meet(folder.path().to_owned(), 3);
    let outcomes: Vec<_> = (0..3).map(|_| submit(&pool, meet.clone())).collect();
    let pids: BTreeSet<u64> = outcomes.iter().map(|it| number(it.recv().unwrap())).collect();
    assert_eq!(pids.len(), 3);
    assert!(!pids.contains(&process::id().into()));
}

fn a_panic_costs_one_job_and_no_worker() {
    let pool = pool(1);
    let before = pid(&pool);
    match run(&pool, Work::Panic("too hot".to_owned())) {
        Err(JobError::Panicked { message, place }) => {
            assert_eq!(message, "too hot");
            assert!(place.contains("process_pool.rs:"), "{place}");
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(pid(&pool), before);
}

fn a_death_costs_one_job_and_says_how() {
    let pool = pool(1);
    let signals = [Signal::SIGKILL, Signal::SIGSEGV, Signal::SIGTERM].map(|it| it as i32);
    let mut deaths = vec![
        (Work::Exit(0), Exit::Code(0)),
        (Work::Exit(7), Exit::Code(7)),
        (Work::Abort, Exit::Signal(Signal::SIGABRT as i32)),
    ];
    deaths.extend(signals.map(|it| (Work::Raise(it), Exit::Signal(it))));
    for (job, end) in deaths {
        let before = pid(&pool);
        let outcomes = [submit(&pool, job.clone()), submit(&pool, Work::Square(9))];
        match outcomes[0].recv().unwrap() {
            Err(JobError::Died(exit)) => assert_eq!(exit, end, "{job:?}"),
            other => panic!("{other:?}"),
        }
        assert_eq!(number(outcomes[1].recv().unwrap()), 81);
        assert_ne!(pid(&pool), before);
    }
}

fn every_other_job_runs_once_though_workers_die() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("log");
    let deadly = |byte: &u8| byte % 50 == 7;
    let jobs = (0..=255_u8).map(|byte| {
        if deadly(&byte) {
            Work::WriteAndAbort(file.clone(), byte)
        } else {
            Work::Write(file.clone(), byte)
        }
    });
    for (byte, outcome) in (0..=255_u8).zip(pool(2).map(jobs)) {
        match outcome {
            Ok(Found::Nothing) => assert!(!deadly(&byte)),
            Err(JobError::Died(Exit::Signal(_))) => assert!(deadly(&byte)),
            other => panic!("{byte}: {other:?}"),
        }
    }
    let mut log = fs::read(file).unwrap();
    log.sort_unstable();
    assert!(log.into_iter().eq(0..=255));
}

fn a_worker_that_dies_idle_costs_nothing() {
    let pool = pool(1);
    for _ in 0..20 {
        let before = pid(&pool);
        signal(before, Signal::SIGKILL);
        until("it is gone", || !Path::new(&format!("/proc/{before}/fd/0")).exists());
        assert_ne!(pid(&pool), before);
    }
}

fn a_stopped_worker_is_not_dead() {
    let pool = pool(1);
    let stopped = pid(&pool);
    signal(stopped, Signal::SIGSTOP);
    let outcome = submit(&pool, Work::Pid);
    assert!(outcome.recv_timeout(Duration::from_millis(50)).is_err());
    signal(stopped, Signal::SIGCONT);
    assert_eq!(number(outcome.recv().unwrap()), stopped);
}

fn a_limit_ends_a_stopped_worker() {
    let pool = ProcessPool::with_time_limit(1, Duration::from_millis(300)).unwrap();
    let stop = Work::Raise(Signal::SIGSTOP as i32);
    // The second is so large that sending it is what waits.
    for large in [0, 10_000_000] {
        if large > 0 {
            signal(pid(&pool), Signal::SIGSTOP);
        }
        let job = if large > 0 { Work::Reverse(vec![0; large]) } else { stop.clone() };
        let outcome = run(&pool, job);
        assert!(matches!(outcome, Err(JobError::TimedOut)), "{outcome:?}");
    }
    assert_eq!(number(run(&pool, Work::Square(5))), 25);
    drop(pool);
    no_child_is_left();
}

fn what_is_larger_than_any_pipe_goes_both_ways_at_once() {
    let pool = pool(4);
    for length in [0, 1, 65_536, 65_537, 1 << 20, 16 << 20] {
        let bytes: Vec<u8> = (0..length).map(|it| (it % 251) as u8).collect();
        let mut reversed = bytes.clone();
        reversed.reverse();
        let jobs = (0..8).map(|_| Work::Reverse(bytes.clone()));
        for outcome in pool.map(jobs) {
            assert!(outcome.unwrap() == Found::Bytes(reversed.clone()), "{length}");
        }
    }
}

fn dropping_finishes_what_was_submitted() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("log");
    let pool = pool(2);
    let outcomes: Vec<_> =
        (0..100).map(|byte| submit(&pool, Work::Write(file.clone(), byte))).collect();
    drop(pool);
    assert!(outcomes.into_iter().all(|it| it.try_recv().unwrap().is_ok()));
    assert_eq!(fs::read(file).unwrap().len(), 100);
    no_child_is_left();
}

fn closing_hands_back_what_has_not_started() {
    let folder = tempfile::tempdir().unwrap();
    let [started, there] = ["started", "there"].map(|it| folder.path().join(it));
    let pool = pool(1);
    run(&pool, Work::Square(1)).unwrap();
    let write_then_wait = [Work::Write(started.clone(), 1), Work::WaitFor(there.clone())];
    let [_, runs] = write_then_wait.map(|job| submit(&pool, job));
    let waits: Vec<_> = (0..10).map(|it| submit(&pool, Work::Square(it))).collect();
    until("the first has run", || started.exists());
    // The second may not have been sent yet: then it is handed back as well.
    pool.close();
    pool.close();
    for (number, outcome) in waits.into_iter().enumerate() {
        let error = outcome.try_recv().unwrap().unwrap_err();
        assert!(matches!(error, JobError::Closed(_)));
        assert_eq!(error.job(), Some(Work::Square(number as u64)));
    }
    let refused = pool.submit(Work::Square(3), |_| panic!("it was called")).unwrap_err();
    assert_eq!(refused.job, Work::Square(3));
    let map = pool.map([Work::Square(1), Work::Square(2)]);
    assert!(map.iter().all(|it| matches!(it, Err(JobError::Closed(_)))));
    assert_eq!(map.len(), 2);
    write(&there, 1);
    drop(pool);
    assert!(matches!(runs.try_recv().unwrap(), Ok(Found::Nothing) | Err(JobError::Closed(_))));
}

fn a_job_can_be_withdrawn_until_it_starts() {
    let folder = tempfile::tempdir().unwrap();
    let [started, there, never] = ["started", "there", "never"].map(|it| folder.path().join(it));
    let pool = pool(1);
    let (outcome, outcomes) = channel();
    let first = pool.submit(Work::Write(started.clone(), 1), drop).unwrap();
    let _waits = submit(&pool, Work::WaitFor(there.clone()));
    let ticket = pool.submit(Work::Write(never.clone(), 1), move |it| outcome.send(it).unwrap());
    let ticket = ticket.unwrap();
    until("the first has run", || started.exists());
    assert_eq!(first.withdraw(), None);
    assert_eq!(ticket.withdraw(), Some(Work::Write(never.clone(), 1)));
    assert_eq!(ticket.withdraw(), None);
    assert!(outcomes.recv().is_err()); // the callback is gone
    write(&there, 1);
    run(&pool, Work::Square(1)).unwrap();
    assert!(!never.exists());
}

fn a_callback_may_panic() {
    let pool = pool(1);
    pool.submit(Work::Square(1), |_| panic!("in a callback")).unwrap();
    assert_eq!(number(run(&pool, Work::Square(2))), 4);
}

fn a_callback_may_drop_the_pool() {
    let pool = Arc::new(pool(2));
    let (dropped, outcome) = channel();
    let both = Arc::new(Barrier::new(2));
    let (last, meet) = (Arc::clone(&pool), Arc::clone(&both));
    let done = move |_| {
        meet.wait(); // now this is the last handle
        drop(last);
        dropped.send(()).unwrap();
    };
    pool.submit(Work::Square(1), done).unwrap();
    drop(pool);
    both.wait();
    outcome.recv().unwrap();
}

fn a_pool_without_workers_is_refused() {
    assert!(matches!(ProcessPool::<Work>::new(0), Err(StartError::NoWorkers)));
}

fn two_hundred_pools_leave_nothing() {
    pool(1); // the first opens what std keeps open
    let before = open_files();
    for round in 0..200 {
        let pool = pool(2);
        if round % 10 == 0 {
            assert!(matches!(run(&pool, Work::Abort), Err(JobError::Died(_))));
        }
        assert_eq!(pool.map((0..4).map(Work::Square)).len(), 4);
    }
    assert_eq!(open_files(), before);
    no_child_is_left();
}

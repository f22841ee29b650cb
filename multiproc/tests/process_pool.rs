//! What the pool and its workers promise.

mod work;

use multiproc::{Job, JobError, ProcessPool, StartError};
use nix::sys::signal::Signal;
use serde::{Deserialize, Serialize};
use shell::Exit;
use std::collections::BTreeSet;
use std::fs;
use std::process::{self, ExitCode};
use std::sync::mpsc::channel;
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;
use tests_and_benches::promises::{no_child_is_left, open_files, this};
use tests_and_benches::{named, until};
use work::{Found, Odd, Work, number, pattern, pid, pool, run, signal, submit, write};

fn main() -> ExitCode {
    multiproc::worker::<Work>();
    multiproc::worker::<Double>();
    tests_and_benches::promises::main(
        named![
            outcomes_come_in_the_order_of_the_jobs,
            outcomes_come_as_they_complete_with_their_numbers,
            the_workers_are_other_processes,
            pools_for_several_types_of_job_live_side_by_side,
            a_panic_costs_one_job_and_no_worker,
            a_death_costs_one_job_and_says_how,
            every_other_job_runs_once_though_workers_die,
            a_worker_that_dies_idle_costs_nothing,
            a_stopped_worker_is_not_dead,
            a_limit_ends_a_stopped_worker,
            what_is_larger_than_any_pipe_goes_both_ways_at_once,
            dropping_finishes_what_was_submitted,
            closing_hands_back_what_has_not_started,
            closing_ends_the_workers_that_are_idle,
            a_job_can_be_withdrawn_until_it_starts,
            a_callback_may_panic,
            a_callback_may_drop_the_pool,
            a_pool_without_workers_is_refused,
            an_idle_worker_ends_by_itself,
            a_map_that_nobody_wants_is_not_run_to_its_end,
            what_a_large_job_needed_is_not_kept,
            two_hundred_pools_leave_nothing,
        ],
        named![two_hundred_pools],
    )
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
    let pool = pool(2);
    for round in 0..20 {
        let file = folder.path().join(round.to_string());
        thread::sleep(Duration::from_millis(2)); // both workers may have gone to sleep
        let mut completed = pool.map_as_completed([Work::WaitFor(file.clone()), Work::Square(1)]);
        assert_eq!(completed.next().unwrap().0, 1);
        write(&file, 1);
        assert_eq!(completed.next().unwrap().0, 0);
        assert!(completed.next().is_none());
    }

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

/// Another type of job, which has an entry of its own.
#[derive(Serialize, Deserialize)]
struct Double(u64);

impl Job for Double {
    type Output = (u64, u32);

    fn run(self) -> (u64, u32) {
        (2 * self.0, process::id())
    }
}

fn pools_for_several_types_of_job_live_side_by_side() {
    let (squares, doubles) = (pool(2), ProcessPool::<Double>::new(2).unwrap());
    let others = pool(1);
    for round in 0..50 {
        let square = submit(&squares, Work::Square(round));
        let (double, worker) = doubles.map([Double(round)]).pop().unwrap().unwrap();
        assert_eq!((double, number(square.recv().unwrap())), (2 * round, round * round));
        assert_ne!(u64::from(worker), pid(&others));
    }
}

fn a_panic_costs_one_job_and_no_worker() {
    let pool = pool(1);
    let before = pid(&pool);
    match run(&pool, Work::Panic("too hot".to_owned())) {
        Err(JobError::Panicked { message, place }) => {
            assert_eq!(message, "too hot");
            assert!(place.contains("work/mod.rs:"), "{place}");
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
        (Work::Odd(Odd::ReadExits), Exit::Code(5)), // while it is read
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
        until("it is gone", || !work::lives(before));
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
        let bytes = pattern(length);
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

fn closing_ends_the_workers_that_are_idle() {
    let folder = tempfile::tempdir().unwrap();
    let pool = pool(2);
    let meet = Work::Meet(folder.path().to_owned(), 2);
    let pids = [submit(&pool, meet.clone()), submit(&pool, meet)].map(|it| it.recv().unwrap());
    pool.close();
    for pid in pids.map(number) {
        until("it has ended", || !work::lives(pid));
    }
    drop(pool);
    no_child_is_left();
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
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("there");
    let pool = Arc::new(pool(2));
    let (dropped, outcome) = channel();
    let busy = submit(&pool, Work::WaitFor(file.clone()));
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
    outcome.recv().unwrap(); // hangs if the callback waits for the other worker
    write(&file, 1);
    busy.recv().unwrap().unwrap();
}

fn a_pool_without_workers_is_refused() {
    assert!(matches!(ProcessPool::<Work>::new(0), Err(StartError::NoWorkers)));
}

fn an_idle_worker_ends_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("kept");
    let pool = pool(1);
    run(&pool, Work::Keep(file.clone())).unwrap();
    assert!(!file.exists());
    drop(pool);
    assert!(file.exists());
}

fn a_map_that_nobody_wants_is_not_run_to_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let [there, log] = ["there", "log"].map(|it| folder.path().join(it));
    let pool = pool(1);
    let jobs = std::iter::once(Work::WaitFor(there.clone()));
    let jobs = jobs.chain((0..100).map(|byte| Work::Write(log.clone(), byte)));
    let completed = pool.map_as_completed(jobs);
    drop(completed);
    write(&there, 1);
    drop(pool); // finishes what was submitted
    // The first chunk may have been sent by then: half of them.
    assert!(fs::read(log).unwrap_or_default().len() <= 50);
}

fn what_a_large_job_needed_is_not_kept() {
    const LARGE: usize = 64 << 20;
    if !cfg!(target_os = "linux") {
        return; // nobody tells how much memory a process uses
    }
    let pool = pool(1);
    let before = [work::resident(), number(run(&pool, Work::Resident))];
    assert!(run(&pool, Work::Reverse(pattern(LARGE))).is_ok());
    for it in 0..4 {
        run(&pool, Work::Square(it)).unwrap(); // the next one might have been large, too
    }
    let after = [work::resident(), number(run(&pool, Work::Resident))];
    for (before, after) in before.into_iter().zip(after) {
        assert!(after < before + LARGE as u64 / 2, "{before} {after}");
    }
}

fn two_hundred_pools_leave_nothing() {
    let temporary = tempfile::tempdir().unwrap();
    // Whatever process is left has the other end of its output open, so that this would not end.
    let ran = shell::output(this("two_hundred_pools").env("TMPDIR", temporary.path())).unwrap();
    assert!(ran.exit.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    assert_eq!(fs::read_dir(temporary.path()).unwrap().count(), 0, "temporary files");
}

fn two_hundred_pools() {
    drop(pool(1)); // the first opens what std keeps open
    let before = open_files();
    for round in 0..200 {
        let pool = pool(2);
        if round % 10 == 0 {
            run(&pool, Work::Background).unwrap();
            assert!(matches!(run(&pool, Work::Abort), Err(JobError::Died(_))));
        }
        assert_eq!(pool.map((0..4).map(Work::Square)).len(), 4);
        if round % 3 == 0 {
            pool.close();
        }
        drop(pool);
        assert_eq!(open_files(), before);
        no_child_is_left();
    }
}

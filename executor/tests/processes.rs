//! What the executor `Processes` promises.

use executor::{
    Executor, Job, Processes, Shutdown, SubmitError, Task, TaskError, TaskState, Threads,
};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use serde::ser::Error;
use serde::{Deserialize, Serialize, Serializer};
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Barrier, mpsc};
use std::time::Duration;
use std::{fs, process, thread};
use tests_and_benches::promises::{self, no_child_is_left};
use tests_and_benches::{named, until};

/// What stands before the worker's line has been run.
static PREPARED: AtomicBool = AtomicBool::new(false);

fn main() -> ExitCode {
    PREPARED.store(true, Relaxed);
    executor::worker::<Work>();
    promises::main(
        named![
            every_result_is_its_own_and_comes_from_another_process,
            both_orders_are_yielded,
            what_goes_wrong_is_told_apart_and_costs_one_result,
            where_no_worker_can_be_started_a_task_says_so,
            what_stands_before_the_line_of_the_workers_prepares_each_of_them,
            a_job_that_cannot_be_encoded_comes_back,
            a_job_that_can_be_encoded_only_once_is_not_started,
            of_a_map_that_is_refused_nothing_is_begun,
            closed_it_hands_back_what_it_is_given_and_does_what_it_has,
            a_job_is_cancelled_until_it_is_sent,
            of_cancel_and_the_worker_one_wins,
            of_two_that_cancel_both_are_told_that_it_is_cancelled,
            a_map_that_is_dropped_cancels_what_has_not_been_sent,
            dropping_it_waits_for_every_task_and_leaves_no_process,
            shut_down_with_cancel_it_leaves_nothing_pending,
            a_callback_of_what_is_cancelled_may_wait_for_what_runs,
            callbacks_run_here_on_the_thread_of_the_worker_that_has_done_the_job,
            a_callback_that_waits_on_the_last_worker_is_told,
            a_callback_may_drop_the_executor_of_its_task,
            a_task_can_be_awaited,
            pools_come_and_go_while_threads_keep_submitting,
        ],
        &[],
    )
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum Work {
    /// Comes back with the worker's process id.
    Echo(u64),
    /// Says that it runs, by the first file, and does so until the second is there.
    Runs(PathBuf, PathBuf),
    /// Comes back with whether its worker is prepared.
    Prepared,
    Panic,
    Abort,
    #[serde(skip_serializing)]
    Unspeakable,
    /// Can be encoded once.
    Fickle(#[serde(serialize_with = "once")] u8),
    Unanswerable,
}

fn once<T: Serialize, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    static BEFORE: AtomicBool = AtomicBool::new(false);
    if BEFORE.swap(true, Relaxed) {
        return Err(S::Error::custom("once is enough"));
    }
    value.serialize(serializer)
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum Answer {
    Echo(u64, u32),
    Prepared(bool),
    Ran,
    #[serde(skip_serializing)]
    Unspeakable,
}

impl Job for Work {
    type Output = Answer;
    fn run(self) -> Answer {
        match self {
            Work::Echo(number) => Answer::Echo(number, process::id()),
            Work::Runs(begun, end) => {
                fs::write(begun, "").unwrap();
                until("it may end", || end.exists());
                Answer::Ran
            }
            Work::Prepared => Answer::Prepared(PREPARED.load(Relaxed)),
            Work::Panic => panic!("in a worker (expected)"),
            Work::Abort => process::abort(),
            Work::Unspeakable | Work::Fickle(_) | Work::Unanswerable => Answer::Unspeakable,
        }
    }
}

/// Keeps one worker busy until this is dropped.
struct Busy {
    folder: tempfile::TempDir,
    task: Option<Task<Answer>>,
}

fn busy(pool: &Processes<Work>) -> Busy {
    let folder = tempfile::tempdir().unwrap();
    let (begun, end) = (folder.path().join("begun"), folder.path().join("end"));
    let task = pool.submit(Work::Runs(begun.clone(), end)).unwrap();
    until("it runs", || begun.exists());
    Busy { folder, task: Some(task) }
}

impl Busy {
    fn end(&self) -> impl FnOnce() + Send + 'static {
        let end = self.folder.path().join("end");
        move || fs::write(end, "").unwrap()
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let Some(task) = self.task.take() else { return };
        self.end()();
        assert_eq!(task.result().unwrap(), Answer::Ran);
    }
}

fn every_result_is_its_own_and_comes_from_another_process() {
    let pool = Processes::new(2).unwrap();
    let tasks: Vec<_> = (0..1_000).map(|number| pool.submit(Work::Echo(number)).unwrap()).collect();
    for (task, expected) in tasks.into_iter().zip(0..) {
        let Answer::Echo(number, id) = task.result().unwrap() else { panic!("another job's") };
        assert_eq!(number, expected);
        assert_ne!(id, process::id());
    }
    assert!(matches!(Processes::<Work>::new(0), Err(executor::StartError::NoWorkers)));
}

fn both_orders_are_yielded() {
    let pool = Processes::new(2).unwrap();
    let number = |answer| match answer {
        Ok(Answer::Echo(number, _)) => number,
        other => panic!("{other:?}"),
    };
    let results = pool.map((0..100).map(Work::Echo)).unwrap();
    assert_eq!(results.map(number).collect::<Vec<_>>(), (0..100).collect::<Vec<_>>());
    let results = pool.map_unordered((0..100).map(Work::Echo)).unwrap();
    let results: HashSet<_> = results.map(|(at, answer)| (at as u64, number(answer))).collect();
    assert_eq!(results, (0..100).map(|number| (number, number)).collect());
}

fn what_goes_wrong_is_told_apart_and_costs_one_result() {
    let pool = Processes::new(1).unwrap();
    let jobs = [Work::Panic, Work::Abort, Work::Unanswerable, Work::Echo(3)];
    let outcomes: Vec<_> = pool.map(jobs).unwrap().collect();
    let [Err(panicked), Err(died), Err(unanswered), Ok(Answer::Echo(3, _))] = &outcomes[..] else {
        panic!("{outcomes:?}");
    };
    let TaskError::Panicked(panic) = panicked else { panic!("{panicked}") };
    assert_eq!(panic.message(), "in a worker (expected)");
    assert!(panic.place().unwrap().contains("tests/processes.rs"));
    assert!(panicked.to_string().contains("tests/processes.rs"));
    let TaskError::WorkerDied(exit) = died else { panic!("{died}") };
    assert_eq!(exit.to_string(), "signal 6 (ABRT)");
    assert!(matches!(unanswered, TaskError::NoAnswer(_)), "{unanswered}");
}

fn where_no_worker_can_be_started_a_task_says_so() {
    let pool = Processes::new(1).unwrap();
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    setrlimit(Resource::RLIMIT_NOFILE, 3, hard).unwrap(); // no descriptor is left for a new worker
    let (lost, next) = (pool.submit(Work::Abort).unwrap(), pool.submit(Work::Echo(3)).unwrap());
    assert!(matches!(lost.result(), Err(TaskError::WorkerDied(_))));
    let Err(error) = next.result() else { panic!("there is no worker") };
    assert!(error.to_string().starts_with("the task was not started: "), "{error}");
}

fn what_stands_before_the_line_of_the_workers_prepares_each_of_them() {
    let pool = Processes::new(2).unwrap();
    let jobs = [Work::Prepared, Work::Abort, Work::Prepared, Work::Prepared];
    for outcome in pool.map(jobs).unwrap() {
        let died = matches!(outcome, Err(TaskError::WorkerDied(_)));
        assert!(died || matches!(outcome, Ok(Answer::Prepared(true))), "{outcome:?}");
    }
}

fn a_job_that_can_be_encoded_only_once_is_not_started() {
    let pool = Processes::new(1).unwrap();
    let outcome = pool.submit(Work::Fickle(1)).unwrap().result();
    let Err(TaskError::NotStarted(reason)) = outcome else { panic!("{outcome:?}") };
    assert!(!reason.is_empty());
    assert!(pool.submit(Work::Echo(3)).unwrap().result().is_ok());
}

fn of_a_map_that_is_refused_nothing_is_begun() {
    let pool = Processes::new(1).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("begun");
    let begins = || Work::Runs(path.clone(), path.clone());
    let busy = busy(&pool);
    let refused = pool.map([begins(), Work::Unspeakable, begins()]).unwrap_err();
    assert!(matches!(refused, SubmitError::Encode(Work::Unspeakable, _)), "{refused:?}");
    drop(busy);
    drop(pool);
    assert!(!path.exists());
}

fn a_job_that_cannot_be_encoded_comes_back() {
    let pool = Processes::new(1).unwrap();
    let refused = pool.submit(Work::Unspeakable).unwrap_err();
    assert!(matches!(refused, SubmitError::Encode(Work::Unspeakable, _)), "{refused:?}");
    assert!(pool.submit(Work::Echo(3)).unwrap().result().is_ok());
}

fn closed_it_hands_back_what_it_is_given_and_does_what_it_has() {
    let pool = Processes::new(1).unwrap();
    let busy = busy(&pool);
    let queued = pool.submit(Work::Echo(3)).unwrap();
    pool.close();
    pool.close();
    let refused = pool.submit(Work::Echo(4)).unwrap_err();
    assert!(matches!(refused, SubmitError::Closed(Work::Echo(4))));
    drop(busy);
    assert!(matches!(queued.result(), Ok(Answer::Echo(3, _))));
}

fn a_job_is_cancelled_until_it_is_sent() {
    let pool = Processes::new(1).unwrap();
    let busy = busy(&pool);
    let (says, said) = mpsc::channel();
    let mut queued = pool.submit(Work::Abort).unwrap();
    queued.on_done(move |outcome| says.send(format!("{outcome:?}")).unwrap());
    let running = busy.task.as_ref().unwrap();
    assert_eq!((queued.state(), running.state()), (TaskState::Queued, TaskState::Running));
    assert!(!running.cancel());
    assert!(queued.cancel());
    assert!(queued.cancel(), "it stays cancelled");
    assert_eq!(said.iter().collect::<Vec<_>>(), ["Err(Cancelled)"]);
    drop(busy);
    let done = pool.submit(Work::Echo(3)).unwrap();
    until("it is done", || done.is_done());
    assert!(!done.cancel());
    assert_eq!(done.state(), TaskState::Done);
    assert!(matches!(queued.result(), Err(TaskError::Cancelled)));
}

fn of_cancel_and_the_worker_one_wins() {
    let pool = Processes::new(2).unwrap();
    for round in 0..2_000 {
        let (says, said) = mpsc::channel();
        let mut task = pool.submit(Work::Echo(3)).unwrap();
        task.on_done(move |_| says.send(()).unwrap());
        (0..round % 400 * 40).for_each(|_| std::hint::spin_loop());
        let cancelled = task.cancel();
        let outcome = task.result();
        assert_eq!(matches!(outcome, Err(TaskError::Cancelled)), cancelled, "{outcome:?}");
        assert_eq!(said.iter().count(), 1);
    }
}

fn of_two_that_cancel_both_are_told_that_it_is_cancelled() {
    let pool = Processes::new(1).unwrap();
    let _busy = busy(&pool);
    for _ in 0..2_000 {
        let task = pool.submit(Work::Echo(3)).unwrap();
        let meet = Barrier::new(2);
        let cancels = || {
            meet.wait();
            task.cancel()
        };
        thread::scope(|s| {
            let other = s.spawn(cancels);
            assert!(cancels() && other.join().unwrap());
        });
        assert!(matches!(task.result(), Err(TaskError::Cancelled)));
    }
}

fn a_map_that_is_dropped_cancels_what_has_not_been_sent() {
    let pool = Processes::new(1).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let runs = |name: &str| {
        let path = folder.path().join(name);
        (path.clone(), Work::Runs(path.clone(), path))
    };
    let ((one, job), (other, another)) = (runs("one"), runs("other"));
    let busy = busy(&pool);
    drop(pool.map([job]).unwrap());
    drop(pool.map_unordered([another]).unwrap());
    drop(busy);
    drop(pool);
    assert!(!Path::exists(&one) && !Path::exists(&other));
}

fn dropping_it_waits_for_every_task_and_leaves_no_process() {
    for shutdown in [drop, |pool: Processes<Work>| pool.shutdown(Shutdown::Wait)] {
        let pool = Processes::new(2).unwrap();
        let tasks: Vec<_> =
            (0..20).map(|number| pool.submit(Work::Echo(number)).unwrap()).collect();
        let lost = pool.submit(Work::Abort).unwrap();
        shutdown(pool);
        no_child_is_left();
        assert!(matches!(lost.try_result(), Ok(Err(TaskError::WorkerDied(_)))));
        assert!(tasks.into_iter().all(|task| task.try_result().unwrap().is_ok()));
    }
}

fn shut_down_with_cancel_it_leaves_nothing_pending() {
    let pool = Processes::new(1).unwrap();
    let mut busy = busy(&pool);
    let queued: Vec<_> = (0..20).map(|number| pool.submit(Work::Echo(number)).unwrap()).collect();
    let (end, running) = (busy.end(), busy.task.take().unwrap());
    let shuts_down = thread::spawn(move || pool.shutdown(Shutdown::Cancel));
    for task in queued {
        assert!(matches!(task.result(), Err(TaskError::Cancelled)));
    }
    assert!(!running.is_done());
    end();
    shuts_down.join().unwrap();
    assert!(matches!(running.try_result(), Ok(Ok(Answer::Ran))));
    no_child_is_left();
}

fn a_callback_of_what_is_cancelled_may_wait_for_what_runs() {
    let pool = Processes::new(1).unwrap();
    let mut busy = busy(&pool);
    let (end, running) = (busy.end(), busy.task.take().unwrap());
    let (says, said) = mpsc::channel();
    let mut queued = pool.submit(Work::Abort).unwrap();
    queued.on_done(move |_| {
        says.send("it waits".to_owned()).unwrap();
        says.send(format!("{:?}", running.result())).unwrap();
    });
    let shuts_down = thread::spawn(move || pool.shutdown(Shutdown::Cancel));
    assert_eq!(said.recv().unwrap(), "it waits");
    end();
    assert_eq!(said.recv().unwrap(), "Ok(Ran)"); // whoever shuts it down is none of its workers
    shuts_down.join().unwrap();
    assert!(matches!(queued.result(), Err(TaskError::Cancelled)));
}

fn callbacks_run_here_on_the_thread_of_the_worker_that_has_done_the_job() {
    let pool = Processes::new(2).unwrap();
    let (says, said) = mpsc::channel();
    // Has a job done by whichever worker is freed, and tells by which process and which thread.
    let by = |freed: Busy| {
        let says = says.clone();
        let mut task = pool.submit(Work::Echo(3)).unwrap();
        task.on_done(move |outcome| {
            let Ok(Answer::Echo(_, process)) = outcome else { panic!("{outcome:?}") };
            says.send((*process, thread::current().id())).unwrap();
        });
        drop((freed, task));
        said.recv().unwrap()
    };
    let (one, other) = (busy(&pool), busy(&pool));
    let first = by(one);
    assert_ne!(first.1, thread::current().id());
    let one = busy(&pool);
    let second = by(other);
    assert!(first.0 != second.0 && first.1 != second.1, "{first:?} and {second:?}");
    let _other = busy(&pool);
    assert_eq!(by(one), first, "the same process has the same thread");
}

fn a_callback_that_waits_on_the_last_worker_is_told() {
    let pool = Processes::new(1).unwrap();
    let (says, said) = mpsc::channel();
    let mut busy = busy(&pool);
    let queued = pool.submit(Work::Echo(3)).unwrap();
    let mut running = busy.task.take().unwrap();
    running.on_done(move |_| says.send(queued.result().unwrap_err().to_string()).unwrap());
    busy.end()();
    assert_eq!(said.recv().unwrap(), "waiting for the task would never end");
    drop(pool);
}

fn a_callback_may_drop_the_executor_of_its_task() {
    let pool = Processes::new(1).unwrap();
    let (hands, takes) = mpsc::channel::<Processes<Work>>();
    let mut busy = busy(&pool);
    let mut running = busy.task.take().unwrap();
    running.on_done(move |_| drop(takes.recv().unwrap()));
    busy.end()();
    let queued = pool.submit(Work::Echo(3)).unwrap();
    hands.send(pool).unwrap();
    assert_eq!(running.result().unwrap(), Answer::Ran);
    assert!(matches!(queued.result(), Ok(Answer::Echo(3, _))));
}

fn a_task_can_be_awaited() {
    let pool = Processes::new(2).unwrap();
    let both = async {
        let (one, other) = (pool.submit(Work::Echo(3)).unwrap(), pool.submit(Work::Panic).unwrap());
        futures::join!(one.into_future(), other.into_future())
    };
    let outcomes = futures::executor::block_on(both);
    assert!(matches!(outcomes, (Ok(Answer::Echo(3, _)), Err(TaskError::Panicked(_)))));
}

fn pools_come_and_go_while_threads_keep_submitting() {
    let threads = Arc::new(Threads::new(2).unwrap());
    let (stops, stop) = mpsc::channel::<()>();
    let same = Arc::clone(&threads);
    let keeps_submitting = thread::spawn(move || {
        while stop.try_recv() == Err(mpsc::TryRecvError::Empty) {
            assert_eq!(same.spawn(|| 3).unwrap().result().unwrap(), 3);
        }
    });
    for number in 0..50 {
        let pool = Processes::new(1).unwrap();
        let task = pool.submit(Work::Echo(number)).unwrap();
        assert!(task.result_timeout(Duration::MAX).unwrap().is_ok());
    }
    no_child_is_left();
    stops.send(()).unwrap();
    keeps_submitting.join().unwrap();
}

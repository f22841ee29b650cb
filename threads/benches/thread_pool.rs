//! Jobs that do next to nothing, submitted from outside to a pool of two workers.
//!
//! So what is measured is the price of the pool: a box for the job, a place in the queue, and waking
//! whoever sleeps. Beside `ThreadPool` stand a pool by hand on each of two channels, and with the
//! feature `peers` the pools of other crates. Workers are started and woken outside the measured
//! time, which ends when the last job has run. Each job captures a number, since a closure without
//! captures needs no box. The answer is the number of jobs that ran.

use std::collections::VecDeque;
use std::hint::black_box;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::thread::{self, Thread};
use tests_and_benches::{Python, pythons, timed};
use threads::ThreadPool;
use versus::{Answer, Case};

const WORKERS: usize = 2;
const PLACES: usize = 1_000;

type Job = Box<dyn FnOnce() + Send>;

fn main() -> ExitCode {
    versus::main("thread_pool", |cases| {
        let pythons = pythons();
        Python::note(&pythons, cases);
        let case = cases.case("thread_pool").item("job").answer(|jobs| jobs);
        case.baseline("pool")
            .ours("pool", "ThreadPool", |jobs| ours(ThreadPool::new(WORKERS), jobs));
        by_hand(case, crossbeam::channel::unbounded, mpsc::channel, mpsc::Sender::send);
        #[cfg(feature = "peers")]
        peers::add(case);
        case.limit("queue", "a queue on one thread", on_one_thread);
        for python in pythons {
            for function in ["executor", "pool"] {
                let (name, python) = (format!("{}, {function}", python.name()), python.clone());
                case.python(&name, move |jobs| {
                    python.call(include_str!("thread_pool.py"), function, jobs)
                });
            }
        }

        let case = cases.case("thread_pool, 1,000 places").item("job").answer(|jobs| jobs);
        case.baseline("pool")
            .ours("pool", "ThreadPool", |jobs| ours(ThreadPool::bounded(WORKERS, PLACES), jobs));
        let crossbeam = || crossbeam::channel::bounded(PLACES);
        by_hand(case, crossbeam, || mpsc::sync_channel(PLACES), mpsc::SyncSender::send);
    })
}

fn ours(pool: std::io::Result<ThreadPool>, jobs: u64) -> Result<Answer, String> {
    let pool = pool.map_err(|error| error.to_string())?;
    Ok(run(jobs, |number| pool.execute(move || job(number)).expect("the pool is open")))
}

/// The template of the section `thread_pool` on crossbeam's channel, and on std's, whose receiver must be
/// locked.
fn by_hand<S>(
    case: &mut Case<'_>,
    crossbeam: impl Fn() -> (crossbeam::channel::Sender<Job>, crossbeam::channel::Receiver<Job>)
    + 'static,
    std: impl Fn() -> (S, mpsc::Receiver<Job>) + 'static,
    send: fn(&S, Job) -> Result<(), mpsc::SendError<Job>>,
) where
    S: 'static,
{
    case.peer("crossbeam", "crossbeam channel, by hand", move |jobs| {
        let (sender, receiver) = crossbeam();
        for _ in 0..WORKERS {
            let receiver = receiver.clone();
            thread::spawn(move || receiver.into_iter().for_each(|job| job()));
        }
        run(jobs, |number| {
            sender.send(Box::new(move || job(number))).expect("the workers receive");
        })
    });
    case.peer("std", "std channel, by hand", move |jobs| {
        let (sender, receiver) = std();
        let receiver = Arc::new(Mutex::new(receiver));
        for _ in 0..WORKERS {
            let receiver = Arc::clone(&receiver);
            // A function of its own gives the lock back before the job runs.
            let next = move || receiver.lock().expect("nobody panics with the lock").recv();
            thread::spawn(move || {
                while let Ok(job) = next() {
                    job();
                }
            });
        }
        run(jobs, |number| {
            send(&sender, Box::new(move || job(number))).expect("the workers receive");
        })
    });
}

/// What a box, a queue and the count cost with nothing around them, and nobody at the other end.
fn on_one_thread(jobs: u64) -> Answer {
    let mut queue: VecDeque<Job> = VecDeque::new();
    let ((), took) = timed(|| {
        expect(jobs);
        for number in 0..jobs {
            queue.push_back(Box::new(move || job(number)));
        }
        queue.drain(..).for_each(|job| job());
    });
    Answer::from(RUN.load(Ordering::Relaxed)).took(took)
}

static RUN: AtomicU64 = AtomicU64::new(0);
static ALL: AtomicU64 = AtomicU64::new(0);
static WAITS: Mutex<Option<Thread>> = Mutex::new(None);

/// What every pool runs. The last one wakes whoever waits for all.
fn job(number: u64) {
    black_box(number);
    // Release: pairs with the Acquire in `run`. Relaxed: `ALL` was set before the first was submitted.
    if RUN.fetch_add(1, Ordering::AcqRel) + 1 == ALL.load(Ordering::Relaxed) {
        let waits = WAITS.lock().expect("nobody panics with the lock").take();
        waits.inspect(Thread::unpark);
    }
}

/// Nothing has run yet, and so many will.
fn expect(jobs: u64) {
    RUN.store(0, Ordering::Relaxed);
    ALL.store(jobs, Ordering::Relaxed);
    *WAITS.lock().expect("nobody panics with the lock") = Some(thread::current());
}

/// Submits so many jobs and waits for the last one.
fn run(jobs: u64, submit: impl Fn(u64)) -> Answer {
    let all = |jobs| {
        expect(jobs);
        (0..jobs).for_each(&submit);
        while RUN.load(Ordering::Acquire) < jobs {
            thread::park();
        }
    };
    all(1_000); // the workers are awake
    let ((), took) = timed(|| all(jobs));
    Answer::from(RUN.load(Ordering::Relaxed)).took(took)
}

#[cfg(feature = "peers")]
mod peers {
    use super::{Case, WORKERS, job, run};

    pub(super) fn add(case: &mut Case<'_>) {
        case.peer("rusty_pool", "rusty_pool", |jobs| {
            let pool = rusty_pool::Builder::new().core_size(WORKERS).max_size(WORKERS).build();
            run(jobs, |number| pool.execute(move || job(number)))
        });
        case.peer("threadpool", "threadpool", |jobs| {
            let pool = threadpool::ThreadPool::new(WORKERS);
            run(jobs, |number| pool.execute(move || job(number)))
        });
        case.peer("rayon", "rayon", |jobs| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(WORKERS).build();
            let pool = pool.map_err(|error| error.to_string())?;
            Ok::<_, String>(run(jobs, |number| pool.spawn(move || job(number))))
        });
        case.peer("futures", "futures", |jobs| {
            let pool = futures::executor::ThreadPool::builder().pool_size(WORKERS).create();
            let pool = pool.map_err(|error| error.to_string())?;
            Ok::<_, String>(run(jobs, |number| pool.spawn_ok(async move { job(number) })))
        });
        case.peer("tokio", "tokio", |jobs| {
            let runtime =
                tokio::runtime::Builder::new_multi_thread().worker_threads(WORKERS).build();
            let runtime = runtime.map_err(|error| error.to_string())?;
            Ok::<_, String>(run(jobs, |number| drop(runtime.spawn(async move { job(number) }))))
        });
    }
}

//! A task, from submit to result: many tasks kept and then read, and one at a time.
//!
//! Its work is to return a number, so this is the price of the task itself. The `Task` of `Threads` stands
//! beside what one would take instead. All have two workers, which are started outside the measured time. The
//! answer is the sum of what the tasks have returned.

use std::cell::OnceCell;
use std::process::ExitCode;
use std::time::Duration;
use tests_and_benches::{Python, pythons, timed};
use versus::{Answer, Case, Role};

const WORKERS: usize = 2;

/// So many tasks are submitted before the first result is read.
const KEPT: u64 = 200_000;

fn main() -> ExitCode {
    versus::main("task", |cases| {
        let pythons = pythons();
        Python::note(&pythons, cases);
        for kept in [true, false] {
            let name = if kept { "task, 200,000 kept" } else { "task, one at a time" };
            let case = cases.case(name).item("task").baseline(executor::Threads::ID);
            case.answer(|tasks| tasks * (tasks - 1) / 2);
            add_all(case, kept);
            for python in &pythons {
                let (name, python) = (python.name(), python.clone());
                let function = if kept { "kept" } else { "one_at_a_time" };
                case.python(name, move |tasks| {
                    python.call(include_str!("task.py"), function, tasks)
                });
            }
        }
    })
}

fn add_all(case: &mut Case<'_>, kept: bool) {
    add::<executor::Threads>(case, kept);
    #[cfg(feature = "peers")]
    {
        add::<peers::RayonAndOneshot>(case, kept);
        add::<rusty_pool::ThreadPool>(case, kept);
        add::<tokio::runtime::Runtime>(case, kept);
        add::<futures::executor::ThreadPool>(case, kept);
    }
}

fn add<P: Pool>(case: &mut Case<'_>, kept: bool) {
    let pool = OnceCell::new();
    let run = move |tasks| {
        let pool = pool.get_or_init(P::start);
        let (sum, took) = timed(|| if kept { keep(pool, tasks) } else { one_by_one(pool, tasks) });
        Answer::from(sum).took(took)
    };
    case.variant(P::ROLE, P::ID, P::LABEL, run);
    if kept {
        // Long enough for all of them to be kept at once.
        case.at_least(P::ID, Duration::from_millis(100));
    }
}

fn keep<P: Pool>(pool: &P, tasks: u64) -> u64 {
    let mut sum = 0;
    for first in (0..tasks).step_by(200_000) {
        let numbers = first..tasks.min(first + KEPT);
        let handles: Vec<_> = numbers.map(|number| pool.submit(number)).collect();
        sum += handles.into_iter().map(|handle| pool.result(handle)).sum::<u64>();
    }
    sum
}

fn one_by_one<P: Pool>(pool: &P, tasks: u64) -> u64 {
    (0..tasks).map(|number| pool.result(pool.submit(number))).sum()
}

/// Two workers that do what they are given.
trait Pool: 'static {
    const ROLE: Role = Role::Peer;
    const ID: &'static str;
    const LABEL: &'static str;
    type Handle;
    fn start() -> Self;
    /// Submits a task that returns this number.
    fn submit(&self, number: u64) -> Self::Handle;
    fn result(&self, handle: Self::Handle) -> u64;
}

impl Pool for executor::Threads {
    const ROLE: Role = Role::Ours;
    const ID: &'static str = "task";
    const LABEL: &'static str = "Task";
    type Handle = executor::Task<u64>;

    fn start() -> Self {
        executor::Threads::new(WORKERS).expect("two threads start")
    }

    fn submit(&self, number: u64) -> Self::Handle {
        self.spawn(move || number).expect("it is open")
    }

    fn result(&self, handle: Self::Handle) -> u64 {
        handle.result().expect("it returns")
    }
}

#[cfg(feature = "peers")]
mod peers {
    use super::{Pool, WORKERS};
    use futures::executor::block_on;
    use futures::future::RemoteHandle;
    use futures::task::SpawnExt;

    pub(super) struct RayonAndOneshot(rayon::ThreadPool);

    impl Pool for RayonAndOneshot {
        const ID: &'static str = "rayon";
        const LABEL: &'static str = "rayon and oneshot";
        type Handle = oneshot::Receiver<u64>;

        fn start() -> Self {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(WORKERS).build();
            RayonAndOneshot(pool.expect("two threads start"))
        }

        fn submit(&self, number: u64) -> Self::Handle {
            let (sender, receiver) = oneshot::channel();
            self.0.spawn(move || sender.send(number).expect("it is read"));
            receiver
        }

        fn result(&self, handle: Self::Handle) -> u64 {
            handle.recv().expect("it is sent")
        }
    }

    impl Pool for rusty_pool::ThreadPool {
        const ID: &'static str = "rusty_pool";
        const LABEL: &'static str = "rusty_pool";
        type Handle = rusty_pool::JoinHandle<u64>;

        fn start() -> Self {
            let workers = rusty_pool::Builder::new().core_size(WORKERS).max_size(WORKERS);
            let pool = workers.build();
            pool.start_core_threads();
            pool
        }

        fn submit(&self, number: u64) -> Self::Handle {
            self.evaluate(move || number)
        }

        fn result(&self, handle: Self::Handle) -> u64 {
            handle.await_complete()
        }
    }

    impl Pool for tokio::runtime::Runtime {
        const ID: &'static str = "tokio";
        const LABEL: &'static str = "tokio";
        type Handle = tokio::task::JoinHandle<u64>;

        fn start() -> Self {
            let workers =
                tokio::runtime::Builder::new_multi_thread().worker_threads(WORKERS).build();
            workers.expect("two threads start")
        }

        fn submit(&self, number: u64) -> Self::Handle {
            self.spawn(async move { number })
        }

        fn result(&self, handle: Self::Handle) -> u64 {
            self.block_on(handle).expect("it returns")
        }
    }

    impl Pool for futures::executor::ThreadPool {
        const ID: &'static str = "futures";
        const LABEL: &'static str = "futures";
        type Handle = RemoteHandle<u64>;

        fn start() -> Self {
            let pool = futures::executor::ThreadPool::builder().pool_size(WORKERS).create();
            pool.expect("two threads start")
        }

        fn submit(&self, number: u64) -> Self::Handle {
            self.spawn_with_handle(async move { number }).expect("it is open")
        }

        fn result(&self, handle: Self::Handle) -> u64 {
            block_on(handle)
        }
    }
}

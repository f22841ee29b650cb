//! A hundred async tasks that take turns.
//!
//! A task does nothing but give up its turn, so what is measured is the switch: the task tells its
//! waker that it can go on, stops, and the next one is polled. The tasks are made outside the
//! measured time. The answer is the number of turns.

use futures::executor::{LocalPool, block_on};
use futures::stream::{FuturesUnordered, StreamExt};
use futures::task::LocalSpawnExt;
use scheduler::{Scheduler, yield_now};
use std::collections::VecDeque;
use std::pin::Pin;
use std::process::ExitCode;
use std::task::{Context, Waker};
use tests_and_benches::{Python, pythons, timed};
use versus::Answer;

const TASKS: u64 = 100;

fn main() -> ExitCode {
    versus::main("scheduler", |cases| {
        let pythons = pythons();
        Python::note(&pythons, cases);
        let case = cases.case("scheduler, a hundred tasks").item("switch");
        case.baseline("scheduler").ours("scheduler", "Scheduler", |turns| {
            let mut scheduler = Scheduler::new().expect("there are descriptors for it");
            shares(turns).for_each(|share| scheduler.spawn(yields(share)));
            let (ended, took) = timed(|| scheduler.run());
            ended.map(|_| Answer::from(turns).took(took)).map_err(|error| error.to_string())
        });
        case.peer("FuturesUnordered", "FuturesUnordered", |turns| {
            let mut tasks: FuturesUnordered<_> = shares(turns).map(yields).collect();
            let ((), took) = timed(|| block_on(async { while tasks.next().await.is_some() {} }));
            Answer::from(turns).took(took)
        });
        case.peer("LocalPool", "LocalPool", |turns| {
            let mut pool = LocalPool::new();
            for share in shares(turns) {
                pool.spawner().spawn_local(yields(share)).expect("it still takes tasks");
            }
            let ((), took) = timed(|| pool.run());
            Answer::from(turns).took(took)
        });
        #[cfg(feature = "peers")]
        {
            case.peer("tokio", "tokio", peers::tokio);
            case.peer("smol", "smol", peers::smol);
        }
        case.limit("no_waker", "no waker", |turns| {
            let mut tasks: VecDeque<Pin<Box<dyn Future<Output = ()>>>> = VecDeque::new();
            tasks.extend(shares(turns).map(|share| Box::pin(yields(share)) as _));
            let ((), took) = timed(|| {
                let mut nobody = Context::from_waker(Waker::noop());
                while let Some(mut task) = tasks.pop_front() {
                    if task.as_mut().poll(&mut nobody).is_pending() {
                        tasks.push_back(task);
                    }
                }
            });
            Answer::from(turns).took(took)
        });
        for python in &pythons {
            let (name, python) = (python.name(), python.clone());
            case.python(name, move |turns| {
                python.call(include_str!("scheduler.py"), "coroutines", turns)
            });
        }
    })
}

/// The turns of each task: together, `turns`.
fn shares(turns: u64) -> impl Iterator<Item = u64> {
    (0..TASKS).map(move |task| turns / TASKS + u64::from(task < turns % TASKS))
}

/// Gives up its turn so often.
async fn yields(times: u64) {
    for _ in 0..times {
        yield_now().await;
    }
}

#[cfg(feature = "peers")]
mod peers {
    use super::{shares, timed};
    use versus::Answer;

    pub(super) fn tokio(turns: u64) -> Result<Answer, String> {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        let runtime = runtime.map_err(|error| error.to_string())?;
        let tasks = tokio::task::LocalSet::new();
        let yields = |share| async move {
            for _ in 0..share {
                tokio::task::yield_now().await;
            }
        };
        for share in shares(turns) {
            tasks.spawn_local(yields(share));
        }
        let ((), took) = timed(|| runtime.block_on(tasks));
        Ok(Answer::from(turns).took(took))
    }

    pub(super) fn smol(turns: u64) -> Answer {
        let executor = smol::LocalExecutor::new();
        let yields = |share| async move {
            for _ in 0..share {
                smol::future::yield_now().await;
            }
        };
        let tasks: Vec<_> = shares(turns).map(|share| executor.spawn(yields(share))).collect();
        let all = async {
            for task in tasks {
                task.await;
            }
        };
        let ((), took) = timed(|| smol::block_on(executor.run(all)));
        Answer::from(turns).took(took)
    }
}

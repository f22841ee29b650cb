//! A hundred iterators that take turns.
//!
//! A task does nothing but yield, so what is measured is the switch from one to the next. The tasks
//! are made outside the measured time. The answer is what they have yielded: 1 a turn.

use scheduler::{RoundRobin, Turn};
use std::collections::VecDeque;
use std::hint::black_box;
use std::process::ExitCode;
use tests_and_benches::{Python, pythons, timed};
use versus::Answer;

const TASKS: u64 = 100;

fn main() -> ExitCode {
    versus::main("round_robin", |cases| {
        let pythons = pythons();
        Python::note(&pythons, cases);
        let case = cases.case("round robin, a hundred iterators").item("switch");
        case.baseline("round_robin").ours("round_robin", "RoundRobin", |turns| {
            let tasks: RoundRobin<_> = shares(turns).map(task).collect();
            let (sum, took) = timed(|| tasks.filter_map(Turn::yielded).sum::<u64>());
            Answer::from(sum).took(took)
        });
        #[cfg(feature = "peers")]
        {
            case.peer("genawaiter", "genawaiter", peers::genawaiter);
            case.peer("corosensei", "corosensei", peers::corosensei);
        }
        case.limit("deque", "VecDeque by hand", |turns| {
            let mut tasks: VecDeque<_> = shares(turns).map(task).collect();
            let (sum, took) = timed(|| {
                let mut sum = 0;
                while let Some(mut task) = tasks.pop_front() {
                    if let Some(value) = task.next() {
                        sum += value;
                        tasks.push_back(task);
                    }
                }
                sum
            });
            Answer::from(sum).took(took)
        });
        for python in &pythons {
            let (name, python) = (python.name(), python.clone());
            case.python(name, move |turns| {
                python.call(include_str!("round_robin.py"), "generators", turns)
            });
        }
    })
}

/// The turns of each task: together, `turns`.
fn shares(turns: u64) -> impl Iterator<Item = u64> {
    (0..TASKS).map(move |task| turns / TASKS + u64::from(task < turns % TASKS))
}

type Task = Box<dyn Iterator<Item = u64>>;

/// Yields 1 a turn, and nobody knows how.
fn task(share: u64) -> Task {
    Box::new((0..share).map(|_| black_box(1)))
}

#[cfg(feature = "peers")]
mod peers {
    use super::{black_box, shares, timed};
    use corosensei::{Coroutine, CoroutineResult};
    use genawaiter::{GeneratorState, rc::Gen};
    use std::collections::VecDeque;
    use versus::Answer;

    pub(super) fn genawaiter(turns: u64) -> Answer {
        let task = |share| {
            Gen::new(|co| async move {
                for _ in 0..share {
                    co.yield_(black_box(1_u64)).await;
                }
            })
        };
        let mut tasks: VecDeque<_> = shares(turns).map(task).collect();
        let (sum, took) = timed(|| {
            let mut sum = 0;
            while let Some(mut task) = tasks.pop_front() {
                if let GeneratorState::Yielded(value) = task.resume() {
                    sum += value;
                    tasks.push_back(task);
                }
            }
            sum
        });
        Answer::from(sum).took(took)
    }

    pub(super) fn corosensei(turns: u64) -> Answer {
        let task = |share| {
            Coroutine::new(move |yielder, ()| {
                for _ in 0..share {
                    yielder.suspend(black_box(1_u64));
                }
            })
        };
        let mut tasks: VecDeque<_> = shares(turns).map(task).collect();
        let (sum, took) = timed(|| {
            let mut sum = 0;
            while let Some(mut task) = tasks.pop_front() {
                if let CoroutineResult::Yield(value) = task.resume(()) {
                    sum += value;
                    tasks.push_back(task);
                }
            }
            sum
        });
        Answer::from(sum).took(took)
    }
}

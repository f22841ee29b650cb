//! What a pool of processes costs: to start, for each job, for each byte; and what it gains.
//!
//! `ProcessPool` beside Python's two pools, and with the feature `peers` beside procspawn. The
//! limit is the same by hand: this program started afresh, a socket pair, and nothing that checks,
//! queues or replaces anything. The answer is the sum of the results.
//!
//! Except where starting them is what is measured, the workers stand ready before the clock starts.
//! There are two, or what the row says.

use multiproc::{Job, Outcome, ProcessPool};
use serde::{Deserialize, Serialize};
use std::hint::black_box;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::process::{self, Child, Command, ExitCode};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::mpsc::channel;
use std::{env, thread};
use tests_and_benches::{Python, pythons, timed};
use threads::fib;
use versus::{Answer, Case};

const LARGE: usize = 8 << 20;
const N: u32 = 30;
/// How many jobs make a map.
const MAP: u64 = 100_000;

#[derive(Serialize, Deserialize)]
struct Square(u64);

impl Job for Square {
    type Output = u64;

    fn run(self) -> u64 {
        square(self.0)
    }
}

/// A chunk made by hand.
#[derive(Serialize, Deserialize)]
struct Squares(Vec<u64>);

impl Job for Squares {
    type Output = Vec<u64>;

    fn run(self) -> Vec<u64> {
        self.0.into_iter().map(square).collect()
    }
}

#[derive(Serialize, Deserialize)]
struct Fib(u32);

impl Job for Fib {
    type Output = u64;

    fn run(self) -> u64 {
        fib(self.0)
    }
}

#[derive(Serialize, Deserialize)]
struct Echo(Bytes);

impl Job for Echo {
    type Output = Bytes;

    fn run(self) -> Bytes {
        self.0
    }
}

fn square(x: u64) -> u64 {
    x.wrapping_mul(x)
}

fn squares(count: u64) -> u64 {
    (0..count).fold(0, |sum, x| sum.wrapping_add(square(x)))
}

fn main() -> ExitCode {
    #[cfg(feature = "peers")]
    procspawn::init();
    multiproc::worker::<Square>();
    multiproc::worker::<Squares>();
    multiproc::worker::<Fib>();
    multiproc::worker::<Echo>();
    by_hand::worker();
    versus::main("process_pool", |cases| {
        let pythons = pythons();
        Python::note(&pythons, cases);
        let python = |case: &mut Case<'_>, rows: &[(&str, &'static str)]| {
            for python in &pythons {
                for (name, function) in rows {
                    let (python, function) = (python.clone(), *function);
                    let script = include_str!("process_pool.py");
                    let name = format!("{}{name}", python.name());
                    case.python(&name, move |items| python.call(script, function, items));
                }
            }
        };

        let case = cases.case("process_pool, 4 workers started, 4 jobs, stopped");
        case.item("pool").answer(|pools| pools * squares(4));
        case.baseline("pool").ours("pool", "ProcessPool", start_and_stop);
        #[cfg(feature = "peers")]
        case.peer("procspawn", "procspawn", peers::start_and_stop);
        case.limit("by_hand", "by hand", by_hand::start_and_stop);
        python(
            case,
            &[
                (", executor", "start_executor"),
                (", Pool (fork)", "start_fork"),
                (", Pool (spawn)", "start_spawn"),
            ],
        );

        let case = cases.case("process_pool, one job a message");
        case.item("1,000 jobs").answer(|thousands| squares(1_000 * thousands));
        case.baseline("submit").ours("submit", "submit", |thousands| submit(1_000 * thousands));
        #[cfg(feature = "peers")]
        case.peer("procspawn", "procspawn", |thousands| peers::one_by_one(1_000 * thousands));
        case.limit("by_hand", "by hand", |thousands| by_hand::one_by_one(1_000 * thousands));
        python(case, &[(", executor", "executor_one_by_one"), (", Pool", "pool_one_by_one")]);

        let case = cases.case("process_pool, map in chunks");
        case.item("100,000 jobs").answer(|maps| squares(MAP).wrapping_mul(maps));
        case.baseline("map").ours("map", "map", map);
        case.ours("vectors", "map, 8 vectors", vectors);
        #[cfg(feature = "peers")]
        case.peer("procspawn", "procspawn, 8 vectors", peers::chunks);
        case.limit("by_hand", "by hand", by_hand::chunks);
        python(case, &[(", Pool", "pool_map")]);
        case.remark(
            "procspawn has no map. Its row sends vectors, an eighth of the jobs each, as does the \
             one above it; then the death of a worker costs a whole vector, and by `map` one job.",
        );

        let case = cases.case("process_pool, 8 MiB out and back");
        case.item("round trip").answer(|trips| trips * LARGE as u64);
        case.baseline("pool").ours("pool", "ProcessPool", echo);
        #[cfg(feature = "peers")]
        case.peer("procspawn", "procspawn", peers::echo);
        case.limit("by_hand", "by hand", by_hand::echo);
        python(case, &[(", executor", "executor_echo"), (", Pool", "pool_echo")]);

        let case = cases.case(&format!("process_pool, fib({N}) five times, Rust"));
        case.item("five jobs").answer(|fives| 5 * fives * fib(N));
        case.baseline("in_turn").context("in_turn", "in turn", |fives| {
            (0..5 * fives).map(|_| fib(black_box(N))).sum::<u64>()
        });
        case.context("threads", "five threads", five_threads);
        case.ours("processes", "five processes", five_processes);
        case.note("in_turn", "cheatsheet", || "23.85 s (Python)".to_owned());
        let cheatsheet = || "13.24 s (Python), a speed-up of 1.80".to_owned();
        case.note("processes", "cheatsheet", cheatsheet);
        let cores = thread::available_parallelism().map_or(1, usize::from);
        case.remark(&format!("Limit: a speed-up of {}, the number of cores, or 5.", cores.min(5)));

        for python in pythons {
            let call = |function| {
                let python = python.clone();
                move |items| python.call(include_str!("process_pool.py"), function, items)
            };
            cases
                .case(&format!("process_pool, fib(20) five times, {}", python.name()))
                .item("five jobs")
                .answer(|fives| 5 * fives * fib(20))
                .baseline("in turn")
                .python("in turn", call("in_turn"))
                .python("five threads", call("five_threads"))
                .python("five processes", call("five_processes"))
                .note("in turn", "cheatsheet", || "23.85 s".to_owned())
                .note("five processes", "cheatsheet", || "13.24 s, a speed-up of 1.80".to_owned());
        }
    })
}

fn pool<J: Job>(workers: usize) -> ProcessPool<J> {
    ProcessPool::new(workers).expect("workers start")
}

fn start_and_stop(pools: u64) -> u64 {
    let one = |_| sum(pool(4).map((0..4).map(Square)));
    (0..pools).map(one).fold(0, u64::wrapping_add)
}

fn sum<J: Job<Output = u64>>(outcomes: Vec<Outcome<J>>) -> u64 {
    let numbers = outcomes.into_iter().map(|it| it.expect("nothing goes wrong"));
    numbers.fold(0, u64::wrapping_add)
}

/// Each result is added where it arrives; the last callback to go wakes us.
fn submit(jobs: u64) -> Answer {
    let pool = pool(2);
    let (sum, took) = timed(|| {
        let (sum, (all, none_is_left)) = (Arc::new(AtomicU64::new(0)), channel::<()>());
        for x in 0..jobs {
            let (sum, all) = (Arc::clone(&sum), all.clone());
            let done = move |outcome: Outcome<Square>| {
                sum.fetch_add(outcome.expect("nothing goes wrong"), Relaxed);
                drop(all);
            };
            pool.submit(Square(x), done).expect("the pool is open");
        }
        drop(all);
        none_is_left.recv().expect_err("nobody sends anything");
        sum.load(Relaxed)
    });
    Answer::from(sum).took(took)
}

fn map(maps: u64) -> Answer {
    let pool = pool(2);
    let one = |_| sum(pool.map((0..MAP).map(Square)));
    let (sum, took) = timed(|| (0..maps).map(one).fold(0, u64::wrapping_add));
    Answer::from(sum).took(took)
}

/// As many vectors a map as procspawn gets.
fn vectors(maps: u64) -> Answer {
    let pool = pool(2);
    let one = |_| {
        let numbers: Vec<u64> = (0..MAP).collect();
        let outcomes = pool.map(numbers.chunks(12_500).map(|chunk| Squares(chunk.to_vec())));
        let squares = outcomes.into_iter().flat_map(|it| it.expect("nothing goes wrong"));
        squares.fold(0, u64::wrapping_add)
    };
    let (sum, took) = timed(|| (0..maps).map(one).fold(0, u64::wrapping_add));
    Answer::from(sum).took(took)
}

fn echo(trips: u64) -> Answer {
    let pool = pool(1);
    let trip = |bytes| {
        let outcome = pool.map([Echo(Bytes(bytes))]).pop();
        outcome.expect("one job, one outcome").expect("nothing goes wrong").0
    };
    round_trips(trips, trip)
}

/// Sends the same bytes there and back.
fn round_trips(trips: u64, trip: impl Fn(Vec<u8>) -> Vec<u8>) -> Answer {
    let mut bytes = trip(vec![7; LARGE]); // buffers have their size now
    let (sum, took) = timed(|| {
        let mut sum = 0;
        for _ in 0..trips {
            bytes = trip(std::mem::take(&mut bytes));
            sum += bytes.len() as u64;
        }
        sum
    });
    Answer::from(sum).took(took)
}

fn five_threads(fives: u64) -> u64 {
    let five = |_| {
        thread::scope(|s| {
            let threads = [N; 5].map(|n| s.spawn(move || fib(n)));
            threads.map(|it| it.join().expect("it cannot panic")).iter().sum::<u64>()
        })
    };
    (0..fives).map(five).sum()
}

fn five_processes(fives: u64) -> Answer {
    let pool = pool(5);
    let (sum, took) =
        timed(|| (0..fives).map(|_| sum(pool.map([N; 5].map(Fib)))).fold(0, u64::wrapping_add));
    Answer::from(sum).took(took)
}

/// Bytes as they are, and not one by one.
struct Bytes(Vec<u8>);

impl Serialize for Bytes {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_bytes(&self.0)
    }
}

impl<'a> Deserialize<'a> for Bytes {
    fn deserialize<D: serde::Deserializer<'a>>(from: D) -> Result<Bytes, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = Bytes;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("bytes")
            }
            fn visit_bytes<E: serde::de::Error>(self, bytes: &[u8]) -> Result<Bytes, E> {
                Ok(Bytes(bytes.to_vec()))
            }
        }
        from.deserialize_bytes(Visitor)
    }
}

/// A socket pair to this program started afresh. A message is a length and so many bytes: one
/// number is squared, several are each squared, and anything that is no whole number of numbers
/// comes back as it is.
mod by_hand {
    use super::{
        Answer, AsFd, Child, Command, LARGE, MAP, OwnedFd, Read, UnixStream, Write, env, io,
        process, round_trips, square, thread, timed,
    };

    const MARK: &str = "--by-hand";

    pub(super) fn worker() {
        if env::args().nth(1).is_some_and(|it| it == MARK) {
            let socket = io::stdin().as_fd().try_clone_to_owned().expect("a socket");
            let mut socket = UnixStream::from(socket);
            while let Ok(mut message) = receive(&mut socket) {
                if message.len() < LARGE {
                    for number in message.chunks_exact_mut(8) {
                        let squared = square(number_of(number));
                        number.copy_from_slice(&squared.to_le_bytes());
                    }
                }
                send(&mut socket, &message);
            }
            process::exit(0);
        }
    }

    fn number_of(bytes: &[u8]) -> u64 {
        u64::from_le_bytes(bytes.try_into().expect("eight bytes"))
    }

    fn send(socket: &mut impl Write, message: &[u8]) {
        let length = (message.len() as u64).to_le_bytes();
        if message.len() < 64 {
            socket.write_all(&[&length, message].concat()).expect("somebody reads");
        } else {
            socket.write_all(&length).expect("somebody reads");
            socket.write_all(message).expect("somebody reads");
        }
    }

    fn receive(socket: &mut impl Read) -> io::Result<Vec<u8>> {
        let mut length = [0; 8];
        socket.read_exact(&mut length)?;
        let length = usize::try_from(u64::from_le_bytes(length)).expect("it fits into memory");
        let mut message = vec![0; length];
        socket.read_exact(&mut message)?;
        Ok(message)
    }

    fn start() -> (UnixStream, Child) {
        let (ours, theirs) = UnixStream::pair().expect("a socket pair");
        let mut command = Command::new(env::current_exe().expect("this program has a path"));
        let child = command.arg(MARK).stdin(OwnedFd::from(theirs)).spawn().expect("it starts");
        (ours, child)
    }

    fn stop((socket, mut child): (UnixStream, Child)) {
        drop(socket);
        child.wait().expect("it ends");
    }

    fn squared(socket: &mut UnixStream, numbers: impl Iterator<Item = u64>) -> u64 {
        let message: Vec<u8> = numbers.flat_map(u64::to_le_bytes).collect();
        send(socket, &message);
        let answer = receive(socket).expect("an answer");
        answer.chunks_exact(8).map(number_of).fold(0, u64::wrapping_add)
    }

    pub(super) fn start_and_stop(pools: u64) -> u64 {
        let one = |_| {
            let mut workers = [(); 4].map(|()| start());
            let numbers = (0..).zip(&mut workers);
            let sum = numbers.map(|(x, (socket, _))| squared(socket, x..=x)).sum::<u64>();
            workers.into_iter().for_each(stop);
            sum
        };
        (0..pools).map(one).fold(0, u64::wrapping_add)
    }

    /// Two workers, each with a thread that gives it every other number, so many at once; `times`
    /// times.
    fn every_other(times: u64, jobs: u64, at_once: usize) -> Answer {
        let mut workers = [(); 2].map(|()| start());
        let (sum, took) = timed(|| {
            thread::scope(|s| {
                let threads = (0..).zip(&mut workers).map(|(odd, (socket, _))| {
                    s.spawn(move || {
                        let mut sum = 0_u64;
                        for _ in 0..times {
                            let mut numbers = (0..jobs).skip(odd).step_by(2).peekable();
                            while numbers.peek().is_some() {
                                let numbers = numbers.by_ref().take(at_once);
                                sum = sum.wrapping_add(squared(socket, numbers));
                            }
                        }
                        sum
                    })
                });
                let threads: Vec<_> = threads.collect();
                let sums = threads.into_iter().map(|it| it.join().expect("it does not panic"));
                sums.fold(0, u64::wrapping_add)
            })
        });
        workers.into_iter().for_each(stop);
        Answer::from(sum).took(took)
    }

    pub(super) fn one_by_one(jobs: u64) -> Answer {
        every_other(1, jobs, 1)
    }

    /// Eight messages a map.
    pub(super) fn chunks(maps: u64) -> Answer {
        every_other(maps, MAP, 12_500)
    }

    pub(super) fn echo(trips: u64) -> Answer {
        let (socket, child) = start();
        let answer = round_trips(trips, |bytes| {
            send(&mut &socket, &bytes);
            receive(&mut &socket).expect("an answer")
        });
        stop((socket, child));
        answer
    }
}

#[cfg(feature = "peers")]
mod peers {
    use super::{Answer, Bytes, MAP, round_trips, square, timed};
    use procspawn::Pool;

    pub(super) fn start_and_stop(pools: u64) -> u64 {
        let one = |_| {
            let pool = Pool::new(4).expect("workers start");
            let handles = [0, 1, 2, 3].map(|x| procspawn::spawn!(in pool, (x => x) || square(x)));
            let sum = handles.into_iter().map(|it| it.join().expect("nothing goes wrong"));
            let sum = sum.sum::<u64>();
            pool.shutdown();
            sum
        };
        (0..pools).map(one).fold(0, u64::wrapping_add)
    }

    pub(super) fn one_by_one(jobs: u64) -> Answer {
        let pool = Pool::new(2).expect("workers start");
        pool.spawn((), |()| ()).join().expect("it is ready");
        let (sum, took) = timed(|| {
            let handles: Vec<_> = (0..jobs).map(|x| pool.spawn(x, square)).collect();
            let sum = handles.into_iter().map(|it| it.join().expect("nothing goes wrong"));
            sum.fold(0, u64::wrapping_add)
        });
        Answer::from(sum).took(took)
    }

    pub(super) fn chunks(maps: u64) -> Answer {
        let pool = Pool::new(2).expect("workers start");
        pool.spawn((), |()| ()).join().expect("it is ready");
        let squares = |numbers: Vec<u64>| numbers.into_iter().map(square).collect::<Vec<u64>>();
        let one = |_| {
            let numbers: Vec<u64> = (0..MAP).collect();
            let chunks = numbers.chunks(12_500).map(<[u64]>::to_vec);
            let handles: Vec<_> = chunks.map(|chunk| pool.spawn(chunk, squares)).collect();
            let all = handles.into_iter().flat_map(|it| it.join().expect("nothing goes wrong"));
            all.fold(0, u64::wrapping_add)
        };
        let (sum, took) = timed(|| (0..maps).map(one).fold(0, u64::wrapping_add));
        Answer::from(sum).took(took)
    }

    pub(super) fn echo(trips: u64) -> Answer {
        let pool = Pool::new(1).expect("a worker starts");
        round_trips(trips, |bytes| {
            let handle = pool.spawn(Bytes(bytes), |bytes| bytes);
            handle.join().expect("nothing goes wrong").0
        })
    }
}

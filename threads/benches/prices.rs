//! What things cost on this machine: a lock, a thread, a process, and what lies between.
//!
//! One case, one row for each price; the ratio says how many uncontended locks one could have had
//! instead. How each was measured stands beside it in the report (the note `how`). The answer is how
//! many were bought.

use nix::unistd::getppid;
use std::hint::black_box;
use std::io::{self, PipeReader, PipeWriter, Read, Write};
use std::process::{Command, ExitCode};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Barrier, Mutex, OnceLock, mpsc};
use std::thread::{self, Thread};
use tests_and_benches::timed;
use versus::{Answer, stay_on_core};

/// Buys so many, and says how many it got and, if it had to prepare something, what it took.
type Buy = fn(u64) -> Answer;

/// What it is called, how it is measured, and the function that does.
const PRICES: [(&str, &str, Buy); 9] = [
    ("allocation", "a box of eight bytes is made and dropped", allocation),
    ("system call", "getppid: the kernel is entered and left, and nothing done there", system_call),
    (
        "contended lock",
        "two threads on two cores take and release one lock without a pause; per lock taken",
        contended_lock,
    ),
    (
        "channel hand-over",
        "a thread sends numbers through std's channel and one on another core receives them; per number",
        channel_hand_over,
    ),
    (
        "context switch",
        "two threads on one core pass 8 bytes to and fro through two pipes; \
         per pass: a write, a switch, and a read",
        context_switch,
    ),
    (
        "wake-up, same core",
        "two threads on one core unpark each other in turn, and sleep until then; per wake-up, from \
         the call until the other runs",
        |pieces| wake_up(pieces, [0, 0]),
    ),
    ("wake-up, other core", "the same on two cores", |pieces| wake_up(pieces, [0, 1])),
    ("thread", "a thread that does nothing is started and joined", thread),
    ("process", "`true` is started, runs, and is waited for", process),
];

fn main() -> ExitCode {
    versus::main("prices", |cases| {
        let case =
            cases.case("prices").item("piece").baseline("lock").context("lock", "lock", lock);
        let how = || "one thread takes and releases std's Mutex; per pair".to_owned();
        case.note("lock", "how", how);
        for (name, how, buy) in PRICES {
            case.context(name, name, buy).note(name, "how", || how.to_owned());
        }
    })
}

fn lock(pieces: u64) -> u64 {
    let bought = Mutex::new(0);
    for _ in 0..pieces {
        *black_box(&bought).lock().expect("nobody panics with the lock") += 1;
    }
    bought.into_inner().expect("nobody panics with the lock")
}

fn allocation(pieces: u64) -> Answer {
    (0..pieces).map(|_| *black_box(Box::new(1_u64))).sum::<u64>().into()
}

fn system_call(pieces: u64) -> Answer {
    let parent = getppid();
    (0..pieces).map(|_| u64::from(getppid() == parent)).sum::<u64>().into()
}

fn contended_lock(pieces: u64) -> Answer {
    let left = &Mutex::new(pieces);
    // From one stock, so that neither is left to finish alone.
    let buy = || {
        let mut bought = 0;
        loop {
            let mut left = left.lock().expect("nobody panics with the lock");
            if *left == 0 {
                return Ok(bought);
            }
            *left -= 1;
            bought += 1;
        }
    };
    at_once([0, 1], buy, buy)
}

fn channel_hand_over(pieces: u64) -> Answer {
    let (send, receive) = mpsc::channel();
    let sender = move || {
        (0..pieces).try_for_each(|number| send.send(number)).map_err(io::Error::other)?;
        Ok(0)
    };
    at_once([0, 1], sender, move || Ok(receive.iter().count() as u64))
}

fn context_switch(pieces: u64) -> Answer {
    let pipe = || io::pipe().expect("there are descriptors left");
    let ((there, from_one), (back, from_two)) = (pipe(), pipe());
    // Whoever fails drops its ends, and so ends the other too.
    let side = |number, mut input: PipeReader, mut output: PipeWriter| {
        move || {
            let (mut passed, mut message) = (0, [0; 8]);
            for turn in 0..pieces {
                if turn % 2 == number {
                    output.write_all(&message)?;
                    passed += 1;
                } else {
                    input.read_exact(&mut message)?;
                }
            }
            Ok(passed)
        }
    };
    at_once([0, 0], side(0, back, from_one), side(1, there, from_two))
}

fn wake_up(pieces: u64, cores: [usize; 2]) -> Answer {
    let threads: &[OnceLock<Thread>; 2] = &Default::default();
    let next = &AtomicU64::new(0);
    let side = |number: usize| {
        move || {
            threads[number].get_or_init(thread::current);
            let other = threads[1 - number].wait();
            let mut woken = 0;
            for turn in 0..pieces {
                if turn % 2 == number as u64 {
                    // Wakes the loop below. Relaxed: the number publishes nothing but itself.
                    next.store(turn + 1, Ordering::Relaxed);
                    other.unpark();
                    woken += 1;
                } else {
                    while next.load(Ordering::Relaxed) <= turn {
                        thread::park();
                    }
                }
            }
            Ok(woken)
        }
    };
    at_once(cores, side(0), side(1))
}

fn thread(pieces: u64) -> Answer {
    let one = || thread::spawn(|| 1).join().expect("it does nothing");
    (0..pieces).map(|_| one()).sum::<u64>().into()
}

fn process(pieces: u64) -> Answer {
    let one = |_| Command::new("true").status().map(|status| u64::from(status.success()));
    (0..pieces).map(one).sum::<io::Result<u64>>().into()
}

/// Both on threads of their own, tied to these cores; the clock runs from when both are there until
/// both are done. The answer is the sum of theirs.
fn at_once(
    cores: [usize; 2],
    one: impl FnOnce() -> io::Result<u64> + Send,
    two: impl FnOnce() -> io::Result<u64> + Send,
) -> Answer {
    let gate = &Barrier::new(3);
    thread::scope(|s| {
        let ready = move |core| {
            stay_on_core(core);
            gate.wait(); // both are there
            gate.wait(); // the clock runs
        };
        let one = s.spawn(move || (ready(cores[0]), one()).1);
        let two = s.spawn(move || (ready(cores[1]), two()).1);
        gate.wait();
        let (bought, took) = timed(|| {
            gate.wait();
            [one, two].map(|thread| thread.join().expect("prices do not panic"))
        });
        let [one, two] = bought;
        Answer::from(one.and_then(|one| Ok(one + two?))).took(took)
    })
}

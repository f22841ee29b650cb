//! What things cost on this machine: a lock, a thread, a process, and what lies between.
//!
//! One case, one row for each price; the ratio says how many uncontended locks one could have had
//! instead. How each was measured stands beside it in the report (`how: NAME`), and once more at
//! its function. The answer is how many were bought.

use bench_support::timed;
use nix::unistd::{getppid, pipe, read, write};
use std::error::Error;
use std::hint::black_box;
use std::os::fd::OwnedFd;
use std::process::{Command, ExitCode};
use std::sync::{Barrier, Mutex, mpsc};
use std::thread;
use versus::Answer;

/// How it is bought: so many, with the time that took.
type Buy = fn(u64) -> Result<Answer, Box<dyn Error>>;

/// What it is called, how it is measured, and the function that does.
const PRICES: [(&str, &str, Buy); 8] = [
    ("system call", "getppid: the kernel is entered and left, and nothing done there", system_call),
    (
        "contended lock",
        "two threads take and release one lock without a pause; per lock taken",
        contended_lock,
    ),
    (
        "channel hand-over",
        "a thread sends numbers through std's channel and another receives them; per number",
        channel_hand_over,
    ),
    (
        "context switch",
        "two threads on one core pass 8 bytes to and fro through two pipes; \
         per pass: a write, a switch, and a read",
        context_switch,
    ),
    (
        "wake-up",
        "two threads free to use all cores unpark each other in turn, and sleep until then; \
         per wake-up, from the call until the other runs",
        wake_up,
    ),
    ("thread", "a thread that does nothing is started and joined", thread),
    ("process", "`true` is started, runs, and is waited for", process),
    ("allocation", "a box of eight bytes is made and dropped", allocation),
];

fn main() -> ExitCode {
    versus::main("prices", |cases| {
        for (name, how, _) in PRICES {
            cases.circumstance(&format!("how: {name}"), how);
        }
        cases.circumstance("how: lock", "one thread takes and releases std's Mutex");
        let case = cases.case("prices").item("piece").baseline("lock", lock);
        for (name, _, buy) in PRICES {
            case.variant(name, buy);
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

fn allocation(pieces: u64) -> Result<Answer, Box<dyn Error>> {
    Ok((0..pieces).map(|_| *black_box(Box::new(1_u64))).sum::<u64>().into())
}

fn system_call(pieces: u64) -> Result<Answer, Box<dyn Error>> {
    let parent = getppid();
    Ok((0..pieces).map(|_| u64::from(getppid() == parent)).sum::<u64>().into())
}

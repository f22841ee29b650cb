//! Consumer and producer: a bounded queue makes producers wait, and ends when they have all gone.
//!
//! Cheatsheet section S04: "Consumer and Producer".
//! Differs: there the queue has no bound, and the program never ends. Here a full queue makes
//! whoever sends wait. It ends when the last sender is dropped, so there is nothing to count as
//! done (`task_done`), and no last job to send (a sentinel).
//!
//! # Output
//!
//! Either consumer may get any job; each job comes out once. A consumer takes its job before it
//! prints, so `main` may find the queue empty, and print its `~|` line, while consumers have yet to
//! print theirs.
//!
//! ```text
//! 4 jobs wait, and one more is refused: true
//! A| consumer {a=1} from producer 1: fib(11) = 89
//! B| consumer {b=1} from producer 1: fib(12) = 144
//! C| consumer {c=1} from producer 1: fib(13) = 233
//! D| consumer {d=1} from producer 1: fib(14) = 377
//! E| consumer {e=1} from producer 1: fib(15) = 610
//! F| consumer {f=1} from producer 2: fib(21) = 10946
//! G| consumer {g=1} from producer 2: fib(22) = 17711
//! H| consumer {h=1} from producer 2: fib(23) = 28657
//! I| consumer {i=1} from producer 2: fib(24) = 46368
//! J| consumer {j=1} from producer 2: fib(25) = 75025
//! ~| main keeps a sender: no job, but one may come
//! main has dropped it: no job can come any more
//! at most 4 jobs have waited
//! ```
//!
//! # Always
//!
//! - `consumer 1 from producer 1: fib({x=11})` ascending
//! - `consumer 1 from producer 2: fib({x=11})` ascending
//! - `consumer 2 from producer 1: fib({x=11})` ascending
//! - `consumer 2 from producer 2: fib({x=11})` ascending
//! - first 2 `consumer {x=1}` distinct
//! - first 2 `from producer {x=1}` distinct

use crossbeam::channel::{Receiver, RecvTimeoutError::Disconnected, bounded};
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::{thread, time::Duration};
use threads::fib;

fn main() {
    section::ends_with_its_reader();
    let (sender, jobs) = bounded(4);
    let most = &AtomicUsize::new(0);
    let (both_send, both_receive) = (&Barrier::new(2), &Barrier::new(2));
    thread::scope(|s| {
        let producers = [1, 2].map(|producer| {
            let sender = sender.clone(); // dropped when the producer ends
            let mut gate = Some(both_send);
            s.spawn(move || {
                for n in 1..=5 {
                    sender.send((producer, 10 * producer + n)).expect("main has a receiver");
                    most.fetch_max(sender.len(), Relaxed);
                    until_the_other_has_had_one(&mut gate);
                }
            })
        });
        until(|| jobs.is_full());
        most.fetch_max(jobs.len(), Relaxed);
        let refused = sender.try_send((0, 0)).is_err();
        println!("{} jobs wait, and one more is refused: {refused}", jobs.len());

        for consumer in [1, 2] {
            let (jobs, mut gate) = (jobs.clone(), Some(both_receive));
            s.spawn(move || {
                for (producer, n) in jobs {
                    println!("consumer {consumer} from producer {producer}: fib({n}) = {}", fib(n));
                    until_the_other_has_had_one(&mut gate);
                }
            });
        }
        for producer in producers {
            producer.join().expect("a producer panicked");
        }
        until(|| jobs.is_empty());
        println!("main keeps a sender: {}", next(&jobs));
        drop(sender); // or the consumers, and with them the scope, would never end
    });
    println!("main has dropped it: {}", next(&jobs));
    println!("at most {} jobs have waited", most.load(Relaxed));
}

fn next<T>(jobs: &Receiver<T>) -> &'static str {
    match jobs.recv_timeout(Duration::from_millis(20)) {
        Ok(_) => "a job",
        Err(Disconnected) => "no job can come any more",
        Err(_) => "no job, but one may come",
    }
}

/// Forces what the next line looks at: a full queue before the consumers start, and then an empty
/// one.
fn until(so: impl Fn() -> bool) {
    while !so() {
        thread::yield_now();
    }
}

/// Forces both of a kind to take part: neither has a second job before the other has had one.
fn until_the_other_has_had_one(gate: &mut Option<&Barrier>) {
    let _ = gate.take().map(Barrier::wait);
}

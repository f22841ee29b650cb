//! Thread-safe priority queue: on a condition, a queue gives out the highest priority first.
//!
//! Cheatsheet section S13: "Thread-safe priority queue", using `Condition`.
//! Differs: the cheatsheet's threads never end; here `close` ends them. Its values are random; here
//! three of them are equal, and come out in the order in which they went in. And the thread that
//! pops is called the consumer, not the producer.
//!
//! # Output
//!
//! First what is there already, in falling order of priority; then what comes, as it comes.
//!
//! ```text
//! consumer: leak (9)
//! consumer: crash (9)
//! consumer: outage (9)
//! consumer: tests (5)
//! consumer: docs (2)
//! consumer: mail (1)
//! consumer: wait...
//! producer: puts audit (2)
//! consumer: audit (2)
//! consumer: wait...
//! producer: puts release (7)
//! consumer: release (7)
//! consumer: wait...
//! producer: closes
//! consumer: closed
//! ```

use std::sync::{Barrier, Condvar, Mutex};
use std::{cmp::Reverse, collections::BinaryHeap, thread};

fn main() {
    section::ends_with_its_reader();
    let queue = &PriorityQueue::default();
    let jobs = [("mail", 1), ("leak", 9), ("tests", 5), ("crash", 9), ("docs", 2), ("outage", 9)];
    for (item, priority) in jobs {
        queue.put(item, priority);
    }
    thread::scope(|s| {
        s.spawn(|| {
            while let Some((priority, _, item)) = queue.pop() {
                println!("consumer: {item} ({priority})");
            }
            println!("consumer: closed");
        });
        for (item, priority) in [("audit", 2), ("release", 7)] {
            CONSUMER_WAITS.wait();
            println!("producer: puts {item} ({priority})");
            queue.put(item, priority);
        }
        CONSUMER_WAITS.wait();
        println!("producer: closes");
        queue.close();
    });
}

#[derive(Default)]
struct PriorityQueue {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    // It gives out the largest: the highest priority and, of equal ones, the lowest number.
    heap: BinaryHeap<(u32, Reverse<u32>, &'static str)>,
    puts: u32,
    closed: bool,
}

impl PriorityQueue {
    fn put(&self, item: &'static str, priority: u32) {
        let mut state = self.state.lock().unwrap();
        let number = Reverse(state.puts);
        state.puts += 1;
        state.heap.push((priority, number, item));
        self.changed.notify_one(); // wakes the loop in `pop`
    }

    fn pop(&self) -> Option<(u32, Reverse<u32>, &'static str)> {
        let state = self.state.lock().unwrap();
        if state.heap.is_empty() && !state.closed {
            println!("consumer: wait...");
            CONSUMER_WAITS.wait();
        }
        // Woken by `put` and `close`. A loop inside: a wake-up may be spurious.
        let idle = |state: &mut State| state.heap.is_empty() && !state.closed;
        self.changed.wait_while(state, idle).unwrap().heap.pop()
    }

    fn close(&self) {
        self.state.lock().unwrap().closed = true;
        self.changed.notify_all(); // wakes the loop in `pop`
    }
}

/// Forces the order: the producer goes on when the consumer has taken all that is there. The
/// consumer comes here with the lock, so the producer's next `put` finds it asleep.
static CONSUMER_WAITS: Barrier = Barrier::new(2);

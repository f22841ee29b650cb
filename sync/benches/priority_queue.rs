//! Pushes and pops in turn, by two threads, on a queue of 64 items, of 4 Ki, and of 256 Ki.
//!
//! `PriorityQueue` beside a heap with a lock and a condition, as one would write it by hand, and
//! with the feature `peers` beside async-priority-channel. What is due first has the highest
//! priority, and an item is due some time after it was pushed, as a job with a deadline is. One
//! thread pushes 16 items, then one on another core pops 16, and so on. So the depth stays nearly
//! what it is (if it floats, it decides, not the queue), nobody sleeps, and handing over the turn
//! costs little beside 16 items. The limit is one thread with the heap alone. Threads of Python
//! hand over the turn with locks, as the interpreter lets only one of them run. Starting threads
//! and filling the queue do not count.
//!
//! As they take turns, it is known what each pop has to give. The answer is how many gave that.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex};
use std::time::Duration;
use std::{hint, iter, thread};
use sync::PriorityQueue;
use tests_and_benches::{Python, pythons, timed};
use versus::{Answer, Case, Clock, Role, SystemClock, Time, stay_on_core};

struct Situation {
    name: &'static str,
    depth: u64,
    python: &'static str,
}

const SITUATIONS: [Situation; 3] = [
    Situation { name: "priority queue of 64", depth: 64, python: "of_64" },
    Situation { name: "priority queue of 4 Ki", depth: 4 << 10, python: "of_4_ki" },
    Situation { name: "priority queue of 256 Ki", depth: 256 << 10, python: "of_256_ki" },
];

/// How many items are pushed, or popped, in a turn.
const TURN: usize = 16;

fn main() -> ExitCode {
    versus::main("priority_queue", |cases| {
        let pythons = pythons();
        Python::note(&pythons, cases);
        for situation in &SITUATIONS {
            let depth = situation.depth;
            let case = cases.case(situation.name).item("item").baseline("priority_queue");
            add::<PriorityQueue<u64, Reverse<u64>>>(case, depth);
            add::<StdByHand>(case, depth);
            add::<ParkingLotByHand>(case, depth);
            #[cfg(feature = "peers")]
            add::<peers::Channel>(case, depth);
            case.limit("heap", "heap alone, 1 thread", move |items| {
                let (popped, took) = alone(depth, items);
                Answer::from(popped.len() as u64).took(took)
            });
            for python in &pythons {
                let (name, python) = (python.name(), python.clone());
                case.python(name, move |items| {
                    python.call(include_str!("priority_queue.py"), situation.python, items)
                });
                // Its threads take milliseconds to get going, which has to be little beside the
                // rest.
                case.at_least(name, Duration::from_millis(200));
            }
        }
    })
}

fn add<C: Contender>(case: &mut Case<'_>, depth: u64) {
    let run = move |items| {
        let (popped, took) = in_turn::<C>(depth, items);
        let (expected, _) = alone(depth, items);
        let right = iter::zip(popped, expected).filter(|(popped, expected)| popped == expected);
        Answer::from(right.count() as u64).took(took)
    };
    case.variant(C::ROLE, C::ID, C::LABEL, run);
}

/// What each pop gave, and how long all of it took.
fn in_turn<C: Contender>(depth: u64, items: u64) -> (Vec<u64>, Time) {
    let (queue, turns, clock) = (&C::default(), &Turns::default(), &SystemClock::new());
    let (first, later) = &dues(depth, items);
    for &due in first {
        queue.push(due);
    }
    let push = || {
        stay_on_core(0);
        turns.take(1, || ()); // both are there, and awake
        let start = clock.now();
        for (number, some) in (3..).step_by(2).zip(later.chunks(TURN)) {
            turns.take(number, || some.iter().for_each(|&due| queue.push(due)));
        }
        start
    };
    let pop = || {
        stay_on_core(1);
        let mut popped = Vec::with_capacity(later.len());
        turns.take(0, || ());
        turns.take(2, || ());
        for (number, some) in (4..).step_by(2).zip(later.chunks(TURN)) {
            turns.take(number, || popped.extend(some.iter().map(|_| queue.pop())));
        }
        (popped, clock.now())
    };
    thread::scope(|s| {
        let (push, pop) = (s.spawn(push), s.spawn(pop));
        let start = push.join().expect("nothing panics here");
        let (popped, end) = pop.join().expect("nothing panics here");
        (popped, end - start)
    })
}

/// The limit: the same on one thread, with nothing but the heap.
fn alone(depth: u64, items: u64) -> (Vec<u64>, Time) {
    let (first, later) = dues(depth, items);
    let mut heap: BinaryHeap<Entry> = first.into_iter().map(|due| (Reverse(due), due)).collect();
    let mut popped = Vec::with_capacity(later.len());
    let ((), took) = timed(|| {
        for some in later.chunks(TURN) {
            for &due in some {
                heap.push((Reverse(due), due));
            }
            popped.extend(some.iter().filter_map(|_| heap.pop()).map(|(_, item)| item));
        }
    });
    (popped, took)
}

/// When each item is due: those that are there from the start, and those that are pushed later.
///
/// Time goes on by one with each push, and a pop takes what is due first. Items are due within
/// twice the depth, so on the average they are queued for as many pushes as there are items in the
/// queue: the new ones come to lie anywhere in it.
fn dues(depth: u64, items: u64) -> (Vec<u64>, Vec<u64>) {
    let due = |now| move |number| now + scattered(number) % (2 * depth);
    let first = (0..depth).map(due(0)).collect();
    let later = (0..items).map(|now| due(now)(depth + now)).collect();
    (first, later)
}

/// The same numbers in every run, without a pattern (the output function of SplitMix64).
fn scattered(number: u64) -> u64 {
    let mut z = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Whose turn it is. On cache lines of its own, as both threads watch it.
#[derive(Default)]
#[repr(align(128))]
struct Turns(AtomicU64);

impl Turns {
    fn take(&self, number: u64, work: impl FnOnce()) {
        // Acquire and Release pair with each other: the next sees what this one has done.
        let mut looks = 0;
        while self.0.load(Ordering::Acquire) != number {
            looks += 1;
            // The other may wait for our core.
            if looks % 1000 == 0 { thread::yield_now() } else { hint::spin_loop() }
        }
        work();
        self.0.store(number + 1, Ordering::Release);
    }
}

trait Contender: Default + Sync {
    const ROLE: Role = Role::Peer;
    const ID: &'static str;
    const LABEL: &'static str;

    fn push(&self, due: u64);

    /// Waits for an item, and takes the one that is due first.
    fn pop(&self) -> u64;
}

impl Contender for PriorityQueue<u64, Reverse<u64>> {
    const ROLE: Role = Role::Ours;
    const ID: &'static str = "priority_queue";
    const LABEL: &'static str = "PriorityQueue";

    fn push(&self, due: u64) {
        self.push(due, Reverse(due)).expect("nobody closes it");
    }

    fn pop(&self) -> u64 {
        self.pop().expect("nobody closes it")
    }
}

/// A priority and an item. The heap has the highest priority first.
type Entry = (Reverse<u64>, u64);

/// The textbook's queue, with what std has.
#[derive(Default)]
struct StdByHand {
    heap: Mutex<BinaryHeap<Entry>>,
    filled: Condvar,
}

impl Contender for StdByHand {
    const ID: &'static str = "std";
    const LABEL: &'static str = "std Mutex + Condvar + BinaryHeap";

    fn push(&self, due: u64) {
        self.heap.lock().expect("nobody panics with the lock").push((Reverse(due), due));
        self.filled.notify_one();
    }

    fn pop(&self) -> u64 {
        let heap = self.heap.lock().expect("nobody panics with the lock");
        let heap = self.filled.wait_while(heap, |heap| heap.is_empty());
        heap.expect("nobody panics with the lock").pop().expect("it is not empty").1
    }
}

/// The same with what `parking_lot` has.
#[derive(Default)]
struct ParkingLotByHand {
    heap: parking_lot::Mutex<BinaryHeap<Entry>>,
    filled: parking_lot::Condvar,
}

impl Contender for ParkingLotByHand {
    const ID: &'static str = "parking_lot";
    const LABEL: &'static str = "parking_lot Mutex + Condvar + BinaryHeap";

    fn push(&self, due: u64) {
        self.heap.lock().push((Reverse(due), due));
        self.filled.notify_one();
    }

    fn pop(&self) -> u64 {
        let mut heap = self.heap.lock();
        self.filled.wait_while(&mut heap, |heap| heap.is_empty());
        heap.pop().expect("it is not empty").1
    }
}

#[cfg(feature = "peers")]
mod peers {
    use super::Contender;
    use async_priority_channel::{Receiver, Sender, unbounded};
    use std::cmp::Reverse;

    pub(super) struct Channel(Sender<u64, Reverse<u64>>, Receiver<u64, Reverse<u64>>);

    impl Default for Channel {
        fn default() -> Self {
            let (sender, receiver) = unbounded();
            Channel(sender, receiver)
        }
    }

    impl Contender for Channel {
        const ID: &'static str = "async-priority-channel";
        const LABEL: &'static str = "async-priority-channel";

        /// Never waits: there is always room.
        fn push(&self, due: u64) {
            self.0.try_send(due, Reverse(due)).expect("nobody closes it");
        }

        fn pop(&self) -> u64 {
            pollster::block_on(self.1.recv()).expect("nobody closes it").0
        }
    }
}

//! A push and a pop in turn, by one producer and one consumer, with 64, 4 Ki and 256 Ki items queued.
//!
//! `PriorityQueue` beside what one would write by hand, and with the feature `peers` beside
//! `async-priority-channel`. The two threads take turns, so that the depth stays as it is: if it were free to
//! grow, it would decide, and not the queue. How the turn is passed (an atomic, looked at again and again) is
//! the same for all, and costs each of them the same.
//!
//! The producer pushes a little below what has just been popped, by a random step of up to twice the depth.
//! So priorities fall for ever, their spread stays the same, and a new item has its place anywhere in the
//! queue. The queue is filled before the clock starts, and serves all rounds. The answer is the number
//! of items, if each one popped was no higher than the one before.

use std::cell::{LazyCell, RefCell};
use std::collections::BinaryHeap;
use std::hint;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Barrier, Condvar, Mutex};
use std::thread;
use sync::PriorityQueue;
use tests_and_benches::{Python, pythons, timed};
use versus::{Answer, Case, stay_on_core};

const DEPTHS: [(u64, &str); 3] = [(64, "64"), (4 << 10, "4 Ki"), (256 << 10, "256 Ki")];

fn main() -> ExitCode {
    versus::main("priority_queue", |cases| {
        let pythons = pythons();
        Python::note(&pythons, cases);
        for (depth, written) in DEPTHS {
            let case = cases.case(&format!("priority_queue, {written} items queued"));
            case.item("push and pop");
            add::<PriorityQueue<u64, u64>>(case, "PriorityQueue", depth);
            add::<StdByHand>(case, "std Mutex + Condvar + BinaryHeap", depth);
            add::<ParkingLotByHand>(case, "parking_lot Mutex + Condvar + BinaryHeap", depth);
            #[cfg(feature = "peers")]
            add::<peers::Channel>(case, "async-priority-channel, blocking", depth);
            let heap = LazyCell::new(move || RefCell::new(Alone::filled(depth)));
            case.variant("BinaryHeap on one thread (limit)", move |items| {
                heap.borrow_mut().run(depth, items)
            });
            for python in &pythons {
                let (name, python) = (python.name(), python.clone());
                case.variant(name, move |items| {
                    let script = include_str!("priority_queue.py");
                    python.call(script, &format!("at_{depth}"), items)
                });
            }
            if !pythons.is_empty() {
                case.remark(
                    "In Python the turn is passed through a `SimpleQueue`: its threads cannot look again and \
                     again at once.",
                );
            }
        }
    })
}

fn add<C: Contender + 'static>(case: &mut Case<'_>, name: &'static str, depth: u64) {
    let queue = LazyCell::new(move || {
        let (queue, last) = filled::<C>(depth);
        (queue, AtomicU64::new(last))
    });
    let run = move |items| in_turn(&queue.0, &queue.1, depth, items);
    match name {
        "PriorityQueue" => case.baseline(name, run),
        _ => case.variant(name, run),
    };
}

/// Priorities begin here, and fall.
const HIGHEST: u64 = u64::MAX / 2;

/// A queue of this depth, and a priority that is above all in it.
fn filled<C: Contender>(depth: u64) -> (C, u64) {
    let (queue, mut random) = (C::new(), Random::new());
    for _ in 0..depth {
        queue.push(HIGHEST - random.below(2 * depth));
    }
    (queue, HIGHEST)
}

/// So many items, in turn. `last` is what was popped last, and passes the turn too: the producer waits for it to
/// change, and the consumer for zero.
fn in_turn<C: Contender>(queue: &C, last: &AtomicU64, depth: u64, items: u64) -> Answer {
    let (in_order, start) = (&AtomicU64::new(0), &Barrier::new(3));
    let before = last.load(Ordering::Relaxed);
    let ((), took) = thread::scope(|s| {
        s.spawn(move || {
            stay_on_core(0);
            let mut random = Random::new();
            start.wait();
            for _ in 0..items {
                // Acquire and Release: what one does in its turn is seen by the other in the next.
                let popped = look_until(last, |last| last != MINE);
                queue.push(popped - random.below(2 * depth));
                last.store(MINE, Ordering::Release);
            }
            start.wait();
        });
        s.spawn(move || {
            stay_on_core(1);
            let mut highest = before;
            start.wait();
            for _ in 0..items {
                look_until(last, |last| last == MINE);
                let popped = queue.pop();
                in_order.fetch_add(u64::from(popped <= highest), Ordering::Relaxed);
                highest = popped;
                last.store(popped, Ordering::Release);
            }
            start.wait();
        });
        start.wait();
        timed(|| {
            start.wait();
        })
    });
    Answer::from(in_order.load(Ordering::Relaxed)).took(took)
}

/// In place of a priority: it is the consumer's turn.
const MINE: u64 = 0;

fn look_until(last: &AtomicU64, so: impl Fn(u64) -> bool) -> u64 {
    for look in 0_u32.. {
        let found = last.load(Ordering::Acquire);
        if so(found) {
            return found;
        }
        // Others may run, where there are not two cores.
        if look % 1_000 == 999 {
            thread::yield_now();
        } else {
            hint::spin_loop();
        }
    }
    unreachable!("it looks until it is so")
}

/// The limit: the same work without a second thread, a lock or a turn.
struct Alone {
    heap: BinaryHeap<(u64, u64)>,
    last: u64,
    random: Random,
}

impl Alone {
    fn filled(depth: u64) -> Alone {
        let mut random = Random::new();
        let heap = (0..depth).map(|_| HIGHEST - random.below(2 * depth)).map(|it| (it, it));
        Alone { heap: heap.collect(), last: HIGHEST, random }
    }

    fn run(&mut self, depth: u64, items: u64) -> Answer {
        let mut in_order = 0;
        let ((), took) = timed(|| {
            for _ in 0..items {
                let item = self.last - self.random.below(2 * depth);
                self.heap.push((item, item));
                let popped = self.heap.pop().map_or(0, |(_, item)| item);
                in_order += u64::from(popped <= self.last);
                self.last = popped;
            }
        });
        Answer::from(in_order).took(took)
    }
}

/// A generator of Knuth's (MMIX): good enough to choose places, and the same steps in every round.
struct Random(u64);

impl Random {
    fn new() -> Random {
        Random(1)
    }

    fn below(&mut self, limit: u64) -> u64 {
        let next = self.0.wrapping_mul(6_364_136_223_846_793_005);
        self.0 = next.wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

/// A queue of items that are their own priorities.
trait Contender: Sync {
    fn new() -> Self;

    fn push(&self, item: u64);

    /// Takes the highest.
    fn pop(&self) -> u64;
}

impl Contender for PriorityQueue<u64, u64> {
    fn new() -> Self {
        PriorityQueue::new()
    }

    fn push(&self, item: u64) {
        self.push(item, item).expect("nobody closes it");
    }

    fn pop(&self) -> u64 {
        self.pop().expect("nobody closes it")
    }
}

/// The cheatsheet's queue, with what std has.
struct StdByHand {
    heap: Mutex<BinaryHeap<(u64, u64)>>,
    changed: Condvar,
}

impl Contender for StdByHand {
    fn new() -> Self {
        StdByHand { heap: Mutex::new(BinaryHeap::new()), changed: Condvar::new() }
    }

    fn push(&self, item: u64) {
        self.heap.lock().expect("nobody panics with the lock").push((item, item));
        self.changed.notify_one();
    }

    fn pop(&self) -> u64 {
        let heap = self.heap.lock().expect("nobody panics with the lock");
        let some = self.changed.wait_while(heap, |heap| heap.is_empty());
        some.expect("nobody panics with the lock").pop().expect("it is not empty").1
    }
}

/// The same with what `parking_lot` has.
struct ParkingLotByHand {
    heap: parking_lot::Mutex<BinaryHeap<(u64, u64)>>,
    changed: parking_lot::Condvar,
}

impl Contender for ParkingLotByHand {
    fn new() -> Self {
        let heap = parking_lot::Mutex::new(BinaryHeap::new());
        ParkingLotByHand { heap, changed: parking_lot::Condvar::new() }
    }

    fn push(&self, item: u64) {
        self.heap.lock().push((item, item));
        self.changed.notify_one();
    }

    fn pop(&self) -> u64 {
        let mut heap = self.heap.lock();
        self.changed.wait_while(&mut heap, |heap| heap.is_empty());
        heap.pop().expect("it is not empty").1
    }
}

#[cfg(feature = "peers")]
mod peers {
    use super::Contender;
    use async_priority_channel::{Receiver, Sender, unbounded};

    /// A channel between tasks, from threads that wait for it.
    pub(super) struct Channel {
        sender: Sender<u64, u64>,
        receiver: Receiver<u64, u64>,
    }

    impl Contender for Channel {
        fn new() -> Self {
            let (sender, receiver) = unbounded();
            Channel { sender, receiver }
        }

        fn push(&self, item: u64) {
            pollster::block_on(self.sender.send(item, item)).expect("nobody closes it");
        }

        fn pop(&self) -> u64 {
            pollster::block_on(self.receiver.recv()).expect("nobody closes it").0
        }
    }
}

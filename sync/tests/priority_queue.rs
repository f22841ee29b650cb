//! What the building block `PriorityQueue` promises.

use proptest::prelude::*;
use std::cmp::{Ordering, Reverse};
use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Barrier, LazyLock, Mutex, Weak};
use std::time::{Duration, Instant};
use std::{array, iter, thread};
use sync::{Closed, PopError, PriorityQueue, PushError, TotalF64};
use tests_and_benches::{Watchdog, until};

/// All that is left in a queue, which is closed by it.
fn rest<T, P: Ord>(queue: &PriorityQueue<T, P>) -> Vec<T> {
    queue.close();
    iter::from_fn(|| queue.pop()).collect()
}

proptest! {
    #[test]
    fn the_highest_comes_first_and_equal_ones_in_the_order_in_which_they_came(
        steps in prop::collection::vec(prop::option::weighted(0.7, 0..4_u32), 0..200),
    ) {
        let _watchdog = Watchdog::new();
        let (queue, mut model) = (PriorityQueue::new(), Vec::new());
        for (number, step) in steps.into_iter().enumerate() {
            if let Some(priority) = step {
                queue.push(number, priority).unwrap();
                model.push((Reverse(priority), number));
            } else {
                model.sort();
                let first = (!model.is_empty()).then(|| model.remove(0).1);
                prop_assert_eq!(queue.try_pop().ok(), first);
            }
            prop_assert_eq!((queue.len(), queue.is_empty()), (model.len(), model.is_empty()));
        }
        model.sort();
        let model: Vec<_> = model.into_iter().map(|(_, number)| number).collect();
        prop_assert_eq!(rest(&queue), model);
    }

    #[test]
    fn every_f64_has_its_place(values in prop::collection::vec(any::<f64>(), 0..40)) {
        let _watchdog = Watchdog::new();
        let odd = [f64::NAN, -f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.0, -0.0];
        let queue = PriorityQueue::new();
        for value in values.iter().copied().chain(odd) {
            queue.push(value, TotalF64(value)).unwrap();
        }
        let popped = rest(&queue);
        prop_assert_eq!(popped.len(), values.len() + odd.len());
        for pair in popped.windows(2) {
            prop_assert!(pair[0].total_cmp(&pair[1]).is_ge());
        }
    }
}

#[test]
fn of_many_threads_each_item_arrives_once_and_equal_ones_keep_their_order() {
    let _watchdog = Watchdog::new();
    let queue = &PriorityQueue::bounded(8);
    let (producers, items) = (4, 2_500);
    let mut arrived: Vec<_> = thread::scope(|s| {
        let consumers: [_; 4] =
            array::from_fn(|_| s.spawn(|| iter::from_fn(|| queue.pop()).collect::<Vec<_>>()));
        thread::scope(|s| {
            for producer in 0..producers {
                s.spawn(move || {
                    for item in 0..items {
                        queue.push((producer, item), item % 3).unwrap();
                    }
                });
            }
        });
        queue.close();
        let each = consumers.map(|consumer| consumer.join().unwrap());
        for popped in &each {
            for (producer, priority) in (0..producers).flat_map(|it| [(it, 0), (it, 1), (it, 2)]) {
                let of_both = |&&(of, item): &&(i32, i32)| of == producer && item % 3 == priority;
                assert!(popped.iter().filter(of_both).is_sorted());
            }
        }
        each.concat()
    });
    assert_eq!(arrived.len(), 10_000);
    arrived.sort_unstable();
    arrived.dedup();
    assert_eq!(arrived.len(), 10_000);
}

#[test]
fn a_pop_waits_for_a_push() {
    let _watchdog = Watchdog::new();
    let queue = &PriorityQueue::new();
    thread::scope(|s| {
        let waiters: [_; 3] = array::from_fn(|_| s.spawn(|| queue.pop()));
        thread::yield_now();
        assert!(waiters.iter().all(|waiter| !waiter.is_finished()));
        for item in 0..3 {
            queue.push(item, 0).unwrap();
        }
        let popped: HashSet<_> = waiters.map(|waiter| waiter.join().unwrap().unwrap()).into();
        assert_eq!(popped, HashSet::from([0, 1, 2]));
    });
}

#[test]
fn a_push_into_a_full_queue_waits_for_a_pop() {
    let _watchdog = Watchdog::new();
    let (queue, pushed) = (&PriorityQueue::bounded(2), &AtomicUsize::new(0));
    thread::scope(|s| {
        s.spawn(|| {
            for item in 0..5 {
                queue.push(item, 0).unwrap();
                pushed.fetch_add(1, Relaxed);
            }
        });
        for item in 0..5 {
            let most = (item + 2).min(5);
            until("it has pushed what there is room for", || pushed.load(Relaxed) == most);
            thread::yield_now(); // lets it push more, if the queue would
            assert_eq!((pushed.load(Relaxed), queue.len()), (most, most - item));
            assert_eq!(queue.pop(), Some(item));
        }
    });
}

#[test]
fn closing_leaves_what_is_queued_and_gives_back_what_comes_later() {
    let _watchdog = Watchdog::new();
    let queue = PriorityQueue::bounded(2);
    queue.push("b", 1).unwrap();
    queue.push("a", 2).unwrap();
    queue.close();
    queue.close();
    assert!(queue.is_closed());
    assert!(queue.push("c", 3) == Err(Closed("c", 3)));
    assert!(queue.try_push("c", 3) == Err(PushError::Closed("c", 3)));
    assert!(queue.push_timeout("c", 3, Duration::MAX) == Err(PushError::Closed("c", 3)));
    assert_eq!((queue.pop(), queue.try_pop()), (Some("a"), Ok("b")));
    assert_eq!((queue.pop(), queue.try_pop()), (None, Err(PopError::Closed)));
    assert_eq!(queue.pop_timeout(Duration::MAX), Err(PopError::Closed));
}

#[test]
fn closing_ends_all_that_wait() {
    let _watchdog = Watchdog::new();
    let (empty, full) = (&PriorityQueue::<i32, i32>::new(), &PriorityQueue::bounded(1));
    full.push(0, 0).unwrap();
    let coming = &Barrier::new(7);
    thread::scope(|s| {
        let pops: [_; 3] = array::from_fn(|_| {
            s.spawn(|| {
                coming.wait();
                empty.pop()
            })
        });
        let pushes: [_; 3] = array::from_fn(|_| {
            s.spawn(|| {
                coming.wait();
                full.push(1, 1)
            })
        });
        coming.wait();
        thread::sleep(Duration::from_millis(20)); // lets most of them fall asleep; all end all the same
        empty.close();
        full.close();
        assert_eq!(pops.map(|pop| pop.join().unwrap()), [None; 3]);
        assert!(pushes.into_iter().all(|push| push.join().unwrap() == Err(Closed(1, 1))));
    });
    assert_eq!(rest(full), [0]);
}

#[test]
fn time_outs_are_not_early_and_give_the_item_back() {
    let _watchdog = Watchdog::new();
    let queue = PriorityQueue::bounded(1);
    let limit = Duration::from_millis(20);
    let start = Instant::now();
    assert_eq!(queue.pop_timeout(limit), Err(PopError::Empty));
    assert!(start.elapsed() >= limit);
    queue.push("a", 1).unwrap();
    let start = Instant::now();
    assert!(queue.push_timeout("b", 2, limit) == Err(PushError::Full("b", 2)));
    assert!(start.elapsed() >= limit);
    assert_eq!(queue.pop_timeout(Duration::ZERO), Ok("a"));
    assert!(queue.push_timeout("c", 3, Duration::ZERO).is_ok());
}

#[test]
fn a_limit_without_end_does_not_overflow() {
    let _watchdog = Watchdog::new();
    let queue = &PriorityQueue::bounded(1);
    thread::scope(|s| {
        s.spawn(|| {
            for item in 0..3 {
                queue.push_timeout(item, 0, Duration::MAX).unwrap();
            }
        });
        for item in 0..3 {
            assert_eq!(queue.pop_timeout(Duration::MAX), Ok(item));
        }
    });
}

#[test]
fn time_outs_that_meet_wake_ups_lose_no_item_and_no_room() {
    let _watchdog = Watchdog::new();
    let queue = &PriorityQueue::bounded(1);
    let (items, limit) = (2_000, |round: u64| Duration::from_micros(round % 50));
    thread::scope(|s| {
        let popped: [_; 2] = array::from_fn(|_| {
            s.spawn(move || {
                let mut popped = Vec::new();
                for round in 0.. {
                    match queue.pop_timeout(limit(round)) {
                        Ok(item) => popped.push(item),
                        Err(PopError::Empty) => {}
                        Err(PopError::Closed) => break,
                    }
                }
                popped
            })
        });
        thread::scope(|s| {
            for part in 0..2 {
                s.spawn(move || {
                    for item in (part * items)..((part + 1) * items) {
                        let mut round = 0;
                        while queue.push_timeout(item, 0, limit(round)).is_err() {
                            round += 1;
                        }
                    }
                });
            }
        });
        queue.close();
        let mut popped = popped.map(|popped| popped.join().unwrap()).concat();
        popped.sort_unstable();
        assert!(popped.into_iter().eq(0..2 * items));
    });
}

#[test]
fn a_thread_that_is_woken_in_vain_goes_on_waiting() {
    let _watchdog = Watchdog::new();
    let (queue, over) = (&PriorityQueue::bounded(1), &AtomicBool::new(false));
    thread::scope(|s| {
        // Two that wait on either side, and on either side one that takes away what they are woken
        // for.
        for _ in 0..2 {
            s.spawn(|| while queue.push(0, 0).is_ok() {});
            s.spawn(|| {
                while queue.pop().is_some() {}
                assert!(queue.is_closed(), "nothing popped from an open queue");
            });
        }
        s.spawn(|| while queue.try_push(0, 0) != Err(PushError::Closed(0, 0)) {});
        s.spawn(|| while queue.try_pop() != Err(PopError::Closed) {});
        s.spawn(|| {
            while !over.load(Relaxed) {
                assert!(queue.len() <= 1, "more than there is room for");
            }
        });
        thread::sleep(Duration::from_millis(300)); // the longer, the more is seen
        queue.close();
        over.store(true, Relaxed);
    });
}

/// A priority whose comparison panics when told to.
#[derive(Clone, Copy)]
struct Touchy<'a>(i32, &'a AtomicBool);

impl Ord for Touchy<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        assert!(!self.1.load(Relaxed) && !other.1.load(Relaxed), "I do not compare");
        self.0.cmp(&other.0)
    }
}

impl PartialOrd for Touchy<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Touchy<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Touchy<'_> {}

#[test]
fn an_ord_that_panics_loses_only_the_item_being_pushed() {
    let _watchdog = Watchdog::new();
    let (touchy, queue) = (&AtomicBool::new(false), PriorityQueue::new());
    for item in 0..20 {
        let panics = item % 3 == 2;
        touchy.store(panics, Relaxed);
        let pushed = catch_unwind(AssertUnwindSafe(|| queue.push(item, Touchy(item % 7, touchy))));
        assert_eq!(pushed.is_err(), panics);
    }
    touchy.store(true, Relaxed); // popping compares nothing
    let mut expected: Vec<_> = (0..20).filter(|item| item % 3 != 2).collect();
    expected.sort_by_key(|item| Reverse(item % 7));
    assert_eq!(rest(&queue), expected);
}

#[test]
fn an_ord_that_panics_leaves_nobody_asleep_that_has_room() {
    let _watchdog = Watchdog::new();
    let calm = AtomicBool::new(false);
    for _ in 0..200 {
        let queue = &PriorityQueue::bounded(2);
        let touchy = &AtomicBool::new(false);
        queue.push(0, Touchy(0, &calm)).unwrap();
        queue.push(1, Touchy(0, &calm)).unwrap();
        thread::scope(|s| {
            // One of the two is woken for the one free place. If it is the one that panics, the
            // other must be woken in its stead.
            s.spawn(|| catch_unwind(AssertUnwindSafe(|| queue.push(2, Touchy(1, touchy)))));
            let other = s.spawn(|| queue.push(3, Touchy(2, &calm)));
            thread::sleep(Duration::from_micros(200)); // lets both fall asleep, or else less is shown
            touchy.store(true, Relaxed);
            assert_eq!(queue.pop(), Some(0));
            assert!(other.join().unwrap().is_ok());
            queue.close(); // for the first, if it has not been woken
        });
    }
}

#[test]
fn an_item_is_dropped_as_soon_as_it_has_left() {
    let _watchdog = Watchdog::new();
    let queue = PriorityQueue::new();
    let [first, second]: [Weak<()>; 2] = array::from_fn(|_| {
        let item = Arc::new(());
        let weak = Arc::downgrade(&item);
        queue.push(item, 0).unwrap();
        weak
    });
    drop(queue.pop());
    assert_eq!((first.strong_count(), second.strong_count()), (0, 1));
    drop(queue);
    assert_eq!(second.strong_count(), 0);
}

/// Something that pushes when it is dropped.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Successor;

static SUCCESSORS: LazyLock<PriorityQueue<Option<Successor>, Option<Successor>>> =
    LazyLock::new(PriorityQueue::new);

impl Drop for Successor {
    fn drop(&mut self) {
        SUCCESSORS.push(None, None).unwrap();
    }
}

#[test]
fn an_item_or_a_priority_may_push_when_it_is_dropped() {
    let _watchdog = Watchdog::new();
    SUCCESSORS.push(Some(Successor), Some(Successor)).unwrap();
    drop(SUCCESSORS.try_pop()); // hangs if the lock is held meanwhile
    assert_eq!(SUCCESSORS.len(), 2);
}

/// Something that pushes when it is dropped, and a queue in which a comparison may panic.
struct Heir;

static HEIRS: LazyLock<PriorityQueue<Option<Heir>, Touchy<'static>>> =
    LazyLock::new(PriorityQueue::new);
static CALM: AtomicBool = AtomicBool::new(false);
static PANICS: AtomicBool = AtomicBool::new(true);

impl Drop for Heir {
    fn drop(&mut self) {
        HEIRS.push(None, Touchy(0, &CALM)).unwrap();
    }
}

#[test]
fn an_item_that_a_panic_drops_may_push() {
    let _watchdog = Watchdog::new();
    HEIRS.push(None, Touchy(0, &CALM)).unwrap();
    // Hangs if the lock is held while the item is dropped.
    let refused = catch_unwind(|| HEIRS.push(Some(Heir), Touchy(0, &PANICS)).is_ok());
    assert!(refused.is_err());
    assert_eq!(HEIRS.len(), 2);
}

#[test]
fn a_queue_of_no_capacity_is_refused() {
    assert!(catch_unwind(|| PriorityQueue::<(), ()>::bounded(0)).is_err());
}

/// A priority that looks at its queue while it is compared, and so while the queue is locked.
#[derive(PartialEq, Eq)]
struct Curious;

static CURIOUS: LazyLock<PriorityQueue<(), Curious>> = LazyLock::new(PriorityQueue::new);
static SEEN: Mutex<String> = Mutex::new(String::new());

impl Ord for Curious {
    fn cmp(&self, _: &Self) -> Ordering {
        *SEEN.lock().unwrap() = format!("{:?}", *CURIOUS);
        Ordering::Equal
    }
}

impl PartialOrd for Curious {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[test]
fn debug_does_not_wait_for_the_lock() {
    let _watchdog = Watchdog::new();
    CURIOUS.push((), Curious).unwrap();
    CURIOUS.push((), Curious).unwrap();
    assert_eq!(*SEEN.lock().unwrap(), "PriorityQueue { .. }");
}

#[test]
fn debug_tells_length_and_state() {
    let _watchdog = Watchdog::new();
    let queue = PriorityQueue::new();
    queue.push((), 1).unwrap();
    assert_eq!(format!("{queue:?}"), "PriorityQueue { len: 1, closed: false, .. }");
    queue.close();
    assert_eq!(format!("{queue:?}"), "PriorityQueue { len: 1, closed: true, .. }");
}

//! What `par_map` promises.

use std::collections::HashSet;
use std::panic::{self, AssertUnwindSafe, catch_unwind};
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;
use tests_and_benches::{Watchdog, until};
use threads::par_map;

#[test]
fn results_come_in_the_order_of_the_items() {
    for items in [0, 1, 2, 7, 8, 9, 1_000] {
        let expected: Vec<_> = (0..items).map(|x| x * x).collect();
        assert_eq!(par_map(0..items, |x| x * x), expected);
    }
}

#[test]
fn items_and_function_may_borrow_and_items_may_be_changed() {
    let (mut words, end) = (["one", "two", "three"].map(String::from), String::from("!"));
    let lengths = par_map(&mut words, |word| {
        word.push_str(&end);
        word.len()
    });
    assert_eq!(lengths, [4, 4, 6]);
    assert_eq!(words, ["one!", "two!", "three!"]);
}

#[test]
fn as_many_threads_as_cores_share_the_work_and_the_caller_is_one_of_them() {
    let _watchdog = Watchdog::new();
    let cores = thread::available_parallelism().map_or(1, usize::from);
    // As many pieces as items. No thread has a second one before each has had one, and so on.
    let all = Barrier::new(cores);
    let done = par_map(0..4 * cores, |x| {
        all.wait();
        (x, thread::current().id())
    });
    assert!(done.iter().map(|&(x, _)| x).eq(0..4 * cores));
    let threads: HashSet<_> = done.into_iter().map(|(_, thread)| thread).collect();
    assert!(threads.len() == cores && threads.contains(&thread::current().id()));
}

#[test]
fn a_slow_item_does_not_hold_up_the_pieces_after_it() {
    let _watchdog = Watchdog::new();
    let cores = thread::available_parallelism().map_or(1, usize::from);
    if cores == 1 {
        return; // the calling thread does it all
    }
    // As many pieces as items. The first one waits for all the others.
    let others = AtomicUsize::new(0);
    let items = 4 * cores;
    let squares = par_map(0..items, |x| {
        if x == 0 {
            until("the others are done", || others.load(Relaxed) == items - 1);
        }
        others.fetch_add(1, Relaxed);
        x * x
    });
    assert_eq!(squares, (0..items).map(|x| x * x).collect::<Vec<_>>());
}

#[test]
fn a_panic_arrives_at_the_caller_and_all_other_items_are_done() {
    let _watchdog = Watchdog::new();
    for items in [3_i32, 8, 1_000] {
        let done = AtomicUsize::new(0);
        let square = |x| {
            if x % 4 == 2 {
                panic::resume_unwind(Box::new(x)); // without a report
            }
            done.fetch_add(1, Relaxed);
        };
        let panicked = catch_unwind(AssertUnwindSafe(|| par_map(0..items, square)));
        assert_eq!(*panicked.unwrap_err().downcast::<i32>().unwrap(), 2); // the first of them
        assert_eq!(done.into_inner(), (0..items).filter(|x| x % 4 != 2).count());
    }
}

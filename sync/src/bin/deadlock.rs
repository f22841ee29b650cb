//! Deadlock: two tasks take two locks in opposite orders, and wait for each other for ever.
//!
//! Cheatsheet section S09: "Deadlock".
//! Differs: there the deadlock rests on a sleep of three seconds, and the program never ends. Here
//! the same tasks first run one after the other, and nothing happens. Then a barrier lets each get
//! its first lock before either asks for its second, so that every run deadlocks. A watchdog finds
//! the cycle, names threads and locks, and ends the program.
//!
//! # Output
//!
//! At once, the tasks get their first locks in either order. Then nothing more comes from them: no
//! row would take `No deadlock`.
//!
//! ```text
//! one after the other:
//! task1: get lock1
//! task1: No deadlock
//! deadlocks: 0, tasks alive: 0
//! task2: get lock2
//! task2: No deadlock
//! deadlocks: 0, tasks alive: 0
//! at once:
//! i in 1..3| task{i}: get lock{i}
//! thread `task1` holds `lock1` and waits for `lock2`, held by `task2`
//! thread `task2` holds `lock2` and waits for `lock1`, held by `task1`
//! deadlocks: 1, tasks alive: 2
//! ```

use std::process;
use std::sync::Barrier;
use std::thread::{self, Builder, ScopedJoinHandle};
use std::time::Duration;
use sync::{Watched, deadlocks};

fn main() {
    section::ends_with_its_reader();
    let (lock1, lock2) = (&Watched::new("lock1", ()), &Watched::new("lock2", ()));
    let (alone, each_holds_one) = (&Barrier::new(1), &Barrier::new(2));
    thread::scope(|s| {
        let start = |id, first, second, meet| {
            let task = move || task(id, first, second, meet);
            Builder::new().name(format!("task{id}")).spawn_scoped(s, task).expect("a thread starts")
        };
        println!("one after the other:");
        watch(&[start(1, lock1, lock2, alone)]);
        watch(&[start(2, lock2, lock1, alone)]);

        println!("at once:");
        let task1 = start(1, lock1, lock2, each_holds_one);
        let task2 = start(2, lock2, lock1, each_holds_one);
        let deadlocked = watch(&[task1, task2]);
        // Leaving the scope would join the tasks, and so wait for ever as well.
        process::exit(i32::from(!deadlocked));
    });
}

fn task(id: u32, first: &Watched<()>, second: &Watched<()>, meet: &Barrier) {
    let _first = first.lock();
    println!("task{id}: get lock{id}");
    meet.wait();
    let _second = second.lock();
    println!("task{id}: No deadlock");
}

/// The watchdog: waits until there is a deadlock or all tasks have ended, and tells which. It has
/// to look again and again, because a deadlock wakes nobody.
fn watch(tasks: &[ScopedJoinHandle<'_, ()>]) -> bool {
    let alive = || tasks.iter().filter(|task| !task.is_finished()).count();
    let mut found = deadlocks();
    while found.is_empty() && alive() > 0 {
        thread::sleep(Duration::from_millis(2));
        found = deadlocks();
    }
    for wait in found.iter().flat_map(|deadlock| &deadlock.waits) {
        println!("{wait}");
    }
    println!("deadlocks: {}, tasks alive: {}", found.len(), alive());
    !found.is_empty()
}

//! Deadlock: two tasks take two locks in opposite orders, and a watchdog says who waits for whom.
//!
//! Cheatsheet section S09: "Deadlock".
//! Differs: there the deadlock rests on a sleep of three seconds, and the program never ends. Here
//! a barrier forces it in every run, the locks record who holds them and who waits, and a watchdog
//! reads the records, names threads and locks, and ends the program. The cure is `lock_order`.
//!
//! # Output
//!
//! The tasks get their first locks in either order. Then nothing comes from them any more: no row
//! would take `No deadlock`.
//!
//! ```text
//! i in 1..3| task{i}: get lock{i}
//! a circle of 2 waits:
//! thread `task1` holds `lock1` and waits for `lock2`, held by `task2`
//! thread `task2` holds `lock2` and waits for `lock1`, held by `task1`
//! both tasks alive: true
//! ```

use parking_lot::{Condvar, Mutex};
use std::{process, sync::Barrier, thread, time::Duration};
use sync::{Deadlock, Watched, deadlocks};

fn main() {
    let (lock1, lock2) = (Watched::new("lock1", ()), Watched::new("lock2", ()));
    let each_holds_one = Barrier::new(2);
    let (ended, changed) = (Mutex::new(false), Condvar::new());
    let end = || {
        *ended.lock() = true;
        changed.notify_one(); // wakes `watch`
    };

    let task1 = || {
        let _first = lock1.lock();
        println!("task1: get lock1");
        each_holds_one.wait();
        let _second = lock2.lock();
        println!("task1: No deadlock");
        end();
    };
    let task2 = || {
        let _first = lock2.lock();
        println!("task2: get lock2");
        each_holds_one.wait();
        let _second = lock1.lock();
        println!("task2: No deadlock");
        end();
    };

    thread::scope(|s| {
        let named = |name: &str| thread::Builder::new().name(name.into());
        let task1 = named("task1").spawn_scoped(s, task1).expect("start task1");
        let task2 = named("task2").spawn_scoped(s, task2).expect("start task2");

        let Some(deadlock) = watch(&ended, &changed) else {
            println!("a task has ended: there was no deadlock to show");
            process::exit(1);
        };
        println!("a circle of {} waits:", deadlock.waits.len());
        for wait in deadlock.waits {
            println!("{wait}");
        }
        let alive = !task1.is_finished() && !task2.is_finished();
        println!("both tasks alive: {alive}");
        // The end of the scope would join the tasks, and so wait for ever as well.
        process::exit(0);
    });
}

/// The watchdog: looks for a deadlock until there is one, or until a task has ended.
fn watch(ended: &Mutex<bool>, changed: &Condvar) -> Option<Deadlock> {
    let mut ended = ended.lock();
    loop {
        if let Some(deadlock) = deadlocks().pop() {
            return Some(deadlock);
        }
        if *ended {
            return None;
        }
        // Woken by `end`. A deadlock wakes nobody, so look again every 10 ms.
        changed.wait_for(&mut ended, Duration::from_millis(10));
    }
}

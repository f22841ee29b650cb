//! An event that is set already, and one for which three threads sleep.
//!
//! `Event` beside a flag with a lock and a condition, as one would write it by hand, and with the
//! feature `peers` beside event-listener with a flag. The first case is one thread that waits for
//! what has happened already; the answer is how often. The second is the time from `set` until the
//! last of three sleeping threads runs; the answer is how often all three went on, and none before
//! `set`: each looks for what was written just before that. The time until they sleep does not
//! count. Threads are divided among the cores.

use std::hint::black_box;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Barrier, Condvar, Mutex};
use std::thread;
use std::time::Duration;
use sync::Event;
use tests_and_benches::{Python, pythons};
use versus::{Answer, Case, Clock, Role, SystemClock, Time, stay_on_core};

struct Situation {
    name: &'static str,
    item: &'static str,
    waiters: usize,
    python: &'static str,
}

const ALREADY_SET: Situation =
    Situation { name: "event, already set", item: "wait", waiters: 0, python: "already_set" };

const THREE_SLEEP: Situation =
    Situation { name: "event, 3 sleeping waiters", item: "set", waiters: 3, python: "three_sleep" };

/// How long threads that are about to sleep are given for it. For one that takes longer, the event
/// is set when it comes: the answer is right all the same.
const FALL_ASLEEP: Duration = Duration::from_micros(200);

fn main() -> ExitCode {
    versus::main("event", |cases| {
        let pythons = pythons();
        Python::note(&pythons, cases);
        for situation in [&ALREADY_SET, &THREE_SLEEP] {
            let case = cases.case(situation.name).item(situation.item).baseline(Event::ID);
            add::<Event>(case, situation);
            add::<StdByHand>(case, situation);
            add::<ParkingLotByHand>(case, situation);
            #[cfg(feature = "peers")]
            add::<peers::EventListener>(case, situation);
            if situation.waiters == 0 {
                add::<Flag>(case, situation);
            } else {
                #[cfg(all(feature = "peers", target_os = "linux"))]
                add::<peers::Futex>(case, situation);
            }
            for python in &pythons {
                let python = python.clone();
                case.python(python.name(), move |items| {
                    python.call(include_str!("event.py"), situation.python, items)
                });
            }
        }
    })
}

fn add<C: Contender>(case: &mut Case<'_>, situation: &'static Situation) {
    let run = |items| match situation.waiters {
        0 => already_set::<C>(items),
        waiters => sleeping::<C>(waiters, items),
    };
    case.variant(C::ROLE, C::ID, C::LABEL, run);
}

fn already_set<C: Contender>(waits: u64) -> Answer {
    let event = C::default();
    event.set();
    let mut done = 0;
    for _ in 0..waits {
        black_box(&event).wait(); // whether it is set has to be looked up each time
        done += 1;
    }
    Answer::from(done)
}

/// Sets it so many times, each time for all waiters.
fn sleeping<C: Contender>(waiters: usize, sets: u64) -> Answer {
    let (event, clock) = (&C::default(), &SystemClock::new());
    let gate = &Barrier::new(waiters + 1);
    // Relaxed, all three: what they publish is published by the gate, and `written` by the event.
    let (about_to_sleep, written, right) =
        (&AtomicU64::new(0), &AtomicU64::new(0), &AtomicU64::new(0));
    let last = &Mutex::new(Time::default());
    let wait = |number| {
        stay_on_core(number);
        for set in 1..=sets {
            gate.wait(); // it is not set
            about_to_sleep.fetch_add(1, Ordering::Relaxed);
            event.wait();
            let now = clock.now();
            right.fetch_add(u64::from(written.load(Ordering::Relaxed) == set), Ordering::Relaxed);
            let mut last = last.lock().expect("nobody panics with the lock");
            if now.wall > last.wall {
                *last = now;
            }
            drop(last);
            gate.wait(); // all have gone on
        }
    };
    let set_all = || {
        stay_on_core(0);
        let mut took = Time::default();
        for set in 1..=sets {
            event.clear();
            gate.wait();
            while about_to_sleep.load(Ordering::Relaxed) < set * waiters as u64 {
                thread::yield_now();
            }
            thread::sleep(FALL_ASLEEP);
            written.store(set, Ordering::Relaxed);
            let start = clock.now();
            event.set();
            gate.wait();
            let one = *last.lock().expect("nobody panics with the lock") - start;
            took = Time { wall: took.wall + one.wall, cpu: took.cpu + one.cpu };
        }
        took
    };
    let took = thread::scope(|s| {
        // From 1, as the thread that sets it has core 0.
        (1..=waiters).for_each(|number| drop(s.spawn(move || wait(number))));
        s.spawn(set_all).join().expect("nothing panics here")
    });
    let right = right.load(Ordering::Relaxed);
    match right % waiters as u64 {
        0 => Answer::from(right / waiters as u64).took(took),
        _ => Answer::from(Err::<u64, _>(format!("{right} went on, {waiters} for each set"))),
    }
}

trait Contender: Default + Sync {
    const ROLE: Role = Role::Peer;
    const ID: &'static str;
    const LABEL: &'static str;

    /// Waits until it is set.
    fn wait(&self);

    fn set(&self);

    fn clear(&self);
}

impl Contender for Event {
    const ROLE: Role = Role::Ours;
    const ID: &'static str = "event";
    const LABEL: &'static str = "Event";

    fn wait(&self) {
        self.wait();
    }

    fn set(&self) {
        self.set();
    }

    fn clear(&self) {
        self.clear();
    }
}

/// The textbook's event, with what std has.
#[derive(Default)]
struct StdByHand {
    set: Mutex<bool>,
    changed: Condvar,
}

impl StdByHand {
    fn change(&self, set: bool) {
        *self.set.lock().expect("nobody panics with the lock") = set;
    }
}

impl Contender for StdByHand {
    const ID: &'static str = "std";
    const LABEL: &'static str = "std Mutex + Condvar";

    fn wait(&self) {
        let set = self.set.lock().expect("nobody panics with the lock");
        let set = self.changed.wait_while(set, |set| !*set);
        drop(set.expect("nobody panics with the lock"));
    }

    fn set(&self) {
        self.change(true);
        self.changed.notify_all();
    }

    fn clear(&self) {
        self.change(false);
    }
}

/// The same with what `parking_lot` has.
#[derive(Default)]
struct ParkingLotByHand {
    set: parking_lot::Mutex<bool>,
    changed: parking_lot::Condvar,
}

impl Contender for ParkingLotByHand {
    const ID: &'static str = "parking_lot";
    const LABEL: &'static str = "parking_lot Mutex + Condvar";

    fn wait(&self) {
        self.changed.wait_while(&mut self.set.lock(), |set| !*set);
    }

    fn set(&self) {
        *self.set.lock() = true;
        self.changed.notify_all();
    }

    fn clear(&self) {
        *self.set.lock() = false;
    }
}

/// The limit where nobody sleeps: an atomic flag. To wait for it is one load if it is set, and
/// never to sleep if not.
#[derive(Default)]
struct Flag {
    set: AtomicBool,
}

impl Contender for Flag {
    const ROLE: Role = Role::Limit;
    const ID: &'static str = "flag";
    const LABEL: &'static str = "an atomic flag";

    fn wait(&self) {
        // Acquire and Release pair with each other: whoever goes on sees what was done before
        // `set`.
        while !self.set.load(Ordering::Acquire) {
            thread::yield_now();
        }
    }

    fn set(&self) {
        self.set.store(true, Ordering::Release);
    }

    fn clear(&self) {
        self.set.store(false, Ordering::Relaxed);
    }
}

#[cfg(feature = "peers")]
mod peers {
    use super::Contender;
    use event_listener::{Listener, listener};
    use std::sync::atomic::{AtomicBool, Ordering};

    /// With a flag, as its documentation has it: by itself, what is notified before somebody
    /// listens is lost.
    #[derive(Default)]
    pub(super) struct EventListener {
        set: AtomicBool,
        changed: event_listener::Event,
    }

    impl EventListener {
        /// Apart, so that nothing is prepared for a listener where none is needed.
        #[cold]
        fn listen(&self) {
            loop {
                listener!(self.changed => listener);
                // Acquire: pairs with the Release in `set`. `listen` has a fence before this, and
                // `notify` one after the store: so this finds it set, or `notify` finds us and
                // wakes us.
                if self.set.load(Ordering::Acquire) {
                    break;
                }
                listener.wait();
            }
        }
    }

    impl Contender for EventListener {
        const ID: &'static str = "event-listener";
        const LABEL: &'static str = "event-listener + atomic flag";

        fn wait(&self) {
            // Acquire: pairs with the Release in `set`.
            if !self.set.load(Ordering::Acquire) {
                self.listen();
            }
        }

        fn set(&self) {
            self.set.store(true, Ordering::Release);
            self.changed.notify(usize::MAX);
        }

        fn clear(&self) {
            self.set.store(false, Ordering::Relaxed);
        }
    }

    /// The limit where threads sleep: one system call for all of them, and no lock.
    #[cfg(target_os = "linux")]
    #[derive(Default)]
    pub(super) struct Futex {
        set: std::sync::atomic::AtomicU32,
    }

    #[cfg(target_os = "linux")]
    impl Futex {
        fn call(&self, operation: libc::c_int, value: u32) {
            let no_limit = std::ptr::null::<libc::timespec>();
            let operation = operation | libc::FUTEX_PRIVATE_FLAG;
            // SAFETY: the word is there as long as `self` is borrowed, and the kernel only reads
            // it.
            unsafe {
                libc::syscall(libc::SYS_futex, self.set.as_ptr(), operation, value, no_limit)
            };
        }
    }

    #[cfg(target_os = "linux")]
    impl Contender for Futex {
        const ROLE: versus::Role = versus::Role::Limit;
        const ID: &'static str = "futex";
        const LABEL: &'static str = "futex, Linux";

        fn wait(&self) {
            // Acquire: pairs with the Release in `set`. Woken by `set`, with all others; the kernel
            // puts nobody to sleep once the word is not 0. A loop: a signal wakes too.
            while self.set.load(Ordering::Acquire) == 0 {
                self.call(libc::FUTEX_WAIT, 0);
            }
        }

        fn set(&self) {
            self.set.store(1, Ordering::Release);
            self.call(libc::FUTEX_WAKE, i32::MAX.unsigned_abs()); // wakes the loop in `wait`
        }

        fn clear(&self) {
            self.set.store(0, Ordering::Relaxed);
        }
    }
}

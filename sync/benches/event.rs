//! An event that is set already, and one that three sleeping threads wait for.
//!
//! `Event` beside what one would write by hand, and with the feature `peers` beside `event-listener`,
//! which other crates build on. Whoever waits for something that has happened should pay for a
//! look and nothing else. What waking costs is mostly up to the system: the time from `set` to
//! the moment at which the last of three sleepers runs. The threads are started, and have fallen asleep,
//! outside the measured time.

use std::hint::black_box;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Barrier, Condvar, Mutex, OnceLock};
use std::thread;
use std::time::{Duration, Instant};
use sync::Event;
use tests_and_benches::{Python, pythons, timed};
use versus::{Answer, Case, Clock, SystemClock, Time};

const SLEEPERS: usize = 3;

fn main() -> ExitCode {
    versus::main("event", |cases| {
        let pythons = pythons();
        Python::note(&pythons, cases);

        let case = cases.case("event, already set").item("wait");
        add(case, "Event", already_set::<Event>);
        add(case, StdByHand::NAME, already_set::<StdByHand>);
        add(case, ParkingLotByHand::NAME, already_set::<ParkingLotByHand>);
        add(case, "std OnceLock", once_lock);
        #[cfg(feature = "peers")]
        add(case, peers::Listener::NAME, already_set::<peers::Listener>);
        add(case, "an atomic load (limit)", load);
        for python in pythons {
            case.variant(python.name(), move |waits| {
                python.call(include_str!("event.py"), "already_set", waits)
            });
        }

        let case = cases.case("event, set to the last of 3 sleepers").item("set");
        add(case, "Event", wakes::<Event>);
        add(case, StdByHand::NAME, wakes::<StdByHand>);
        add(case, ParkingLotByHand::NAME, wakes::<ParkingLotByHand>);
        #[cfg(feature = "peers")]
        {
            add(case, peers::Listener::NAME, wakes::<peers::Listener>);
            #[cfg(target_os = "linux")]
            add(case, peers::Futex::NAME, wakes::<peers::Futex>);
        }
        case.remark(
            "Only the time from `set` to the last waiter counts, not that in which they fall asleep again; \
             processor time includes a meeting of all four threads afterwards. A Python row would have to \
             count all of it, and is left out.",
        );
    })
}

fn add(case: &mut Case<'_>, name: &'static str, run: fn(u64) -> Answer) {
    match name {
        "Event" => case.baseline(name, run),
        _ => case.variant(name, run),
    };
}

/// So many waits for what has happened. The answer is their number.
fn already_set<C: Contender>(waits: u64) -> Answer {
    let event = C::new();
    event.set();
    let ((), took) = timed(|| (0..waits).for_each(|_| black_box(&event).wait()));
    Answer::from(waits).took(took)
}

/// What std has for something that happens once.
fn once_lock(waits: u64) -> Answer {
    let event = OnceLock::from(());
    let wait = |_| {
        black_box(&event).wait();
    };
    let ((), took) = timed(|| (0..waits).for_each(wait));
    Answer::from(waits).took(took)
}

/// The limit.
fn load(waits: u64) -> Answer {
    let set = AtomicBool::new(true);
    let wait = |_| {
        black_box(black_box(&set).load(Ordering::Acquire));
    };
    let ((), took) = timed(|| (0..waits).for_each(wait));
    Answer::from(waits).took(took)
}

/// So many times, wakes three threads that sleep. The answer is how often that was.
fn wakes<C: Contender>(sets: u64) -> Answer {
    let (event, all_are_through) = (&C::new(), &Barrier::new(SLEEPERS + 1));
    let woken: &[_; SLEEPERS] = &[const { Mutex::new(None) }; SLEEPERS];
    let (clock, mut took) = (SystemClock::new(), Time::default());
    thread::scope(|s| {
        for woken in woken {
            s.spawn(move || {
                for _ in 0..sets {
                    event.wait();
                    *woken.lock().expect("nobody panics with it") = Some(Instant::now());
                    all_are_through.wait();
                    all_are_through.wait(); // and it is cleared
                }
            });
        }
        for _ in 0..sets {
            while event.waiting() < SLEEPERS {
                thread::yield_now();
            }
            thread::sleep(Duration::from_micros(100)); // those that are counted fall asleep
            let (start, cpu) = (Instant::now(), clock.now().cpu);
            event.set();
            all_are_through.wait();
            took.cpu += clock.now().cpu.saturating_sub(cpu);
            let woken = woken.iter().filter_map(|it| *it.lock().expect("nobody panics with it"));
            took.wall += woken.max().map_or(Duration::ZERO, |last| last.duration_since(start));
            event.clear();
            all_are_through.wait();
        }
    });
    Answer::from(sets).took(took)
}

trait Contender: Sync {
    fn new() -> Self;

    fn wait(&self);

    fn set(&self);

    fn clear(&self);

    fn waiting(&self) -> usize;
}

impl Contender for Event {
    fn new() -> Self {
        Event::new()
    }

    fn wait(&self) {
        self.wait();
    }

    fn set(&self) {
        self.set();
    }

    fn clear(&self) {
        self.clear();
    }

    fn waiting(&self) -> usize {
        self.waiting()
    }
}

/// The textbook's event, with what std has.
struct StdByHand {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    set: bool,
    waiting: usize,
}

impl StdByHand {
    const NAME: &'static str = "std Mutex + Condvar";

    fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.state.lock().expect("nobody panics with the lock"))
    }
}

impl Contender for StdByHand {
    fn new() -> Self {
        StdByHand { state: Mutex::new(State { set: false, waiting: 0 }), changed: Condvar::new() }
    }

    fn wait(&self) {
        let mut state = self.state.lock().expect("nobody panics with the lock");
        state.waiting += 1;
        let state = self.changed.wait_while(state, |state| !state.set);
        state.expect("nobody panics with the lock").waiting -= 1;
    }

    fn set(&self) {
        self.with(|state| state.set = true);
        self.changed.notify_all();
    }

    fn clear(&self) {
        self.with(|state| state.set = false);
    }

    fn waiting(&self) -> usize {
        self.with(|state| state.waiting)
    }
}

/// The same with what `parking_lot` has.
struct ParkingLotByHand {
    state: parking_lot::Mutex<State>,
    changed: parking_lot::Condvar,
}

impl ParkingLotByHand {
    const NAME: &'static str = "parking_lot Mutex + Condvar";
}

impl Contender for ParkingLotByHand {
    fn new() -> Self {
        let state = parking_lot::Mutex::new(State { set: false, waiting: 0 });
        ParkingLotByHand { state, changed: parking_lot::Condvar::new() }
    }

    fn wait(&self) {
        let mut state = self.state.lock();
        state.waiting += 1;
        self.changed.wait_while(&mut state, |state| !state.set);
        state.waiting -= 1;
    }

    fn set(&self) {
        self.state.lock().set = true;
        self.changed.notify_all();
    }

    fn clear(&self) {
        self.state.lock().set = false;
    }

    fn waiting(&self) -> usize {
        self.state.lock().waiting
    }
}

#[cfg(feature = "peers")]
mod peers {
    use super::Contender;
    use event_listener::Listener as _;
    use std::sync::atomic::{AtomicBool, Ordering};

    /// A flag, and `event-listener` for those that have to wait for it: as its documentation shows it.
    pub(super) struct Listener {
        set: AtomicBool,
        changed: event_listener::Event,
    }

    impl Listener {
        pub(super) const NAME: &'static str = "event-listener + atomic";
    }

    impl Contender for Listener {
        fn new() -> Self {
            Listener { set: AtomicBool::new(false), changed: event_listener::Event::new() }
        }

        fn wait(&self) {
            // Acquire: pairs with the Release in `set`.
            while !self.set.load(Ordering::Acquire) {
                event_listener::listener!(self.changed => changed);
                if self.set.load(Ordering::Acquire) {
                    break;
                }
                changed.wait();
            }
        }

        fn set(&self) {
            self.set.store(true, Ordering::Release);
            self.changed.notify(usize::MAX); // has the fence that orders it after the store
        }

        fn clear(&self) {
            self.set.store(false, Ordering::Relaxed);
        }

        fn waiting(&self) -> usize {
            self.changed.total_listeners()
        }
    }

    /// The limit: what the system offers, with nothing around it.
    #[cfg(target_os = "linux")]
    pub(super) struct Futex {
        set: std::sync::atomic::AtomicU32,
        waiting: std::sync::atomic::AtomicUsize,
    }

    #[cfg(target_os = "linux")]
    impl Futex {
        pub(super) const NAME: &'static str = "a futex (limit, Linux)";

        fn call(&self, operation: libc::c_int, value: u32) {
            let no_limit = std::ptr::null::<libc::timespec>();
            // SAFETY: the address is that of a live `AtomicU32`, and these two operations only read it and queue
            // this thread or wake others. A failure (the value has changed, a signal) is a wake-up.
            unsafe {
                libc::syscall(libc::SYS_futex, self.set.as_ptr(), operation, value, no_limit);
            }
        }
    }

    #[cfg(target_os = "linux")]
    impl Contender for Futex {
        fn new() -> Self {
            Futex { set: 0.into(), waiting: 0.into() }
        }

        fn wait(&self) {
            // Relaxed: only the bench itself looks at it.
            self.waiting.fetch_add(1, Ordering::Relaxed);
            // Acquire: pairs with the Release in `set`.
            while self.set.load(Ordering::Acquire) == 0 {
                self.call(libc::FUTEX_WAIT | libc::FUTEX_PRIVATE_FLAG, 0);
            }
            self.waiting.fetch_sub(1, Ordering::Relaxed);
        }

        fn set(&self) {
            self.set.store(1, Ordering::Release);
            self.call(libc::FUTEX_WAKE | libc::FUTEX_PRIVATE_FLAG, i32::MAX.cast_unsigned());
        }

        fn clear(&self) {
            self.set.store(0, Ordering::Relaxed);
        }

        fn waiting(&self) -> usize {
            self.waiting.load(Ordering::Relaxed)
        }
    }
}

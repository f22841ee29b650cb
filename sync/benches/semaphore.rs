//! Permits taken and given back: one thread alone, two for one permit, four for three.
//!
//! `Semaphore` beside what one would write by hand, and with the feature `peers` beside the
//! semaphores of other crates. Nothing is done while a permit is held, so this is the price of the
//! semaphore itself at its worst: in most programs threads meet less often. Threads are started
//! outside the measured time, and divided among the cores. The answer is the number of pairs done,
//! if all permits are free in the end.
//!
//! A semaphore can look fast by serving whoever runs already and letting the others starve. So each
//! row has a note on what its least served thread got within half a second, of the share that was
//! due to it.

use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Barrier, Condvar, Mutex};
use std::thread;
use std::time::Duration;
use sync::Semaphore;
use tests_and_benches::{Python, pythons, timed};
use versus::{Answer, Case, Role, stay_on_core};

struct Situation {
    name: &'static str,
    threads: usize,
    permits: usize,
    python: &'static str,
}

const SITUATIONS: [Situation; 3] = [
    Situation { name: "semaphore, 1 thread", threads: 1, permits: 1, python: "alone" },
    Situation {
        name: "semaphore, 2 threads, 1 permit",
        threads: 2,
        permits: 1,
        python: "two_for_one",
    },
    Situation {
        name: "semaphore, 4 threads, 3 permits",
        threads: 4,
        permits: 3,
        python: "four_for_three",
    },
];

fn main() -> ExitCode {
    versus::main("semaphore", |cases| {
        let pythons = pythons();
        Python::note(&pythons, cases);
        for situation in &SITUATIONS {
            let case = cases.case(situation.name).item("pair").baseline(Semaphore::ID);
            add::<Semaphore>(case, situation);
            add::<StdByHand>(case, situation);
            add::<ParkingLotByHand>(case, situation);
            #[cfg(feature = "peers")]
            {
                #[cfg(target_os = "linux")]
                add::<peers::SemT>(case, situation);
                add::<async_lock::Semaphore>(case, situation);
                add::<tokio::sync::Semaphore>(case, situation);
                add::<peers::TokioTry>(case, situation);
            }
            add::<Counter>(case, situation);
            for python in &pythons {
                let (name, python) = (python.name(), python.clone());
                case.python(name, move |pairs| {
                    python.call(include_str!("semaphore.py"), situation.python, pairs)
                });
                if situation.permits > 1 {
                    case.at_least(name, Duration::from_millis(400));
                }
            }
            if situation.permits > 1 && !pythons.is_empty() {
                case.remark(
                    "Python's runs are of 400 ms at least: its threads take turns of 5 ms (unless told \
                     otherwise), and a shorter run might be over within the first turn, with nobody to \
                     share a permit with.",
                );
            }
        }
    })
}

fn add<C: Contender>(case: &mut Case<'_>, situation: &'static Situation) {
    let pairs = |pairs| run::<C>(situation, pairs);
    case.variant(C::ROLE, C::ID, C::LABEL, pairs);
    if situation.threads > 1 {
        case.note(C::ID, "least share", || least_share::<C>(situation));
    }
}

/// So many pairs, divided among the threads.
fn run<C: Contender>(situation: &Situation, pairs: u64) -> Result<Answer, String> {
    let semaphore = &C::new(situation.permits);
    let threads = situation.threads;
    let gate = &Barrier::new(threads + 1);
    let ((), took) = thread::scope(|s| {
        for number in 0..threads {
            s.spawn(move || {
                stay_on_core(number);
                let (all, number) = (threads as u64, number as u64);
                let share = pairs / all + u64::from(number < pairs % all);
                gate.wait(); // all have started
                gate.wait(); // the clock runs
                (0..share).for_each(|_| semaphore.pair());
                gate.wait(); // all are done
            });
        }
        gate.wait();
        timed(|| {
            gate.wait();
            gate.wait();
        })
    });
    let free = semaphore.free();
    if free != situation.permits {
        return Err(format!("{free} permits are free in the end, not {}", situation.permits));
    }
    Ok(Answer::from(pairs).took(took))
}

/// What the least served thread got within half a second, of its equal share.
fn least_share<C: Contender>(situation: &Situation) -> String {
    let (semaphore, over) = (&C::new(situation.permits), &AtomicBool::new(false));
    let served: Vec<u64> = thread::scope(|s| {
        let count = |number| {
            stay_on_core(number);
            let mut pairs = 0;
            // Relaxed: the flag publishes nothing.
            while !over.load(Ordering::Relaxed) {
                semaphore.pair();
                pairs += 1;
            }
            pairs
        };
        let threads = 0..situation.threads;
        let threads: Vec<_> = threads.map(|number| s.spawn(move || count(number))).collect();
        thread::sleep(Duration::from_millis(500));
        over.store(true, Ordering::Relaxed);
        threads.into_iter().map(|it| it.join().expect("nothing panics in a pair")).collect()
    });
    let (least, all) = (served.iter().min().unwrap_or(&0), served.iter().sum::<u64>());
    format!("{} %", least * situation.threads as u64 * 100 / all.max(1))
}

trait Contender: Sync {
    const ROLE: Role = Role::Peer;
    const ID: &'static str;
    const LABEL: &'static str;

    fn new(permits: usize) -> Self;

    /// Takes a permit and gives it back.
    fn pair(&self);

    fn free(&self) -> usize;
}

impl Contender for Semaphore {
    const ROLE: Role = Role::Ours;
    const ID: &'static str = "semaphore";
    const LABEL: &'static str = "Semaphore";

    fn new(permits: usize) -> Self {
        Semaphore::new(permits)
    }

    fn pair(&self) {
        drop(self.acquire());
    }

    fn free(&self) -> usize {
        self.available()
    }
}

/// The textbook's semaphore, with what std has.
struct StdByHand {
    free: Mutex<usize>,
    freed: Condvar,
}

impl Contender for StdByHand {
    const ID: &'static str = "std";
    const LABEL: &'static str = "std Mutex + Condvar";

    fn new(permits: usize) -> Self {
        StdByHand { free: Mutex::new(permits), freed: Condvar::new() }
    }

    fn pair(&self) {
        let lock = || self.free.lock().expect("nobody panics with the lock");
        let some = self.freed.wait_while(lock(), |free| *free == 0);
        *some.expect("nobody panics with the lock") -= 1;
        *lock() += 1;
        self.freed.notify_one();
    }

    fn free(&self) -> usize {
        *self.free.lock().expect("nobody panics with the lock")
    }
}

/// The same with what `parking_lot` has.
struct ParkingLotByHand {
    free: parking_lot::Mutex<usize>,
    freed: parking_lot::Condvar,
}

impl Contender for ParkingLotByHand {
    const ID: &'static str = "parking_lot";
    const LABEL: &'static str = "parking_lot Mutex + Condvar";

    fn new(permits: usize) -> Self {
        let free = parking_lot::Mutex::new(permits);
        ParkingLotByHand { free, freed: parking_lot::Condvar::new() }
    }

    fn pair(&self) {
        let mut free = self.free.lock();
        self.freed.wait_while(&mut free, |free| *free == 0);
        *free -= 1;
        drop(free);
        *self.free.lock() += 1;
        self.freed.notify_one();
    }

    fn free(&self) -> usize {
        *self.free.lock()
    }
}

/// The limit: an atomic number. It has no queue, and a thread that finds no permit never sleeps.
struct Counter {
    free: AtomicUsize,
}

impl Contender for Counter {
    const ROLE: Role = Role::Limit;
    const ID: &'static str = "counter";
    const LABEL: &'static str = "an atomic counter";

    fn new(permits: usize) -> Self {
        Counter { free: AtomicUsize::new(permits) }
    }

    fn pair(&self) {
        // Acquire and Release pair with each other: a thread that takes a permit sees what the
        // last one to give it back has done.
        let one_less = |free: usize| free.checked_sub(1);
        while self.free.try_update(Ordering::Acquire, Ordering::Relaxed, one_less).is_err() {
            thread::yield_now();
        }
        self.free.fetch_add(1, Ordering::Release);
    }

    fn free(&self) -> usize {
        self.free.load(Ordering::Relaxed)
    }
}

#[cfg(feature = "peers")]
mod peers {
    use super::Contender;
    use std::cell::UnsafeCell;
    use std::{mem, thread};

    impl Contender for async_lock::Semaphore {
        const ID: &'static str = "async-lock";
        const LABEL: &'static str = "async-lock";

        fn new(permits: usize) -> Self {
            async_lock::Semaphore::new(permits)
        }

        fn pair(&self) {
            drop(self.acquire_blocking());
        }

        /// It does not tell: as many as can be taken.
        fn free(&self) -> usize {
            let mut taken = Vec::new();
            taken.extend(std::iter::from_fn(|| self.try_acquire()));
            taken.len()
        }
    }

    impl Contender for tokio::sync::Semaphore {
        const ID: &'static str = "tokio-blocking";
        const LABEL: &'static str = "tokio, blocking";

        fn new(permits: usize) -> Self {
            tokio::sync::Semaphore::new(permits)
        }

        fn pair(&self) {
            drop(pollster::block_on(self.acquire()).expect("nobody closes it"));
        }

        fn free(&self) -> usize {
            self.available_permits()
        }
    }

    /// The C library's.
    ///
    /// Invariants: (1) from `new` to `drop` the `sem_t` is initialised, and never moves, as it is
    /// in a box; (2) it is reached through a pointer only, never a reference: POSIX lets any number
    /// of threads wait and post at once.
    #[cfg(target_os = "linux")]
    pub(super) struct SemT(Box<UnsafeCell<libc::sem_t>>);

    // SAFETY: by (2).
    #[cfg(target_os = "linux")]
    unsafe impl Sync for SemT {}

    #[cfg(target_os = "linux")]
    impl Contender for SemT {
        const ID: &'static str = "sem_t";
        const LABEL: &'static str = "sem_t (Linux)";

        fn new(permits: usize) -> Self {
            let permits = permits.try_into().expect("three at most");
            // SAFETY: all bytes zero are a `sem_t` like any other to `sem_init`, and (1).
            let semaphore = SemT(Box::new(UnsafeCell::new(unsafe { mem::zeroed() })));
            // SAFETY: (1), from here on.
            let made = unsafe { libc::sem_init(semaphore.0.get(), 0, permits) };
            assert_eq!(made, 0, "fails only for more permits than an int holds");
            semaphore
        }

        fn pair(&self) {
            // SAFETY: (1) and (2). A signal handler may end the wait early: then it waits again.
            unsafe {
                while libc::sem_wait(self.0.get()) != 0 {}
                libc::sem_post(self.0.get());
            }
        }

        fn free(&self) -> usize {
            let mut free = 0;
            // SAFETY: (1) and (2), and `free` is ours.
            unsafe { libc::sem_getvalue(self.0.get(), &raw mut free) };
            free.try_into().expect("Linux gives no negative number")
        }
    }

    #[cfg(target_os = "linux")]
    impl Drop for SemT {
        fn drop(&mut self) {
            // SAFETY: (1); nobody waits, as nobody else has it any more.
            unsafe { libc::sem_destroy(self.0.get()) };
        }
    }

    /// Without waiting: tries until it gets one.
    pub(super) struct TokioTry(tokio::sync::Semaphore);

    impl Contender for TokioTry {
        const ID: &'static str = "tokio-trying";
        const LABEL: &'static str = "tokio, trying";

        fn new(permits: usize) -> Self {
            TokioTry(tokio::sync::Semaphore::new(permits))
        }

        fn pair(&self) {
            loop {
                match self.0.try_acquire() {
                    Ok(permit) => break drop(permit),
                    Err(_) => thread::yield_now(),
                }
            }
        }

        fn free(&self) -> usize {
            self.0.available_permits()
        }
    }
}

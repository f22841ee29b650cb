//! One piece of work divided among more and more threads: from one to twice as many as there are
//! cores, and from a piece of a microsecond or two to one ten thousand times as large.
//!
//! Read it as a map of where threads pay. Small work is lost in starting the threads. Large work
//! takes half the time on two cores. More threads than cores
//! gain nothing, and may lose much: three equal shares on two cores take two turns. Each row
//! starts its threads within the measured time. The answer is the number of steps done, and each
//! thread's last number is looked at, so that no step can be left out.

use std::collections::BTreeSet;
use std::hint::black_box;
use std::process::ExitCode;
use std::thread;

/// Steps of one piece of work, each one or two nanoseconds.
const SIZES: [u32; 5] = [1_000, 10_000, 100_000, 1_000_000, 10_000_000];

fn main() -> ExitCode {
    versus::main("scaling", |cases| {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        for steps in SIZES {
            let case = cases.case(&format!("scaling, {steps} steps")).item("piece");
            case.point("scaling", "steps of work, of 1 to 2 ns", steps.into());
            case.remark(&format!("Limit: a speed-up of {cores}, the number of cores."));
            case.answer(move |pieces| pieces * u64::from(steps));
            case.baseline("none").context("none", "no thread", move |pieces| {
                (0..pieces).map(|_| work(steps.into())).sum::<u64>()
            });
            for threads in counts(cores) {
                let label = format!("{threads} thread{}", if threads == 1 { "" } else { "s" });
                case.context(&threads.to_string(), &label, move |pieces| {
                    (0..pieces).map(|_| divided(steps.into(), threads as u64)).sum::<u64>()
                });
            }
        }
    })
}

/// From 1 to twice the cores, few enough for a chart.
fn counts(cores: usize) -> BTreeSet<usize> {
    [1, 2, cores / 2, cores, cores + 1, 2 * cores].into_iter().filter(|&count| count > 0).collect()
}

fn divided(steps: u64, threads: u64) -> u64 {
    thread::scope(|s| {
        let share = |number| steps / threads + u64::from(number < steps % threads);
        let threads: Vec<_> = (0..threads).map(|n| s.spawn(move || work(share(n)))).collect();
        threads.into_iter().map(|thread| thread.join().expect("work does not panic")).sum()
    })
}

/// Each step needs the number of the one before, and the compiler knows no formula for two at once: it
/// can neither skip steps nor fold them.
fn work(steps: u64) -> u64 {
    let step = |x: u64, _| (x ^ (x >> 7)).wrapping_mul(6_364_136_223_846_793_005);
    black_box((0..black_box(steps)).fold(1, step));
    steps
}

//! A machine whose time passes only when work says so.
#![allow(dead_code)] // each test file uses its part

use std::{cell::Cell, time::Duration};
use versus::{Clock, Time};

/// No seed in particular; six rounds, 10 ms a run.
pub(crate) const SHORT: versus::Settings = versus::Settings { seed: 1, rounds: 6, run_ms: 10 };

#[derive(Default)]
pub(crate) struct Simulated {
    now: Cell<Time>,
    others: Cell<Option<Duration>>,
}

impl Simulated {
    /// A machine that tells what others take.
    pub(crate) fn telling() -> Self {
        Simulated { others: Cell::new(Some(Duration::ZERO)), ..Self::default() }
    }

    pub(crate) fn pass(&self, wall: Duration, cpu: Duration) {
        let Time { wall: old_wall, cpu: old_cpu } = self.now.get();
        self.now.set(Time { wall: old_wall + wall, cpu: old_cpu + cpu });
    }

    /// Work on one core.
    pub(crate) fn work(&self, time: Duration) {
        self.pass(time, time);
    }

    /// Work of so many items at so many nanoseconds each; all of them are done.
    pub(crate) fn items(&self, items: u64, each_ns: f64) -> u64 {
        self.work(Duration::from_secs_f64(items as f64 * each_ns * 1e-9));
        items
    }

    pub(crate) fn others_take(&self, time: Duration) {
        self.others.set(self.others.get().map(|taken| taken + time));
    }
}

impl Clock for Simulated {
    fn now(&self) -> Time {
        self.now.get()
    }

    fn others(&self) -> Option<Duration> {
        self.others.get()
    }
}

/// Random numbers for noise, the same in every run: `SplitMix64`.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 to below 1.
    pub(crate) fn uniform(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// With mean 1: how long until something that happens now and then.
    pub(crate) fn exponential(&mut self) -> f64 {
        -(1.0 - self.uniform()).ln()
    }

    /// With mean 0 and deviation 1 (Box and Muller).
    pub(crate) fn normal(&mut self) -> f64 {
        (2.0 * self.exponential()).sqrt() * (std::f64::consts::TAU * self.uniform()).cos()
    }
}

//! A machine whose time passes only when work says so.
#![allow(dead_code)] // each test file uses its part

use std::{cell::Cell, time::Duration};
use versus::{Case, CaseResult, Clock, Settings, Time, measure};

/// No seed in particular; six rounds, 10 ms a run.
pub(crate) const SHORT: Settings = Settings { seed: 1, rounds: 6, run_ms: 10 };

#[derive(Default)]
pub(crate) struct Simulated {
    now: Cell<Time>,
    yardstick: Cell<Option<Duration>>,
}

impl Simulated {
    /// A machine with a yardstick of a millisecond, which takes no time here.
    pub(crate) fn telling() -> Self {
        let machine = Self::default();
        machine.runs_at(1.0);
        machine
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

    /// The share of its best pace at which the machine runs from now on, as its yardstick shows.
    pub(crate) fn runs_at(&self, pace: f64) {
        self.yardstick.set(Some(Duration::from_millis(1).div_f64(pace)));
    }
}

impl Clock for Simulated {
    fn now(&self) -> Time {
        self.now.get()
    }

    fn yardstick(&self) -> Option<Duration> {
        self.yardstick.get()
    }
}

pub(crate) fn measured(machine: &Simulated, case: &mut Case<'_>, settings: Settings) -> CaseResult {
    measure(case, &settings, machine, &mut |_| {}).unwrap()
}

pub(crate) fn failure(result: &CaseResult, place: usize) -> String {
    result.entries[place].failure.as_ref().unwrap().to_string()
}

/// That the entry has a figure for every round.
pub(crate) fn unharmed(result: &CaseResult, place: usize) -> bool {
    let entry = &result.entries[place];
    entry.failure.is_none()
        && entry.wall_ns.len() == result.rounds.len()
        && !result.rounds.is_empty()
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

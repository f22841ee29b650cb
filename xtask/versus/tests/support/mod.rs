//! A machine whose time passes only when work says so.
#![allow(dead_code)] // each test file uses its part

use fastrand::Rng;
use std::{cell::Cell, time::Duration};
use versus::{Case, CaseResult, Clock, Samples, Settings, Time, measure};

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

/// Of the entry of this number: 0 is the baseline.
pub(crate) fn failure(result: &CaseResult, which: usize) -> String {
    result.entries().nth(which).unwrap().failure.as_ref().unwrap().to_string()
}

/// That the entry has a figure for every round, and the baseline two.
pub(crate) fn unharmed(result: &CaseResult, which: usize) -> bool {
    let entry = result.entries().nth(which).unwrap();
    let rounds = result.rounds.len();
    let whole = |samples: &Samples| rounds > 0 && samples.wall_ns.len() == rounds;
    entry.failure.is_none() && whole(&entry.samples) && (which > 0 || whole(&result.again))
}

/// Random numbers for noise, the same in every run.
pub(crate) struct Random(Rng);

impl Random {
    pub(crate) fn of(seed: u64) -> Random {
        Random(Rng::with_seed(seed))
    }

    /// From 0 to below 1.
    pub(crate) fn uniform(&mut self) -> f64 {
        self.0.f64()
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

//! Rounds find a known truth that blocks one after the other miss; the yardstick keeps it from neighbours.

mod support;

use std::{
    cell::{Cell, RefCell},
    time::Duration,
};
use support::{Random, Simulated};
use versus::{Cases, Clock, Settings, Time, measure};

const TRIALS: usize = 2_000;
const BASELINE_NS: f64 = 100.0;
const VARIANT_NS: f64 = 80.0;
const TRUTH: f64 = VARIANT_NS / BASELINE_NS;

/// A machine as one meets it. It drifts (10 %, over seconds), every run has its own jitter (2 %), one
/// run in thirty is hit by something, and a neighbour comes every 3 s on average, stays for 2 s, and
/// slows everything to 1.6 times as long.
struct Noisy {
    clock: Simulated,
    state: RefCell<State>,
}

struct State {
    random: Random,
    drift: f64,
    neighbour: bool,
    /// Seconds until the neighbour comes or goes.
    stays: f64,
}

impl Noisy {
    fn new(seed: u64) -> Self {
        let mut random = Random::of(seed);
        let drift = 0.1 * random.normal();
        let neighbour = random.uniform() < 0.4;
        let stays = random.exponential() * if neighbour { 2.0 } else { 3.0 };
        let state = RefCell::new(State { random, drift, neighbour, stays });
        Noisy { clock: Simulated::default(), state }
    }

    /// Does so many items at so much each, under the noise of the moment. The time it took.
    fn run(&self, items: u64, each_ns: f64) -> f64 {
        let mut state = self.state.borrow_mut();
        let mut seconds = items as f64 * each_ns * 1e-9 * state.drift.exp();
        seconds *= (0.02 * state.random.normal()).exp();
        if state.random.uniform() < 1.0 / 30.0 {
            seconds *= 1.0 + state.random.exponential();
        }
        if state.neighbour {
            seconds *= 1.6;
        }
        state.pass(seconds);
        self.clock.work(Duration::from_secs_f64(seconds));
        seconds
    }
}

impl State {
    fn pass(&mut self, seconds: f64) {
        // An Ornstein-Uhlenbeck process: forgets itself over 5 s, keeps its deviation of 10 %.
        let memory = (-seconds / 5.0).exp();
        self.drift =
            memory * self.drift + 0.1 * (1.0 - memory * memory).sqrt() * self.random.normal();
        self.stays -= seconds;
        while self.stays < 0.0 {
            self.neighbour = !self.neighbour;
            self.stays += self.random.exponential() * if self.neighbour { 2.0 } else { 3.0 };
        }
    }
}

/// What `versus` finds.
fn in_rounds(seed: u64) -> (f64, bool) {
    let machine = Noisy::new(seed);
    let mut cases = Cases::new();
    let case = cases
        .case("truth")
        .baseline("baseline")
        .ours("baseline", "baseline", |items| {
            machine.run(items, BASELINE_NS);
            items
        })
        .peer("variant", "variant", |items| {
            machine.run(items, VARIANT_NS);
            items
        });
    let result = measure(case, &Settings::full(seed), &machine.clock, &mut |_| {}).unwrap();
    let ratio = result.compare(&result.variants[0]).unwrap().wall;
    (ratio.median, ratio.low <= TRUTH && TRUTH <= ratio.high)
}

/// What one finds who measures all of one, then all of the other: the same runs, the same medians.
fn one_after_the_other(seed: u64) -> f64 {
    let Settings { rounds, run_ms, .. } = Settings::full(seed);
    let machine = Noisy::new(seed);
    let block = |each_ns: f64| {
        let items = run_ms * 1_000_000 / 100;
        let mut times: Vec<f64> = (0..rounds).map(|_| machine.run(items, each_ns)).collect();
        times.sort_by(f64::total_cmp);
        times[rounds / 2]
    };
    let baseline = block(BASELINE_NS);
    block(VARIANT_NS) / baseline
}

/// Of this sample, the error that 95 of 100 stay below.
fn percentile_95(ratios: impl Iterator<Item = f64>) -> f64 {
    let mut errors: Vec<f64> = ratios.map(|ratio| (ratio / TRUTH - 1.0).abs()).collect();
    errors.sort_by(f64::total_cmp);
    errors[errors.len() * 95 / 100]
}

#[test]
fn rounds_find_a_ratio_within_3_percent_where_blocks_are_off_by_30() {
    let seeds = 0..TRIALS as u64;
    let (found, covered): (Vec<f64>, Vec<bool>) = seeds.clone().map(in_rounds).unzip();

    let error = percentile_95(found.into_iter());
    assert!(error <= 0.03, "rounds err by {error} at the 95th percentile");

    let error = percentile_95(seeds.map(one_after_the_other));
    assert!(error > 0.30, "blocks err by only {error}: this noise is no test");

    let covered = covered.into_iter().filter(|&covered| covered).count();
    assert!(covered >= TRIALS * 95 / 100, "{covered} of {TRIALS} intervals cover the truth");
}

/// Before, between and after the runs of baseline, baseline again, and variant.
const YARDSTICKS_A_ROUND: u32 = 4;

/// A machine with a neighbour in half of the rounds, who slows the baseline to 1.5 times as long, but
/// not the variant: what a full cache does to one that lives from it.
struct Shared {
    clock: Simulated,
    /// Whether the yardstick can be read.
    yardstick: bool,
    random: RefCell<Random>,
    read: Cell<u32>,
    pace: Cell<f64>,
}

impl Shared {
    fn new(seed: u64, yardstick: bool) -> Self {
        let random = RefCell::new(Random::of(seed));
        let (read, pace) = (Cell::new(0), Cell::new(1.0));
        Shared { clock: Simulated::default(), yardstick, random, read, pace }
    }

    fn jitter(&self) -> f64 {
        (0.02 * self.random.borrow_mut().normal()).exp()
    }
}

impl Clock for Shared {
    fn now(&self) -> Time {
        self.clock.now()
    }

    fn yardstick(&self) -> Option<Duration> {
        if self.read.get().is_multiple_of(YARDSTICKS_A_ROUND) {
            let neighbour = self.random.borrow_mut().uniform() < 0.5;
            self.pace.set(if neighbour { 1.0 / 1.5 } else { 1.0 });
        }
        self.read.set(self.read.get() + 1);
        let time = Duration::from_millis(1).mul_f64(self.jitter() / self.pace.get());
        self.yardstick.then_some(time)
    }
}

/// Whether `versus` finds the truth, or nearly: the neighbour would make 0.53 of it.
fn finds_it_beside_the_neighbour(seed: u64, yardstick: bool) -> bool {
    let machine = Shared::new(seed, yardstick);
    let run = |items, each_ns: f64| machine.clock.items(items, each_ns * machine.jitter());
    let mut cases = Cases::new();
    let case = cases
        .case("shared")
        .baseline("baseline")
        .ours("baseline", "baseline", |items| run(items, BASELINE_NS / machine.pace.get()))
        .peer("variant", "variant", |items| run(items, VARIANT_NS));
    let result = measure(case, &Settings::full(seed), &machine, &mut |_| {}).unwrap();
    let ratio = result.compare(&result.variants[0]).unwrap().wall;
    (ratio.median / TRUTH - 1.0).abs() <= 0.1
}

#[test]
fn the_yardstick_tells_which_rounds_a_neighbour_has_made_untrue() {
    let found =
        |yardstick| (0..200).filter(|&seed| finds_it_beside_the_neighbour(seed, yardstick)).count();
    let (with, without) = (found(true), found(false));
    assert!(with >= 190, "{with} of 200 runs find the truth");
    assert!(without <= 130, "{without} of 200 find it without a yardstick: this is no test of it");
}

//! Order statistics keep what they promise, for any number of rounds and any noise.

mod support;

use proptest::prelude::*;
use support::Random;
use versus::{Interval, Ranks};

/// How many of the 2^n ways in which n values can fall put fewer than `low` below the median, as a
/// share of all: Pascal's triangle in whole numbers.
fn exact_confidence(n: usize, low: usize) -> f64 {
    let mut row = vec![1_u128];
    for _ in 0..n {
        let inner = row.windows(2).map(|pair| pair[0] + pair[1]);
        row = [1].into_iter().chain(inner).chain([1]).collect();
    }
    let fewer: u128 = row[..low].iter().sum();
    1.0 - 2.0 * fewer as f64 / 2_f64.powi(i32::try_from(n).unwrap())
}

#[test]
fn ranks_are_those_of_the_tables() {
    for (n, low, high) in [(6, 1, 6), (9, 2, 8), (15, 4, 12), (31, 10, 22), (100, 40, 61)] {
        let ranks = Ranks::of(n).unwrap();
        assert_eq!((ranks.low, ranks.high), (low, high), "{n} values");
    }
    assert_eq!(Ranks::of(0), None);
    assert_eq!(Interval::of(&[]), None);
}

#[test]
fn ranks_are_the_closest_that_95_percent_allows() {
    for n in 1..=120 {
        let ranks = Ranks::of(n).unwrap();
        assert_eq!(ranks.low + ranks.high, n + 1, "{n} values");
        assert!((ranks.confidence - exact_confidence(n, ranks.low)).abs() < 1e-9, "{n} values");
        assert_eq!(ranks.confidence >= 0.95, n >= 6, "{n} values");
        assert!(exact_confidence(n, ranks.low + 1) < 0.95, "{n} values");
    }
}

#[test]
fn ranks_of_very_many_values_are_those_of_the_bell_curve() {
    for n in [2_000_usize, 100_000] {
        let ranks = Ranks::of(n).unwrap();
        let distance = (n as f64 / 2.0 - ranks.low as f64) / (n as f64).sqrt();
        assert!((distance - 0.98).abs() < 0.02, "{n} values: {ranks:?}");
        assert!((0.95..0.955).contains(&ranks.confidence), "{n} values: {ranks:?}");
    }
}

#[test]
fn the_interval_covers_the_median_of_skewed_noise_as_often_as_it_says() {
    let mut random = Random::of(7);
    for n in [7, 15, 31] {
        let trials = 20_000_u32;
        let confidence = Ranks::of(n).unwrap().confidence;
        let mut covers = || {
            let sample: Vec<f64> = (0..n).map(|_| random.exponential()).collect();
            let interval = Interval::of(&sample).unwrap();
            (interval.low..=interval.high).contains(&std::f64::consts::LN_2)
        };
        let covered =
            (0..trials).map(|_| f64::from(u8::from(covers()))).sum::<f64>() / f64::from(trials);
        assert!((covered - confidence).abs() < 0.005, "{n}: {covered}, not {confidence}");
    }
}

proptest! {
    #[test]
    fn the_ends_are_values_of_the_sample_and_enclose_the_median(
        sample in prop::collection::vec(-1e6_f64..1e6, 1..80),
    ) {
        let interval = Interval::of(&sample).unwrap();
        prop_assert!(sample.contains(&interval.low) && sample.contains(&interval.high));
        prop_assert!(interval.low <= interval.median && interval.median <= interval.high);
        let below = sample.iter().filter(|&&value| value < interval.low).count();
        let above = sample.iter().filter(|&&value| value > interval.high).count();
        let low = Ranks::of(sample.len()).unwrap().low;
        prop_assert!(below < low && above < low);
    }

    #[test]
    fn the_order_of_the_sample_does_not_matter(
        (sample, shuffled) in prop::collection::vec(-1e6_f64..1e6, 1..40)
            .prop_flat_map(|sample| (Just(sample.clone()), Just(sample).prop_shuffle())),
    ) {
        prop_assert_eq!(Interval::of(&sample), Interval::of(&shuffled));
    }

    #[test]
    fn the_ends_follow_any_rising_function(sample in prop::collection::vec(-20.0_f64..20.0, 1..60)) {
        let raised: Vec<f64> = sample.iter().map(|value| value.exp()).collect();
        let (plain, raised) = (Interval::of(&sample).unwrap(), Interval::of(&raised).unwrap());
        let bits = |low: f64, high: f64| (low.to_bits(), high.to_bits());
        prop_assert_eq!(bits(raised.low, raised.high), bits(plain.low.exp(), plain.high.exp()));
    }

    #[test]
    fn one_wild_value_moves_the_ends_by_no_more_than_a_rank(
        mut sample in prop::collection::vec(0.0_f64..1.0, 9..60),
        wild in prop::num::f64::NORMAL,
    ) {
        // From nine values on the extremes are not the ends.
        sample[0] = wild;
        let interval = Interval::of(&sample).unwrap();
        prop_assert!((0.0..1.0).contains(&interval.low) && (0.0..1.0).contains(&interval.high));
    }
}

//! Comparing values without losing a digit.

use crate::text::{Kind, UNITS};
use num_bigint::BigInt;
use std::cmp::Ordering;

/// Compares two values of a kind: numbers by size, durations across units, words by letters.
pub(crate) fn compare(kind: Kind, a: &str, b: &str) -> Ordering {
    if kind == Kind::Word {
        return a.cmp(b);
    }
    let ((a, digits_a), (b, digits_b)) = (parse(a), parse(b));
    // Both over the same power of ten.
    let raise =
        |n: BigInt, by: usize| n * BigInt::from(10).pow(u32::try_from(by).unwrap_or(u32::MAX));
    raise(a, digits_b.saturating_sub(digits_a)).cmp(&raise(b, digits_a.saturating_sub(digits_b)))
}

/// A value as a whole number over a power of ten; a duration in nanoseconds.
fn parse(value: &str) -> (BigInt, usize) {
    let number = value.trim_end_matches(|c: char| !c.is_ascii_digit());
    let unit = value[number.len()..].trim_start();
    let factor = UNITS.iter().find(|u| u.0 == unit).map_or(1, |u| u.1);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits = format!("{whole}{fraction}").parse::<BigInt>().unwrap_or_default();
    (digits * factor, fraction.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_compare_across_units_and_numbers_by_size() {
        assert!(compare(Kind::Duration, "1.5 ms", "1500us").is_eq());
        assert!(compare(Kind::Duration, "2 min", "119.999 s").is_gt());
        assert!(compare(Kind::Decimal, "-2", "-10.50").is_gt());
        assert!(
            compare(Kind::Integer, "99999999999999999999999", "100000000000000000000000").is_lt()
        );
        assert!(compare(Kind::Decimal, "0.10", "0.1").is_eq());
    }
}

//! The four kinds of value: what they look like, and what they mean.

use std::cmp::Ordering;

/// What a value looks like; the first kind that a sample fits is the kind of its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum ValueKind {
    Integer,
    Decimal,
    Duration,
    Word,
}

/// A unit of time.
pub(crate) struct Unit {
    pub(crate) name: &'static str,
    /// One of it is so many times ten to this power, in nanoseconds.
    times: u8,
    tens: usize,
}

/// No unit is the beginning of another, so at most one stands at a place.
pub(crate) const UNITS: [Unit; 6] = [
    Unit { name: "ns", times: 1, tens: 0 },
    Unit { name: "us", times: 1, tens: 3 },
    Unit { name: "µs", times: 1, tens: 3 },
    Unit { name: "ms", times: 1, tens: 6 },
    Unit { name: "s", times: 1, tens: 9 },
    Unit { name: "min", times: 6, tens: 10 },
];

impl ValueKind {
    pub(crate) fn of(sample: &str) -> Option<ValueKind> {
        [ValueKind::Integer, ValueKind::Decimal, ValueKind::Duration, ValueKind::Word]
            .into_iter()
            .find(|kind| kind.fits(sample))
    }

    pub(crate) fn fits(self, text: &str) -> bool {
        self.take(text.as_bytes()) == Some(text.len())
    }

    /// How many bytes a value of this kind takes at the start of `line`: all it can.
    pub(crate) fn take(self, line: &[u8]) -> Option<usize> {
        let sign = usize::from(line.first() == Some(&b'-'));
        match self {
            ValueKind::Integer => digits(&line[sign..]).map(|length| sign + length),
            ValueKind::Decimal => decimal(&line[sign..]).map(|length| sign + length),
            ValueKind::Duration => {
                let number = decimal(line)?;
                let space = usize::from(line.get(number) == Some(&b' '));
                let rest = &line[number + space..];
                let unit = UNITS.iter().find(|u| rest.starts_with(u.name.as_bytes()))?;
                Some(number + space + unit.name.len())
            }
            ValueKind::Word => run(line, is_word),
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            ValueKind::Integer => "an integer",
            ValueKind::Decimal => "a decimal",
            ValueKind::Duration => "a duration",
            ValueKind::Word => "a word",
        }
    }
}

pub(crate) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn run(line: &[u8], belongs: impl Fn(u8) -> bool) -> Option<usize> {
    let length = line.iter().take_while(|b| belongs(**b)).count();
    (length > 0).then_some(length)
}

fn digits(line: &[u8]) -> Option<usize> {
    run(line, |b| b.is_ascii_digit())
}

fn decimal(line: &[u8]) -> Option<usize> {
    let whole = digits(line)?;
    let fraction = match line.get(whole) {
        Some(b'.') => digits(&line[whole + 1..]).map_or(0, |length| length + 1),
        _ => 0,
    };
    Some(whole + fraction)
}

/// What a value means: `1.5 ms` and `1500us` are equal, and so are `7` and `07.0`.
///
/// Exact at any length: the digits before the point without leading zeros and those behind it
/// without trailing ones. A duration is in nanoseconds. A word stands whole before the point.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Value {
    negative: bool,
    whole: Vec<u8>,
    fraction: Vec<u8>,
}

impl Value {
    pub(crate) fn new(kind: ValueKind, text: &str) -> Value {
        if kind == ValueKind::Word {
            return Value {
                negative: false,
                whole: text.as_bytes().to_vec(),
                fraction: Vec::new(),
            };
        }
        let number = text.trim_end_matches(|c: char| !c.is_ascii_digit());
        let unit = UNITS.iter().find(|u| u.name == text[number.len()..].trim_start());
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let negative = whole.starts_with('-');
        let whole = whole.trim_start_matches('-');

        let mut digits = [b"0", whole.as_bytes(), fraction.as_bytes()].concat();
        let mut point = 1 + whole.len();
        if let Some(unit) = unit {
            // The zero in front takes the last carry.
            let mut carry = 0;
            for digit in digits.iter_mut().rev() {
                let product = (*digit - b'0') * unit.times + carry;
                *digit = b'0' + product % 10;
                carry = product / 10;
            }
            point += unit.tens;
            digits.resize(digits.len().max(point), b'0');
        }
        let fraction = digits.split_off(point);
        let whole = digits.iter().copied().skip_while(|d| *d == b'0').collect::<Vec<_>>();
        let kept = fraction.iter().rposition(|d| *d != b'0').map_or(0, |last| last + 1);
        let fraction = fraction[..kept].to_vec();
        Value { negative: negative && !(whole.is_empty() && fraction.is_empty()), whole, fraction }
    }
}

impl Ord for Value {
    fn cmp(&self, other: &Value) -> Ordering {
        let size = |v: &Value| v.whole.len();
        let by_size = || {
            size(self)
                .cmp(&size(other))
                .then_with(|| (&self.whole, &self.fraction).cmp(&(&other.whole, &other.fraction)))
        };
        match (self.negative, other.negative) {
            (false, false) => by_size(),
            (true, true) => by_size().reverse(),
            (negative, _) => {
                if negative {
                    Ordering::Less
                } else {
                    Ordering::Greater
                }
            }
        }
    }
}

impl PartialOrd for Value {
    fn partial_cmp(&self, other: &Value) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_compare_by_what_they_mean_at_any_length() {
        let value = Value::new;
        assert_eq!(value(ValueKind::Duration, "1.5 ms"), value(ValueKind::Duration, "1500us"));
        assert_eq!(value(ValueKind::Duration, "2.5min"), value(ValueKind::Duration, "150 s"));
        assert_eq!(
            value(ValueKind::Duration, "0.0000000001 min"),
            value(ValueKind::Duration, "6ns")
        );
        assert!(value(ValueKind::Duration, "2 min") > value(ValueKind::Duration, "119.999 s"));
        assert!(value(ValueKind::Duration, "9.99 µs") < value(ValueKind::Duration, "10us"));
        assert_eq!(value(ValueKind::Decimal, "-0.0"), value(ValueKind::Integer, "0"));
        assert_eq!(value(ValueKind::Decimal, "007.10"), value(ValueKind::Decimal, "7.1"));
        assert!(value(ValueKind::Decimal, "-2") > value(ValueKind::Decimal, "-10.50"));
        assert!(value(ValueKind::Decimal, "-0.5") < value(ValueKind::Decimal, "0.25"));
        assert!(value(ValueKind::Decimal, "0.09") < value(ValueKind::Decimal, "0.1"));
        assert!(
            value(ValueKind::Integer, &"9".repeat(40))
                < value(ValueKind::Integer, &format!("1{}", "0".repeat(40)))
        );
    }
}

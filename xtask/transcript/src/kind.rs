//! The four kinds of value: what they look like, and what they mean.

use std::cmp::Reverse;

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

/// What a value means: `1.5 ms` and `1500us` are equal, and so are `7` and `07.0`. The more below
/// zero, the less.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Value {
    Negative(Reverse<Size>),
    Positive(Size),
}

/// A size, exact at any length: the digits before the point without leading zeros, of which more
/// are larger, and those behind it without trailing ones. A duration is in nanoseconds. A word
/// stands whole before the point.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Size {
    length: usize,
    whole: Vec<u8>,
    fraction: Vec<u8>,
}

impl Size {
    fn new(whole: &[u8], fraction: &[u8]) -> Size {
        Size { length: whole.len(), whole: whole.to_vec(), fraction: fraction.to_vec() }
    }
}

impl Value {
    pub(crate) fn new(kind: ValueKind, text: &str) -> Value {
        if kind == ValueKind::Word {
            return Value::Positive(Size::new(text.as_bytes(), b""));
        }
        let number = text.trim_end_matches(|c: char| !c.is_ascii_digit());
        let unit = UNITS.iter().find(|u| u.name == text[number.len()..].trim_start());
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let unsigned = whole.trim_start_matches('-');

        let mut digits = [b"0", unsigned.as_bytes(), fraction.as_bytes()].concat();
        let mut point = 1 + unsigned.len();
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
        let is_not_zero = |digit: &u8| *digit != b'0';
        let first = digits[..point].iter().position(is_not_zero).unwrap_or(point);
        let end = digits[point..].iter().rposition(is_not_zero).map_or(point, |at| point + at + 1);
        let size = Size::new(&digits[first..point], &digits[point..end]);
        if whole.starts_with('-') && first < end {
            Value::Negative(Reverse(size))
        } else {
            Value::Positive(size)
        }
    }
}

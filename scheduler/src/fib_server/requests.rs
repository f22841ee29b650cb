//! Requests, as they come in from a connection.

use std::{error, fmt, str};

/// The largest number that is computed: each further one takes 1.6 times as long.
pub(crate) const MOST: u32 = 45;

/// The longest line, without its newline.
pub(crate) const LONGEST: usize = 64;

/// Why a request has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BadRequest {
    TooLong,
    NotUtf8,
    Empty,
    Negative,
    NotANumber,
    TooLarge,
}

impl fmt::Display for BadRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BadRequest::TooLong => write!(f, "a line has at most {LONGEST} bytes"),
            BadRequest::NotUtf8 => f.write_str("not UTF-8"),
            BadRequest::Empty => f.write_str("an empty line"),
            BadRequest::Negative => f.write_str("a negative number"),
            BadRequest::NotANumber => f.write_str("not a number"),
            BadRequest::TooLarge => write!(f, "the largest number is {MOST}"),
        }
    }
}

impl error::Error for BadRequest {}

/// What a line asks for. Nothing but digits is a number: no sign, no blank.
pub(crate) fn parse(line: &[u8]) -> Result<u32, BadRequest> {
    if line.len() > LONGEST {
        return Err(BadRequest::TooLong);
    }
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let text = str::from_utf8(line).map_err(|_| BadRequest::NotUtf8)?;
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match text.strip_prefix('-') {
        _ if text.is_empty() => Err(BadRequest::Empty),
        Some(rest) if digits(rest) => Err(BadRequest::Negative),
        _ if !digits(text) => Err(BadRequest::NotANumber),
        // What does not even fit is too large as well.
        _ => text.parse().ok().filter(|&n| n <= MOST).ok_or(BadRequest::TooLarge),
    }
}

/// What has been received and not yet answered: at most [`Requests::ROOM`] bytes.
///
/// Invariants:
/// 1. `start <= end <= ROOM`, and `bytes[start..end]` is what is left;
/// 2. once `ended`, nothing is received any more.
pub(crate) struct Requests {
    bytes: [u8; Requests::ROOM],
    start: usize,
    end: usize,
    ended: bool,
}

impl Requests {
    /// As much as the cheatsheet receives at once. More than [`LONGEST`], so that there is always
    /// room when no line is complete.
    const ROOM: usize = 1024;

    pub(crate) fn new() -> Requests {
        Requests { bytes: [0; Requests::ROOM], start: 0, end: 0, ended: false }
    }

    /// Receives once, as much as there is room for. What is left moves to the front, so once no
    /// line is complete, there is some.
    pub(crate) fn receive<E>(
        &mut self,
        receive: impl FnOnce(&mut [u8]) -> Result<usize, E>,
    ) -> Result<(), E> {
        self.bytes.copy_within(self.start..self.end, 0);
        (self.start, self.end) = (0, self.end - self.start);
        debug_assert!(
            self.end < Requests::ROOM,
            "without room, nothing received looks like the end"
        );
        let received = receive(&mut self.bytes[self.end..])?;
        self.end += received;
        self.ended |= received == 0;
        Ok(())
    }

    /// Nothing will come any more, and what is left is no request. (At the end of what a client
    /// sends, what is left is its last line.)
    pub(crate) fn give_up(&mut self) {
        (self.start, self.ended) = (self.end, true);
    }

    /// The next request, if its line is complete. One whose line is too long is the last.
    pub(crate) fn next(&mut self) -> Option<Result<u32, BadRequest>> {
        let left = &self.bytes[self.start..self.end];
        let newline = left.iter().position(|&byte| byte == b'\n');
        let (line, after) = match newline {
            Some(length) => (&left[..length], length + 1),
            None if left.len() > LONGEST || self.ended && !left.is_empty() => (left, left.len()),
            None => return None,
        };
        let request = parse(line);
        self.start += after;
        if request == Err(BadRequest::TooLong) {
            self.give_up();
        }
        Some(request)
    }

    /// Whether all that will ever come has been taken.
    pub(crate) fn ended(&self) -> bool {
        self.ended && self.start == self.end
    }
}

#[cfg(test)]
mod tests {
    use super::{BadRequest, Requests, parse};
    use proptest::prelude::*;

    #[test]
    fn only_digits_are_a_number() {
        let bad = [
            (&b""[..], BadRequest::Empty),
            (b"\r", BadRequest::Empty),
            (b"-1", BadRequest::Negative),
            (b"-", BadRequest::NotANumber),
            (b"--1", BadRequest::NotANumber),
            (b"+5", BadRequest::NotANumber),
            (b" 7 ", BadRequest::NotANumber),
            (b"7\r\r", BadRequest::NotANumber),
            (b"1.5", BadRequest::NotANumber),
            (b"x", BadRequest::NotANumber),
            (b"\0", BadRequest::NotANumber),
            ("٣".as_bytes(), BadRequest::NotANumber),
            (b"\xff7", BadRequest::NotUtf8),
            (b"46", BadRequest::TooLarge),
            (b"94", BadRequest::TooLarge),
            (b"4294967296", BadRequest::TooLarge),
            (b"1000000000000000000000000000000", BadRequest::TooLarge),
            (&[b'7'; 65], BadRequest::TooLong),
        ];
        for (line, error) in bad {
            assert_eq!(parse(line), Err(error), "{}", line.escape_ascii());
        }
        for (line, n) in [(&b"0"[..], 0), (b"007", 7), (b"20\r", 20), (b"45", 45)] {
            assert_eq!(parse(line), Ok(n), "{}", line.escape_ascii());
        }
        assert_eq!(parse(&[b'0'; 64]), Ok(0));
    }

    /// Receives the stream in pieces, and takes each request as soon as it is there.
    fn requests(pieces: &[&[u8]]) -> Vec<Result<u32, BadRequest>> {
        let (mut requests, mut all) = (Requests::new(), Vec::new());
        for piece in pieces.iter().chain([&&b""[..]]) {
            let mut left = *piece;
            loop {
                requests
                    .receive(|room| {
                        let taken = left.len().min(room.len());
                        room[..taken].copy_from_slice(&left[..taken]);
                        left = &left[taken..];
                        Ok::<_, ()>(taken)
                    })
                    .unwrap();
                while let Some(request) = requests.next() {
                    all.push(request);
                }
                if requests.ended() {
                    return all;
                }
                if left.is_empty() {
                    break;
                }
            }
        }
        all
    }

    proptest! {
        #[test]
        fn how_a_stream_is_divided_does_not_matter(
            lines in prop::collection::vec("[0-9x\r-]{0,5}|[0-9]{63,66}|\r?", 0..40),
            newline_at_the_end: bool,
            mut cuts in prop::collection::vec(0..2_000_usize, 0..30),
        ) {
            let mut stream = lines.join("\n");
            if newline_at_the_end {
                stream.push('\n');
            }
            let stream = stream.as_bytes();
            for cut in &mut cuts {
                *cut %= stream.len() + 1;
            }
            cuts.sort_unstable();
            cuts.dedup();
            let (mut pieces, mut start) = (Vec::new(), 0);
            for end in cuts.into_iter().chain([stream.len()]) {
                if start < end {
                    pieces.push(&stream[start..end]);
                }
                start = end;
            }
            // The stream, as one that has it as a whole would understand it.
            let mut expected = Vec::new();
            for line in stream.split_inclusive(|&byte| byte == b'\n') {
                let request = parse(line.strip_suffix(b"\n").unwrap_or(line));
                expected.push(request);
                if request == Err(BadRequest::TooLong) {
                    break;
                }
            }
            prop_assert_eq!(requests(&pieces), expected);
        }
    }
}

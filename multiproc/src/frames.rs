//! Values as bytes, each in a frame: its length in four bytes, then what postcard makes of the
//! value.

use postcard::ser_flavors::Flavor;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::io::{self, ErrorKind, Read};

/// The largest value that is sent, in bytes: 1 GiB.
const LARGEST: usize = 1 << 30;

/// The longest frame that is accepted: a value, or several small ones in a frame of their own.
const LONGEST: usize = LARGEST + ROOM;

/// A buffer that has grown beyond this is not kept, unless the next value needs it again.
pub(crate) const ROOM: usize = 1 << 20;

/// What a worker says first: a frame too.
pub(crate) const GREETING: &[u8] = b"\x06\0\0\0worker";

/// How many bytes tell the length.
const HEADER: usize = 4;

/// Begins a frame that will hold all that is appended until it is [ended](end).
pub(crate) fn begin(buffer: &mut Vec<u8>) -> usize {
    let start = buffer.len();
    buffer.extend([0; HEADER]);
    start
}

/// Ends the frame that begins at `start`.
pub(crate) fn end(buffer: &mut [u8], start: usize) {
    let length = buffer.len() - start - HEADER;
    let length = u32::try_from(length).expect("no frame is longer than `LONGEST`");
    buffer[start..start + HEADER].copy_from_slice(&length.to_le_bytes());
}

/// Appends a frame that holds the value, and these bytes before it. If that fails, the buffer is as
/// it was.
pub(crate) fn append(
    buffer: &mut Vec<u8>,
    before: &[u8],
    value: &impl Serialize,
) -> Result<(), postcard::Error> {
    let start = begin(buffer);
    buffer.extend_from_slice(before);
    let most = buffer.len() + LARGEST;
    let written = postcard::serialize_with_flavor(value, Append { buffer, most });
    match written {
        Ok(()) => end(buffer, start),
        Err(_) => buffer.truncate(start),
    }
    written
}

/// The value in a frame, which holds nothing else.
pub(crate) fn value<T: DeserializeOwned>(frame: &[u8]) -> Result<T, String> {
    match postcard::take_from_bytes(frame) {
        Ok((value, [])) => Ok(value),
        Ok((_, rest)) => Err(format!("{} bytes too many", rest.len())),
        Err(error) => Err(error.to_string()),
    }
}

/// Takes the first frame off these, if there is a whole one.
pub(crate) fn split<'a>(frames: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (header, rest) = frames.split_first_chunk()?;
    let (frame, rest) = rest.split_at_checked(length(*header))?;
    *frames = rest;
    Some(frame)
}

fn length(header: [u8; HEADER]) -> usize {
    u32::from_le_bytes(header) as usize
}

/// What postcard writes to: the end of a buffer, up to a limit.
struct Append<'a> {
    buffer: &'a mut Vec<u8>,
    most: usize,
}

impl Flavor for Append<'_> {
    type Output = ();

    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        self.try_extend(&[byte])
    }

    fn try_extend(&mut self, bytes: &[u8]) -> postcard::Result<()> {
        if bytes.len() > self.most - self.buffer.len() {
            return Err(postcard::Error::SerializeBufferFull);
        }
        self.buffer.extend_from_slice(bytes);
        Ok(())
    }

    fn finalize(self) -> postcard::Result<()> {
        Ok(())
    }
}

/// The frames that come from a reader.
///
/// Invariants:
/// 1. `buffer[start..end]` has been read and not been handed out;
/// 2. memory is taken for what has come. What a frame says about its own length costs nothing.
#[derive(Debug)]
pub(crate) struct Frames<R> {
    pub(crate) from: R,
    buffer: Box<[u8]>,
    start: usize,
    end: usize,
    /// A frame that the buffer has no room for.
    large: Vec<u8>,
}

impl<R: Read> Frames<R> {
    pub(crate) fn new(from: R) -> Frames<R> {
        Frames { from, buffer: vec![0; 64 * 1024].into(), start: 0, end: 0, large: Vec::new() }
    }

    /// The next frame. An end before it is whole is an error ([`ErrorKind::UnexpectedEof`]), and so
    /// is a frame that would be too long ([`ErrorKind::InvalidData`]).
    pub(crate) fn next(&mut self) -> io::Result<&[u8]> {
        self.until(HEADER)?;
        let length = length(*self.buffer[self.start..].first_chunk().expect("a header"));
        self.large.clear();
        if HEADER + length > self.buffer.len() {
            return self.next_large(length);
        }
        self.large.shrink_to(ROOM);
        self.until(HEADER + length)?;
        let start = self.start + HEADER;
        self.start = start + length;
        Ok(&self.buffer[start..self.start])
    }

    fn next_large(&mut self, length: usize) -> io::Result<&[u8]> {
        if length > LONGEST {
            let what = format!("a frame of {length} bytes");
            return Err(io::Error::new(ErrorKind::InvalidData, what));
        }
        self.large.extend(&self.buffer[self.start + HEADER..self.end]);
        self.start = self.end;
        let missing = length - self.large.len();
        if self.from.by_ref().take(missing as u64).read_to_end(&mut self.large)? < missing {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        Ok(&self.large)
    }

    /// Reads until so many bytes are in the buffer, or more.
    fn until(&mut self, count: usize) -> io::Result<()> {
        while self.end - self.start < count {
            self.buffer.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
            match self.from.read(&mut self.buffer[self.end..]) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(read) => self.end += read,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Append, Flavor, Frames, HEADER, LONGEST, append, value};
    use proptest::prelude::*;
    use std::io::{Cursor, ErrorKind, Read};

    /// Hands out so many bytes at a time.
    struct Sips<'a>(&'a [u8], usize);

    impl Read for Sips<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let size = self.1.min(buffer.len());
            self.0.read(&mut buffer[..size])
        }
    }

    proptest! {
        #[test]
        fn frames_neither_merge_nor_split(
            lengths in prop::collection::vec(prop_oneof![0..100_usize, 60_000..70_000_usize], 0..8),
            sip in 1..100_000_usize,
        ) {
            let mut bytes = Vec::new();
            for length in &lengths {
                append(&mut bytes, b"", &vec![7_u8; *length]).unwrap();
            }
            let mut frames = Frames::new(Sips(&bytes, sip));
            for length in lengths {
                prop_assert_eq!(value(frames.next().unwrap()), Ok(vec![7_u8; length]));
            }
            prop_assert_eq!(frames.next().unwrap_err().kind(), ErrorKind::UnexpectedEof);
        }

        #[test]
        fn no_bytes_at_all_break_the_reader(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let mut frames = Frames::new(Cursor::new(&bytes));
            while let Ok(frame) = frames.next() {
                let _any_outcome = value::<(u32, String, Vec<u64>)>(frame);
            }
            prop_assert!(frames.large.capacity() <= 1 << 16);
        }
    }

    #[test]
    fn a_frame_that_lies_about_its_length_costs_no_memory() {
        for (length, told) in [
            (u32::MAX as usize, ErrorKind::InvalidData),
            (LONGEST + 1, ErrorKind::InvalidData),
            (LONGEST, ErrorKind::UnexpectedEof),
        ] {
            let header = u32::try_from(length).unwrap().to_le_bytes();
            let bytes = [&header[..], &[1; 1000]].concat();
            let mut frames = Frames::new(Cursor::new(bytes));
            assert_eq!(frames.next().unwrap_err().kind(), told);
            assert!(frames.large.capacity() <= 1 << 16, "{length}");
        }
    }

    #[test]
    fn a_value_that_fails_leaves_the_buffer_as_it_was() {
        let mut bytes = Vec::new();
        append(&mut bytes, b"", &1_u8).unwrap();
        let before = bytes.clone();
        assert!(append(&mut bytes, b"", &Fails).is_err());
        assert_eq!(bytes, before);
        assert_eq!(before.len(), HEADER + 1);
    }

    struct Fails;

    impl serde::Serialize for Fails {
        fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
            let mut seq = to.serialize_seq(Some(2))?;
            serde::ser::SerializeSeq::serialize_element(&mut seq, "first")?;
            Err(serde::ser::Error::custom("it fails"))
        }
    }

    #[test]
    fn a_value_may_not_be_larger_than_allowed() {
        let mut buffer = vec![1, 2];
        for (most, fits) in [(6, false), (7, true), (8, true)] {
            let mut append = Append { buffer: &mut buffer, most };
            assert_eq!(append.try_extend(b"12345").is_ok(), fits, "{most}");
            buffer.truncate(2);
        }
    }

    #[test]
    fn what_stands_behind_a_value_is_a_mistake() {
        assert_eq!(value::<u8>(&[3]), Ok(3));
        assert!(value::<u8>(&[3, 3]).is_err());
        assert!(value::<u8>(&[]).is_err());
    }
}

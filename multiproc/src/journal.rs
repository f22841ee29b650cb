//! Answers that are not lost with the worker that has written them.

use crate::answer::numbered;
use crate::frames;
use crate::system::Mapped;
use std::io::{self, Write};
use std::os::fd::OwnedFd;
use sync::primitives::atomic::Ordering::{AcqRel, Acquire, Release};

/// Answers that wait to be sent, in memory that the parent can see as well.
///
/// To send each answer for itself costs more than a small job does, so they are sent together. If
/// they waited in the worker's own memory, its death would take the answers of jobs that were done.
/// As it is, the parent finds them here.
///
/// The memory begins with a number: how many bytes of answers wait. The worker may be killed at any
/// moment, so these are invariants at every moment:
/// 1. so many bytes are whole frames;
/// 2. an answer is here until it has been sent. (Killed in between, it leaves an answer that the
///    parent has already. The answers have numbers.)
#[derive(Debug)]
pub(crate) struct Journal {
    memory: Mapped,
    length: usize,
}

impl Journal {
    /// The worker's, in memory that is still all zeros.
    pub(crate) fn new(memory: &OwnedFd) -> io::Result<Journal> {
        Ok(Journal { memory: Mapped::new(memory)?, length: 0 })
    }

    /// Takes the frame of an answer, and sends those that are in its way.
    pub(crate) fn add(&mut self, answer: &[u8], to: &mut impl Write) -> io::Result<()> {
        if self.room_for(answer).is_none() {
            self.send(to)?;
        }
        let Some(room) = self.room_for(answer) else {
            return to.write_all(answer); // larger than all the memory there is
        };
        room.copy_from_slice(answer);
        self.length += answer.len();
        // Release: the bytes come before the number that speaks of them (1). It pairs with the load
        // in `left`, which comes after the end of this process.
        self.memory.number().store(self.length as u64, Release);
        Ok(())
    }

    /// Sends all that waits.
    pub(crate) fn send(&mut self, to: &mut impl Write) -> io::Result<()> {
        if self.length > 0 {
            to.write_all(&self.memory.bytes()[..self.length])?;
            self.length = 0;
            // Release: after they have been sent (2). Acquire: and before any byte is overwritten
            // (1).
            self.memory.number().swap(0, AcqRel);
        }
        Ok(())
    }

    fn room_for(&mut self, answer: &[u8]) -> Option<&mut [u8]> {
        self.memory.bytes()[self.length..].get_mut(..answer.len())
    }
}

/// The answers that a worker has left behind, from this number on. The worker has been reaped.
pub(crate) fn left(memory: &OwnedFd, mut next: u32) -> io::Result<Vec<Vec<u8>>> {
    let mut memory = Mapped::new(memory)?;
    // Acquire: pairs with the stores of the worker.
    let length = usize::try_from(memory.number().load(Acquire)).unwrap_or(usize::MAX);
    let mut frames = memory.bytes().get(..length).unwrap_or_default();
    let mut answers = Vec::new();
    while let Some(frame) = frames::split(&mut frames) {
        if let Some(answer) = numbered(frame, next) {
            answers.push(answer.to_vec());
            next = next.wrapping_add(1);
        }
    }
    Ok(answers)
}

#[cfg(test)]
mod tests {
    use super::{Journal, left};
    use crate::answer;
    use crate::frames::{Frames, value};
    use crate::system::shareable_memory;
    use std::io::{self, Cursor, Write};

    fn answer_of(number: u32, size: usize) -> Vec<u8> {
        let mut frame = Vec::new();
        answer::write(&mut frame, number, || Ok(vec![7_u8; size]));
        frame
    }

    /// A socket whose other end has gone.
    struct Gone;

    impl Write for Gone {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn what_has_not_been_sent_is_found_from_the_number_on() {
        let memory = shareable_memory().unwrap();
        let mut journal = Journal::new(&memory).unwrap();
        for number in 0..5 {
            journal.add(&answer_of(number, 3), &mut Gone).unwrap();
        }
        for next in 0..=5_u32 {
            let found = left(&memory, next).unwrap();
            assert_eq!(found.len(), 5 - next as usize, "{next}");
        }
        // None follows one that is not there.
        assert!(left(&memory, 7).unwrap().is_empty());
        // Not sent: still there.
        journal.send(&mut Gone).unwrap_err();
        assert_eq!(left(&memory, 0).unwrap().len(), 5);
        journal.send(&mut Vec::new()).unwrap();
        assert!(left(&memory, 0).unwrap().is_empty());
    }

    #[test]
    fn all_answers_come_in_their_order_whatever_their_size() {
        let memory = shareable_memory().unwrap();
        let mut journal = Journal::new(&memory).unwrap();
        let mut sent = Vec::new();
        let sizes = [0, 10, 70_000, 1, 60_000, 60_000, 5, 200_000, 3];
        for (number, size) in (0..).zip(sizes) {
            journal.add(&answer_of(number, size), &mut sent).unwrap();
        }
        journal.send(&mut sent).unwrap();
        let mut frames = Frames::new(Cursor::new(sent));
        for (number, size) in (0..).zip(sizes) {
            let answer = answer::numbered(frames.next().unwrap(), number).unwrap();
            match value(answer).unwrap() {
                answer::Answer::Done::<Vec<u8>>(bytes) => assert_eq!(bytes.len(), size),
                answer::Answer::Failed(failed) => panic!("{failed:?}"),
            }
        }
        assert!(frames.next().is_err());
    }

    #[test]
    fn memory_that_says_what_cannot_be_is_not_believed() {
        use crate::system::Mapped;
        use sync::primitives::atomic::Ordering::Relaxed;
        let memory = shareable_memory().unwrap();
        for number in [1, 65_536, u64::MAX] {
            Mapped::new(&memory).unwrap().number().store(number, Relaxed);
            assert!(left(&memory, 0).unwrap().is_empty());
        }
    }
}

//! Answers that are not lost with the worker that has written them.

use crate::frames;
use crate::system::Mapped;
use std::io::{self, Write};
use std::os::fd::OwnedFd;
use sync::primitives::atomic::Ordering::{AcqRel, Acquire, Release};

/// Answers that wait to be sent, in memory that the parent can see as well.
///
/// To send each answer for itself costs more than a small job, so they are sent together. If they
/// waited in the worker's own memory, its death would take the answers of jobs that were done. As it is, the parent
/// finds them here.
///
/// The memory begins with a number: in its upper half, how many answers have been sent, and in its
/// lower half, how many bytes of answers wait. Invariants, true whenever the worker may be killed, that is,
/// always:
/// 1. so many bytes are whole frames: the number is stored after them;
/// 2. they are the answers behind those that the number says were sent: both halves change at once, and before the
///    bytes do.
#[derive(Debug)]
pub(crate) struct Journal {
    memory: Mapped,
    sent: u32,
    answers: u32,
    length: usize,
}

impl Journal {
    /// The worker's.
    pub(crate) fn new(memory: &OwnedFd) -> io::Result<Journal> {
        Ok(Journal { memory: Mapped::new(memory)?, sent: 0, answers: 0, length: 0 })
    }

    /// Takes the frame of an answer, and sends what is in the way if there is no room.
    pub(crate) fn add(&mut self, answer: &[u8], to: &mut impl Write) -> io::Result<()> {
        if self.room_for(answer).is_none() {
            self.send(to)?;
        }
        let Some(room) = self.room_for(answer) else {
            to.write_all(answer)?;
            self.answers += 1;
            self.empty();
            return Ok(());
        };
        room.copy_from_slice(answer);
        self.length += answer.len();
        self.answers += 1;
        // Release: the bytes come before the number that speaks of them (1). Its reader is the parent,
        // which waits for the end of this process first.
        self.memory.number().store(self.number(), Release);
        Ok(())
    }

    /// Sends all that waits.
    pub(crate) fn send(&mut self, to: &mut impl Write) -> io::Result<()> {
        if self.length > 0 {
            to.write_all(&self.memory.bytes()[..self.length])?;
            self.empty();
        }
        Ok(())
    }

    fn room_for(&mut self, answer: &[u8]) -> Option<&mut [u8]> {
        self.memory.bytes()[self.length..].get_mut(..answer.len())
    }

    /// All answers have been sent.
    fn empty(&mut self) {
        self.sent = self.sent.wrapping_add(self.answers);
        (self.answers, self.length) = (0, 0);
        // Acquire: no byte is written before this (2). Release: as in `add`.
        self.memory.number().swap(self.number(), AcqRel);
    }

    fn number(&self) -> u64 {
        u64::from(self.sent) << 32 | self.length as u64
    }
}

/// The frames of the answers that a worker has left behind, after those that have been received from
/// it. The worker has been reaped.
pub(crate) fn left(memory: &OwnedFd, received: u32) -> io::Result<Vec<u8>> {
    let mut memory = Mapped::new(memory)?;
    // Acquire: pairs with the stores of the worker, which has ended.
    let number = memory.number().load(Acquire);
    let (sent, length) = ((number >> 32) as u32, number & u64::from(u32::MAX));
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    let mut answers = memory.bytes().get(..length).unwrap_or_default();
    for _ in 0..received.wrapping_sub(sent) {
        if frames::split(&mut answers).is_none() {
            break;
        }
    }
    Ok(answers.to_vec())
}

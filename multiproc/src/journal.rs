//! Answers that are not lost with the worker that has written them.

use crate::answer::numbered;
use crate::frames;
use crate::system::Mapped;
use std::io::{self, Write};
use std::os::fd::OwnedFd;
use sync::primitives::atomic::Ordering::{AcqRel, Acquire, Release};

/// Answers that wait to be sent, in memory that the parent can see as well.
///
/// To send each answer for itself costs more than a small job does, so they are sent together. If they
/// waited in the worker's own memory, its death would take the answers of jobs that were done. As it is,
/// the parent finds them here.
///
/// The memory begins with a number: how many bytes of answers wait. The worker may be killed at any moment, so
/// these are invariants at every moment:
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
        // Release: the bytes come before the number that speaks of them (1). It pairs with the load in
        // `left`, which comes after the end of this process.
        self.memory.number().store(self.length as u64, Release);
        Ok(())
    }

    /// Sends all that waits.
    pub(crate) fn send(&mut self, to: &mut impl Write) -> io::Result<()> {
        if self.length > 0 {
            to.write_all(&self.memory.bytes()[..self.length])?;
            self.length = 0;
            // Release: after they have been sent (2). Acquire: and before any byte is overwritten (1).
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

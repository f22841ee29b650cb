//! Both outputs of a program read by one thread: the only file that waits for pipes.

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::fmt;
use std::io::{ErrorKind, PipeReader, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::process::Child;
use std::thread;
use std::time::{Duration, Instant};

/// Which of a program's two outputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Source::Stdout => "stdout",
            Source::Stderr => "stderr",
        })
    }
}

/// Our ends of a program's pipes, read by one thread.
///
/// A pipe holds little (64 KiB on Linux, as a rule), and a program that fills one waits until
/// somebody reads. A caller that reads one pipe to its end before the other may therefore wait for
/// a program that waits for the caller. Here both are watched at once, and whichever has something
/// is read.
///
/// Invariant: `open` holds just those ends whose other end may still be held by a process.
#[derive(Debug)]
pub(crate) struct Pipes {
    open: Vec<(Source, PipeReader)>,
    buffer: Box<[u8]>,
}

impl Pipes {
    /// Takes the child's piped outputs.
    pub(crate) fn of(child: &mut Child) -> Pipes {
        let stdout = child.stdout.take().map(OwnedFd::from);
        let stderr = child.stderr.take().map(OwnedFd::from);
        let both = [(Source::Stdout, stdout), (Source::Stderr, stderr)];
        Pipes {
            open: both
                .into_iter()
                .filter_map(|(source, end)| Some((source, end?.into())))
                .collect(),
            buffer: vec![0; 64 * 1024].into(),
        }
    }

    /// Whether nothing more can come: every process that held the other end of either pipe has let
    /// go.
    pub(crate) fn closed(&self) -> bool {
        self.open.is_empty()
    }

    /// Sleeps until a pipe has something to read or is closed, then reads each such pipe once, into
    /// `take`. Gives up at `until`; false says that it did.
    ///
    /// One read for each pipe in turn, so that a pipe which never runs dry cannot keep us from
    /// the other or from the clock.
    pub(crate) fn read(
        &mut self,
        until: Option<Instant>,
        mut take: impl FnMut(Source, &[u8]),
    ) -> bool {
        let Some(ready) = self.ready(until) else {
            return false;
        };
        let mut ready = ready.into_iter();
        self.open.retain_mut(|(source, end)| {
            if ready.next() == Some(false) {
                return true;
            }
            // Does not block: the pipe is ready, and nobody else reads from our end.
            match end.read(&mut self.buffer) {
                Ok(0) => false,
                Ok(length) => {
                    take(*source, &self.buffer[..length]);
                    true
                }
                Err(error) => error.kind() == ErrorKind::Interrupted,
            }
        });
        true
    }

    /// Sleeps until a pipe has something to read or is closed, and says of each open one whether it
    /// is so. Gives up at `until`; if all are closed, it only sleeps.
    pub(crate) fn ready(&self, until: Option<Instant>) -> Option<Vec<bool>> {
        let ends = self.open.iter().map(|(_, end)| end.as_fd());
        let mut watched: Vec<_> = ends.map(|end| PollFd::new(end, PollFlags::POLLIN)).collect();
        loop {
            match poll(&mut watched, left(until)) {
                Ok(0) if until.is_some_and(|until| Instant::now() >= until) => return None,
                Ok(0) | Err(Errno::EINTR) => {}
                Ok(_) => return Some(watched.iter().map(|end| end.any() != Some(false)).collect()),
                // The kernel is short of memory; it may be better off in a moment.
                Err(_) => thread::sleep(Duration::from_millis(1)),
            }
        }
    }
}

/// The time until then as poll wants it: in milliseconds. Rounded up: rounded down, the last
/// fraction of a millisecond would be spent asking again and again.
fn left(until: Option<Instant>) -> PollTimeout {
    let Some(until) = until else {
        return PollTimeout::NONE;
    };
    let left = until.saturating_duration_since(Instant::now());
    PollTimeout::try_from(left.as_nanos().div_ceil(1_000_000)).unwrap_or(PollTimeout::MAX)
}

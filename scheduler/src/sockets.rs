//! Who waits for which socket: the cheatsheet's `r_wait` and `s_wait`.

use polling::{Event, Events, PollMode, Poller};
use std::collections::HashMap;
use std::io;
use std::os::fd::{AsFd, AsRawFd};
use std::rc::Rc;
use std::task::Waker;
use std::time::Duration;
use sync::primitives::Arc;

/// A socket's number. It is not its descriptor, and none is ever given to a second socket.
pub(crate) type Key = usize;

/// What somebody waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    Read,
    Write,
}

/// The tasks that wait until a socket can be read or written.
///
/// Invariants:
/// 1. what is in `watched` is registered with the poller under its key, and is open: the `Rc` keeps it
///    so. Only `remove` takes it out, after it has been deleted from the poller;
/// 2. a key is given once. So an event that comes late finds no socket under its key, even if
///    the descriptor's number belongs to another socket by then;
/// 3. who is in `r_wait` waits for a socket in `watched` that is watched for reading; who is in
///    `s_wait`, likewise for writing.
pub(crate) struct Sockets {
    r_wait: HashMap<Key, Waker>,
    s_wait: HashMap<Key, Waker>,
    watched: HashMap<Key, Watched>,
    next: Key,
    poller: Arc<Poller>,
    events: Events,
}

/// A socket, and for what the poller watches it.
///
/// That may be more than somebody waits for: to change it is a system call, and most tasks soon wait for
/// the same again. It changes when it has to: a socket that is ready, and nobody waits, would be
/// reported again and again.
struct Watched {
    socket: Rc<dyn AsFd>,
    read: bool,
    write: bool,
}

impl Sockets {
    pub(crate) fn new(poller: Arc<Poller>) -> Sockets {
        let events = Events::new();
        let (r_wait, s_wait, watched) = Default::default();
        Sockets { r_wait, s_wait, watched, next: 0, poller, events }
    }

    /// Registers the socket, which must not block.
    #[expect(unsafe_code, reason = "the poller cannot check who closes a socket")]
    pub(crate) fn add(&mut self, socket: Rc<dyn AsFd>) -> io::Result<Key> {
        let key = self.next;
        // Most sockets are first waited for to be read.
        let watched = Watched { socket, read: true, write: false };
        let descriptor = watched.socket.as_fd().as_raw_fd();
        let (interest, mode) = watched.interest(key);
        // SAFETY: a registered socket must be deleted from the poller before it is closed. From here
        // on it is in `watched`, and so it is, by 1.
        unsafe { self.poller.add_with_mode(descriptor, interest, mode)? };
        self.next += 1;
        self.watched.insert(key, watched);
        Ok(key)
    }

    /// Forgets the socket, which its owner is about to close. The waker, if any, is for the caller to
    /// drop: that may run anybody's code.
    pub(crate) fn remove(&mut self, key: Key) {
        if let Some(watched) = self.watched.get(&key) {
            // It fails for a socket that is not registered, and this one is, by 1.
            let deleted = self.poller.delete(watched.socket.as_fd());
            debug_assert!(deleted.is_ok(), "{deleted:?}");
            self.watched.remove(&key);
        }
    }

    /// Lets the waker wait. The one that was there before is for the caller to drop: that may run
    /// anybody's code.
    pub(crate) fn wait(
        &mut self,
        key: Key,
        direction: Direction,
        waker: Waker,
    ) -> io::Result<Option<Waker>> {
        let watched = self.watched.get_mut(&key).expect("it is there until it is dropped");
        let (wait, flag) = match direction {
            Direction::Read => (&mut self.r_wait, &mut watched.read),
            Direction::Write => (&mut self.s_wait, &mut watched.write),
        };
        // Keeps 3.
        if !*flag {
            *flag = true;
            watched.tell(key, &self.poller)?;
        }
        Ok(wait.insert(key, waker))
    }

    /// Whether somebody waits for this.
    pub(crate) fn waits(&self, key: Key, direction: Direction) -> bool {
        match direction {
            Direction::Read => self.r_wait.contains_key(&key),
            Direction::Write => self.s_wait.contains_key(&key),
        }
    }

    /// Ends a wait. The waker is for the caller to drop.
    pub(crate) fn give_up(&mut self, key: Key, direction: Direction) -> Option<Waker> {
        match direction {
            Direction::Read => self.r_wait.remove(&key),
            Direction::Write => self.s_wait.remove(&key),
        }
    }

    /// Whether nobody waits for any socket.
    pub(crate) fn nobody_waits(&self) -> bool {
        self.r_wait.is_empty() && self.s_wait.is_empty()
    }

    /// Sleeps until a socket is ready, the poller is notified, or the limit is over, and takes out the
    /// wakers of those whose socket is ready.
    pub(crate) fn look(
        &mut self,
        limit: Option<Duration>,
        woken: &mut Vec<Waker>,
    ) -> io::Result<()> {
        self.events.clear();
        self.poller.wait(&mut self.events, limit)?;
        for event in self.events.iter() {
            let Some(watched) = self.watched.get_mut(&event.key) else { continue }; // late, by 2
            let mut useless = false;
            if event.readable {
                let reader = self.r_wait.remove(&event.key);
                useless |= reader.is_none() && std::mem::take(&mut watched.read);
                woken.extend(reader);
            }
            if event.writable {
                let writer = self.s_wait.remove(&event.key);
                useless |= writer.is_none() && std::mem::take(&mut watched.write);
                woken.extend(writer);
            }
            if useless {
                watched.tell(event.key, &self.poller)?;
            }
        }
        Ok(())
    }
}

impl Watched {
    fn interest(&self, key: Key) -> (Event, PollMode) {
        // Level: what is ready is reported until it is not, as `select` does it. But a closed connection is
        // reported to those who ask for nothing, too: then once is enough.
        let mode = if self.read || self.write { PollMode::Level } else { PollMode::Oneshot };
        (Event::new(key, self.read, self.write), mode)
    }

    fn tell(&self, key: Key, poller: &Poller) -> io::Result<()> {
        let (interest, mode) = self.interest(key);
        poller.modify_with_mode(self.socket.as_fd(), interest, mode)
    }
}

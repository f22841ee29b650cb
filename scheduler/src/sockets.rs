//! Which task waits for which socket: the cheatsheet's `r_wait` and `s_wait`.

use polling::{Event, Events, PollMode, Poller};
use std::collections::HashMap;
use std::os::fd::{AsFd, AsRawFd};
use std::rc::Rc;
use std::task::Waker;
use std::time::Duration;
use std::{io, mem};
use sync::primitives::Arc;

/// A socket's number. It is not its descriptor, and none is ever given to a second socket.
pub(crate) type Key = usize;

/// What a task waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    Read,
    Write,
}

/// The tasks that wait until a socket can be read or written.
///
/// Invariants:
/// 1. what is in `by_key` is registered with the poller under its key, and is open: the `Rc` keeps
///    it so. Only `remove` takes it out, after it has been deleted from the poller;
/// 2. a key is given once. So an event that comes late finds no socket under its key, even if the
///    descriptor's number belongs to another socket by then;
/// 3. a socket that a task in `r_wait` waits for is watched for reading, and one in `s_wait` for
///    writing;
/// 4. `waiting` is the number of tasks in `r_wait` and `s_wait`.
pub(crate) struct Sockets {
    by_key: HashMap<Key, Watched>,
    next: Key,
    waiting: usize,
    poller: Arc<Poller>,
    events: Events,
}

/// A socket, the tasks that wait for it, and for what the poller watches it.
///
/// It may be watched for more than a task waits for: to change that is a system call, and most
/// tasks soon wait for the same again. It is changed when it has to be: a socket that is ready and
/// not waited for would be reported again and again.
struct Watched {
    socket: Rc<dyn AsFd>,
    /// The task that waits to read, or to accept.
    r_wait: Option<Waker>,
    /// The task that waits to send.
    s_wait: Option<Waker>,
    read: bool,
    write: bool,
}

impl Sockets {
    pub(crate) fn new(poller: Arc<Poller>) -> Sockets {
        Sockets { by_key: HashMap::new(), next: 0, waiting: 0, poller, events: Events::new() }
    }

    /// Registers the socket, which must not block.
    #[expect(unsafe_code, reason = "the poller cannot check who closes a socket")]
    pub(crate) fn add(&mut self, socket: Rc<dyn AsFd>) -> io::Result<Key> {
        let key = self.next;
        // Most sockets are first waited for to be read.
        let watched = Watched { socket, r_wait: None, s_wait: None, read: true, write: false };
        let descriptor = watched.socket.as_fd().as_raw_fd();
        let (interest, mode) = watched.interest(key);
        // SAFETY: a registered socket must be deleted from the poller before it is closed. From
        // here on it is in `by_key`, and so it is, by 1.
        unsafe { self.poller.add_with_mode(descriptor, interest, mode)? };
        self.next += 1;
        self.by_key.insert(key, watched);
        Ok(key)
    }

    /// Forgets the socket, which its owner is about to close. No task waits for it.
    pub(crate) fn remove(&mut self, key: Key) {
        if let Some(watched) = self.by_key.get(&key) {
            // Fails for what is not registered, and this is, by 1.
            let deleted = self.poller.delete(watched.socket.as_fd());
            debug_assert!(deleted.is_ok(), "{deleted:?}");
            self.by_key.remove(&key);
        }
    }

    /// Lets a task wait. The waker that was there before is for the caller to drop: that may run
    /// anybody's code.
    pub(crate) fn wait(
        &mut self,
        key: Key,
        direction: Direction,
        waker: &Waker,
    ) -> io::Result<Option<Waker>> {
        let watched = self.by_key.get_mut(&key).expect("it is there until it is dropped");
        let (wait, flag) = watched.direction(direction);
        let before = wait.replace(waker.clone());
        self.waiting += usize::from(before.is_none());
        // Keeps 3.
        if !mem::replace(flag, true) {
            watched.tell(key, &self.poller)?;
        }
        Ok(before)
    }

    /// Whether a task still waits for this.
    pub(crate) fn waits(&mut self, key: Key, direction: Direction) -> bool {
        self.by_key.get_mut(&key).is_some_and(|it| it.direction(direction).0.is_some())
    }

    /// Ends a wait. The waker is for the caller to drop.
    pub(crate) fn give_up(&mut self, key: Key, direction: Direction) -> Option<Waker> {
        let waker = self.by_key.get_mut(&key)?.direction(direction).0.take();
        self.waiting -= usize::from(waker.is_some());
        waker
    }

    /// Whether no task waits for any socket.
    pub(crate) fn nobody_waits(&self) -> bool {
        self.waiting == 0
    }

    /// Sleeps until a socket is ready, the poller is notified, or the limit is over, and takes out
    /// the wakers of those whose socket is ready.
    pub(crate) fn look(
        &mut self,
        limit: Option<Duration>,
        woken: &mut Vec<Waker>,
    ) -> io::Result<()> {
        self.events.clear();
        self.poller.wait(&mut self.events, limit)?;
        let before = woken.len();
        let mut told = Ok(());
        for event in self.events.iter() {
            let Some(watched) = self.by_key.get_mut(&event.key) else { continue }; // late, by 2
            let mut useless = false;
            for (direction, ready) in
                [(Direction::Read, event.readable), (Direction::Write, event.writable)]
            {
                let (wait, flag) = watched.direction(direction);
                match wait.take_if(|_| ready) {
                    Some(waker) => woken.push(waker),
                    None => useless |= ready && mem::replace(flag, false),
                }
            }
            if useless {
                told = told.and(watched.tell(event.key, &self.poller));
            }
        }
        self.waiting -= woken.len() - before;
        told
    }
}

impl Watched {
    /// The task that waits for this, and whether it is watched.
    fn direction(&mut self, direction: Direction) -> (&mut Option<Waker>, &mut bool) {
        match direction {
            Direction::Read => (&mut self.r_wait, &mut self.read),
            Direction::Write => (&mut self.s_wait, &mut self.write),
        }
    }

    fn interest(&self, key: Key) -> (Event, PollMode) {
        // Level: what is ready is reported until it is not, as `select` does it. But a connection
        // that is lost is reported even where nothing is asked for: then once is enough.
        let mode = if self.read || self.write { PollMode::Level } else { PollMode::Oneshot };
        (Event::new(key, self.read, self.write), mode)
    }

    fn tell(&self, key: Key, poller: &Poller) -> io::Result<()> {
        let (interest, mode) = self.interest(key);
        poller.modify_with_mode(self.socket.as_fd(), interest, mode)
    }
}

#[cfg(test)]
mod tests {
    use super::{Arc, AsFd, Direction, Duration, Poller, Rc, Sockets, Waker};
    use std::io::Write;
    use std::os::unix::net::UnixStream;

    #[test]
    fn nobody_waits_when_all_have_been_woken_or_have_given_up() {
        let (mut ours, theirs) = UnixStream::pair().unwrap();
        let mut sockets = Sockets::new(Arc::new(Poller::new().unwrap()));
        let key = sockets.add(Rc::new(theirs)).unwrap();
        for direction in [Direction::Read, Direction::Write, Direction::Read] {
            assert!(sockets.wait(key, direction, Waker::noop()).is_ok());
        }
        assert!(!sockets.nobody_waits());
        sockets.give_up(key, Direction::Write);
        sockets.give_up(key, Direction::Write);
        assert!(!sockets.nobody_waits());
        ours.write_all(b"!").unwrap();
        let mut woken = Vec::new();
        sockets.look(Some(Duration::from_mins(1)), &mut woken).unwrap();
        assert_eq!(woken.len(), 1);
        assert!(sockets.nobody_waits());
        sockets.remove(key);
    }

    #[test]
    fn no_key_is_given_twice() {
        let socket = Rc::new(UnixStream::pair().unwrap().0);
        let mut sockets = Sockets::new(Arc::new(Poller::new().unwrap()));
        let first = sockets.add(Rc::clone(&socket) as Rc<dyn AsFd>).unwrap();
        sockets.remove(first);
        let second = sockets.add(socket).unwrap();
        assert_ne!(first, second);
        sockets.remove(second);
    }
}

//! A socket that tasks wait for.

use crate::Handle;
use crate::sockets::{Direction, Key};
use std::fmt;
use std::io;
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

/// One of std's sockets, for which a task can wait without keeping its thread.
///
/// The socket is not wrapped: [`get`](Self::get) lends it, and std's own `read`, `write` and
/// `accept` do the work. Where they would block, they return
/// [`WouldBlock`](io::ErrorKind::WouldBlock) instead, and the task waits. That the socket was ready
/// is a hint, as with every poller: be prepared for `WouldBlock` all the same.
///
/// Dropping it closes the socket.
///
/// # Source
///
/// `yield 'recv', sock` and `yield 'send', sock` in the cheatsheet.
///
/// # Examples
///
/// ```
/// use scheduler::{Scheduler, Socket};
/// use std::io::{self, Read, Write};
/// use std::net::{TcpListener, TcpStream};
///
/// let mut scheduler = Scheduler::new()?;
/// let mut listener = Socket::new(&scheduler.handle(), TcpListener::bind("127.0.0.1:0")?)?;
/// let mut client = TcpStream::connect(listener.get().local_addr()?)?;
///
/// let handle = scheduler.handle();
/// scheduler.spawn(async move {
///     let served: io::Result<()> = async {
///         listener.readable().await?;
///         let (client, _) = listener.get().accept()?;
///         let mut client = Socket::new(&handle, client)?;
///         let mut byte = [0];
///         client.readable().await?;
///         client.get().read_exact(&mut byte)?;
///         client.writable().await?;
///         client.get().write_all(&byte)
///     }
///     .await;
///     served.unwrap();
/// });
/// client.write_all(b"!")?;
/// assert_eq!(scheduler.run()?.panicked, 0);
/// assert_eq!(io::read_to_string(client)?, "!");
/// # io::Result::Ok(())
/// ```
///
/// A task waits for one thing at a time:
///
/// ```compile_fail,E0499
/// # async fn two(mut socket: scheduler::Socket<std::net::TcpStream>) {
/// let readable = socket.readable();
/// let writable = socket.writable(); // error: cannot borrow `socket` as mutable more than once
/// readable.await;
/// # }
/// ```
pub struct Socket<T: Pollable> {
    handle: Handle,
    key: Key,
    inner: Rc<T>,
}

/// The sockets that a [`Socket`] can hold: those of std, which nobody can close while they are
/// lent.
pub trait Pollable: AsFd + sealed::Sealed + 'static {
    /// Lets operations return [`WouldBlock`](io::ErrorKind::WouldBlock) where they would block.
    ///
    /// # Errors
    ///
    /// If the system refuses.
    fn set_nonblocking(&self, nonblocking: bool) -> io::Result<()>;
}

mod sealed {
    pub trait Sealed {}
}

macro_rules! pollable {
    ($($socket:ty),*) => { $(
        impl sealed::Sealed for $socket {}

        impl Pollable for $socket {
            fn set_nonblocking(&self, nonblocking: bool) -> io::Result<()> {
                <$socket>::set_nonblocking(self, nonblocking)
            }
        }
    )* };
}

pollable![TcpListener, TcpStream, UnixListener, UnixStream];

impl<T: Pollable> Socket<T> {
    /// Registers the socket with the scheduler, and lets it block no longer.
    ///
    /// # Errors
    ///
    /// If the system refuses one or the other; the socket is closed then.
    pub fn new(handle: &Handle, socket: T) -> io::Result<Socket<T>> {
        socket.set_nonblocking(true)?;
        let inner = Rc::new(socket);
        let key = handle.core.sockets.borrow_mut().add(Rc::clone(&inner) as Rc<dyn AsFd>)?;
        Ok(Socket { handle: handle.clone(), key, inner })
    }

    /// The socket itself.
    pub fn get(&self) -> &T {
        &self.inner
    }

    /// Waits until the socket can be read: something has come, or it has been closed at the other
    /// end, or somebody wants to connect.
    ///
    /// # Errors
    ///
    /// If the system cannot watch it.
    ///
    /// # Deadlocks
    ///
    /// Waits for ever if nothing comes; see [`Handle::timeout`].
    #[doc(alias = "recv")]
    #[doc(alias = "r_wait")]
    pub fn readable(&mut self) -> Ready<'_, T> {
        Ready { socket: self, direction: Direction::Read, waits: false }
    }

    /// Waits until the socket can be written: there is room for more, or the other end takes
    /// nothing any more.
    ///
    /// # Errors
    ///
    /// If the system cannot watch it.
    ///
    /// # Deadlocks
    ///
    /// Waits for ever if the other end never reads; see [`Handle::timeout`].
    #[doc(alias = "send")]
    #[doc(alias = "s_wait")]
    pub fn writable(&mut self) -> Ready<'_, T> {
        Ready { socket: self, direction: Direction::Write, waits: false }
    }
}

/// A wait for a [`Socket`].
#[must_use = "it waits when it is awaited"]
#[derive(Debug)]
pub struct Ready<'a, T: Pollable> {
    socket: &'a mut Socket<T>,
    direction: Direction,
    waits: bool,
}

impl<T: Pollable> Future for Ready<'_, T> {
    type Output = io::Result<()>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let (key, direction) = (self.socket.key, self.direction);
        let mut sockets = self.socket.handle.core.sockets.borrow_mut();
        // Our waker is taken out when the socket is ready, and put in by nobody else: as long as we
        // are here, the socket is ours alone.
        if self.waits && !sockets.waits(key, direction) {
            return Poll::Ready(Ok(()));
        }
        let waker = sockets.wait(key, direction, cx.waker());
        drop(sockets);
        self.waits = true;
        waker.map_or_else(|error| Poll::Ready(Err(error)), |_| Poll::Pending)
    }
}

impl<T: Pollable> Drop for Ready<'_, T> {
    fn drop(&mut self) {
        if self.waits {
            let sockets = &self.socket.handle.core.sockets;
            let waker = sockets.borrow_mut().give_up(self.socket.key, self.direction);
            drop(waker);
        }
    }
}

impl<T: Pollable> Drop for Socket<T> {
    fn drop(&mut self) {
        self.handle.core.sockets.borrow_mut().remove(self.key);
    }
}

impl<T: Pollable + fmt::Debug> fmt::Debug for Socket<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Socket").field(&self.inner).finish()
    }
}

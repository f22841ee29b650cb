//! A server on the scheduler.

mod connection;
mod connections;
mod requests;
mod server;

use self::connection::Connection;
use self::connections::{Connections, Place};
pub use self::server::Served;
use self::server::{Compute, Server};
use crate::{Scheduler, Socket};
use std::cell::Cell;
use std::future::poll_fn;
use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Poll, Waker};
use std::time::Duration;
use std::{fmt, thread};
use sync::primitives::Mutex;
use threads::ThreadPool;

/// How long to accept nobody when the system has no descriptors, or no memory, for one more.
const PAUSE: Duration = Duration::from_millis(50);

/// A server that answers a number a line with its Fibonacci number.
///
/// A request is a line: digits, and a newline, or a carriage return and a newline. The answer is a
/// line as well: the number, or `error: ` and why there is none. Answers come in the order of the
/// requests; a client may send many requests before it reads the first answer. Numbers above 45 are
/// refused: `fib` is computed the slow way.
///
/// A line may have 64 bytes, without its newline. After a longer one the client gets the error, and
/// the connection ends. It also ends when the client closes its side (whatever it has asked is
/// answered before), when it asks for nothing or takes no answer for the [idle
/// limit](Self::idle_limit), and when the server [stops](StopServer::stop).
///
/// All connections are tasks on one thread. It computes numbers up to 20 itself, since to hand them
/// over would take longer. Larger ones go to a pool of as many threads as there are processors.
/// Nothing grows without bound: a kilobyte is read from a client at once, and the next only when
/// all answers to that have been sent.
///
/// # Fairness
///
/// A client that sends many requests at once has one answered a turn, and all others that have
/// asked get theirs in between. Numbers up to 20 never wait for a larger one of another client.
/// Larger ones are begun in the order in which they came, and wait while all threads of the pool
/// compute.
///
/// # Source
///
/// The cheatsheet's `fib_server` and `fib_handler`. There `x` from one client ends the server, `20`
/// in two packets is two numbers, and `35` keeps everybody waiting.
///
/// # Examples
///
/// ```
/// use scheduler::FibServer;
/// use std::io::{self, BufRead, BufReader, Write};
/// use std::net::TcpStream;
/// use std::thread;
///
/// let server = FibServer::bind("127.0.0.1:0")?;
/// let (address, stop) = (server.local_addr()?, server.stop_handle());
/// let server = thread::spawn(|| server.run());
///
/// let mut client = TcpStream::connect(address)?;
/// client.write_all(b"20\nx\n10\n")?;
/// let answers: Vec<_> = BufReader::new(client).lines().take(3).collect::<io::Result<_>>()?;
/// assert_eq!(answers, ["6765", "error: not a number", "55"]);
///
/// stop.stop();
/// let served = server.join().unwrap()?;
/// assert_eq!((served.connections, served.answers, served.errors), (1, 2, 1));
/// # io::Result::Ok(())
/// ```
#[must_use = "a server serves nobody before it runs"]
pub struct FibServer {
    listener: TcpListener,
    compute: Compute,
    idle_limit: Duration,
    connection_limit: usize,
    grace: Duration,
    stop: StopServer,
}

impl FibServer {
    /// A server that listens at this address. Port 0 is any port that is free.
    ///
    /// # Errors
    ///
    /// If the address is none of this machine, or its port is taken; the error says which.
    pub fn bind(address: impl ToSocketAddrs + fmt::Display) -> io::Result<FibServer> {
        let listener = TcpListener::bind(&address).map_err(|error| {
            io::Error::new(error.kind(), format!("cannot listen at {address}: {error}"))
        })?;
        Ok(FibServer::from(listener))
    }

    /// Where it listens.
    ///
    /// # Errors
    ///
    /// If the system does not say.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Computes the answers with this function instead of [`threads::fib`]. For a number up to 20
    /// it is called on the server's own thread, so it must be quick there.
    pub fn compute(mut self, compute: impl Fn(u32) -> u64 + Send + Sync + 'static) -> FibServer {
        self.compute = Arc::new(compute);
        self
    }

    /// Ends a connection whose client has sent no complete request for so long, or has taken none
    /// of its answers. A minute, unless told. It is no use to send a byte now and then.
    pub fn idle_limit(mut self, limit: Duration) -> FibServer {
        self.idle_limit = limit;
        self
    }

    /// Serves at most so many connections at once; whoever else connects waits. 10,000, unless
    /// told.
    ///
    /// # Panics
    ///
    /// If it is 0: nobody would ever be served.
    pub fn connection_limit(mut self, limit: usize) -> FibServer {
        assert!(limit > 0, "a server of no connections serves nobody");
        self.connection_limit = limit;
        self
    }

    /// When the server is to stop, waits no longer than this for the answers to what has been
    /// asked. Five seconds, unless told.
    pub fn grace(mut self, grace: Duration) -> FibServer {
        self.grace = grace;
        self
    }

    /// What another thread needs to stop it.
    pub fn stop_handle(&self) -> StopServer {
        self.stop.clone()
    }

    /// Serves until it is [stopped](StopServer::stop).
    ///
    /// If the system has no descriptor for a further connection, whoever connects waits until there
    /// is one; the others are served as usual.
    ///
    /// # Errors
    ///
    /// If the system has not the threads and descriptors that the server itself needs, or cannot
    /// watch its sockets.
    ///
    /// # Deadlocks
    ///
    /// Serves for ever if nobody stops it.
    pub fn run(self) -> io::Result<Served> {
        let mut scheduler = Scheduler::new()?;
        let listener = Socket::new(&scheduler.handle(), self.listener)?;
        let connections = Connections::new(self.connection_limit);
        let server = Rc::new(Server {
            handle: scheduler.handle(),
            pool: ThreadPool::new(thread::available_parallelism().map_or(1, usize::from))?,
            compute: self.compute,
            idle_limit: self.idle_limit,
            tally: Cell::default(),
        });
        let (all, stop_all) = (Rc::clone(&server), scheduler.stopper());
        let (asked, grace) = (self.stop, self.grace);
        scheduler.spawn(async move {
            asked.unless_asked(accept(&all, &connections, listener)).await;
            connections.stop();
            if all.handle.timeout(grace, connections.all_gone()).await.is_err() {
                stop_all.stop();
            }
        });
        let ended = scheduler.run()?;
        drop(scheduler); // and with it, all that shares the server
        let mut done = server.tally.get();
        (done.panicked, done.cut_off) = (ended.panicked, ended.unfinished);
        // What was begun for a client that is gone may take long, and nobody waits for it.
        if let Some(Server { pool, .. }) = Rc::into_inner(server)
            && !pool.join_timeout(Duration::ZERO)
        {
            let _ = thread::Builder::new().spawn(move || drop(pool));
        }
        Ok(done)
    }
}

/// Accepts whoever connects, as long as there is room.
async fn accept(
    server: &Rc<Server>,
    connections: &Rc<Connections>,
    mut listener: Socket<TcpListener>,
) {
    loop {
        connections.room().await;
        let client = match listener.readable().await {
            Ok(()) => listener.get().accept(),
            Err(error) => Err(error),
        };
        match client {
            Ok((client, _)) => start(server, connections.enter(), client),
            // Nobody is there any more, or was about to be.
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::WouldBlock | ErrorKind::ConnectionAborted | ErrorKind::Interrupted
                ) => {}
            // There is no descriptor or no memory for one more. The client still waits, so to
            // ask again at once would be a busy loop.
            Err(_) => server.handle.sleep(PAUSE).await,
        }
    }
}

fn start(server: &Rc<Server>, place: Place, client: TcpStream) {
    // Answers are sent as soon as they are there. Where that cannot be arranged, they are a
    // little later.
    let _ = client.set_nodelay(true);
    // A client that cannot be watched is turned away.
    if let Ok(socket) = Socket::new(&server.handle, client) {
        server.change(|tally| tally.connections += 1);
        server.handle.spawn(Connection::new(Rc::clone(server), place, socket).serve());
    }
}

/// Stops a [`FibServer`], from any thread.
#[derive(Clone, Default)]
pub struct StopServer {
    asked: Arc<Mutex<Asked>>,
}

#[derive(Default)]
struct Asked {
    to_stop: bool,
    /// The one task that waits for it.
    waker: Option<Waker>,
}

impl StopServer {
    /// Lets the server end: it accepts nobody any more, answers what has been asked, and closes its
    /// connections. What is not done when the [grace](FibServer::grace) is over is not done at all.
    ///
    /// This does not wait for that. A second time it does nothing.
    pub fn stop(&self) {
        let mut asked = self.asked.lock();
        asked.to_stop = true;
        let waker = asked.waker.take();
        drop(asked);
        waker.into_iter().for_each(Waker::wake);
    }

    /// Waits for `future`, but only until the server is asked to stop.
    async fn unless_asked(&self, future: impl Future<Output = ()>) {
        let mut future = pin!(future);
        poll_fn(|cx| {
            let mut asked = self.asked.lock();
            if asked.to_stop {
                return Poll::Ready(());
            }
            // Woken by `stop`.
            asked.waker = Some(cx.waker().clone());
            drop(asked);
            future.as_mut().poll(cx)
        })
        .await;
    }
}

impl From<TcpListener> for FibServer {
    /// A server behind a listener that somebody else has opened.
    fn from(listener: TcpListener) -> FibServer {
        FibServer {
            listener,
            compute: Arc::new(threads::fib),
            idle_limit: Duration::from_mins(1),
            connection_limit: 10_000,
            grace: Duration::from_secs(5),
            stop: StopServer::default(),
        }
    }
}

impl fmt::Debug for FibServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FibServer").field("listener", &self.listener).finish_non_exhaustive()
    }
}

impl fmt::Debug for StopServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StopServer").finish_non_exhaustive()
    }
}

//! The clients: tasks of a scheduler, as the connections of the server are.

use scheduler::{Handle, Scheduler, Socket};
use std::cell::{Cell, RefCell};
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::rc::Rc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// What the clients ask for.
pub(crate) const LIGHT: u32 = 1;

/// What takes so long does not come.
const LIMIT: Duration = Duration::from_secs(20);

/// Clients that are connected.
pub(crate) struct Load {
    scheduler: Scheduler,
    clients: Vec<Socket<TcpStream>>,
}

/// What the clients have to do together.
struct Job {
    request: String,
    left: Cell<u64>,
    /// How long each request took.
    times: RefCell<Vec<Duration>>,
    /// The clients that are done, or how they have failed.
    done: RefCell<Vec<io::Result<Socket<TcpStream>>>>,
}

impl Load {
    /// Connects one after the other, each when the one before has an answer, and so was accepted: a
    /// listener of std has 128 places for those that were not, and who finds none tries again a second
    /// later.
    pub(crate) fn connect(server: SocketAddr, connections: u32) -> Result<Load, String> {
        let connect = || -> io::Result<Load> {
            let scheduler = Scheduler::new()?;
            let connect = |_| {
                let mut stream = TcpStream::connect(server)?;
                stream.set_nodelay(true)?;
                stream.set_read_timeout(Some(LIMIT))?;
                stream.write_all(format!("{LIGHT}\n").as_bytes())?;
                while !is_answer(&stream)? {}
                Socket::new(&scheduler.handle(), stream)
            };
            let clients = (0..connections).map(connect).collect::<io::Result<_>>()?;
            Ok(Load { scheduler, clients })
        };
        connect().map_err(|error| format!("cannot connect: {error}"))
    }

    /// So many requests in all, each client one at a time. Returns how long that took, and how long
    /// each request took.
    pub(crate) fn run(
        &mut self,
        requests: u64,
        number: u32,
    ) -> Result<(Duration, Vec<Duration>), String> {
        let times = Vec::with_capacity(usize::try_from(requests).unwrap_or(0).min(1 << 20));
        let job = Rc::new(Job {
            request: format!("{number}\n"),
            left: Cell::new(requests),
            times: RefCell::new(times),
            done: RefCell::default(),
        });
        for client in self.clients.drain(..) {
            self.scheduler.spawn(job.clone().work(self.scheduler.handle(), client));
        }
        let start = Instant::now();
        let ended = self.scheduler.run();
        let took = start.elapsed();
        let clients = job.done.take().into_iter().collect();
        self.clients =
            ended.and(clients).map_err(|error| format!("a client has failed: {error}"))?;
        Ok((took, job.times.take()))
    }
}

impl Job {
    /// What a client does.
    async fn work(self: Rc<Job>, handle: Handle, mut client: Socket<TcpStream>) {
        let asked = handle.timeout(LIMIT, self.ask_while_there_is_something(&mut client)).await;
        let asked = asked.unwrap_or(Err(ErrorKind::TimedOut.into()));
        self.done.borrow_mut().push(asked.map(|()| client));
    }

    async fn ask_while_there_is_something(&self, client: &mut Socket<TcpStream>) -> io::Result<()> {
        while let Some(left) = self.left.get().checked_sub(1) {
            self.left.set(left);
            let start = Instant::now();
            client.get().write_all(self.request.as_bytes())?;
            while !has_answer(client).await? {}
            self.times.borrow_mut().push(start.elapsed());
        }
        Ok(())
    }
}

/// Whether an answer has come.
async fn has_answer(client: &mut Socket<TcpStream>) -> io::Result<bool> {
    client.readable().await?;
    match is_answer(client.get()) {
        Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(false),
        answer => answer,
    }
}

/// Whether what is read is the answer to the one request, and not just a part of it.
fn is_answer(mut client: &TcpStream) -> io::Result<bool> {
    let mut answer = [0; 128];
    match client.read(&mut answer)? {
        0 => Err(ErrorKind::UnexpectedEof.into()),
        _ if answer.starts_with(b"e") => Err(io::Error::other("it answered with an error")),
        read => Ok(answer[read - 1] == b'\n'),
    }
}

/// A client that asks for one heavy number after the other, until it is dropped.
pub(crate) struct Heavy {
    stream: TcpStream,
    asking: Option<JoinHandle<()>>,
}

impl Heavy {
    pub(crate) fn start(server: SocketAddr, number: u32) -> Result<Heavy, String> {
        let start = || -> io::Result<Heavy> {
            let stream = TcpStream::connect(server)?;
            let mut client = stream.try_clone()?;
            let asking = thread::spawn(move || {
                let request = format!("{number}\n");
                while client.write_all(request.as_bytes()).is_ok()
                    && client.read(&mut [0; 128]).is_ok_and(|read| read > 0)
                {}
            });
            // It is being computed, as far as one can see from here.
            thread::sleep(Duration::from_millis(5));
            Ok(Heavy { stream, asking: Some(asking) })
        };
        start().map_err(|error| format!("cannot ask for something heavy: {error}"))
    }
}

impl Drop for Heavy {
    fn drop(&mut self) {
        let _ = self.stream.shutdown(Shutdown::Both);
        self.asking.take().map(JoinHandle::join);
    }
}

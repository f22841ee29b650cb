//! The clients.

use polling::{Event, Events, PollMode, Poller};
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::os::fd::AsRawFd;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// What takes so long does not come.
const LIMIT: Duration = Duration::from_secs(20);

/// Clients that are connected.
///
/// Invariant: what is in `clients` is registered with the poller, and deleted from it before it is closed.
pub(crate) struct Load {
    clients: Vec<Client>,
    poller: Poller,
}

struct Client {
    stream: TcpStream,
    asked: Instant,
}

impl Load {
    pub(crate) fn connect(server: SocketAddr, connections: u32) -> Result<Load, String> {
        let connect = || -> io::Result<Load> {
            let mut load = Load { clients: Vec::new(), poller: Poller::new()? };
            for number in 0..connections as usize {
                let stream = TcpStream::connect(server)?;
                stream.set_nodelay(true)?;
                stream.set_nonblocking(true)?;
                let interest = Event::readable(number);
                // SAFETY: it is in `clients` from here on, where the invariant holds.
                unsafe {
                    load.poller.add_with_mode(stream.as_raw_fd(), interest, PollMode::Level)?
                };
                load.clients.push(Client { stream, asked: Instant::now() });
            }
            Ok(load)
        };
        connect().map_err(|error| format!("cannot connect: {error}"))
    }

    /// So many requests in all, each client one at a time. Returns how long that took, and adds how long each
    /// request took.
    pub(crate) fn run(
        &mut self,
        requests: u64,
        number: u32,
        times: Option<&mut Vec<Duration>>,
    ) -> Result<Duration, String> {
        let request = format!("{number}\n");
        let run = self.ask(requests, request.as_bytes(), times);
        run.map_err(|error| format!("a client has failed: {error}"))
    }

    fn ask(
        &mut self,
        requests: u64,
        request: &[u8],
        mut times: Option<&mut Vec<Duration>>,
    ) -> io::Result<Duration> {
        let start = Instant::now();
        let (mut asked, mut answered) = (0, 0);
        for client in &mut self.clients {
            if asked < requests {
                asked += 1;
                client.ask(request)?;
            }
        }
        let mut events = Events::new();
        while answered < requests {
            events.clear();
            if self.poller.wait(&mut events, Some(LIMIT))? == 0 && start.elapsed() > LIMIT {
                return Err(ErrorKind::TimedOut.into());
            }
            for event in events.iter() {
                let client = &mut self.clients[event.key];
                if !client.has_answer()? {
                    continue;
                }
                answered += 1;
                if let Some(times) = &mut times {
                    times.push(client.asked.elapsed());
                }
                if asked < requests {
                    asked += 1;
                    client.ask(request)?;
                }
            }
        }
        Ok(start.elapsed())
    }
}

impl Client {
    fn ask(&mut self, request: &[u8]) -> io::Result<()> {
        self.asked = Instant::now();
        self.stream.write_all(request)
    }

    /// Whether the answer to its one request has come, and not just a part of it.
    fn has_answer(&mut self) -> io::Result<bool> {
        let mut answer = [0; 128];
        match self.stream.read(&mut answer) {
            Ok(0) => Err(ErrorKind::UnexpectedEof.into()),
            Ok(_) if answer.starts_with(b"e") => Err(io::Error::other("it answered with an error")),
            Ok(read) => Ok(answer[read - 1] == b'\n'),
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(false),
            Err(error) => Err(error),
        }
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        for client in &self.clients {
            let _ = self.poller.delete(&client.stream);
        }
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

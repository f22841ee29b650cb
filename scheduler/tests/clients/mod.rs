//! Servers and their clients, for tests.
#![allow(dead_code, reason = "no test file needs all of it")]

use scheduler::{FibServer, Served, StopServer};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread::{self, JoinHandle, ThreadId};

/// A server on a thread of its own.
pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    pub(crate) stop: StopServer,
    thread: JoinHandle<io::Result<Served>>,
}

/// A server on a free port of this machine.
pub(crate) fn server() -> FibServer {
    FibServer::bind("127.0.0.1:0").unwrap()
}

pub(crate) fn run(server: FibServer) -> Running {
    let (address, stop) = (server.local_addr().unwrap(), server.stop_handle());
    Running { address, stop, thread: thread::spawn(|| server.run()) }
}

impl Running {
    pub(crate) fn client(&self) -> Client {
        Client::new(TcpStream::connect(self.address).unwrap())
    }

    /// The thread that serves.
    pub(crate) fn thread(&self) -> ThreadId {
        self.thread.thread().id()
    }

    pub(crate) fn stop(self) -> Served {
        self.stop.stop();
        self.ended()
    }

    pub(crate) fn ended(self) -> Served {
        self.thread.join().unwrap().unwrap()
    }
}

pub(crate) struct Client {
    pub(crate) stream: BufReader<TcpStream>,
}

impl Client {
    pub(crate) fn new(stream: TcpStream) -> Client {
        stream.set_nodelay(true).unwrap();
        Client { stream: BufReader::new(stream) }
    }

    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.get_mut().write_all(bytes.as_ref()).unwrap();
    }

    /// The next line, without its newline; empty at the end.
    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        self.stream.read_line(&mut line).unwrap();
        line.trim_end_matches('\n').to_owned()
    }

    pub(crate) fn ask(&mut self, line: impl AsRef<[u8]>) -> String {
        self.send([line.as_ref(), b"\n"].concat());
        self.line()
    }

    /// Says that nothing more will come.
    pub(crate) fn no_more(&self) {
        self.stream.get_ref().shutdown(std::net::Shutdown::Write).unwrap();
    }

    /// All lines up to the end.
    pub(crate) fn rest(mut self) -> Vec<String> {
        let mut rest = String::new();
        self.stream.read_to_string(&mut rest).unwrap();
        rest.lines().map(String::from).collect()
    }
}

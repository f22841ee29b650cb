//! A client that asks with a line, and is answered with a line.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

pub(crate) struct Client(BufReader<TcpStream>);

impl Client {
    /// A client that gives up after five seconds without an answer. That is long enough for any
    /// machine, and a verdict.
    pub(crate) fn connect(server: SocketAddr) -> io::Result<Client> {
        let stream = TcpStream::connect(server)?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        Ok(Client(BufReader::new(stream)))
    }

    pub(crate) fn ask(&mut self, request: &str) -> io::Result<String> {
        self.send(request)?;
        Ok(self.receive())
    }

    pub(crate) fn send(&mut self, request: &str) -> io::Result<()> {
        self.0.get_mut().write_all(format!("{request}\n").as_bytes())
    }

    pub(crate) fn receive(&mut self) -> String {
        let line = (&mut self.0).lines().next().unwrap_or(Ok("the end".to_owned()));
        line.unwrap_or("no answer".to_owned())
    }
}

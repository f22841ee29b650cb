//! One connection of a server, from its first request to its end.

use super::Server;
use super::connections::Place;
use super::requests::{BadRequest, Requests};
use crate::{Socket, offload, yield_now};
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::panic::resume_unwind;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// Numbers up to this are computed where they are read: handing them over would take longer.
const SMALL: u32 = 20;

/// When so many bytes of answers are ready, they are sent before the next request is looked at. No
/// answer is longer than a few dozen bytes.
const ENOUGH_TO_SEND: usize = 1024;

/// How long to wait for the client to close, when the server is the first to.
const LINGER: Duration = Duration::from_secs(1);

pub(crate) struct Connection {
    server: Rc<Server>,
    place: Place,
    socket: Socket<TcpStream>,
    requests: Requests,
    answers: Vec<u8>,
    /// When the client last asked for something, and took all answers to what it had asked.
    idle_since: Instant,
}

impl Connection {
    pub(crate) fn new(server: Rc<Server>, place: Place, socket: Socket<TcpStream>) -> Connection {
        let (requests, answers) = (Requests::new(), Vec::new());
        Connection { server, place, socket, requests, answers, idle_since: Instant::now() }
    }

    /// Answers until the client has gone, or asked too much, or the server is about to stop.
    pub(crate) async fn serve(mut self) {
        while !self.requests.ended() {
            // A client that is gone, or keeps us waiting, is not our fault, and there is nobody to tell.
            let Ok(()) = self.receive().await else { return };
            let Ok(()) = self.answer_all().await else { return };
        }
        self.close().await;
    }

    /// Answers every request that is there.
    async fn answer_all(&mut self) -> io::Result<()> {
        let mut request = self.requests.next();
        while let Some(asked) = request {
            self.answer(asked).await;
            request = self.requests.next();
            if request.is_none() || self.answers.len() >= ENOUGH_TO_SEND {
                self.send().await?;
            }
            if request.is_some() {
                // However much one asks at once, the others have their turns in between.
                yield_now().await;
            }
        }
        Ok(())
    }

    async fn answer(&mut self, request: Result<u32, BadRequest>) {
        let answer = match request {
            Ok(n) if n <= SMALL => Ok((self.server.compute)(n)),
            Ok(n) => {
                let compute = self.server.compute.clone();
                let work = offload(&self.server.pool, move || compute(n));
                let work = work.unwrap_or_else(|_| unreachable!("nobody closes our pool"));
                Ok(work.await.unwrap_or_else(|panicked| resume_unwind(panicked.0)))
            }
            Err(bad) => Err(bad),
        };
        let written = match answer {
            Ok(answer) => writeln!(self.answers, "{answer}"),
            Err(bad) => writeln!(self.answers, "error: {bad}"),
        };
        written.expect("memory takes whatever is written");
        self.server.count(answer.is_ok());
    }

    /// Receives what the client has sent, at least something, or notes that there will be no more.
    async fn receive(&mut self) -> io::Result<()> {
        loop {
            if !self.place.stopping() {
                let left = self.server.idle_limit.saturating_sub(self.idle_since.elapsed());
                let readable = self.server.handle.timeout(left, self.socket.readable());
                if let Some(ready) = self.place.unless_stopping(readable).await {
                    ready.map_err(|_| ErrorKind::TimedOut)??;
                }
            }
            match self.requests.receive(|room| self.socket.get().read(room)) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                // It has not asked for anything that we would still have to answer.
                Err(error) if error.kind() == ErrorKind::WouldBlock && self.place.stopping() => {
                    self.requests.give_up();
                    return Ok(());
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                received => return received,
            }
        }
    }

    /// Sends all answers, as far as the client takes them.
    async fn send(&mut self) -> io::Result<()> {
        let mut left = &self.answers[..];
        while !left.is_empty() {
            match self.socket.get().write(left) {
                Ok(sent) => left = &left[sent..],
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    let limit = self.server.idle_limit;
                    let writable = self.server.handle.timeout(limit, self.socket.writable());
                    writable.await.map_err(|_| ErrorKind::TimedOut)??;
                }
                Err(error) => return Err(error),
            }
        }
        self.answers.clear();
        self.idle_since = Instant::now();
        Ok(())
    }

    /// Closes. The client may still be sending, and a socket that is closed with something unread is reset,
    /// which may cost the client answers that it has not read yet. So first say that no more will come, and
    /// give it a moment to close as well.
    async fn close(mut self) {
        let until_the_client_closes = async {
            self.socket.get().shutdown(Shutdown::Write)?;
            let mut unwanted = [0; 1024];
            loop {
                match self.socket.get().read(&mut unwanted) {
                    Ok(0) => return Ok(()),
                    Err(error) if error.kind() != ErrorKind::WouldBlock => return Err(error),
                    _ => self.socket.readable().await?,
                }
            }
        };
        // Whether it has closed, is gone, or stays: we are done with it.
        let _ = self.server.handle.timeout(LINGER, until_the_client_closes).await;
    }
}

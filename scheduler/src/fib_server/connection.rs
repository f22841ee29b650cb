//! One connection of a server, from its first request to its end.

use super::connections::Place;
use super::requests::{BadRequest, Requests};
use super::server::Server;
use crate::{Handle, Ready, Sleep, Socket, offload, yield_now};
use std::future::poll_fn;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::panic::resume_unwind;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

/// Numbers up to this are computed where they are read: handing them over would take longer.
const SMALL: u32 = 20;

/// How long to wait for the client to close, when the server is the first to.
const LINGER: Duration = Duration::from_secs(1);

pub(crate) struct Connection {
    server: Rc<Server>,
    place: Place,
    socket: Socket<TcpStream>,
    requests: Requests,
    answers: Vec<u8>,
    patience: Patience,
}

impl Connection {
    pub(crate) fn new(server: Rc<Server>, place: Place, socket: Socket<TcpStream>) -> Connection {
        let (requests, answers) = (Requests::new(), Vec::new());
        let patience = Patience::new(server.handle.clone(), server.idle_limit);
        Connection { server, place, socket, requests, answers, patience }
    }

    /// Answers until the client has gone, or asked too much, or the server is about to stop.
    pub(crate) async fn serve(mut self) {
        self.place.remember_task().await;
        while !self.requests.ended() {
            // A client that is gone, or keeps us waiting, is not our fault, and there is nobody to
            // tell.
            let Ok(()) = self.receive().await else { return };
            let Ok(()) = self.answer_all().await else { return };
        }
        self.close().await;
    }

    /// Answers every request that is there. The answers are sent together, but none of them waits
    /// for a heavy request behind it.
    async fn answer_all(&mut self) -> io::Result<()> {
        let mut request = self.requests.next();
        while let Some(asked) = request {
            if asked.is_ok_and(|n| n > SMALL) {
                self.send().await?;
            }
            let answer = self.answer(asked).await;
            self.server.count(answer.is_ok());
            let written = match answer {
                Ok(answer) => writeln!(self.answers, "{answer}"),
                Err(bad) => writeln!(self.answers, "error: {bad}"),
            };
            written.expect("memory takes whatever is written");
            request = self.requests.next();
            if request.is_some() {
                // However much one asks at once, the others have their turns in between.
                yield_now().await;
            }
        }
        self.send().await
    }

    async fn answer(&self, request: Result<u32, BadRequest>) -> Result<u64, BadRequest> {
        let (n, compute) = (request?, &self.server.compute);
        if n <= SMALL {
            return Ok(compute(n));
        }
        let compute = Arc::clone(compute);
        let work = offload(&self.server.pool, move || compute(n)).expect("nobody closes the pool");
        Ok(work.await.unwrap_or_else(|panicked| resume_unwind(panicked.0)))
    }

    /// Receives what the client has sent, at least something, or notes that there will be no more.
    async fn receive(&mut self) -> io::Result<()> {
        loop {
            let ready = self.patience.wait(self.socket.readable());
            self.place.unless_stopping(ready).await.unwrap_or(Ok(()))?;
            match self.requests.receive(|room| self.socket.get().read(room)) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    // It has asked for nothing more.
                    if self.place.stopping() {
                        self.requests.give_up();
                        return Ok(());
                    }
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                received => return received,
            }
        }
    }

    /// Sends all answers, as far as the client takes them.
    async fn send(&mut self) -> io::Result<()> {
        let mut left = &self.answers[..];
        while !left.is_empty() {
            match self.socket.get().write(left) {
                Ok(sent) => {
                    left = &left[sent..];
                    self.patience.renew();
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    self.patience.wait(self.socket.writable()).await?;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.answers.clear();
        Ok(())
    }

    /// Closes. The client may still be sending, and a socket that is closed with something unread
    /// is reset, which may cost the client answers that it has not read yet. So first say that no
    /// more will come, and give it a moment to close as well.
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

/// How long a client may keep the server waiting.
///
/// Most clients ask again long before that. So the timer is not set anew for each request: when it
/// goes off, there is a look at how long the client has really been idle.
struct Patience {
    handle: Handle,
    limit: Duration,
    since: Instant,
    timer: Sleep,
}

impl Patience {
    fn new(handle: Handle, limit: Duration) -> Patience {
        let timer = handle.sleep(limit);
        Patience { handle, limit, since: Instant::now(), timer }
    }

    /// The client has taken an answer.
    fn renew(&mut self) {
        self.since = Instant::now();
    }

    /// Waits for the client, but not for ever.
    async fn wait(&mut self, mut ready: Ready<'_, TcpStream>) -> io::Result<()> {
        poll_fn(|cx| {
            let polled = Pin::new(&mut ready).poll(cx);
            if polled.is_ready() { polled } else { self.poll_exhausted(cx).map(Err) }
        })
        .await
    }

    /// Ready when the client has been idle for too long.
    fn poll_exhausted(&mut self, cx: &mut Context<'_>) -> Poll<io::Error> {
        while Pin::new(&mut self.timer).poll(cx).is_ready() {
            let left = self.limit.saturating_sub(self.since.elapsed());
            if left.is_zero() {
                return Poll::Ready(ErrorKind::TimedOut.into());
            }
            self.timer = self.handle.sleep(left);
        }
        Poll::Pending
    }
}

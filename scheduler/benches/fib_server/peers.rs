//! The same server, as one would write it on what others offer.

use crate::plain::answer;
use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpListener;

/// Numbers above this are handed to a pool by those that have one.
const SMALL: u32 = 20;

/// The lines that have come from a client, and were not all answered yet.
#[derive(Default)]
struct Lines {
    bytes: Vec<u8>,
}

impl Lines {
    /// The next complete line.
    fn next(&mut self) -> Option<String> {
        let end = self.bytes.iter().position(|&byte| byte == b'\n')?;
        let line: Vec<_> = self.bytes.drain(..=end).collect();
        Some(String::from_utf8_lossy(&line).into_owned())
    }
}

fn is_small(line: &str) -> bool {
    line.trim_end().parse().is_ok_and(|n: u32| n <= SMALL)
}

/// A loop by hand, which computes everything itself.
pub(crate) fn mio(listener: TcpListener) -> io::Result<()> {
    use mio::{Events, Interest, Poll, Token};
    const LISTENER: Token = Token(usize::MAX);

    listener.set_nonblocking(true)?;
    let mut listener = mio::net::TcpListener::from_std(listener);
    let (mut poll, mut events) = (Poll::new()?, Events::with_capacity(1024));
    poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
    // A place is not used again: the clients of a bench leave all at once.
    let mut clients: Vec<Option<(mio::net::TcpStream, Lines)>> = Vec::new();
    loop {
        match poll.poll(&mut events, None) {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            polled => polled?,
        }
        for event in &events {
            if event.token() == LISTENER {
                while let Ok((mut client, _)) = listener.accept() {
                    client.set_nodelay(true)?;
                    let token = Token(clients.len());
                    poll.registry().register(&mut client, token, Interest::READABLE)?;
                    clients.push(Some((client, Lines::default())));
                }
                continue;
            }
            let place = &mut clients[event.token().0];
            if let Some((client, lines)) = place
                && !answer_all(client, lines)
            {
                *place = None;
            }
        }
    }
}

/// Reads until nothing more has come; false if the client is gone. What a client of a bench is sent
/// always fits into its buffer.
fn answer_all(client: &mut mio::net::TcpStream, lines: &mut Lines) -> bool {
    let mut some = [0; 1024];
    loop {
        match client.read(&mut some) {
            Ok(0) => return false,
            Ok(read) => lines.bytes.extend_from_slice(&some[..read]),
            Err(error) => return error.kind() == ErrorKind::WouldBlock,
        }
        let mut answers = Vec::new();
        while let Some(line) = lines.next() {
            answers.extend(format!("{}\n", answer(&line)).bytes());
        }
        if client.write_all(&answers).is_err() {
            return false;
        }
    }
}

pub(crate) fn tokio(listener: TcpListener) -> io::Result<()> {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    async fn serve(mut client: tokio::net::TcpStream) -> io::Result<()> {
        client.set_nodelay(true)?;
        let (mut lines, mut some) = (Lines::default(), [0; 1024]);
        loop {
            match client.read(&mut some).await? {
                0 => return Ok(()),
                read => lines.bytes.extend_from_slice(&some[..read]),
            }
            let mut answers = Vec::new();
            while let Some(line) = lines.next() {
                let answer = if is_small(&line) {
                    answer(&line)
                } else {
                    tokio::task::spawn_blocking(move || answer(&line)).await?
                };
                answers.extend(format!("{answer}\n").bytes());
            }
            client.write_all(&answers).await?;
        }
    }

    listener.set_nonblocking(true)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener)?;
        loop {
            let (client, _) = listener.accept().await?;
            tokio::spawn(serve(client));
        }
    })
}

pub(crate) fn smol(listener: TcpListener) -> io::Result<()> {
    use smol::io::{AsyncReadExt, AsyncWriteExt};

    async fn serve(mut client: smol::Async<std::net::TcpStream>) -> io::Result<()> {
        client.get_ref().set_nodelay(true)?;
        let (mut lines, mut some) = (Lines::default(), [0; 1024]);
        loop {
            match client.read(&mut some).await? {
                0 => return Ok(()),
                read => lines.bytes.extend_from_slice(&some[..read]),
            }
            let mut answers = Vec::new();
            while let Some(line) = lines.next() {
                let answer = if is_small(&line) {
                    answer(&line)
                } else {
                    smol::unblock(move || answer(&line)).await
                };
                answers.extend(format!("{answer}\n").bytes());
            }
            client.write_all(&answers).await?;
        }
    }

    let executor = smol::LocalExecutor::new();
    smol::block_on(executor.run(async {
        let listener = smol::Async::new(listener)?;
        loop {
            let (client, _) = listener.accept().await?;
            executor.spawn(serve(client)).detach();
        }
    }))
}

//! The same server with std alone, and what every peer answers.

use std::io::{self, BufRead, BufReader, Write};
use std::net::TcpListener;
use std::thread;
use threads::fib;

#[expect(clippy::needless_pass_by_value, reason = "all servers are called alike")]
pub(crate) fn a_thread_a_connection(listener: TcpListener) -> io::Result<()> {
    for client in listener.incoming() {
        let client = client?;
        client.set_nodelay(true)?;
        let serve = move || {
            let mut lines = BufReader::new(&client).lines();
            while let Some(Ok(line)) = lines.next() {
                let answer = format!("{}\n", answer(&line));
                if (&client).write_all(answer.as_bytes()).is_err() {
                    return;
                }
            }
        };
        thread::Builder::new().stack_size(64 << 10).spawn(serve)?;
    }
    Ok(())
}

/// What a peer answers: as little as will do.
pub(crate) fn answer(line: &str) -> u64 {
    line.trim_end().parse().map_or(0, fib)
}

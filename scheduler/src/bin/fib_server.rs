//! Scheduler with blocking function: one thread serves all clients, and a pool computes for them.
//!
//! Cheatsheet section S18: "Scheduler with blocking function". Differs: there, an `x` from one
//! client ends the server for all, a number that comes in two packets is taken for two, and `35`
//! keeps everybody waiting. Here the clients are part of the program, so it ends by itself.
//!
//! With `-- --serve [[ADDRESS:]PORT]` it is a server for `nc` instead, on this machine alone unless
//! told otherwise, until Ctrl-C.
//!
//! # Output
//!
//! Each line is printed when the client has its answer, and before the next thing is asked. Only
//! for its 30, A does not wait.
//!
//! ```text
//! A: 20 -> 6765
//! B: 10 -> 55
//! A: x -> error: not a number
//! A: 10 -> 55
//! A: 30 is being computed
//! B: 20 -> 6765
//! the server is asked to stop
//! for B, that is the end
//! A: 30 -> 832040
//! for A, that is the end
//! 2 connections, 5 answers, 1 error
//! ```

#[path = "fib_server/serve.rs"]
mod serve;

use scheduler::FibServer;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Barrier};
use std::time::Duration;
use std::{env, thread};
use threads::fib;

fn main() -> io::Result<()> {
    section::ends_with_its_reader();
    let mut arguments = env::args().skip(1);
    if arguments.next().is_some_and(|first| first == "--serve") {
        return serve::until_a_signal(arguments.next());
    }
    let gate = Arc::new(Barrier::new(2));
    let server = FibServer::bind("127.0.0.1:0")?.grace(Duration::from_mins(1));
    let server = server.compute(held_at(Arc::clone(&gate)));
    let (address, stop) = (server.local_addr()?, server.stop_handle());
    let server = thread::spawn(|| server.run());

    let (mut a, mut b) = (connect(address)?, connect(address)?);
    println!("A: 20 -> {}", ask(&mut a, "20")?);
    println!("B: 10 -> {}", ask(&mut b, "10")?);
    println!("A: x -> {}", ask(&mut a, "x")?);
    println!("A: 10 -> {}", ask(&mut a, "10")?);

    send(&mut a, "30")?;
    gate.wait();
    println!("A: 30 is being computed");
    println!("B: 20 -> {}", ask(&mut b, "20")?);
    println!("the server is asked to stop");
    stop.stop();
    println!("for B, that is {}", receive(&mut b));
    gate.wait();
    println!("A: 30 -> {}", receive(&mut a));
    println!("for A, that is {}", receive(&mut a));
    drop((a, b));

    let done = server.join().expect("the server has not panicked")?;
    let (connections, answers, errors) = (done.connections, done.answers, done.errors);
    println!("{connections} connections, {answers} answers, {errors} error");
    Ok(())
}

/// Forces the lesson: whoever computes a number above 20 says that it has begun, and goes on when
/// it may.
fn held_at(gate: Arc<Barrier>) -> impl Fn(u32) -> u64 {
    move |n| {
        if n > 20 {
            gate.wait();
            gate.wait();
        }
        fib(n)
    }
}

type Client = BufReader<TcpStream>;

/// A client that gives up after five seconds without an answer. That is long enough for any
/// machine, and a verdict.
fn connect(server: SocketAddr) -> io::Result<Client> {
    let stream = TcpStream::connect(server)?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    Ok(BufReader::new(stream))
}

fn ask(client: &mut Client, request: &str) -> io::Result<String> {
    send(client, request)?;
    Ok(receive(client))
}

fn send(client: &mut Client, request: &str) -> io::Result<()> {
    client.get_mut().write_all(format!("{request}\n").as_bytes())
}

fn receive(client: &mut Client) -> String {
    let line = client.lines().next().unwrap_or(Ok("the end".to_owned()));
    line.unwrap_or("no answer".to_owned())
}

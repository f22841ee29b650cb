//! Scheduler with blocking function: one thread serves all clients, and a pool computes for them.
//!
//! Cheatsheet section S18: "Scheduler with blocking function". Differs: there, an `x` from one
//! client ends the server for all, a number that comes in two packets is taken for two, and `35`
//! keeps everybody waiting. Here the clients are part of the program, so it ends by itself.
//!
//! With `-- --serve [[ADDRESS:]PORT]` it is a server for `nc` instead, on this machine alone unless
//! told otherwise, until Ctrl-C or TERM.
//!
//! # Output
//!
//! The thread that computes a number says so. A client's line is printed when it has its answer,
//! and before anything else is asked. Only for its 30, A does not wait.
//!
//! ```text
//! the server computes 20
//! A: 20 -> 6765
//! the server computes 10
//! B: 10 -> 55
//! A: x -> error: not a number
//! the server computes 10
//! A: 10 -> 55
//! worker-{number=1} computes 30
//! the server computes 20
//! B: 20 -> 6765
//! the server is asked to stop
//! B: the end
//! A: 30 -> 832040
//! A: the end
//! 2 connections, 5 answers, 1 error
//! ```

#[path = "fib_server/client.rs"]
mod client;
#[path = "fib_server/serve.rs"]
mod serve;

use client::Client;
use scheduler::FibServer;
use std::sync::Arc;
use std::thread::{self, Builder};
use std::{io, time::Duration};
use sync::Event;
use threads::fib;

fn main() -> io::Result<()> {
    section::ends_with_its_reader();
    if let Some(place) = serve::asked_for() {
        return serve::until_a_signal(&place);
    }
    let [begun, may_end] = [(); 2].map(|()| Arc::new(Event::new()));
    let server = FibServer::bind("127.0.0.1:0")?.grace(Duration::from_mins(1));
    let server = server.compute(held([&begun, &may_end].map(Arc::clone)));
    let (address, stop) = (server.local_addr()?, server.stop_handle());
    let server = Builder::new().name("the server".to_owned()).spawn(|| server.run())?;

    let (mut a, mut b) = (Client::connect(address)?, Client::connect(address)?);
    println!("A: 20 -> {}", a.ask("20")?);
    println!("B: 10 -> {}", b.ask("10")?);
    println!("A: x -> {}", a.ask("x")?);
    println!("A: 10 -> {}", a.ask("10")?);

    a.send("30")?;
    assert!(begun.wait_timeout(LONG), "30 is not computed");
    println!("B: 20 -> {}", b.ask("20")?);

    println!("the server is asked to stop");
    stop.stop();
    println!("B: {}", b.receive());
    may_end.set();
    println!("A: 30 -> {}", a.receive());
    println!("A: {}", a.receive());
    drop((a, b));

    let done = server.join().expect("the server has not panicked")?;
    let (connections, answers, errors) = (done.connections, done.answers, done.errors);
    println!("{connections} connections, {answers} answers, {errors} error");
    Ok(())
}

/// Longer than anything takes here: what is not there by then will not come.
const LONG: Duration = Duration::from_secs(10);

/// Computes, and says on which thread. Forces the lesson: what is above 20 begins, and ends only
/// when `main` lets it.
fn held([begun, may_end]: [Arc<Event>; 2]) -> impl Fn(u32) -> u64 {
    move |n| {
        println!("{} computes {n}", thread::current().name().unwrap_or("nobody"));
        if n > 20 {
            begun.set();
            assert!(may_end.wait_timeout(LONG), "nobody is served while {n} is computed");
        }
        fib(n)
    }
}

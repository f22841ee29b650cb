//! `fib_server -- --serve [[ADDRESS:]PORT]`: a server for `nc`.

use scheduler::FibServer;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use std::{env, io, process, thread};

/// Where the command line asks to serve, if it does: at any free port, unless it says at which.
pub(crate) fn asked_for() -> Option<String> {
    let mut arguments = env::args().skip(1);
    (arguments.next()? == "--serve").then(|| arguments.next().unwrap_or("0".to_owned()))
}

/// Serves until Ctrl-C or TERM. A port alone is one of this machine, which nobody else can reach.
///
/// An address that cannot be had ends the program.
pub(crate) fn until_a_signal(place: &str) -> io::Result<()> {
    let only_a_port = place.bytes().all(|byte| byte.is_ascii_digit());
    let address = if only_a_port { format!("127.0.0.1:{place}") } else { place.to_owned() };
    let server = FibServer::bind(address).unwrap_or_else(|error| {
        eprintln!("fib_server: {error}");
        process::exit(1);
    });
    let (mut signals, stop) = (Signals::new([SIGINT, SIGTERM])?, server.stop_handle());
    thread::spawn(move || signals.forever().for_each(|_| stop.stop()));
    println!("listening at {}", server.local_addr()?);
    server.run().map(drop)
}

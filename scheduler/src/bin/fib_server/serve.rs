//! `fib_server -- --serve [[ADDRESS:]PORT]`: a server for `nc`.

use scheduler::FibServer;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use std::{io, process, thread};

/// Serves until Ctrl-C or TERM: on this machine alone and at any free port, unless told otherwise.
///
/// An address that cannot be had ends the program.
pub(crate) fn until_a_signal(place: Option<String>) -> io::Result<()> {
    let place = place.unwrap_or("0".to_owned());
    let only_a_port = place.bytes().all(|byte| byte.is_ascii_digit());
    let address = if only_a_port { format!("127.0.0.1:{place}") } else { place };
    let server = FibServer::bind(address).unwrap_or_else(|error| {
        eprintln!("fib_server: {error}");
        process::exit(1);
    });
    let (mut signals, stop) = (Signals::new([SIGINT, SIGTERM])?, server.stop_handle());
    thread::spawn(move || signals.forever().for_each(|_| stop.stop()));
    println!("listening at {}", server.local_addr()?);
    server.run().map(drop)
}

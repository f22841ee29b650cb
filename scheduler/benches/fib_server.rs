//! The server on 1, 64 and 1,000 connections, and what is left of it beside a heavy request.
//!
//! Each server is a process of its own; this process is all of its clients. Every connection has
//! one request on its way, and asks again as soon as it has the answer. What is asked for is next
//! to nothing to compute, so this is the price of the server. Starting it, connecting, and the
//! first request of each connection are not counted. The processor time is the server's alone. The
//! answer is the number of answers.
//!
//! In the last case another connection asks for one heavy number after the other.

#[path = "fib_server/load.rs"]
mod load;
#[cfg(feature = "peers")]
#[path = "fib_server/peers.rs"]
mod peers;
#[path = "fib_server/plain.rs"]
mod plain;
#[path = "fib_server/servers.rs"]
mod servers;

use load::{Heavy, LIGHT, Load};
use servers::Running;
use std::process::ExitCode;
use std::time::Duration;
use tests_and_benches::{Python, pythons};
use versus::{Answer, Case, Time};

/// About a tenth of a second of work, in Rust and in Python.
const HEAVY: u32 = 38;
const HEAVY_IN_PYTHON: u32 = 27;

/// Connecting a thousand clients is not counted, but takes longer than a usual run: one that is
/// shorter than a tenth of all that would be only a few requests.
const A_RUN: Duration = Duration::from_millis(60);

fn main() -> ExitCode {
    if let Some(status) = servers::serve_if_asked() {
        return status;
    }
    versus::main("fib_server", |cases| {
        let pythons = pythons();
        Python::note(&pythons, cases);
        for connections in [1, 64, 1_000] {
            let plural = if connections == 1 { "" } else { "s" };
            let case = cases.case(&format!("fib server, {connections} connection{plural}"));
            rows(case, &pythons, connections, false);
        }
        let case = cases.case("fib server, beside a heavy request");
        case.remark(
            "What is heavy takes a tenth of a second: fib(38) in Rust, fib(27) in Python. A loop that computes \
             everything itself answers about one light request for each heavy one.",
        );
        rows(case, &pythons, 1, true);
    })
}

#[derive(Clone, Copy)]
struct Situation {
    connections: u32,
    /// What the other connection asks for, if there is one.
    heavy: Option<u32>,
}

fn rows(case: &mut Case<'_>, pythons: &[Python], connections: u32, heavy: bool) {
    case.item("request").baseline("fib_server");
    let situation = Situation { connections, heavy: heavy.then_some(HEAVY) };
    for &(role, id, label, _) in servers::SERVERS {
        let work = move |requests| measure(&Running::start(id)?, situation, requests);
        case.variant(role, id, label, work).at_least(id, A_RUN);
        note(case, id, situation, move || Running::start(id));
    }
    let situation = Situation { connections, heavy: heavy.then_some(HEAVY_IN_PYTHON) };
    for python in pythons {
        for (server, function) in servers::PYTHON_SERVERS {
            let name = format!("{}, {server}", python.name());
            let python = python.clone();
            let start = move || Running::start_python(&python, function);
            let begin = start.clone();
            case.python(&name, move |requests| measure(&begin()?, situation, requests));
            case.at_least(&name, A_RUN);
            note(case, &name, situation, start);
        }
    }
}

/// So many requests, after the one on each connection with which it began.
fn measure(server: &Running, situation: Situation, requests: u64) -> Result<Answer, String> {
    let mut load = Load::connect(server.address(), situation.connections)?;
    let heavy = situation.heavy.map(|number| Heavy::start(server.address(), number)).transpose()?;
    let before = server.processor_time()?;
    let (wall, _) = load.run(requests, LIGHT)?;
    let cpu = server.processor_time()?.saturating_sub(before);
    drop(heavy);
    Ok(Answer::from(requests).took(Time { wall, cpu }))
}

/// Says how long requests take, in a run of its own.
fn note(
    case: &mut Case<'_>,
    id: &str,
    situation: Situation,
    start: impl Fn() -> Result<Running, String> + 'static,
) {
    let times = move || -> Result<String, String> {
        let server = start()?;
        let mut load = Load::connect(server.address(), situation.connections)?;
        let heavy =
            situation.heavy.map(|number| Heavy::start(server.address(), number)).transpose()?;
        let mut times = Vec::new();
        // Half a second, but enough requests for a hundredth of them.
        let mut all = Duration::ZERO;
        while all < Duration::from_millis(500) || times.len() < 100 {
            let (took, some) = load.run(u64::from(situation.connections) * 20, LIGHT)?;
            all += took;
            times.extend(some);
        }
        drop(heavy);
        times.sort();
        let at = |hundredths: usize| times[(times.len() - 1) * hundredths / 100];
        let text = |time: Duration| versus::time_text(time.as_nanos() as f64);
        Ok(format!("{} / {}", text(at(50)), text(at(99))))
    };
    case.note(id, "median / 99 %", move || times().unwrap_or_else(|error| error));
}

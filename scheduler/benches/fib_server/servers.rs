//! The servers: each runs in a process of its own, which is this program again, or Python.
//!
//! A server's process connects to the bench, its control, and says at which port it serves. For
//! each line that comes back it says how much processor time it has used. It ends when the control
//! is closed, also if that is because the bench was killed.

use nix::sys::resource::{UsageWho, getrusage};
use scheduler::FibServer;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, ExitCode, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use std::{env, process};
use tests_and_benches::Python;
use versus::Role;

/// Serves at this listener for ever.
type Serve = fn(TcpListener) -> io::Result<()>;

/// What each is there for, its id, and what it is called.
pub(crate) const SERVERS: &[(Role, &str, &str, Serve)] = &[
    (Role::Ours, "fib_server", "FibServer", ours),
    (Role::Peer, "threads", "a thread a connection", crate::plain::a_thread_a_connection),
    #[cfg(feature = "peers")]
    (Role::Peer, "mio", "mio", crate::peers::mio),
    #[cfg(feature = "peers")]
    (Role::Peer, "tokio", "tokio", crate::peers::tokio),
    #[cfg(feature = "peers")]
    (Role::Peer, "smol", "smol", crate::peers::smol),
];

/// What they are called, and in benches/fib_server.py.
pub(crate) const PYTHON_SERVERS: [(&str, &str); 2] =
    [("asyncio", "asyncio_server"), ("the cheatsheet's", "cheatsheet_server")];

/// Says to this program that it is a server: which one, and where the control is.
const ROLE: &str = "FIB_SERVER_AND_CONTROL";

/// How long a server has to start.
const LIMIT: Duration = Duration::from_secs(10);

/// A server's process.
pub(crate) struct Running {
    control: Option<TcpStream>,
    address: SocketAddr,
    process: Option<Process>,
}

enum Process {
    Own(Child),
    Python(JoinHandle<Result<versus::Answer, String>>),
}

impl Running {
    pub(crate) fn start(id: &str) -> Result<Running, String> {
        Running::with_control(|control| {
            let mut server = Command::new(env::current_exe()?);
            server.env(ROLE, format!("{control} {id}")).stdin(Stdio::null());
            Ok(Process::Own(server.spawn()?))
        })
    }

    pub(crate) fn start_python(python: &Python, function: &'static str) -> Result<Running, String> {
        Running::with_control(|control| {
            let script = include_str!("../fib_server.py");
            let script = format!("{script}\nCONTROL = ('127.0.0.1', {})", control.port());
            let python = python.clone();
            Ok(Process::Python(thread::spawn(move || python.call(&script, function, 0))))
        })
    }

    fn with_control(
        start: impl FnOnce(SocketAddr) -> io::Result<Process>,
    ) -> Result<Running, String> {
        let running = || -> io::Result<Running> {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
            listener.set_nonblocking(true)?;
            let process = start(listener.local_addr()?)?;
            let mut running = Running {
                control: None,
                address: (Ipv4Addr::LOCALHOST, 0).into(),
                process: Some(process),
            };
            let over = Instant::now() + LIMIT;
            let control = loop {
                match listener.accept() {
                    Ok((control, _)) => break control,
                    Err(error) if error.kind() != ErrorKind::WouldBlock => return Err(error),
                    Err(_) if Instant::now() > over => return Err(ErrorKind::TimedOut.into()),
                    Err(_) => thread::sleep(Duration::from_millis(1)),
                }
            };
            control.set_nonblocking(false)?;
            control.set_read_timeout(Some(LIMIT))?;
            let port = u16::try_from(hear(&control)?).map_err(io::Error::other)?;
            running.address.set_port(port);
            running.control = Some(control);
            Ok(running)
        };
        running().map_err(|error| format!("cannot start the server: {error}"))
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn processor_time(&self) -> Result<Duration, String> {
        let ask = || -> io::Result<u64> {
            let mut control = self.control.as_ref().ok_or(ErrorKind::NotConnected)?;
            control.write_all(b"\n")?;
            hear(control)
        };
        ask().map(Duration::from_nanos).map_err(|error| format!("the server is silent: {error}"))
    }
}

/// The next line of a control, which is a number.
fn hear(mut control: &TcpStream) -> io::Result<u64> {
    let mut line = Vec::new();
    let mut byte = [0];
    loop {
        control.read_exact(&mut byte)?;
        if byte == *b"\n" {
            break;
        }
        line.push(byte[0]);
    }
    String::from_utf8_lossy(&line).parse().map_err(io::Error::other)
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.control.take()); // ends it
        match self.process.take() {
            Some(Process::Own(mut server)) => {
                let _ = server.wait();
            }
            Some(Process::Python(server)) => drop(server.join()),
            None => {}
        }
    }
}

/// If this process was started as a server, it is one until its control is closed.
pub(crate) fn serve_if_asked() -> Option<ExitCode> {
    let role = env::var(ROLE).ok()?;
    let ended = role.split_once(' ').map(|(control, id)| serve(control, id));
    eprintln!("{role}: {ended:?}");
    Some(ExitCode::FAILURE)
}

fn serve(control: &str, id: &str) -> io::Result<()> {
    let unknown = || io::Error::other("no server is called so");
    let (.., serve) = SERVERS.iter().find(|(_, known, ..)| *known == id).ok_or_else(unknown)?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let mut control = TcpStream::connect(control)?;
    writeln!(control, "{}", listener.local_addr()?.port())?;
    thread::spawn(move || {
        while matches!(control.read(&mut [0]), Ok(1)) {
            let used = processor_time().as_nanos();
            let _ = control.write_all(format!("{used}\n").as_bytes());
        }
        process::exit(0);
    });
    serve(listener)
}

fn processor_time() -> Duration {
    let Ok(usage) = getrusage(UsageWho::RUSAGE_SELF) else { return Duration::ZERO };
    let micros = [usage.user_time(), usage.system_time()]
        .map(|it| u64::try_from(it.tv_sec() * 1_000_000 + it.tv_usec()).unwrap_or(0));
    Duration::from_micros(micros.iter().sum())
}

fn ours(listener: TcpListener) -> io::Result<()> {
    FibServer::from(listener).run().map(drop)
}

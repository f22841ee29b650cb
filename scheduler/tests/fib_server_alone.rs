//! What `FibServer` and its section promise about descriptors, processor time, limits and signals:
//! each in a process of its own.

mod clients;

use clients::{Client, run, server};
use nix::sys::resource::{Resource, UsageWho, getrlimit, getrusage, setrlimit};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use scheduler::{FibServer, Served};
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, ChildStdout, Command, ExitCode, Stdio};
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::{Duration, Instant};
use std::{io, iter, thread};
use tests_and_benches::promises::{open_files, this};
use tests_and_benches::{named, until};
use threads::fib;

fn main() -> ExitCode {
    tests_and_benches::promises::main(
        named![
            good_bad_slow_and_vanishing_clients_leave_nothing_behind,
            out_of_descriptors_it_pauses_and_goes_on_later,
            five_thousand_connections_are_open_at_once,
            a_failed_bind_leaves_nothing_open,
            an_idle_server_is_asleep,
            a_signal_ends_it_when_it_has_answered,
            a_signal_ends_it_within_the_grace,
            only_this_machine_is_served_unless_asked,
            a_port_that_is_taken_ends_it_with_1,
            it_works_with_a_shell,
            a_computation_that_panics_is_reported_once,
        ],
        named![serve_until_stdin_ends, two_computations_panic],
    )
}

/// A number for the tests, the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u32) -> u32 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u32::try_from((self.0 >> 33) % u64::from(end)).unwrap()
    }
}

fn good_bad_slow_and_vanishing_clients_leave_nothing_behind() {
    const KINDS: [fn(Client, &mut Numbers) -> io::Result<()>; 5] =
        [good, bad, slow, vanishing, deaf];
    let (files, threads) = (open_files(), running_threads());
    // Each connection keeps a port for a while after its end, and there are not many more.
    let (connections, most) = (AtomicU32::new(0), 10_000);
    let (idle, limit) = (Duration::from_millis(100), 16);
    let server = run(server().idle_limit(idle).connection_limit(limit));
    let mut first = server.client();
    assert_eq!(first.ask("10"), "55");
    // All but both ends of this connection are the server's own.
    let running = (open_files() - 2, running_threads());
    drop(first);
    let over = Instant::now() + Duration::from_secs(5);
    thread::scope(|s| {
        for number in 0..10 {
            let (server, connections) = (&server, &connections);
            s.spawn(move || {
                let mut numbers = Numbers(number);
                while Instant::now() < over && connections.fetch_add(1, Relaxed) < most {
                    let kind = KINDS[numbers.below(5) as usize];
                    // The server may have sent it away.
                    let _ = kind(server.client(), &mut numbers);
                }
            });
        }
    });
    until("each connection is gone", || (open_files(), running_threads()) == running);
    assert_eq!(server.client().ask("10"), "55");
    let done = server.stop();
    assert!(done.answers > 100 && done.errors > 100, "{done:?}");
    assert_eq!((done.panicked, done.cut_off), (0, 0));
    until("its threads have ended", || running_threads() == threads);
    assert_eq!(open_files(), files);
}

fn good(mut client: Client, numbers: &mut Numbers) -> io::Result<()> {
    let asked: Vec<_> = (0..numbers.below(50)).map(|_| numbers.below(24)).collect();
    let lines: String = asked.iter().flat_map(|n| [n.to_string(), "\n".to_owned()]).collect();
    client.stream.get_mut().write_all(lines.as_bytes())?;
    for n in asked {
        let mut line = String::new();
        client.stream.read_line(&mut line)?;
        // Where the machine is slow it may have been sent away, but a wrong answer is a wrong
        // answer.
        assert!(line.is_empty() || line == format!("{}\n", fib(n)), "{n}: {line}");
    }
    Ok(())
}

fn bad(mut client: Client, numbers: &mut Numbers) -> io::Result<()> {
    let length = numbers.below(300) as usize;
    let bytes: Vec<_> =
        iter::repeat_with(|| b"0123456789\n\n\n\r-+ x\xff"[numbers.below(19) as usize])
            .take(length)
            .collect();
    client.stream.get_mut().write_all(&bytes)?;
    client.no_more();
    client.stream.read_to_string(&mut String::new())?;
    Ok(())
}

fn slow(mut client: Client, numbers: &mut Numbers) -> io::Result<()> {
    for _ in 0..numbers.below(10) {
        client.stream.get_mut().write_all(b"7")?;
        thread::sleep(Duration::from_millis(numbers.below(40).into()));
    }
    Ok(())
}

fn vanishing(mut client: Client, numbers: &mut Numbers) -> io::Result<()> {
    let requests = format!("{}\n", 15 + numbers.below(10)).repeat(numbers.below(20) as usize);
    client.stream.get_mut().write_all(requests.as_bytes())
}

fn deaf(mut client: Client, _: &mut Numbers) -> io::Result<()> {
    client.stream.get_ref().set_write_timeout(Some(Duration::from_millis(20)))?;
    loop {
        client.stream.get_mut().write_all(&b"1\nx\n".repeat(1_000))?;
    }
}

#[cfg(target_os = "linux")]
fn running_threads() -> usize {
    std::fs::read_dir("/proc/self/task").unwrap().count()
}

/// Elsewhere they are not counted.
#[cfg(not(target_os = "linux"))]
fn running_threads() -> usize {
    0
}

fn out_of_descriptors_it_pauses_and_goes_on_later() {
    setrlimit(Resource::RLIMIT_NOFILE, 100, 100).unwrap();
    let server = run(server());
    let mut before = server.client();
    assert_eq!(before.ask("10"), "55");
    // All that are left but one, which the next client takes. For the server's end of it there is
    // none.
    let mut ballast: Vec<_> = iter::from_fn(|| File::open("/dev/null").ok()).collect();
    ballast.pop();
    let mut waits = server.client();
    waits.send("20\n");
    let start = processor_time();
    for _ in 0..10 {
        assert_eq!(before.ask("9"), "34");
        thread::sleep(Duration::from_millis(50));
    }
    let used = processor_time().saturating_sub(start);
    assert!(used < Duration::from_millis(100), "it is busy: {used:?}");
    waits.stream.get_ref().set_nonblocking(true).unwrap();
    assert!(
        waits.stream.get_ref().read(&mut [0]).is_err(),
        "it was served, and the test shows nothing"
    );
    waits.stream.get_ref().set_nonblocking(false).unwrap();
    drop(ballast);
    assert_eq!(waits.line(), "6765");
    drop((before, waits));
    server.stop();
}

fn processor_time() -> Duration {
    let usage = getrusage(UsageWho::RUSAGE_SELF).unwrap();
    let micros =
        [usage.user_time(), usage.system_time()].map(|it| it.tv_sec() * 1_000_000 + it.tv_usec());
    Duration::from_micros(u64::try_from(micros.iter().sum::<i64>()).unwrap())
}

fn an_idle_server_is_asleep() {
    let server = run(server());
    let mut client = server.client();
    assert_eq!(client.ask("10"), "55");
    // One that has asked for something heavy and does not wait for the answer.
    let mut gone = server.client();
    gone.send("25\n");
    drop(gone);
    assert_eq!(client.ask("30"), "832040");
    let start = processor_time();
    thread::sleep(Duration::from_millis(500));
    let used = processor_time().saturating_sub(start);
    assert!(used < Duration::from_millis(50), "{used:?}");
    drop(client);
    server.stop();
}

fn five_thousand_connections_are_open_at_once() {
    let (_, limit) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    let limit = limit.min(6_000);
    setrlimit(Resource::RLIMIT_NOFILE, limit, getrlimit(Resource::RLIMIT_NOFILE).unwrap().1)
        .unwrap();
    let many = usize::try_from(limit - 100).unwrap().min(5_000);
    if many < 5_000 {
        println!("only {many} connections, as no more files may be open");
    }
    let (mut server, address, mut said) = start(&mut this("serve_until_stdin_ends"));
    let mut clients: Vec<_> =
        (0..many).map(|_| Client::new(TcpStream::connect(address).unwrap())).collect();
    for round in 10..13 {
        for client in &mut clients {
            client.send(format!("{round}\n"));
        }
        for client in &mut clients {
            assert_eq!(client.line(), fib(round).to_string());
        }
    }
    drop(clients);
    drop(server.stdin.take());
    assert_eq!(said.line(), format!("{many} connections, {} answers", 3 * many));
    assert!(server.wait().unwrap().success());
}

/// A role: a server that says where it is and, at its end, what it has done.
fn serve_until_stdin_ends() {
    let (_, most) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    setrlimit(Resource::RLIMIT_NOFILE, most.min(6_000), most).unwrap();
    let server = server();
    println!("listening at {}", server.local_addr().unwrap());
    let stop = server.stop_handle();
    thread::spawn(move || {
        let _ = io::stdin().read_to_end(&mut Vec::new());
        stop.stop();
    });
    let Served { connections, answers, .. } = server.run().unwrap();
    println!("{connections} connections, {answers} answers");
}

fn a_failed_bind_leaves_nothing_open() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let before = open_files();
    for _ in 0..10 {
        assert!(FibServer::bind(&address).is_err());
    }
    assert_eq!(open_files(), before);
}

/// What a server says.
struct Said(BufReader<ChildStdout>);

impl Said {
    fn line(&mut self) -> String {
        let mut line = String::new();
        self.0.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }
}

/// Starts a server, and waits until it says where it listens.
fn start(command: &mut Command) -> (Child, SocketAddr, Said) {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut said = Said(BufReader::new(child.stdout.take().unwrap()));
    let line = said.line();
    let address = line.strip_prefix("listening at ").unwrap_or_else(|| panic!("it says: {line}"));
    (child, address.parse().unwrap(), said)
}

fn section(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fib_server"));
    command.arg("--serve").args(arguments);
    command
}

fn signal(child: &Child, signal: Signal) {
    kill(Pid::from_raw(child.id().cast_signed()), signal).unwrap();
}

fn a_signal_ends_it_when_it_has_answered() {
    for how in [Signal::SIGTERM, Signal::SIGINT] {
        let (mut child, address, mut said) = start(&mut section(&[]));
        let connect = || Client::new(TcpStream::connect(address).unwrap());
        let (mut silent, mut heavy) = (connect(), connect());
        assert_eq!([silent.ask("10"), heavy.ask("10")], ["55", "55"]);
        heavy.send("10\n30\n31\n32\n");
        assert_eq!(heavy.line(), "55"); // it has read all four
        signal(&child, how);
        assert_eq!(heavy.rest(), ["832040", "1346269", "2178309"]);
        assert_eq!(silent.rest(), [""; 0]);
        assert_eq!(child.wait().unwrap().code(), Some(0), "{how}");
        assert_eq!(said.line(), "");
    }
}

fn a_signal_ends_it_within_the_grace() {
    let (mut child, address, _said) = start(&mut section(&[]));
    // More than can be computed within a minute; the grace is shorter.
    let clients: Vec<_> = (0..100)
        .map(|_| {
            let mut client = Client::new(TcpStream::connect(address).unwrap());
            assert_eq!(client.ask("10"), "55");
            client.send("45\n");
            client
        })
        .collect();
    signal(&child, Signal::SIGTERM);
    assert_eq!(child.wait().unwrap().code(), Some(0));
    drop(clients);
}

fn only_this_machine_is_served_unless_asked() {
    for (arguments, expected) in [
        (&[][..], "127.0.0.1"),
        (&["0"], "127.0.0.1"),
        (&["127.0.0.2:0"], "127.0.0.2"),
        (&["0.0.0.0:0"], "0.0.0.0"),
    ] {
        if cfg!(not(target_os = "linux")) && expected == "127.0.0.2" {
            continue; // only Linux has all of 127 for itself
        }
        let (mut child, address, _said) = start(&mut section(arguments));
        assert_eq!(address.ip().to_string(), expected);
        signal(&child, Signal::SIGTERM);
        child.wait().unwrap();
    }
}

fn a_port_that_is_taken_ends_it_with_1() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    for (place, why) in [
        (port.clone(), format!("fib_server: cannot listen at 127.0.0.1:{port}: ")),
        ("99999".to_owned(), "fib_server: cannot listen at 127.0.0.1:99999: ".to_owned()),
        ("nonsense".to_owned(), "fib_server: cannot listen at nonsense: ".to_owned()),
    ] {
        let ended = section(&[&place]).output().unwrap();
        assert_eq!(ended.status.code(), Some(1));
        assert_eq!(ended.stdout, b"");
        let said = String::from_utf8(ended.stderr).unwrap();
        assert!(said.starts_with(&why) && said.lines().count() == 1, "{said}");
    }
}

fn it_works_with_a_shell() {
    let (mut child, address, _said) = start(&mut section(&[]));
    let (ip, port) = (address.ip(), address.port());
    let script = format!("exec 3<>/dev/tcp/{ip}/{port}; printf '20\nx\n10\n' >&3; head -n 3 <&3");
    let ended = Command::new("bash").args(["-c", &script]).output().unwrap();
    assert_eq!(String::from_utf8(ended.stdout).unwrap(), "6765\nerror: not a number\n55\n");
    signal(&child, Signal::SIGTERM);
    child.wait().unwrap();
}

fn a_computation_that_panics_is_reported_once() {
    let ended = this("two_computations_panic").output().unwrap();
    assert!(ended.status.success());
    let said = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(said.matches("panicked at").count(), 2, "{said}");
    assert!(said.contains("on purpose: 13") && said.contains("on purpose: 31"), "{said}");
}

/// A role: a number that the server's own thread computes, and one that the pool does.
fn two_computations_panic() {
    let server = run(server().compute(|n| panic!("on purpose: {n}")));
    for n in ["13", "31"] {
        assert_eq!(server.client().ask(n), "");
    }
    assert_eq!(server.stop().panicked, 2);
}

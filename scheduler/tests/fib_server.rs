//! What `FibServer` promises, over real sockets. `tests/fib_server_alone.rs` has what counts
//! descriptors, sets limits and takes signals.

mod clients;

use clients::{run, server};
use proptest::prelude::*;
use scheduler::{FibServer, Served};
use std::collections::HashSet;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};
use tests_and_benches::{Watchdog, until};
use threads::fib;

const NO_NUMBER: &str = "error: not a number";

#[test]
fn a_number_a_line_has_an_answer_a_line() {
    let _watchdog = Watchdog::new();
    let server = run(server());
    let mut client = server.client();
    for n in 0..=25 {
        assert_eq!(client.ask(n.to_string()), fib(n).to_string());
    }
    drop(client);
    assert_eq!(server.stop(), Served { connections: 1, answers: 26, ..Served::default() });
}

#[test]
fn a_bad_request_costs_an_error_line_and_not_the_connection() {
    let _watchdog = Watchdog::new();
    let bad: [(&[u8], &str); 15] = [
        (b"x", NO_NUMBER),
        (b"7x", NO_NUMBER),
        (b"1.5", NO_NUMBER),
        (b"+5", NO_NUMBER),
        (b" 7 ", NO_NUMBER),
        (b"\0", NO_NUMBER),
        ("siebzehn \u{e4}\u{f6}\u{fc}".as_bytes(), NO_NUMBER),
        (b"-1", "error: a negative number"),
        (b"-99999999999999999999", "error: a negative number"),
        (b"", "error: an empty line"),
        (b"\r", "error: an empty line"),
        (b"46", "error: the largest number is 45"),
        (b"1000000000000000000000000000000", "error: the largest number is 45"),
        (b"\xff", "error: not UTF-8"),
        (b"\xe4\xf6", "error: not UTF-8"),
    ];
    let server = run(server());
    let mut client = server.client();
    for (request, error) in bad {
        assert_eq!(client.ask(request), error, "{}", request.escape_ascii());
        assert_eq!(client.ask("10"), "55", "after {}", request.escape_ascii());
    }
    drop(client);
    let done = server.stop();
    assert_eq!((done.answers, done.errors), (15, 15));
}

#[test]
fn nothing_is_computed_for_a_number_above_the_limit() {
    let _watchdog = Watchdog::new();
    let largest = Arc::new(AtomicU32::new(0));
    let seen = Arc::clone(&largest);
    let server = run(server().compute(move |n| {
        seen.fetch_max(n, Relaxed);
        u64::from(n)
    }));
    let mut client = server.client();
    for n in ["46", "93", "94", "1000000000", "4294967297", "18446744073709551616"] {
        assert_eq!(client.ask(n), "error: the largest number is 45");
    }
    assert_eq!(client.ask("45"), "45");
    assert_eq!(largest.load(Relaxed), 45);
    drop(client);
    server.stop();
}

#[test]
fn lines_may_end_as_they_do_elsewhere() {
    let _watchdog = Watchdog::new();
    let server = run(server());
    let mut client = server.client();
    client.send("10\r\n20\n\r\n7\r\n");
    let lines: Vec<_> = (0..4).map(|_| client.line()).collect();
    assert_eq!(lines, ["55", "6765", "error: an empty line", "13"]);
    drop(client);
    server.stop();
}

#[test]
fn a_line_that_is_too_long_has_the_error_and_ends_the_connection() {
    let _watchdog = Watchdog::new();
    let server = run(server());
    let zeros = |count| "0".repeat(count);
    let mut client = server.client();
    assert_eq!(client.ask(zeros(63) + "7"), "13"); // 64 are not too many
    client.send(zeros(65) + "\n10\n");
    assert_eq!(client.rest(), ["error: a line has at most 64 bytes"]);
    // What comes after it does no harm: the connection ends, and is not reset.
    let mut client = server.client();
    client.send(zeros(100_000));
    assert_eq!(client.rest(), ["error: a line has at most 64 bytes"]);
    // Neither its end nor the client's is waited for.
    let mut client = server.client();
    client.send("10\n".to_owned() + &zeros(65));
    assert_eq!(client.rest(), ["55", "error: a line has at most 64 bytes"]);
    // However much there is of it.
    let mut client = server.client();
    let mut writer = client.stream.get_ref().try_clone().unwrap();
    let endless = thread::spawn(move || while writer.write_all(&[b'1'; 10_000]).is_ok() {});
    assert_eq!(client.line(), "error: a line has at most 64 bytes");
    drop(client);
    endless.join().unwrap();
    server.stop();
}

#[test]
fn the_end_is_said_before_the_connection_is_closed() {
    let _watchdog = Watchdog::new();
    let server = run(server());
    // Until it is closed, what the client still sends is taken. If this thread is kept from running
    // for a second, it is closed by then, and another try is needed.
    let taken = (0..5).any(|_| {
        let mut client = server.client();
        client.send("0".repeat(65) + "\n");
        assert_eq!([client.line(), client.line()], ["error: a line has at most 64 bytes", ""]);
        // More than all buffers hold. A connection that is closed takes little, and is reset.
        (0..10_000).all(|_| client.stream.get_mut().write_all(&[b'1'; 1_000]).is_ok())
    });
    assert!(taken, "it was closed without a word");
    server.stop();
}

#[test]
fn many_requests_at_once_are_answered_in_order() {
    let _watchdog = Watchdog::new();
    let server = run(server());
    let mut client = server.client();
    let requests: String =
        (0..10_000).flat_map(|n| [(n % 25).to_string(), "\n".to_owned()]).collect();
    let mut writer = client.stream.get_ref().try_clone().unwrap();
    let sender = thread::spawn(move || writer.write_all(requests.as_bytes()).unwrap());
    for n in 0..10_000 {
        assert_eq!(client.line(), fib(n % 25).to_string());
    }
    sender.join().unwrap();
    drop(client);
    server.stop();
}

#[test]
fn a_request_may_come_byte_by_byte() {
    let _watchdog = Watchdog::new();
    let server = run(server());
    let mut client = server.client();
    for byte in "10\nx\r\n20\n".bytes() {
        client.send([byte]);
        thread::sleep(Duration::from_millis(1)); // so that it usually comes alone
    }
    let lines: Vec<_> = (0..3).map(|_| client.line()).collect();
    assert_eq!(lines, ["55", NO_NUMBER, "6765"]);
    drop(client);
    server.stop();
}

#[test]
fn a_client_that_sends_no_more_still_gets_its_answers() {
    let _watchdog = Watchdog::new();
    let server = run(server());
    let mut client = server.client();
    client.send("10\n30\n20"); // the last line may lack its newline
    client.no_more();
    assert_eq!(client.rest(), ["55", "832040", "6765"]);
    let client = server.client();
    client.no_more();
    assert_eq!(client.rest(), [""; 0]);
    server.stop();
}

#[test]
fn a_client_that_does_not_read_is_not_read_from_and_loses_nothing() {
    let _watchdog = Watchdog::new();
    let server = run(server());
    let mut client = server.client();
    let stream = client.stream.get_ref();
    stream.set_nonblocking(true).unwrap();
    // Until nothing has been taken for a while. A server that goes on reading takes all of it.
    let (request, mut sent, mut since) = (b"x\n".repeat(50_000), 0, Instant::now());
    while since.elapsed() < Duration::from_millis(300) {
        match (&mut &*stream).write(&request[sent % 2..]) {
            Ok(taken) => (sent, since) = (sent + taken, Instant::now()),
            Err(error) if error.kind() == ErrorKind::WouldBlock => thread::yield_now(),
            Err(error) => panic!("{error}"),
        }
        assert!(sent < 1 << 28, "256 MiB of requests, and no answer was read");
    }
    // The others are served as usual.
    assert_eq!(server.client().ask("10"), "55");
    // All that was sent is answered.
    stream.set_nonblocking(false).unwrap();
    if sent % 2 == 1 {
        let mut writer = stream.try_clone().unwrap();
        thread::spawn(move || writer.write_all(b"\n").unwrap());
        sent += 1;
    }
    for _ in 0..sent / 2 {
        assert_eq!(client.line(), NO_NUMBER);
    }
    client.no_more();
    assert_eq!(client.rest(), [""; 0]);
    server.stop();
}

#[test]
fn a_client_that_asks_without_end_keeps_nobody_waiting() {
    let _watchdog = Watchdog::new();
    let server = run(server());
    let greedy: Vec<_> = (0..2)
        .map(|_| {
            let client = server.client().stream.into_inner();
            let (mut reader, mut writer) =
                (client.try_clone().unwrap(), client.try_clone().unwrap());
            let asks =
                thread::spawn(move || while writer.write_all(&b"18\n".repeat(1_000)).is_ok() {});
            let reads =
                thread::spawn(
                    move || while reader.read(&mut [0; 10_000]).is_ok_and(|it| it > 0) {},
                );
            (client, [asks, reads])
        })
        .collect();
    let mut client = server.client();
    for _ in 0..100 {
        assert_eq!(client.ask("10"), "55");
    }
    for (greedy, threads) in greedy {
        greedy.shutdown(std::net::Shutdown::Both).unwrap();
        for thread in threads {
            thread.join().unwrap();
        }
    }
    drop(client);
    server.stop();
}

/// A server whose computation of 30 and above waits for the gate. It says when it begins.
fn gated() -> (FibServer, Receiver<u32>, Sender<()>) {
    let (begun, begins) = channel();
    let (open, gate) = channel();
    let gate = Mutex::new(gate);
    let server = server().compute(move |n| {
        if n >= 30 {
            begun.send(n).unwrap();
            let _ = gate.lock().unwrap().recv();
        }
        u64::from(n)
    });
    (server, begins, open)
}

#[test]
fn a_heavy_request_keeps_nobody_waiting() {
    let _watchdog = Watchdog::new();
    let (server, begins, open) = gated();
    let server = run(server);
    let (mut heavy, mut light) = (server.client(), server.client());
    heavy.send("30\n1\n");
    assert_eq!(begins.recv(), Ok(30));
    for _ in 0..10 {
        assert_eq!(light.ask("20"), "20");
    }
    open.send(()).unwrap();
    // Its own next request had to wait.
    assert_eq!([heavy.line(), heavy.line()], ["30", "1"]);
    drop((heavy, light));
    server.stop();
}

#[test]
fn one_thread_serves_all_and_others_compute_what_is_large() {
    let _watchdog = Watchdog::new();
    let threads = Arc::new(Mutex::new([HashSet::new(), HashSet::new()]));
    let noted = Arc::clone(&threads);
    let server = run(server().compute(move |n| {
        noted.lock().unwrap()[usize::from(n > 20)].insert(thread::current().id());
        fib(n)
    }));
    let mut clients: Vec<_> = (0..10).map(|_| server.client()).collect();
    for n in 18..24 {
        for client in &mut clients {
            assert_eq!(client.ask(n.to_string()), fib(n).to_string());
        }
    }
    drop(clients);
    let serving = server.thread();
    server.stop();
    let [small, large] = &*threads.lock().unwrap();
    assert_eq!(*small, HashSet::from([serving]));
    assert!(!large.is_empty() && !large.contains(&serving));
}

#[test]
fn as_many_large_numbers_are_computed_at_once_as_there_are_processors() {
    let _watchdog = Watchdog::new();
    let processors = thread::available_parallelism().map_or(1, usize::from);
    let (server, begins, open) = gated();
    let server = run(server);
    let mut clients: Vec<_> = (0..=processors).map(|_| server.client()).collect();
    for client in &mut clients {
        client.send("30\n");
    }
    for _ in 0..processors {
        assert_eq!(begins.recv(), Ok(30));
    }
    // The last one waits for a thread. (Where it does not, it has most likely begun by then.)
    assert!(begins.recv_timeout(Duration::from_millis(100)).is_err());
    open.send(()).unwrap();
    assert_eq!(begins.recv(), Ok(30));
    (0..processors).for_each(|_| open.send(()).unwrap());
    for client in &mut clients {
        assert_eq!(client.line(), "30");
    }
    drop(clients);
    server.stop();
}

#[test]
fn no_answer_waits_for_the_computation_behind_it() {
    let _watchdog = Watchdog::new();
    let (server, begins, open) = gated();
    let server = run(server);
    let mut client = server.client();
    client.send("10\nx\n30\n11\n");
    assert_eq!([client.line(), client.line()], ["10", NO_NUMBER]);
    assert_eq!(begins.recv(), Ok(30));
    open.send(()).unwrap();
    assert_eq!([client.line(), client.line()], ["30", "11"]);
    drop(client);
    server.stop();
}

#[test]
fn of_many_requests_one_is_answered_a_turn() {
    let _watchdog = Watchdog::new();
    let order = Arc::new(Mutex::new(Vec::new()));
    let (noted, (begun, begins), (open, gate)) = (Arc::clone(&order), channel(), channel());
    let gate = Mutex::new(gate);
    let server = run(server().compute(move |n| {
        if n == 0 {
            begun.send(()).unwrap();
            gate.lock().unwrap().recv().unwrap();
        }
        noted.lock().unwrap().push(n);
        u64::from(n)
    }));
    let (mut a, mut b) = (server.client(), server.client());
    assert_eq!([a.ask("9"), b.ask("9")], ["9", "9"]);
    // The server's own thread is kept until both have asked.
    a.send("0\n".to_owned() + &"1\n".repeat(400));
    begins.recv().unwrap();
    b.send("2\n");
    open.send(()).unwrap();
    assert_eq!(b.line(), "2");
    (0..401).for_each(|_| drop(a.line()));
    let order = order.lock().unwrap();
    let place = |n| order.iter().position(|&it| it == n).unwrap();
    assert!(place(2) < order.len() - 1, "B was served after all that A had asked");
    drop((a, b));
    server.stop();
}

#[test]
fn a_computation_that_panics_ends_its_own_connection() {
    let _watchdog = Watchdog::new();
    let server = run(server().compute(|n| {
        assert!(n != 13 && n != 31, "on purpose");
        u64::from(n)
    }));
    let mut other = server.client();
    for n in ["13", "31"] {
        let mut client = server.client();
        client.send(n.to_owned() + "\n");
        assert_eq!(client.rest(), [""; 0]);
        assert_eq!(other.ask("10"), "10");
    }
    drop(other);
    assert_eq!(server.stop().panicked, 2);
}

#[test]
fn a_client_that_is_gone_frees_its_place() {
    let _watchdog = Watchdog::new();
    let (server, begins, open) = gated();
    let server = run(server.connection_limit(1));
    // With something unread, so that the connection is reset.
    for _ in 0..10 {
        let mut client = server.client();
        client.send("1\n2\n3\n");
        client.line();
    }
    // While it is computed for.
    let mut client = server.client();
    client.send("30\n");
    assert_eq!(begins.recv(), Ok(30));
    drop(client);
    open.send(()).unwrap();
    assert_eq!(server.client().ask("10"), "10");
    server.stop();
}

#[test]
fn no_more_connections_than_the_limit_are_served_at_once() {
    let _watchdog = Watchdog::new();
    let server = run(server().connection_limit(2));
    let (mut a, mut b) = (server.client(), server.client());
    assert_eq!([a.ask("10"), b.ask("10")], ["55", "55"]);
    let mut c = server.client();
    c.send("20\n");
    assert_eq!([a.ask("9"), b.ask("9")], ["34", "34"]);
    c.stream.get_ref().set_nonblocking(true).unwrap();
    let early = c.stream.get_ref().read(&mut [0]);
    assert_eq!(early.unwrap_err().kind(), ErrorKind::WouldBlock);
    c.stream.get_ref().set_nonblocking(false).unwrap();
    drop(a);
    assert_eq!(c.line(), "6765");
    assert_eq!(b.ask("10"), "55");
    drop((b, c));
    server.stop();
}

#[test]
fn whoever_asks_for_nothing_is_sent_away() {
    let _watchdog = Watchdog::new();
    let server = run(server().idle_limit(Duration::from_millis(50)));
    assert_eq!(server.client().rest(), [""; 0]);
    // A byte now and then is no request.
    let mut client = server.client();
    let mut writer = client.stream.get_ref().try_clone().unwrap();
    let slow = thread::spawn(move || {
        while writer.write_all(b"0").is_ok() {
            thread::sleep(Duration::from_millis(10));
        }
    });
    assert_eq!(client.stream.read(&mut [0]).unwrap_or(0), 0);
    drop(client);
    slow.join().unwrap();
    // Nor is it any use to ask and never to read.
    let mut client = server.client();
    let requests = b"x\n".repeat(10_000);
    while client.stream.get_mut().write_all(&requests).is_ok() {}
    server.stop();
}

#[test]
fn whoever_asks_in_time_stays() {
    let _watchdog = Watchdog::new();
    let limit = Duration::from_millis(200);
    let server = run(server().idle_limit(limit));
    loop {
        let (start, mut client, mut longest) = (Instant::now(), server.client(), Duration::ZERO);
        let mut answered = true;
        while answered && start.elapsed() < 3 * limit {
            let before = Instant::now();
            answered = client.stream.get_mut().write_all(b"10\n").is_ok() && client.line() == "55";
            longest = longest.max(before.elapsed());
        }
        if answered {
            break;
        }
        // Unless this machine kept one of us waiting for so long, and then once more.
        assert!(longest > limit / 2, "sent away, and it never asked later than after {longest:?}");
    }
    server.stop();
}

#[test]
fn a_stop_closes_the_port_and_whoever_has_asked_for_nothing() {
    let _watchdog = Watchdog::new();
    let server = run(server());
    let (mut half, mut silent) = (server.client(), server.client());
    assert_eq!([half.ask("10"), silent.ask("10")], ["55", "55"]);
    half.send("1"); // of a request
    let (address, stop) = (server.address, server.stop.clone());
    stop.stop();
    stop.stop();
    assert_eq!(half.rest(), [""; 0]);
    assert_eq!(silent.rest(), [""; 0]);
    let done = server.ended();
    stop.stop(); // nobody is there any more
    assert_eq!((done.connections, done.cut_off), (2, 0));
    until("the port is closed", || TcpStream::connect(address).is_err());
}

#[test]
fn what_was_asked_before_a_stop_is_answered() {
    let _watchdog = Watchdog::new();
    let (server, begins, open) = gated();
    let server = run(server.grace(Duration::from_mins(10)));
    let mut client = server.client();
    client.send("30\n1\n2\n31\n3\n");
    assert_eq!(begins.recv(), Ok(30));
    server.stop.stop();
    let refused = || TcpStream::connect(server.address).is_err();
    until("the port is closed", refused);
    open.send(()).unwrap();
    assert_eq!(begins.recv(), Ok(31));
    open.send(()).unwrap();
    assert_eq!(client.rest(), ["30", "1", "2", "31", "3"]);
    let done = server.ended();
    assert_eq!((done.answers, done.cut_off), (5, 0));
}

#[test]
fn what_has_come_before_a_stop_and_was_not_read_is_answered() {
    let _watchdog = Watchdog::new();
    let (begun, begins) = channel();
    let (open, gate) = channel();
    let gate = Mutex::new(gate);
    let server = run(server().compute(move |n| {
        if n == 20 {
            begun.send(n).unwrap();
            gate.lock().unwrap().recv().unwrap();
        }
        fib(n)
    }));
    let (mut first, mut second) = (server.client(), server.client());
    assert_eq!(second.ask("10"), "55");
    first.send("20\n");
    assert_eq!(begins.recv(), Ok(20)); // on the server's own thread, which reads nothing meanwhile
    second.send("11\n");
    server.stop.stop();
    open.send(()).unwrap();
    assert_eq!(first.rest(), ["6765"]);
    assert_eq!(second.rest(), ["89"]);
    assert_eq!(server.ended().answers, 3);
}

#[test]
fn after_the_grace_nothing_is_waited_for() {
    let _watchdog = Watchdog::new();
    let (server, begins, open) = gated();
    let server = run(server.grace(Duration::from_millis(50)));
    let mut client = server.client();
    client.send("30\n");
    assert_eq!(begins.recv(), Ok(30));
    // It ends, although the computation does not.
    assert_eq!(server.stop().cut_off, 1);
    assert_eq!(client.rest(), [""; 0]);
    open.send(()).unwrap();
}

#[test]
fn a_server_may_be_stopped_before_it_runs() {
    let _watchdog = Watchdog::new();
    let server = server();
    server.stop_handle().stop();
    assert_eq!(server.run().unwrap(), Served::default());
}

#[test]
fn a_port_that_is_taken_is_an_error_that_names_it() {
    let first = server();
    let address = first.local_addr().unwrap().to_string();
    let error = FibServer::bind(&address).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AddrInUse);
    assert!(error.to_string().starts_with(&format!("cannot listen at {address}: ")), "{error}");
}

#[test]
#[should_panic = "a server of no connections serves nobody"]
fn a_server_of_no_connections_is_refused() {
    drop(server().connection_limit(0));
}

/// What a stream of requests is answered with, by the book.
fn expected(stream: &[u8]) -> Vec<String> {
    let mut answers = Vec::new();
    for line in stream.split_inclusive(|&byte| byte == b'\n') {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        if line.len() > 64 {
            answers.push("error: a line has at most 64 bytes".to_owned());
            break;
        }
        let text = str::from_utf8(line.strip_suffix(b"\r").unwrap_or(line));
        let digits = |text: &str| text.chars().all(|c| c.is_ascii_digit());
        answers.push(match text {
            Err(_) => "error: not UTF-8".to_owned(),
            Ok("") => "error: an empty line".to_owned(),
            Ok(text) if text.len() > 1 && text.starts_with('-') && digits(&text[1..]) => {
                "error: a negative number".to_owned()
            }
            Ok(text) if !digits(text) => NO_NUMBER.to_owned(),
            Ok(text) => match text.parse() {
                Ok(n) if n <= 45 => fib(n).to_string(),
                _ => "error: the largest number is 45".to_owned(),
            },
        });
    }
    answers
}

fn requests() -> impl Strategy<Value = Vec<u8>> {
    let line = prop_oneof![
        20 => (0..25_u32).prop_map(|n| n.to_string().into_bytes()),
        2 => "-?[0-9]{1,30}".prop_filter("is quick", |n| n.parse().is_ok_and(|n: i64| !(26..=45).contains(&n)))
            .prop_map(String::into_bytes),
        3 => prop::collection::vec(any::<u8>().prop_filter("a line", |&byte| byte != b'\n'), 0..8),
        1 => "0{62,66}".prop_map(String::into_bytes),
    ];
    let lines = prop::collection::vec((line, any::<bool>()), 0..60);
    (lines, any::<bool>()).prop_map(|(lines, whole)| {
        let mut stream = Vec::new();
        for (line, carriage_return) in lines {
            stream.extend(line);
            stream.extend_from_slice(if carriage_return { b"\r\n" } else { b"\n" });
        }
        if !whole {
            stream.pop();
        }
        stream
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn however_a_stream_of_requests_is_divided_it_has_the_same_answers(
        stream in requests(),
        pieces in prop::collection::vec(1..100_usize, 1..20),
    ) {
        let _watchdog = Watchdog::new();
        let server = run(server());
        let client = server.client();
        let mut writer = client.stream.get_ref().try_clone().unwrap();
        let sent = stream.clone();
        let sender = thread::spawn(move || {
            let (mut left, mut lengths) = (&sent[..], pieces.into_iter().cycle());
            while let Some(length) = lengths.next().filter(|_| !left.is_empty()) {
                let (piece, rest) = left.split_at(length.min(left.len()));
                // After a line that is too long, nobody reads any more.
                if writer.write_all(piece).is_err() {
                    return;
                }
                thread::yield_now();
                left = rest;
            }
            let _ = writer.shutdown(std::net::Shutdown::Write);
        });
        prop_assert_eq!(client.rest(), expected(&stream));
        sender.join().unwrap();
        server.stop();
    }
}

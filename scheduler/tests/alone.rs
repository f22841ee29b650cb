//! What `Scheduler` promises about descriptors, processor time and signals: each in a process of
//! its own.

use futures::channel::oneshot;
use nix::sys::resource::{Resource, UsageWho, getrlimit, getrusage, setrlimit};
use scheduler::{Ended, Handle, Scheduler, Socket, TimedOut};
use std::cell::Cell;
use std::future::{pending, poll_fn};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::pin::pin;
use std::process::ExitCode;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::task::Poll;
use std::thread;
use std::time::{Duration, Instant};
use tests_and_benches::named;
use tests_and_benches::promises::{open_files, this};

fn main() -> ExitCode {
    tests_and_benches::promises::main(
        named![
            idle_is_asleep,
            a_socket_that_is_ready_and_not_waited_for_costs_nothing,
            a_closed_peer_that_nobody_waits_for_costs_nothing,
            nothing_is_left_open,
            thousands_of_sockets_wait_at_once,
            the_next_owner_of_a_descriptors_number_gets_no_stale_event,
            signals_cut_no_wait_short,
            a_scheduler_needs_descriptors_and_says_so,
            a_task_that_panics_is_reported,
        ],
        named![a_task_panics],
    )
}

/// Runs one task to its end.
fn alone<F: Future<Output = ()> + 'static>(task: impl FnOnce(Handle) -> F) {
    let mut scheduler = Scheduler::new().unwrap();
    scheduler.spawn(task(scheduler.handle()));
    assert_eq!(scheduler.run().unwrap(), Ended::default());
}

/// Sleeps for half a second and asserts that this took next to no processor time.
async fn idle(handle: &Handle) {
    asleep(handle.sleep(Duration::from_millis(500))).await;
}

/// Waits for what takes half a second, and asserts that this took next to no processor time. A loop
/// that is busy takes nearly all of it, or half of it beside two programs that are busy as well.
async fn asleep(half_a_second: impl Future<Output = ()>) {
    let before = processor_time();
    half_a_second.await;
    let used = processor_time().saturating_sub(before);
    assert!(used < Duration::from_millis(50), "{used:?}");
}

fn processor_time() -> Duration {
    let usage = getrusage(UsageWho::RUSAGE_SELF).unwrap();
    [usage.user_time(), usage.system_time()]
        .map(|time| {
            Duration::from_micros(
                u64::try_from(time.tv_sec() * 1_000_000 + time.tv_usec()).unwrap(),
            )
        })
        .iter()
        .sum()
}

fn idle_is_asleep() {
    alone(|handle| async move {
        handle.timeout(Duration::from_millis(1), pending::<()>()).await.unwrap_err();
        idle(&handle).await;
        // Where there is no time to wait for, another thread ends the sleep.
        let (wake, woken) = oneshot::channel();
        thread::spawn(move || {
            thread::sleep(Duration::from_millis(500));
            wake.send(()).unwrap();
        });
        asleep(async { woken.await.unwrap() }).await;
    });
}

fn a_socket_that_is_ready_and_not_waited_for_costs_nothing() {
    alone(|handle| async move {
        let (mut ours, theirs) = UnixStream::pair().unwrap();
        let mut socket = Socket::new(&handle, theirs).unwrap();
        ours.write_all(b"!").unwrap();
        idle(&handle).await;
        // Watched for both, and both have come.
        socket.readable().await.unwrap();
        socket.writable().await.unwrap();
        idle(&handle).await;
        // Waited for to be read, and never: it is writable all the time.
        socket.get().read_exact(&mut [0]).unwrap();
        socket.writable().await.unwrap();
        handle.timeout(Duration::from_millis(1), socket.readable()).await.unwrap_err();
        let mut wait = pin!(socket.readable());
        poll_fn(|cx| Poll::Ready(wait.as_mut().poll(cx).is_pending())).await;
        idle(&handle).await;
    });
}

fn a_closed_peer_that_nobody_waits_for_costs_nothing() {
    alone(|handle| async move {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (server, _) = listener.accept().unwrap();
        let mut server = Socket::new(&handle, server).unwrap();
        // Closed with something unread, it is reset: both directions end.
        server.get().write_all(b"!").unwrap();
        drop(client);
        idle(&handle).await;
        server.readable().await.unwrap();
        idle(&handle).await;
    });
}

fn nothing_is_left_open() {
    let before = open_files();
    for _ in 0..20 {
        let mut scheduler = Scheduler::new().unwrap();
        let handle = scheduler.handle();
        scheduler.spawn(async move {
            let (ours, theirs) = UnixStream::pair().unwrap();
            let mut socket = Socket::new(&handle, theirs).unwrap();
            let _ours = ours;
            let inner = handle.clone();
            handle.spawn(async move {
                let _socket = Socket::new(&inner, UnixStream::pair().unwrap().0).unwrap();
                pending::<()>().await;
            });
            handle.timeout(Duration::from_millis(1), socket.readable()).await.unwrap_err();
        });
        let stopper = scheduler.stopper();
        let handle = scheduler.handle();
        scheduler.spawn(async move {
            handle.sleep(Duration::from_millis(3)).await;
            stopper.stop();
        });
        scheduler.run().unwrap();
    }
    assert_eq!(open_files(), before);
}

fn thousands_of_sockets_wait_at_once() {
    let (_, most) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    setrlimit(Resource::RLIMIT_NOFILE, most.min(10_240), most).unwrap();
    let pairs = usize::try_from(most.min(10_240)).unwrap() / 2 - 50;
    let (mut scheduler, read) = (Scheduler::new().unwrap(), Rc::new(Cell::new(0)));
    let mut ours = Vec::new();
    for _ in 0..pairs {
        let (mine, theirs) = UnixStream::pair().unwrap();
        ours.push(mine);
        let mut socket = Socket::new(&scheduler.handle(), theirs).unwrap();
        let read = Rc::clone(&read);
        scheduler.spawn(async move {
            socket.readable().await.unwrap();
            socket.get().read_exact(&mut [0]).unwrap();
            read.set(read.get() + 1);
        });
    }
    let other = thread::spawn(move || {
        for mine in &mut ours {
            mine.write_all(b"!").unwrap();
        }
        ours
    });
    assert_eq!(scheduler.run().unwrap(), Ended::default());
    other.join().unwrap();
    assert_eq!(read.get(), pairs);
}

fn the_next_owner_of_a_descriptors_number_gets_no_stale_event() {
    alone(|handle| async move {
        let (mut ours, theirs) = UnixStream::pair().unwrap();
        ours.write_all(b"!").unwrap();
        // As long as another descriptor of it is open, the system itself forgets no interest in it.
        let _twin = theirs.try_clone().unwrap();
        let descriptor = theirs.as_raw_fd();
        let mut socket = Socket::new(&handle, theirs).unwrap();
        socket.readable().await.unwrap();
        drop(socket);
        idle(&handle).await; // it would be reported all the time

        let (mine, theirs) = UnixStream::pair().unwrap();
        let (mut mine, theirs) =
            if mine.as_raw_fd() == descriptor { (theirs, mine) } else { (mine, theirs) };
        assert_eq!(theirs.as_raw_fd(), descriptor, "the test needs it again");
        let mut next = Socket::new(&handle, theirs).unwrap();
        let early = handle.timeout(Duration::from_millis(20), next.readable()).await;
        assert_eq!(early.map(|_| "something has come"), Err(TimedOut));
        mine.write_all(b"!").unwrap();
        next.readable().await.unwrap();
    });
}

fn signals_cut_no_wait_short() {
    let seen = Arc::new(AtomicBool::new(false));
    signal_hook::flag::register(signal_hook::consts::SIGUSR1, Arc::clone(&seen)).unwrap();
    let over = Arc::new(AtomicBool::new(false));
    let storm = {
        let over = Arc::clone(&over);
        thread::spawn(move || {
            while !over.load(Relaxed) {
                signal_hook::low_level::raise(signal_hook::consts::SIGUSR1).unwrap();
                nix::sys::signal::kill(nix::unistd::getpid(), nix::sys::signal::SIGUSR1).unwrap();
                thread::yield_now();
            }
        })
    };
    alone(|handle| async move {
        let (start, time) = (Instant::now(), Duration::from_millis(100));
        handle.sleep(time).await;
        assert!(start.elapsed() >= time);
    });
    assert!(seen.load(Relaxed));
    over.store(true, Relaxed);
    storm.join().unwrap();
}

fn a_scheduler_needs_descriptors_and_says_so() {
    let mut taken = Vec::new();
    setrlimit(Resource::RLIMIT_NOFILE, 64, 64).unwrap();
    while let Ok((ours, theirs)) = UnixStream::pair() {
        taken.extend([ours, theirs]);
    }
    let before = open_files_by_use();
    assert_eq!(
        Scheduler::new().unwrap_err().raw_os_error(),
        Some(nix::errno::Errno::EMFILE as i32)
    );
    assert_eq!(open_files_by_use(), before);
}

/// How many descriptors can still be had: a list of the open ones would need one itself.
fn open_files_by_use() -> usize {
    let mut more = Vec::new();
    while let Ok(file) = std::fs::File::open("/dev/null") {
        more.push(file);
    }
    more.len()
}

fn a_task_that_panics_is_reported() {
    let ended = this("a_task_panics").output().unwrap();
    assert!(ended.status.success());
    let said = String::from_utf8(ended.stderr).unwrap();
    assert!(said.matches("panicked at").count() == 1 && said.contains("on purpose"), "{said}");
}

/// A role.
fn a_task_panics() {
    let mut scheduler = Scheduler::new().unwrap();
    scheduler.spawn(async { panic!("on purpose") });
    assert_eq!(scheduler.run().unwrap().panicked, 1);
}

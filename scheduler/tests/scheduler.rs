//! What `Scheduler` and what its tasks wait for promise. `tests/alone.rs` has what counts processor
//! time and descriptors.

use futures::channel::{mpsc, oneshot};
use futures::stream::{FuturesUnordered, StreamExt};
use scheduler::{Ended, Handle, Scheduler, Socket, TimedOut, offload, yield_now};
use std::cell::{Cell, RefCell};
use std::future::{self, pending, poll_fn};
use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::mpsc::channel;
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};
use std::{panic, thread};
use tests_and_benches::Watchdog;
use threads::{Closed, ThreadPool};

const SECOND: Duration = Duration::from_secs(1);

/// What tasks have noted, in order.
#[derive(Clone, Default)]
struct Notes(Rc<RefCell<Vec<u32>>>);

impl Notes {
    fn add(&self, note: u32) {
        self.0.borrow_mut().push(note);
    }

    fn take(&self) -> Vec<u32> {
        self.0.take()
    }
}

fn run(scheduler: &mut Scheduler) {
    assert_eq!(scheduler.run().unwrap(), Ended { panicked: 0, unfinished: 0 });
}

/// Runs one task to its end.
fn alone<F: Future<Output = ()> + 'static>(task: impl FnOnce(Handle) -> F) {
    let mut scheduler = Scheduler::new().unwrap();
    scheduler.spawn(task(scheduler.handle()));
    run(&mut scheduler);
}

#[test]
fn tasks_take_turns_in_the_order_in_which_they_came() {
    let _watchdog = Watchdog::new();
    let (mut scheduler, notes) = (Scheduler::new().unwrap(), Notes::default());
    for (task, steps) in [(10, 3), (20, 1), (30, 2)] {
        let notes = notes.clone();
        scheduler.spawn(async move {
            for step in 0..steps {
                notes.add(task + step);
                yield_now().await;
            }
            notes.add(task + 9);
        });
    }
    run(&mut scheduler);
    assert_eq!(notes.take(), [10, 20, 30, 11, 29, 31, 12, 39, 19]);
}

#[test]
fn no_task_is_no_wait() {
    let _watchdog = Watchdog::new();
    run(&mut Scheduler::new().unwrap());
}

#[test]
fn a_scheduler_runs_again() {
    let _watchdog = Watchdog::new();
    let (mut scheduler, notes) = (Scheduler::new().unwrap(), Notes::default());
    for round in 0..3 {
        let notes = notes.clone();
        scheduler.spawn(async move { notes.add(round) });
        run(&mut scheduler);
    }
    assert_eq!(notes.take(), [0, 1, 2]);
}

#[test]
fn a_task_starts_tasks_behind_those_that_wait_for_their_turn() {
    let _watchdog = Watchdog::new();
    let (mut scheduler, notes) = (Scheduler::new().unwrap(), Notes::default());
    let (handle, own) = (scheduler.handle(), notes.clone());
    scheduler.spawn(async move {
        own.add(1);
        let its = own.clone();
        handle.spawn(async move { its.add(3) });
        yield_now().await;
        own.add(4);
    });
    let own = notes.clone();
    scheduler.spawn(async move { own.add(2) });
    run(&mut scheduler);
    assert_eq!(notes.take(), [1, 2, 3, 4]);
}

struct PanicsInDrop;
impl Drop for PanicsInDrop {
    fn drop(&mut self) {
        assert!(thread::panicking(), "on purpose");
    }
}

struct PanicsTwiceInDrop;
impl Drop for PanicsTwiceInDrop {
    fn drop(&mut self) {
        panic::panic_any(PanicsInDrop);
    }
}

#[test]
fn a_task_that_panics_ends_alone_and_is_counted() {
    let _watchdog = Watchdog::new();
    let (mut scheduler, notes) = (Scheduler::new().unwrap(), Notes::default());
    scheduler.spawn(async { panic!("on purpose") });
    scheduler.spawn(async { panic::panic_any(PanicsInDrop) });
    scheduler.spawn(async { panic::panic_any(PanicsTwiceInDrop) });
    let held = PanicsInDrop;
    scheduler.spawn(poll_fn(move |_| {
        let _held = &held;
        Poll::Ready(())
    }));
    let own = notes.clone();
    scheduler.spawn(async move {
        yield_now().await;
        own.add(1);
    });
    let ended = scheduler.run().unwrap();
    assert_eq!(ended, Ended { panicked: 4, unfinished: 0 });
    assert_eq!(notes.take(), [1]);
    run(&mut scheduler); // they are not counted again
}

#[test]
fn a_task_that_panics_when_it_is_dropped_harms_nobody() {
    let _watchdog = Watchdog::new();
    let stopped = Rc::new(Cell::new(0));
    let scheduler = || {
        let scheduler = Scheduler::new().unwrap();
        let (held, own) = (PanicsInDrop, Dropped(Rc::clone(&stopped), scheduler.handle()));
        scheduler.spawn(async move { drop(held) });
        scheduler.spawn(async move { drop(own) });
        scheduler
    };
    let mut first = scheduler();
    first.stopper().stop();
    assert_eq!(first.run().unwrap(), Ended { panicked: 1, unfinished: 3 });
    drop(scheduler());
    assert_eq!(stopped.get(), 2);
}

/// A task that counts its turns and lends its waker, until it is told to end.
struct Counted {
    turns: Rc<Cell<u32>>,
    end: Rc<Cell<bool>>,
    waker: Waker,
}

impl Counted {
    /// Adds the task, and lets it have its first turn.
    async fn begin(handle: &Handle) -> Counted {
        let (turns, end) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(false)));
        let (counted, over) = (Rc::clone(&turns), Rc::clone(&end));
        let (sender, receiver) = channel();
        handle.spawn(poll_fn(move |cx| {
            counted.set(counted.get() + 1);
            let _ = sender.send(cx.waker().clone()); // the first is enough
            if over.get() { Poll::Ready(()) } else { Poll::Pending }
        }));
        yield_now().await;
        Counted { turns, end, waker: receiver.recv().unwrap() }
    }

    /// How many turns it has after this, and after everybody has had several.
    async fn turns_after(&self, wake: impl FnOnce(&Waker)) -> u32 {
        let before = self.turns.get();
        wake(&self.waker);
        for _ in 0..5 {
            yield_now().await;
        }
        self.turns.get() - before
    }
}

#[test]
fn a_task_woken_often_before_its_turn_has_one_turn() {
    let _watchdog = Watchdog::new();
    alone(|handle| async move {
        let task = Counted::begin(&handle).await;
        assert_eq!(task.turns_after(|_| ()).await, 0);
        let often = |waker: &Waker| {
            (0..10).for_each(|_| waker.wake_by_ref());
            let waker = waker.clone();
            thread::spawn(move || waker.wake()).join().unwrap();
        };
        assert_eq!(task.turns_after(often).await, 1);
        assert_eq!(task.turns_after(often).await, 1);
        task.end.set(true);
        assert_eq!(task.turns_after(often).await, 1);
        assert_eq!(task.turns_after(often).await, 0);
    });
}

#[test]
fn a_late_wake_up_does_not_reach_the_next_task() {
    let _watchdog = Watchdog::new();
    alone(|handle| async move {
        let first = Counted::begin(&handle).await;
        first.end.set(true);
        assert_eq!(first.turns_after(Waker::wake_by_ref).await, 1);
        // It has the place that the first one had, and has been woken itself.
        let second = Counted::begin(&handle).await;
        let late = |waker: &Waker| {
            first.waker.wake_by_ref();
            waker.wake_by_ref();
            first.waker.wake_by_ref();
        };
        assert_eq!(second.turns_after(late).await, 1);
        assert_eq!(second.turns_after(|_| first.waker.wake_by_ref()).await, 0);
        second.end.set(true);
        second.waker.wake_by_ref();
    });
}

#[test]
fn another_thread_wakes_a_sleeping_scheduler() {
    let _watchdog = Watchdog::new();
    let (sender, receiver) = oneshot::channel();
    let (go, started) = channel();
    let other = thread::spawn(move || {
        started.recv().unwrap();
        sender.send(42).unwrap();
    });
    alone(|_| async move {
        go.send(()).unwrap();
        assert_eq!(receiver.await, Ok(42));
    });
    other.join().unwrap();
}

#[test]
fn no_wake_up_of_many_threads_is_lost() {
    let _watchdog = Watchdog::new();
    let (mut scheduler, sum) = (Scheduler::new().unwrap(), Rc::new(Cell::new(0)));
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let (mut sender, mut receiver) = mpsc::channel(0);
            let sum = Rc::clone(&sum);
            scheduler.spawn(async move {
                while let Some(number) = receiver.next().await {
                    sum.set(sum.get() + number);
                }
            });
            thread::spawn(move || {
                for _ in 0..5_000 {
                    while sender.try_send(1).is_err() {
                        thread::yield_now();
                    }
                }
            })
        })
        .collect();
    run(&mut scheduler);
    assert_eq!(sum.get(), 20_000);
    for thread in threads {
        thread.join().unwrap();
    }
}

#[test]
fn a_task_that_is_always_ready_keeps_nobody_from_running() {
    let _watchdog = Watchdog::new();
    let mut scheduler = Scheduler::new().unwrap();
    let (done, left) = (Rc::new(Cell::new(0)), 4);
    let always_ready = Rc::clone(&done);
    scheduler.spawn(async move {
        while always_ready.get() < left {
            yield_now().await;
        }
    });
    let end = |done: &Rc<Cell<u32>>| {
        let done = Rc::clone(done);
        move || done.set(done.get() + 1)
    };
    let (handle, one) = (scheduler.handle(), end(&done));
    scheduler.spawn(async move {
        handle.sleep(Duration::from_millis(1)).await;
        one();
    });
    let (mut ours, theirs) = UnixStream::pair().unwrap();
    let (mut socket, one) = (Socket::new(&scheduler.handle(), theirs).unwrap(), end(&done));
    scheduler.spawn(async move {
        socket.readable().await.unwrap();
        one();
    });
    let (sender, receiver) = oneshot::channel::<()>();
    let one = end(&done);
    scheduler.spawn(async move {
        receiver.await.unwrap();
        one();
    });
    let (stop, one) = (scheduler.stopper(), end(&done));
    scheduler.spawn(async move {
        drop(stop);
        one();
    });
    let other = thread::spawn(move || {
        ours.write_all(b"!").unwrap();
        sender.send(()).unwrap();
    });
    run(&mut scheduler);
    other.join().unwrap();
}

#[test]
fn a_busy_scheduler_can_be_stopped_from_another_thread() {
    let _watchdog = Watchdog::new();
    let mut scheduler = Scheduler::new().unwrap();
    let (stopper, (go, started)) = (scheduler.stopper(), channel());
    scheduler.spawn(async move {
        go.send(()).unwrap();
        loop {
            yield_now().await;
        }
    });
    let other = thread::spawn(move || {
        started.recv().unwrap();
        stopper.stop();
    });
    assert_eq!(scheduler.run().unwrap(), Ended { panicked: 0, unfinished: 1 });
    other.join().unwrap();
}

struct Dropped(Rc<Cell<u32>>, Handle);
impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.set(self.0.get() + 1);
        if self.0.get() == 1 {
            // Too late to run, and not lost either: it is counted.
            self.1.spawn(async {});
        }
    }
}

#[test]
fn a_sleeping_scheduler_can_be_stopped_and_drops_what_is_unfinished() {
    let _watchdog = Watchdog::new();
    let (mut scheduler, dropped) = (Scheduler::new().unwrap(), Rc::new(Cell::new(0)));
    let (go, started) = channel();
    for _ in 0..3 {
        let (held, go) = (Dropped(Rc::clone(&dropped), scheduler.handle()), go.clone());
        scheduler.spawn(async move {
            let _held = held;
            go.send(()).unwrap();
            pending::<()>().await;
        });
    }
    let stopper = scheduler.stopper();
    let other = thread::spawn(move || {
        (0..3).for_each(|_| started.recv().unwrap());
        stopper.stop();
    });
    assert_eq!(scheduler.run().unwrap(), Ended { panicked: 0, unfinished: 4 });
    assert_eq!(dropped.get(), 3);
    assert_eq!(format!("{scheduler:?}"), "Scheduler { tasks: 0, .. }");
    other.join().unwrap();
}

#[test]
fn stopped_before_it_runs_it_runs_nothing() {
    let _watchdog = Watchdog::new();
    let mut scheduler = Scheduler::new().unwrap();
    scheduler.spawn(async { panic!("it has run") });
    scheduler.stopper().stop();
    scheduler.stopper().stop();
    assert_eq!(scheduler.run().unwrap(), Ended { panicked: 0, unfinished: 1 });
}

#[test]
fn a_scheduler_that_never_ran_drops_its_tasks() {
    let token = Rc::new(());
    let scheduler = Scheduler::new().unwrap();
    let (held, handle) = (Rc::clone(&token), scheduler.handle());
    scheduler.spawn(async move {
        let _held = (held, handle);
        pending::<()>().await;
    });
    drop(scheduler);
    assert_eq!(Rc::strong_count(&token), 1);
}

#[test]
#[should_panic = "the scheduler is gone"]
fn a_task_is_not_taken_by_a_scheduler_that_is_gone() {
    let handle = Scheduler::new().unwrap().handle();
    handle.spawn(async {});
}

#[test]
fn whoever_sleeps_to_an_earlier_moment_goes_on_first() {
    let _watchdog = Watchdog::new();
    let (mut scheduler, notes) = (Scheduler::new().unwrap(), Notes::default());
    for time in [30_u32, 10, 20] {
        let (handle, notes) = (scheduler.handle(), notes.clone());
        scheduler.spawn(async move {
            let (start, time) = (Instant::now(), Duration::from_millis(time.into()));
            handle.sleep(time).await;
            assert!(start.elapsed() >= time);
            notes.add(u32::try_from(time.as_millis()).unwrap());
        });
    }
    run(&mut scheduler);
    assert_eq!(notes.take(), [10, 20, 30]);
}

#[test]
fn times_of_zero_and_for_ever_are_times() {
    let _watchdog = Watchdog::new();
    alone(|handle| async move {
        handle.sleep(Duration::ZERO).await;
        assert_eq!(handle.timeout(Duration::ZERO, pending::<()>()).await, Err(TimedOut));
        // What is there is not too late.
        assert_eq!(handle.timeout(Duration::ZERO, future::ready(1)).await, Ok(1));
        for long in [Duration::MAX, Duration::from_secs(u64::MAX / 4), 10_000_000 * SECOND] {
            let twice = handle.timeout(long, async {
                yield_now().await;
                handle.timeout(Duration::from_millis(1), handle.sleep(long)).await
            });
            assert_eq!(twice.await, Ok(Err(TimedOut)));
        }
    });
}

#[test]
fn a_limit_ends_what_it_limits() {
    let _watchdog = Watchdog::new();
    alone(|handle| async move {
        let token = Rc::new(());
        let held = Rc::clone(&token);
        let endless = async move {
            let held = held;
            pending::<()>().await;
            drop(held);
        };
        assert_eq!(handle.timeout(Duration::from_millis(1), endless).await, Err(TimedOut));
        assert_eq!(Rc::strong_count(&token), 1);
        // Lent, it goes on.
        let (sender, mut receiver) = oneshot::channel();
        assert!(handle.timeout(Duration::from_millis(1), &mut receiver).await.is_err());
        sender.send(7).unwrap();
        assert_eq!(receiver.await, Ok(7));
    });
}

#[test]
fn a_sleep_given_up_wakes_nobody() {
    let _watchdog = Watchdog::new();
    let mut scheduler = Scheduler::new().unwrap();
    let handle = scheduler.handle();
    scheduler.spawn(async move {
        let mut sleep = pin!(handle.sleep(1_000_000 * SECOND));
        poll_fn(|cx| Poll::Ready(sleep.as_mut().poll(cx).is_pending())).await;
    });
    run(&mut scheduler); // would sleep for eleven days with the timer left, if it waited for timers
    let turns = Rc::new(Cell::new(0));
    let (handle, counted) = (scheduler.handle(), Rc::clone(&turns));
    scheduler.spawn(async move {
        let mut given_up = Box::pin(handle.sleep(Duration::from_millis(5)));
        let mut kept = handle.sleep(Duration::from_millis(20));
        poll_fn(|cx| Poll::Ready(given_up.as_mut().poll(cx).is_pending())).await;
        drop(given_up);
        poll_fn(|cx| {
            counted.set(counted.get() + 1);
            Pin::new(&mut kept).poll(cx)
        })
        .await;
    });
    run(&mut scheduler);
    assert_eq!(turns.get(), 2);
}

#[derive(Default)]
struct Woken(AtomicBool);
impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Relaxed);
    }
}

#[test]
fn whoever_awaits_it_last_is_woken() {
    let _watchdog = Watchdog::new();
    alone(|handle| async move {
        let (mut ours, theirs) = UnixStream::pair().unwrap();
        let mut socket = Socket::new(&handle, theirs).unwrap();
        let first = Arc::new(Woken::default());
        let waker = Waker::from(Arc::clone(&first));
        let mut first_to_ask = Context::from_waker(&waker);
        let mut sleep = handle.sleep(Duration::from_millis(5));
        assert!(Pin::new(&mut sleep).poll(&mut first_to_ask).is_pending());
        sleep.await;
        let mut ready = socket.readable();
        assert!(Pin::new(&mut ready).poll(&mut first_to_ask).is_pending());
        thread::spawn(move || ours.write_all(b"!").unwrap());
        ready.await.unwrap();
        assert!(!first.0.load(Relaxed), "it has passed on the wait, and was woken all the same");
    });
}

#[test]
fn each_of_many_sockets_gets_its_own_message() {
    let _watchdog = Watchdog::new();
    let (mut scheduler, notes) = (Scheduler::new().unwrap(), Notes::default());
    let mut ours = Vec::new();
    for number in 0..100_u8 {
        let (mine, theirs) = UnixStream::pair().unwrap();
        ours.push(mine);
        let mut socket = Socket::new(&scheduler.handle(), theirs).unwrap();
        let notes = notes.clone();
        scheduler.spawn(async move {
            socket.readable().await.unwrap();
            let mut message = [0];
            socket.get().read_exact(&mut message).unwrap();
            assert_eq!(message, [number]);
            notes.add(number.into());
        });
    }
    let other = thread::spawn(move || {
        for (number, mine) in ours.iter_mut().enumerate().rev() {
            mine.write_all(&[u8::try_from(number).unwrap()]).unwrap();
        }
        ours
    });
    run(&mut scheduler);
    other.join().unwrap();
    let mut all = notes.take();
    all.sort_unstable();
    assert!(all.into_iter().eq(0..100));
}

#[test]
fn what_is_ready_is_reported_until_it_is_taken() {
    let _watchdog = Watchdog::new();
    alone(|handle| async move {
        let (mut ours, theirs) = UnixStream::pair().unwrap();
        let mut socket = Socket::new(&handle, theirs).unwrap();
        ours.write_all(b"ab").unwrap();
        drop(ours);
        for expected in [&b"a"[..], b"b", b""] {
            socket.readable().await.unwrap();
            // While nobody waits, the poller sees it ready.
            handle.sleep(Duration::from_millis(2)).await;
            socket.readable().await.unwrap();
            let mut byte = [0];
            let read = socket.get().read(&mut byte).unwrap();
            assert_eq!(&byte[..read], expected);
        }
    });
}

#[test]
fn a_wait_given_up_takes_nothing_from_the_next() {
    let _watchdog = Watchdog::new();
    alone(|handle| async move {
        let (mut ours, theirs) = UnixStream::pair().unwrap();
        let mut socket = Socket::new(&handle, theirs).unwrap();
        let limit = Duration::from_millis(1);
        for _ in 0..3 {
            assert!(handle.timeout(limit, socket.readable()).await.is_err());
        }
        // It becomes ready while the wait is given up.
        {
            let mut wait = pin!(socket.readable());
            poll_fn(|cx| Poll::Ready(wait.as_mut().poll(cx).is_pending())).await;
            ours.write_all(b"!").unwrap();
            handle.sleep(limit).await;
        }
        socket.readable().await.unwrap();
        socket.get().read_exact(&mut [0]).unwrap();
    });
}

#[test]
fn a_wait_given_up_wakes_nobody() {
    let _watchdog = Watchdog::new();
    let turns = Rc::new(Cell::new(0));
    let counted = Rc::clone(&turns);
    alone(|handle| async move {
        let (mut ours, theirs) = UnixStream::pair().unwrap();
        let mut socket = Socket::new(&handle, theirs).unwrap();
        let early = handle.timeout(Duration::from_millis(1), socket.readable()).await;
        assert!(early.is_err());
        ours.write_all(b"!").unwrap();
        let mut sleep = handle.sleep(Duration::from_millis(20));
        poll_fn(|cx| {
            counted.set(counted.get() + 1);
            Pin::new(&mut sleep).poll(cx)
        })
        .await;
    });
    assert_eq!(turns.get(), 2);
}

#[test]
fn a_full_socket_is_writable_once_it_is_read() {
    let _watchdog = Watchdog::new();
    alone(|handle| async move {
        let (ours, theirs) = UnixStream::pair().unwrap();
        let (mut writer, mut reader) =
            (Socket::new(&handle, ours).unwrap(), Socket::new(&handle, theirs).unwrap());
        let reading = async move {
            let (mut all, mut some) = (0, [0; 10_000]);
            loop {
                reader.readable().await.unwrap();
                match reader.get().read(&mut some).unwrap() {
                    0 => return all,
                    read => all += read,
                }
            }
        };
        let writing = async move {
            let all = vec![7; 3_000_000];
            let mut left = &all[..];
            while !left.is_empty() {
                match writer.get().write(left) {
                    Ok(written) => left = &left[written..],
                    Err(error) if error.kind() == ErrorKind::WouldBlock => {
                        writer.writable().await.unwrap();
                    }
                    Err(error) => panic!("{error}"),
                }
            }
        };
        let (read, ()) = futures::join!(reading, writing);
        assert_eq!(read, 3_000_000);
    });
}

#[test]
fn a_closed_peer_wakes_whoever_waits_to_write() {
    let _watchdog = Watchdog::new();
    alone(|handle| async move {
        let (ours, theirs) = UnixStream::pair().unwrap();
        let mut writer = Socket::new(&handle, ours).unwrap();
        while writer.get().write(&[0; 10_000]).is_ok() {}
        handle.spawn(async move { drop(theirs) });
        writer.writable().await.unwrap();
        assert_eq!(writer.get().write(b"!").unwrap_err().kind(), ErrorKind::BrokenPipe);
    });
}

#[test]
fn a_listener_is_readable_when_somebody_connects() {
    let _watchdog = Watchdog::new();
    let mut scheduler = Scheduler::new().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let mut listener = Socket::new(&scheduler.handle(), listener).unwrap();
    let (go, started) = channel();
    scheduler.spawn(async move {
        assert_eq!(listener.get().accept().unwrap_err().kind(), ErrorKind::WouldBlock);
        go.send(()).unwrap();
        listener.readable().await.unwrap();
        listener.get().accept().unwrap();
    });
    let other = thread::spawn(move || {
        started.recv().unwrap();
        TcpStream::connect(address).unwrap()
    });
    run(&mut scheduler);
    other.join().unwrap();
}

#[test]
fn wakers_within_wakers_reach_their_task() {
    let _watchdog = Watchdog::new();
    alone(|handle| async move {
        // `FuturesUnordered` gives each of its futures a waker of its own.
        let sleeps = [3, 1, 2].map(|time| {
            let handle = handle.clone();
            async move {
                handle.sleep(Duration::from_millis(time)).await;
                time
            }
        });
        let order: Vec<_> = FuturesUnordered::from_iter(sleeps).collect().await;
        assert_eq!(order, [1, 2, 3]);
    });
}

#[test]
fn offloaded_work_leaves_the_thread_to_others() {
    let _watchdog = Watchdog::new();
    let (pool, notes) = (ThreadPool::new(1).unwrap(), Notes::default());
    let mut scheduler = Scheduler::new().unwrap();
    let (go, gate) = channel();
    let own = notes.clone();
    scheduler.spawn(async move {
        // It ends only when the other task has had its turn.
        let result = offload(&pool, move || gate.recv().map(|()| thread::current().id())).unwrap();
        let thread = result.await.unwrap().unwrap();
        assert_ne!(thread, thread::current().id());
        own.add(2);
    });
    let own = notes.clone();
    scheduler.spawn(async move {
        own.add(1);
        go.send(()).unwrap();
    });
    run(&mut scheduler);
    assert_eq!(notes.take(), [1, 2]);
}

#[test]
fn a_thousand_offloaded_results_come_to_those_who_wait_for_them() {
    let _watchdog = Watchdog::new();
    let (mut scheduler, done) = (Scheduler::new().unwrap(), Rc::new(Cell::new(0)));
    let pool = Rc::new(ThreadPool::new(2).unwrap());
    for number in 0..1_000_u64 {
        let (pool, done) = (Rc::clone(&pool), Rc::clone(&done));
        scheduler.spawn(async move {
            assert_eq!(offload(&pool, move || number * 2).unwrap().await.unwrap(), number * 2);
            done.set(done.get() + 1);
        });
    }
    run(&mut scheduler);
    assert_eq!(done.get(), 1_000);
}

#[test]
fn offloaded_work_is_not_asked_for_again_and_again() {
    let _watchdog = Watchdog::new();
    let (pool, polls) = (ThreadPool::new(1).unwrap(), Rc::new(Cell::new(0)));
    let counted = Rc::clone(&polls);
    alone(|_| async move {
        let work = || thread::sleep(Duration::from_millis(20));
        let mut result = offload(&pool, work).unwrap();
        poll_fn(|cx| {
            counted.set(counted.get() + 1);
            Pin::new(&mut result).poll(cx)
        })
        .await
        .unwrap();
    });
    assert!(polls.get() <= 2, "{polls:?}");
}

#[test]
fn offloaded_work_that_panics_is_an_error_of_whoever_waits() {
    let _watchdog = Watchdog::new();
    let pool = ThreadPool::new(1).unwrap();
    alone(|_| async move {
        let purpose = String::from("purpose");
        let result = offload(&pool, move || panic!("on {purpose}")).unwrap();
        let Err(panicked) = result.await.map(|(): ()| ()) else { panic!("it has panicked") };
        assert_eq!(panicked.to_string(), "the work has panicked: on purpose");
        assert_eq!(*panicked.0.downcast::<String>().unwrap(), "on purpose");
        assert_eq!(offload(&pool, || 1).unwrap().await.unwrap(), 1);
    });
}

#[test]
fn work_that_was_given_up_before_it_began_is_not_done() {
    let _watchdog = Watchdog::new();
    let pool = ThreadPool::new(1).unwrap();
    let (go, gate) = channel::<()>();
    let first = offload(&pool, move || gate.recv()).unwrap();
    let (held, dropped) = channel::<()>();
    let second = offload(&pool, move || held.send(())).unwrap();
    drop(second);
    // The work is gone, and what it held, though its worker is busy.
    assert!(dropped.recv().is_err());
    go.send(()).unwrap();
    drop(first);
    drop(pool);
}

#[test]
fn a_closed_pool_gives_the_work_back() {
    let pool = ThreadPool::new(1).unwrap();
    pool.close();
    let Err(Closed(work)) = offload(&pool, || 7) else { panic!("it is closed") };
    assert_eq!(work(), 7);
}

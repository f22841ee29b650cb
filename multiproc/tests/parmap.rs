//! What forked children and the map over them promise.

use multiproc::{ChildError, ForkError, Forked, parmap};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::signal::{Signal, raise};
use serde::{Deserialize, Serialize};
use shell::Exit;
use std::io::{self, PipeWriter, Read, Write};
use std::process::{self, Command, ExitCode, Stdio};
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};
use tests_and_benches::promises::{no_child_is_left, open_files, this, this_after};
use tests_and_benches::{lines_of, named};

// One thread, which may fork, is all that these have: no watchdog. Whoever runs them gives each a
// minute.
fn main() -> ExitCode {
    tests_and_benches::promises::main(
        named![
            results_come_in_the_order_of_the_items,
            results_of_any_size_come_from_all_children_at_once,
            no_more_children_run_at_once_than_are_allowed,
            one_that_takes_long_does_not_hold_up_the_others,
            a_child_that_fails_is_the_error_of_its_item,
            a_process_with_another_thread_is_refused,
            a_thread_that_has_been_joined_does_not_count,
            a_forked_child_may_not_fork,
            a_map_of_no_children_at_once_is_refused,
            what_is_in_the_buffer_is_printed_once,
            values_of_the_parent_are_dropped_by_the_parent_alone,
            a_child_that_is_dropped_is_killed_and_reaped,
            a_child_has_one_descriptor_more_than_its_parent,
            has_ended_is_so_once_it_has,
            too_few_descriptors_make_items_wait,
            children_end_with_a_parent_that_is_killed,
            it_works_in_odd_surroundings,
            signals_change_nothing,
            maps_leave_nothing,
            the_section_counts_right,
        ],
        named![print, own_children, surrounded],
    )
}

fn results<T>(found: Result<Vec<Result<T, ChildError>>, ForkError>) -> Vec<T> {
    found.unwrap().into_iter().map(Result::unwrap).collect()
}

fn results_come_in_the_order_of_the_items() {
    for children in [1, 2, 7, usize::MAX] {
        for count in [0, 1, 2, 30] {
            let items: Vec<u64> = (0..count).collect();
            let found = results(parmap(children, &items, |x| (x * x, x.to_string())));
            let due: Vec<_> = (0..count).map(|x| (x * x, x.to_string())).collect();
            assert_eq!(found, due);
        }
    }
    no_child_is_left();
}

fn results_of_any_size_come_from_all_children_at_once() {
    for size in [0, 1, 65_535, 65_536, 65_537, 16 << 20] {
        for found in results(parmap(8, &[size; 8], |size| "x".repeat(*size))) {
            assert!(found.len() == size && found.bytes().all(|byte| byte == b'x'), "{size}");
        }
    }
}

fn no_more_children_run_at_once_than_are_allowed() {
    for allowed in [1, 3] {
        let (mut log, writer) = io::pipe().unwrap();
        let items: Vec<u8> = (0..20).collect();
        results(parmap(allowed, &items, |_| {
            (&writer).write_all(b"+").unwrap();
            thread::sleep(Duration::from_millis(2)); // a third one had time to come
            (&writer).write_all(b"-").unwrap();
        }));
        drop(writer);
        let (mut running, mut most) = (0, 0);
        let mut text = String::new();
        log.read_to_string(&mut text).unwrap();
        for step in text.chars() {
            running += if step == '+' { 1 } else { -1 };
            most = most.max(running);
        }
        assert_eq!(text.len(), 40);
        assert!(most <= i32::try_from(allowed).unwrap(), "{most} of {allowed}");
    }
}

fn one_that_takes_long_does_not_hold_up_the_others() {
    for slow in 0..2 {
        let (gate, open) = io::pipe().unwrap();
        let items: Vec<usize> = (0..6).collect();
        let found = results(parmap(2, &items, |item| {
            if *item == slow {
                (&gate).read_exact(&mut [0]).unwrap(); // goes on when the last of the others does
            } else if *item == 5 {
                (&open).write_all(b"x").unwrap();
            }
            *item
        }));
        assert_eq!(found, items);
    }
}

/// What cannot be sent, or not be read.
enum Odd {
    WriteFails,
    WritePanics,
    ReadFails,
    ReadPanics,
}

impl Serialize for Odd {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Odd::WriteFails => Err(serde::ser::Error::custom("it fails")),
            Odd::WritePanics => panic!("in writing"),
            Odd::ReadFails => to.serialize_bool(true),
            Odd::ReadPanics => to.serialize_bool(false),
        }
    }
}

impl<'a> Deserialize<'a> for Odd {
    fn deserialize<D: serde::Deserializer<'a>>(from: D) -> Result<Odd, D::Error> {
        assert!(bool::deserialize(from)?, "in reading");
        Err(serde::de::Error::custom("it fails"))
    }
}

fn a_child_that_fails_is_the_error_of_its_item() {
    let items: Vec<u8> = (0..12).collect();
    let found = parmap(3, &items, |item| {
        match item {
            2 => panic!("too hot"),
            3 => process::exit(0),
            4 => process::exit(7),
            5 => process::abort(),
            6 => raise(Signal::SIGKILL).unwrap(),
            7 => return Err(Odd::WriteFails),
            8 => return Err(Odd::WritePanics),
            9 => return Err(Odd::ReadFails),
            10 => return Err(Odd::ReadPanics),
            _ => {}
        }
        Ok(*item)
    });
    for (item, found) in found.unwrap().into_iter().enumerate() {
        match (item, found) {
            (2, Err(ChildError::Panicked { message, place })) => {
                assert_eq!(message, "too hot");
                assert!(place.contains("parmap.rs:"), "{place}");
            }
            (3, Err(ChildError::Died(Exit::Code(0))))
            | (4, Err(ChildError::Died(Exit::Code(7))))
            | (5, Err(ChildError::Died(Exit::Signal(6))))
            | (6, Err(ChildError::Died(Exit::Signal(9))))
            | (7 | 9 | 10, Err(ChildError::NoAnswer(_))) => {}
            (8, Err(ChildError::Panicked { message, .. })) => assert_eq!(message, "in writing"),
            (0 | 1 | 11, Ok(Ok(same))) => assert_eq!(usize::from(same), item),
            (item, Ok(_)) => panic!("{item} has a result"),
            (item, Err(error)) => panic!("{item}: {error}"),
        }
    }
    no_child_is_left();
}

fn a_process_with_another_thread_is_refused() {
    thread::scope(|s| {
        let (stay, stays) = channel::<()>();
        s.spawn(move || stays.recv());
        let parked = s.spawn(thread::park);
        match parmap(2, &[1, 2], |x| *x) {
            Err(ForkError::Threads(3)) => {}
            other => panic!("{other:?}"),
        }
        assert!(matches!(Forked::start(|| 1), Err(ForkError::Threads(3))));
        drop(stay);
        parked.thread().unpark();
    });
    no_child_is_left();
}

fn a_thread_that_has_been_joined_does_not_count() {
    for round in 0..500 {
        for thread in [0; 3].map(|_| thread::spawn(|| ())) {
            thread.join().unwrap();
        }
        // The system may not have cleared them away yet.
        assert_eq!(Forked::start(|| round).unwrap().result().unwrap(), round);
    }
}

fn a_forked_child_may_not_fork() {
    let inner = |_: &u8| parmap(1, &[1], |x| *x).unwrap_err().to_string();
    assert_eq!(results(parmap(1, &[0], inner)), [ForkError::InChild.to_string()]);
}

fn a_map_of_no_children_at_once_is_refused() {
    assert!(matches!(parmap(0, &[1], |x| *x), Err(ForkError::NoChildren)));
}

fn what_is_in_the_buffer_is_printed_once() {
    let ran = shell::output(&mut this("print")).unwrap();
    assert!(ran.exit.success(), "{ran:?}");
    assert_eq!(String::from_utf8(ran.stdout).unwrap(), "parent, child 1, child 2, parent\n");
}

fn print() {
    print!("parent, ");
    results(parmap(1, &[1, 2], |x| print!("child {x}, ")));
    println!("parent");
}

fn values_of_the_parent_are_dropped_by_the_parent_alone() {
    struct Tells<'a>(&'a PipeWriter);
    impl Drop for Tells<'_> {
        fn drop(&mut self) {
            self.0.write_all(b"x").unwrap();
        }
    }
    let (mut told, writer) = io::pipe().unwrap();
    let value = Tells(&writer);
    results(parmap(2, &[1, 2, 3], |_| ()));
    drop(value);
    drop(writer);
    let mut drops = Vec::new();
    told.read_to_end(&mut drops).unwrap();
    assert_eq!(drops.len(), 1);
}

fn a_child_that_is_dropped_is_killed_and_reaped() {
    let (mut end, writer) = io::pipe().unwrap();
    let child = Forked::start(|| thread::sleep(Duration::from_mins(2))).unwrap();
    drop(writer);
    let start = Instant::now();
    drop(child);
    end.read_to_end(&mut Vec::new()).unwrap(); // nobody has the other end any more
    assert!(start.elapsed() < Duration::from_mins(1));
    no_child_is_left();
}

fn a_child_has_one_descriptor_more_than_its_parent() {
    let before = open_files();
    // The end of the pipe that it writes to, and not the other one.
    assert_eq!(Forked::start(open_files).unwrap().result().unwrap(), before + 1);
}

fn has_ended_is_so_once_it_has() {
    let (mut gate, open) = io::pipe().unwrap();
    let mut child = Forked::start(|| gate.read(&mut [0]).unwrap()).unwrap();
    assert!(!child.has_ended());
    assert_ne!(child.id(), process::id());
    (&open).write_all(b"x").unwrap();
    while !child.has_ended() {
        thread::yield_now();
    }
    assert_eq!(child.result().unwrap(), 1);
    no_child_is_left();
}

fn too_few_descriptors_make_items_wait() {
    let before = open_files();
    let (_, most) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    let items: Vec<u64> = (0..20).collect();
    let (mut all, mut none) = (0, 0);
    for limit in 3..60 {
        setrlimit(Resource::RLIMIT_NOFILE, limit, most).unwrap();
        // Enough for a child or two, or for none at all; in between some may fail.
        match parmap(8, &items, |x| x * x) {
            Ok(found) if found.iter().all(Result::is_ok) => all += 1,
            Ok(found) => {
                let failed = found.iter().flat_map(Result::as_ref);
                assert!(failed.count() == 0, "{limit}: either all or none");
                let system = |it: &Result<u64, ChildError>| {
                    matches!(it, Err(ChildError::NotStarted(ForkError::System(_))))
                };
                assert!(found.iter().all(system));
                none += 1;
            }
            Err(ForkError::System(_)) => none += 1, // not even the threads could be counted
            Err(error) => panic!("{error}"),
        }
        setrlimit(Resource::RLIMIT_NOFILE, most, most).unwrap();
        assert_eq!(open_files(), before, "{limit}");
        no_child_is_left();
    }
    assert!(all > 10 && none > 0, "{all} {none}");
}

fn children_end_with_a_parent_that_is_killed() {
    if !cfg!(target_os = "linux") {
        return; // there a child ends when it has nobody to send its result to
    }
    let mut owner = this("own_children").stdout(Stdio::piped()).spawn().unwrap();
    let mut output = owner.stdout.take().unwrap();
    let mut ready = [0; 3];
    output.read_exact(&mut ready).unwrap();
    owner.kill().unwrap();
    owner.wait().unwrap();
    let start = Instant::now();
    output.read_to_end(&mut Vec::new()).unwrap();
    assert!(start.elapsed() < Duration::from_secs(20));
}

fn own_children() {
    let _found = parmap(3, &[1, 2, 3], |_| {
        io::stdout().write_all(b".").unwrap();
        io::stdout().flush().unwrap();
        thread::sleep(Duration::from_mins(2));
    });
}

fn it_works_in_odd_surroundings() {
    for arrangement in ["trap '' CHLD", "exec <&- >&- 2>&-", "exec >&-", "trap '' PIPE INT TERM"] {
        let ran = shell::output(&mut this_after("sh", arrangement, "surrounded")).unwrap();
        assert!(ran.exit.success(), "{arrangement}: {}", String::from_utf8_lossy(&ran.stderr));
    }
}

fn surrounded() {
    let found = results(parmap(2, &[1, 2, 3], |x| "x".repeat(*x << 20)));
    assert!(found.iter().map(String::len).eq([1 << 20, 2 << 20, 3 << 20]));
    let died = parmap(1, &[0], |_| process::abort()).unwrap().pop().unwrap();
    let died: Result<(), ChildError> = died;
    // Who ignores SIGCHLD is not told how its children end.
    assert!(matches!(died, Err(ChildError::Died(Exit::Signal(6) | Exit::Unknown))));
    no_child_is_left();
}

fn signals_change_nothing() {
    signal_hook::flag::register(signal_hook::consts::SIGUSR1, Arc::default()).unwrap();
    // A pause in between: a fork begins anew with every signal, and never ends if they come too
    // fast.
    let storm = format!("while kill -USR1 {}; do sleep 0.001; done", process::id());
    let mut storm = Command::new("sh").args(["-c", &storm]).stderr(Stdio::null()).spawn().unwrap();
    for _ in 0..10 {
        for found in results(parmap(4, &[1 << 20; 8], |size| vec![true; *size])) {
            assert_eq!(found.len(), 1 << 20);
        }
    }
    storm.kill().unwrap();
    storm.wait().unwrap();
}

fn maps_leave_nothing() {
    let before = open_files();
    for round in 0..200_u64 {
        let found = parmap(3, &[round; 5], |x| if *x % 7 == 0 { process::abort() } else { *x });
        assert_eq!(found.unwrap().len(), 5);
    }
    assert_eq!(open_files(), before);
    no_child_is_left();
}

fn the_section_counts_right() {
    let lines = lines_of(env!("CARGO_BIN_EXE_parmap"));
    let bytes = |words: &str| -> Vec<usize> {
        let lines = lines.iter().filter(|line| line.contains(words));
        lines.map(|line| line.split(' ').next().unwrap().parse().unwrap()).collect()
    };
    let [fits, hangs] = bytes("and read:")[..] else { panic!("{lines:?}") };
    assert_eq!(hangs, fits + 1);
    #[cfg(target_os = "linux")]
    {
        use nix::fcntl::{FcntlArg, fcntl};
        let holds = fcntl(io::pipe().unwrap().1, FcntlArg::F_GETPIPE_SZ).unwrap();
        assert_eq!(fits, usize::try_from(holds).unwrap());
    }
}

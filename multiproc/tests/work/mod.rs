//! What the workers of the tests do.

use multiproc::{Job, Outcome, ProcessPool};
use nix::sys::signal::{Signal, kill, raise};
use nix::sys::socket::{MsgFlags, send};
use nix::unistd::Pid;
use serde::de::{Deserializer, Error as _, Visitor};
use serde::ser::{Error as _, Serializer};
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{self, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;
use std::{fmt, panic, thread};
use tests_and_benches::until;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Work {
    Square(u64),
    Pid,
    Panic(String),
    /// Panics with what panics again when it is dropped.
    PanicTwice,
    Exit(i32),
    Abort,
    Raise(i32),
    /// Its worker is killed so many microseconds after the job has been done.
    KillLater(u64),
    /// Appends this byte to the file.
    Write(PathBuf, u8),
    /// The same, and then dies.
    WriteAndAbort(PathBuf, u8),
    /// Keeps something whose `Drop` writes to the file, until the worker ends.
    Keep(PathBuf),
    /// Waits in the folder until so many workers do.
    Meet(PathBuf, usize),
    /// Waits until the file is there.
    WaitFor(PathBuf),
    Sleep,
    Reverse(#[serde(with = "bytes")] Vec<u8>),
    /// Prints a line and a half, and reads.
    Print,
    /// Sends these bytes to the parent, behind the pool's back. The other descriptors are not its
    /// own.
    Send(#[serde(with = "bytes")] Vec<u8>, Vec<i32>),
    /// The same, and then dies.
    SendAndAbort(#[serde(with = "bytes")] Vec<u8>, Vec<i32>),
    /// What this process has open.
    Descriptors,
    /// How much memory this process uses, in bytes.
    Resident,
    /// Leaves a program running.
    Background,
    /// Asks for a pool of its own.
    Pool,
    /// Maps over forked children.
    Parmap,
    Odd(Odd),
    /// Answers with the odd one of this number.
    Answer(u8),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Found {
    Number(u64),
    Text(String),
    Descriptors(Vec<i32>),
    Bytes(#[serde(with = "bytes")] Vec<u8>),
    Odd(Odd),
    Nothing,
}

pub(crate) const ODD: [Odd; 5] =
    [Odd::WriteFails, Odd::WritePanics, Odd::ReadFails, Odd::ReadPanics, Odd::ReadExits];

/// What cannot be written, or not be read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Odd {
    WriteFails,
    WritePanics,
    ReadFails,
    ReadPanics,
    ReadExits,
}

impl Serialize for Odd {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Odd::WriteFails => Err(S::Error::custom("it fails")),
            Odd::WritePanics => panic!("in writing"),
            Odd::ReadFails => to.serialize_u8(0),
            Odd::ReadPanics => to.serialize_u8(1),
            Odd::ReadExits => to.serialize_u8(2),
        }
    }
}

impl<'a> Deserialize<'a> for Odd {
    fn deserialize<D: Deserializer<'a>>(from: D) -> Result<Odd, D::Error> {
        match u8::deserialize(from)? {
            0 => Err(D::Error::custom("it fails")),
            1 => panic!("in reading"),
            _ => process::exit(5),
        }
    }
}

struct Writes(PathBuf);

impl Drop for Writes {
    fn drop(&mut self) {
        write(&self.0, 1);
    }
}

thread_local! {
    static KEPT: RefCell<Option<Writes>> = const { RefCell::new(None) };
}

struct PanicsWhenDropped;

impl Drop for PanicsWhenDropped {
    fn drop(&mut self) {
        panic!("once more");
    }
}

impl Job for Work {
    type Output = Found;

    fn run(self) -> Found {
        match self {
            Work::Square(number) => return Found::Number(number * number),
            Work::Pid => return Found::Number(process::id().into()),
            Work::Panic(why) => panic!("{why}"),
            Work::PanicTwice => panic::panic_any(PanicsWhenDropped),
            Work::Exit(code) => process::exit(code),
            Work::Abort => process::abort(),
            // Std has a handler for SIGSEGV, which makes room for the system's after the first.
            Work::Raise(signal) => {
                for _ in 0..2 {
                    raise(Signal::try_from(signal).unwrap()).unwrap();
                }
            }
            Work::KillLater(microseconds) => {
                thread::spawn(move || {
                    thread::sleep(Duration::from_micros(microseconds));
                    raise(Signal::SIGKILL)
                });
            }
            Work::Write(file, byte) => write(&file, byte),
            Work::WriteAndAbort(file, byte) => {
                write(&file, byte);
                process::abort();
            }
            Work::Keep(file) => KEPT.set(Some(Writes(file))),
            Work::Meet(folder, number) => {
                let pid = process::id();
                write(&folder.join(pid.to_string()), 1);
                until("all have come", || fs::read_dir(&folder).unwrap().count() >= number);
                return Found::Number(pid.into());
            }
            Work::WaitFor(file) => until("the file is there", || file.exists()),
            Work::Sleep => thread::sleep(Duration::from_mins(2)),
            Work::Reverse(mut bytes) => {
                bytes.reverse();
                return Found::Bytes(bytes);
            }
            Work::Print => {
                println!("a line");
                print!("half a line");
                let mut line = String::new();
                return Found::Number(io::stdin().read_line(&mut line).unwrap() as u64);
            }
            Work::Send(bytes, others) => send_to_parent(&bytes, &others),
            Work::SendAndAbort(bytes, others) => {
                send_to_parent(&bytes, &others);
                process::abort();
            }
            Work::Descriptors => return Found::Descriptors(descriptors()),
            Work::Resident => return Found::Number(resident()),
            Work::Background => {
                // A shell that has nothing to do with its child ends at once.
                let mut sleep = Command::new("sleep");
                drop(sleep.arg("120").stdin(Stdio::null()).spawn().unwrap());
            }
            Work::Pool => {
                let refused = ProcessPool::<Work>::new(1).expect_err("it is a worker");
                return Found::Text(refused.to_string());
            }
            Work::Parmap => {
                let squares = multiproc::parmap(2, &[1, 2, 3_u64], |x| x * x).unwrap();
                return Found::Number(squares.into_iter().map(Result::unwrap).sum());
            }
            Work::Odd(_) => unreachable!("it cannot be read"),
            Work::Answer(number) => return Found::Odd(ODD[usize::from(number)]),
        }
        Found::Nothing
    }
}

fn send_to_parent(bytes: &[u8], others: &[i32]) {
    let mut own = descriptors().into_iter().filter(|it| !others.contains(it));
    send(own.next().unwrap(), bytes, MsgFlags::empty()).unwrap();
}

pub(crate) fn write(file: &Path, byte: u8) {
    let mut file = File::options().append(true).create(true).open(file).unwrap();
    file.write_all(&[byte]).unwrap();
}

/// The numbers of this process's descriptors, without the one that lists them.
pub(crate) fn descriptors() -> Vec<i32> {
    let all: Vec<i32> = fs::read_dir("/dev/fd")
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap().parse().unwrap())
        .collect();
    // Asked once the list is read: the one that it was read from is closed by now.
    let open = |number: &i32| fs::symlink_metadata(format!("/dev/fd/{number}")).is_ok();
    all.into_iter().filter(open).collect()
}

/// How much memory this process uses, in bytes. Linux alone tells.
pub(crate) fn resident() -> u64 {
    let pages = fs::read_to_string("/proc/self/statm").unwrap();
    pages.split(' ').nth(1).unwrap().parse::<u64>().unwrap() * 4096 // or more
}

/// Whether this process of ours lives; the dead do not, even if nobody has reaped them.
pub(crate) fn lives(pid: u64) -> bool {
    let state = if Path::new("/proc/self").exists() {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        stat.rsplit(") ").next().unwrap_or_default().to_owned()
    } else {
        let ps = Command::new("ps").args(["-o", "stat=", "-p", &pid.to_string()]).output();
        String::from_utf8(ps.unwrap().stdout).unwrap()
    };
    !matches!(state.chars().next(), None | Some('Z' | 'X'))
}

/// Bytes as they are, and not one by one.
pub(crate) mod bytes {
    use super::{Deserializer, Serializer, Visitor, fmt};

    pub(crate) fn serialize<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_bytes(bytes)
    }

    pub(crate) fn deserialize<'a, D: Deserializer<'a>>(from: D) -> Result<Vec<u8>, D::Error> {
        struct Bytes;
        impl Visitor<'_> for Bytes {
            type Value = Vec<u8>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("bytes")
            }
            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Vec<u8>, E> {
                Ok(bytes.to_vec())
            }
        }
        from.deserialize_bytes(Bytes)
    }
}

pub(crate) fn pool(workers: usize) -> ProcessPool<Work> {
    ProcessPool::new(workers).unwrap()
}

/// Submits a job, and says where its outcome comes out.
pub(crate) fn submit(pool: &ProcessPool<Work>, job: Work) -> Receiver<Outcome<Work>> {
    let (outcome, receiver) = channel();
    pool.submit(job, move |it| outcome.send(it).unwrap()).unwrap();
    receiver
}

pub(crate) fn run(pool: &ProcessPool<Work>, job: Work) -> Outcome<Work> {
    submit(pool, job).recv().unwrap()
}

pub(crate) fn number(outcome: Outcome<Work>) -> u64 {
    match outcome.unwrap() {
        Found::Number(number) => number,
        other => panic!("{other:?}"),
    }
}

pub(crate) fn pid(pool: &ProcessPool<Work>) -> u64 {
    number(run(pool, Work::Pid))
}

pub(crate) fn signal(pid: u64, signal: Signal) {
    kill(Pid::from_raw(i32::try_from(pid).unwrap()), signal).unwrap();
}

/// That many bytes, which do not read the same from behind.
pub(crate) fn pattern(length: usize) -> Vec<u8> {
    (0..=250).cycle().take(length).collect()
}

//! A parallel map by hand: a forked child and a pipe for each item, and all pipes are read in time.
//!
//! Cheatsheet section S15: "Custom multiprocessing map".
//! Differs: the cheatsheet joins its children and then reads what they have sent. That works as
//! long as a result fits into its pipe, and hangs from the first byte that does not: both are
//! shown. It also starts all children at once; here two run at a time.
//!
//! # Output
//!
//! ```text
//! i in 1..5| item {i} begins
//! i        | item {i} ends
//! [1, 4, 27, 256] from 4 children
//! {holds=65536} bytes, joined and read: {holds} have come
//! {more=65537} bytes: child {child=4711} waits for room in its pipe, we wait for child {child}
//! {more} bytes, given up and read: {more} have come
//! 4 times 1048576 bytes, read while the children run: 4 have come
//! beside another thread: this process has 2 threads, and a fork would copy one of them
//! no child is left: true
//! ```
//!
//! # Always
//!
//! - at most 2 between `begins` and `ends`, 2 reached

use multiproc::{Forked, parmap};
use nix::errno::Errno::ECHILD;
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::sys::wait::{WaitPidFlag, waitpid};
use std::collections::BTreeSet;
use std::error::Error;
use std::io::{self, PipeReader, PipeWriter, Read, Write};
use std::time::{Duration, Instant};
use std::{process, thread};

fn main() -> Result<(), Box<dyn Error>> {
    let gate = [io::pipe()?, io::pipe()?];
    let powers = parmap(2, &[1, 2, 3, 4_u32], |x| {
        let _nobody_reads = writeln!(io::stdout(), "item {x} begins");
        until_its_partner_is_here(&gate, *x as usize);
        let _nobody_reads = writeln!(io::stdout(), "item {x} ends");
        (x.pow(*x), process::id())
    })?;
    let found = powers.into_iter().map(Result::unwrap);
    let (powers, mut children): (Vec<u32>, BTreeSet<u32>) = found.unzip();
    children.remove(&process::id()); // this process is none
    println!("{powers:?} from {} children", children.len());

    let holds = how_much_a_pipe_holds()?;
    join_then_read(holds)?;
    join_then_read(holds + 1)?;
    let large = parmap(2, &[1 << 20; 4], |size| vec![0_u8; *size])?;
    let whole = large.iter().flatten().filter(|bytes| bytes.len() == 1 << 20).count();
    println!("4 times {} bytes, read while the children run: {whole} have come", 1 << 20);

    let other = thread::spawn(thread::park);
    println!("beside another thread: {}", parmap(2, &[1, 2], |x| *x).unwrap_err());
    other.thread().unpark();
    println!("no child is left: {}", waitpid(None, Some(WaitPidFlag::WNOHANG)) == Err(ECHILD));
    Ok(())
}

/// The cheatsheet's order. It would never end; a look at the clock ends it.
fn join_then_read(size: usize) -> Result<(), Box<dyn Error>> {
    let (mut pipe, mut theirs) = io::pipe()?;
    let mut child = Forked::start(move || theirs.write_all(&vec![0; size]).is_ok())?;
    let limit = Instant::now() + Duration::from_secs(1);
    while !child.has_ended() && Instant::now() < limit {
        thread::sleep(Duration::from_millis(1));
    }
    let (ended, id) = (child.has_ended(), child.id());
    if !ended {
        println!("{size} bytes: child {id} waits for room in its pipe, we wait for child {id}");
    }
    let how = if ended { "joined" } else { "given up" };
    println!("{size} bytes, {how} and read: {} have come", pipe.read_to_end(&mut Vec::new())?);
    Ok(())
}

fn how_much_a_pipe_holds() -> io::Result<usize> {
    let (_ours, mut full) = io::pipe()?;
    fcntl(&full, FcntlArg::F_SETFL(OFlag::O_NONBLOCK))?; // what finds no room is not waited for
    full.write(&vec![0; 1 << 24])
}

/// Forces the lesson: an item that has begun stays until there are two, and works for a moment. So
/// two always meet, and a third would be seen; and the second one ends first.
fn until_its_partner_is_here(gate: &[(PipeReader, PipeWriter); 2], item: usize) {
    let come = (&gate[item % 2].1).write_all(&[0]);
    let met = come.and_then(|()| (&gate[1 - item % 2].0).read_exact(&mut [0]));
    met.expect("the parent has the gate open");
    thread::sleep(Duration::from_millis(40 / item as u64)); // the work
}

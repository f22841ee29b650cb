//! A parallel map by hand: a child and a pipe for each item, and all pipes are read while the children run.
//!
//! Cheatsheet section S15: "Multiprocessing", a custom map over `Process` and `Pipe`.
//! Differs: the cheatsheet joins its children and then reads what they have sent. That works as long as a
//! result fits into its pipe, and hangs from the first byte that does not: both are shown. It also
//! starts all children at once; here two run at a time.
//!
//! # Output
//!
//! ```text
//! i in 1..5| item {i} begins
//! i        | item {i} ends
//! [1, 4, 27, 256]
//! {holds=65536} bytes, joined first: {holds} have come
//! {more=65537} bytes, joined first: child {child=4711} waits for room in the pipe, we wait for child {child}
//! 1048576 bytes each, read first: 4 have come
//! beside another thread: this process has 2 threads, and a fork would copy one of them
//! no child is left: true
//! ```
//!
//! # Always
//!
//! - at most 2 between `begins` and `ends`, 2 reached

use multiproc::{Forked, parmap};
use nix::errno::Errno;
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::sys::wait::waitpid;
use std::error::Error;
use std::io::{self, PipeReader, PipeWriter, Read, Write};
use std::thread;
use std::time::{Duration, Instant};

fn main() -> Result<(), Box<dyn Error>> {
    let gate = [io::pipe()?, io::pipe()?];
    let powers = parmap(2, &[1, 2, 3, 4_u32], |x| {
        let _nobody_reads = writeln!(io::stdout(), "item {x} begins");
        until_its_partner_is_here(&gate, *x as usize);
        let _nobody_reads = writeln!(io::stdout(), "item {x} ends");
        x.pow(*x)
    })?;
    println!("{:?}", powers.into_iter().collect::<Result<Vec<_>, _>>()?);

    let holds = how_much_a_pipe_holds()?;
    join_then_read(holds)?;
    join_then_read(holds + 1)?;
    let large = parmap(2, &[1 << 20; 4], |size| vec![0_u8; *size])?;
    let whole = large.iter().flatten().filter(|bytes| bytes.len() == 1 << 20);
    println!("{} bytes each, read first: {} have come", 1 << 20, whole.count());

    thread::scope(|s| {
        let other = s.spawn(thread::park);
        if let Err(error) = parmap(2, &[1, 2], |x| *x) {
            println!("beside another thread: {error}");
        }
        other.thread().unpark();
    });
    println!("no child is left: {}", waitpid(None, None) == Err(Errno::ECHILD));
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
    print!("{size} bytes, joined first: ");
    if child.has_ended() {
        println!("{} have come", pipe.read_to_end(&mut Vec::new())?);
    } else {
        let child = child.id(); // it is dropped, and so killed, when this returns
        println!("child {child} waits for room in the pipe, we wait for child {child}");
    }
    Ok(())
}

fn how_much_a_pipe_holds() -> Result<usize, Box<dyn Error>> {
    let (_ours, mut full) = io::pipe()?;
    fcntl(&full, FcntlArg::F_SETFL(OFlag::O_NONBLOCK))?; // an error instead of a wait for room
    let mut bytes = 0;
    while full.write(&[0]).is_ok() {
        bytes += 1;
    }
    Ok(bytes)
}

/// Forces the lesson: an item that has begun stays until there are two, and works for a moment. So two
/// always meet, and a third would be seen.
fn until_its_partner_is_here(gate: &[(PipeReader, PipeWriter); 2], item: usize) {
    let come = (&gate[item % 2].1).write_all(&[0]);
    let met = come.and_then(|()| (&gate[1 - item % 2].0).read_exact(&mut [0]));
    met.expect("the parent has the gate open");
    thread::sleep(Duration::from_millis(10)); // the work
}

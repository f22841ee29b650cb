//! A graceful end for all children: TERM, a grace, and KILL only for the one that is deaf.
//!
//! Cheatsheet section S16: "Graceful way to kill all child processes".
//! Differs: the cheatsheet sends `SIGKILL` at once, and to the children alone. Here they are asked
//! first, and the children of the children are ended with them. Each child sleeps for a second or
//! more at a time (the cheatsheet's first one sleeps for none, and keeps a processor busy).
//!
//! # Output
//!
//! ```text
//! i in 0..10| child {i} is ready
//! ~| child of 3 is ready
//! all are ready: SIGINT to this process
//! ended by TERM: [0, 1, 2, 3, 4, 5, 6, 8, 9]
//! ended by KILL, {waited=1004} ms later: [7]
//! nobody is left: true
//! no child is left: true
//! passing on signal 2
//! ```
//!
//! # Always
//!
//! - {waited} >= 1000
//@ exit: SIGINT

use multiproc::{Children, Stopped};
use nix::errno::Errno::ECHILD;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::wait::{WaitPidFlag, waitpid};
use nix::unistd::getppid;
use shell::Exit;
use signal_hook::consts::{SIGINT, SIGKILL, SIGTERM};
use signal_hook::{flag, low_level};
use std::error::Error;
use std::io::{self, BufRead, BufReader, Read};
use std::os::fd::AsFd;
use std::process::Command;
use std::time::{Duration, Instant};
use std::{env, sync::Arc, thread};

fn main() -> Result<(), Box<dyn Error>> {
    if let Some(number) = env::args().nth(1) {
        return child(&number);
    }
    let (this, (pipe, theirs)) = (env::current_exe()?, io::pipe()?);
    let mut children = Children::new(Duration::from_secs(1))?;
    for number in 0..10 {
        children.spawn(Command::new(&this).arg(number.to_string()).stdout(theirs.try_clone()?))?;
    }
    drop(theirs);
    let mut pipe = BufReader::new(pipe);
    for line in pipe.by_ref().lines().take(11) {
        println!("{}", line?);
    }
    println!("all are ready: SIGINT to this process");
    let asked = Instant::now();
    low_level::raise(SIGINT)?;
    let Stopped { signal, ends } = children.wait_or_signal();
    let waited = asked.elapsed().as_millis();

    // `killed` tells of the whole group: the child, and what it has started.
    let those = |end| -> Vec<usize> {
        (0..10).filter(|it| (ends[*it].exit, ends[*it].killed) == end).collect()
    };
    println!("ended by TERM: {:?}", those((Exit::Signal(SIGTERM), false)));
    println!("ended by KILL, {waited} ms later: {:?}", those((Exit::Signal(SIGKILL), true)));
    // Whoever is alive has the other end of the pipe open.
    let mut pipe = [PollFd::new(pipe.get_ref().as_fd(), PollFlags::empty())];
    println!("nobody is left: {}", poll(&mut pipe, PollTimeout::ZERO)? == 1);
    println!("no child is left: {}", waitpid(None, Some(WaitPidFlag::WNOHANG)) == Err(ECHILD));
    if let Some(signal) = signal {
        println!("passing on signal {signal}");
        low_level::emulate_default_handler(signal)?;
    }
    Ok(())
}

/// What the children do: the cheatsheet's loop, and what makes two of them hard to end.
fn child(number: &str) -> Result<(), Box<dyn Error>> {
    let mut its_child = Command::new(env::current_exe()?);
    let _its_child = (number == "3").then(|| its_child.arg("of 3").spawn()).transpose()?;
    if number == "7" {
        flag::register(SIGTERM, Arc::default())?; // noted, and not obeyed
    }
    println!("child {number} is ready");
    // For ever, in the cheatsheet. But an orphan, which has another parent, ends at its next look:
    // the child of 3 after 20 seconds. If no signal meets it, it is still there at the end.
    let (parent, seconds) = (getppid(), number.parse().unwrap_or(20).max(1));
    while getppid() == parent {
        thread::sleep(Duration::from_secs(seconds));
    }
    Ok(())
}

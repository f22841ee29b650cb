//! A graceful end for all children: TERM, a grace, and KILL only for the one that is deaf.
//!
//! Cheatsheet section S16: "Multiprocessing", a graceful way to kill all child processes.
//! Differs: the cheatsheet sends `SIGKILL` at once, to the children alone. Here everybody is asked first,
//! and the children of the children are ended with them. A child sleeps for at least a second between two looks at the clock
//! (the cheatsheet's first one sleeps for none, and keeps a processor busy).
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
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{Signal, raise};
use nix::sys::wait::waitpid;
use nix::unistd::getppid;
use shell::Exit;
use signal_hook::consts::SIGTERM;
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
        let stdout = theirs.try_clone()?;
        children.spawn(Command::new(&this).arg(number.to_string()).stdout(stdout))?;
    }
    drop(theirs);
    let mut pipe = BufReader::new(pipe);
    for line in pipe.by_ref().lines().take(11) {
        println!("{}", line?);
    }
    println!("all are ready: SIGINT to this process");
    let asked = Instant::now();
    raise(Signal::SIGINT)?;
    let Stopped { signal, ends } = children.wait_or_signal();
    let waited = asked.elapsed().as_millis();

    let by = |signal: Signal| -> Vec<usize> {
        (0..10).filter(|number| ends[*number].exit == Exit::Signal(signal as i32)).collect()
    };
    println!("ended by TERM: {:?}", by(Signal::SIGTERM));
    println!("ended by KILL, {waited} ms later: {:?}", by(Signal::SIGKILL));
    // Whoever is alive has the other end of the pipe open.
    let mut pipe = [PollFd::new(pipe.get_ref().as_fd(), PollFlags::POLLIN)];
    println!("nobody is left: {}", poll(&mut pipe, PollTimeout::ZERO)? == 1);
    println!("no child is left: {}", waitpid(None, None) == Err(Errno::ECHILD));
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
    // For ever, in the cheatsheet. But an orphan, which has another parent, ends.
    let (parent, seconds) = (getppid(), number.parse().unwrap_or(1).max(1));
    while getppid() == parent {
        thread::sleep(Duration::from_secs(seconds));
    }
    Ok(())
}

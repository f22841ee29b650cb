//! Waits until a group is gone whose last member nobody here can reap: its parent is dead.
//!
//! # Output
//!
//! ```text
//! the group is gone
//! ```

use nix::errno::Errno;
use nix::sys::signal::killpg;
use nix::unistd::Pid;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::time::Duration;
use std::{env, io, thread};

fn main() -> io::Result<()> {
    let me = || Ok::<_, io::Error>(Command::new(env::current_exe()?));
    match env::args().nth(1).as_deref() {
        // The leader of the group ends before its child.
        Some("leader") => me()?.arg("member").stdin(Stdio::piped()).spawn().map(drop),
        Some(_) => io::stdin().lines().next().transpose().map(drop),
        None => {
            let mut leader = me()?.arg("leader").process_group(0).spawn()?;
            let group = Pid::from_raw(leader.id().cast_signed());
            leader.wait()?;
            while killpg(group, None) != Err(Errno::ESRCH) {
                thread::sleep(Duration::from_millis(1));
            }
            println!("the group is gone");
            Ok(())
        }
    }
}

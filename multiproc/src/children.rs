//! Programs that end when their owner does, whatever ends it.

use shell::{Ended, Group, StartError};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::low_level::{emulate_default_handler, unregister};
use signal_hook::{SigId, flag};
use std::io;
use std::mem;
use std::process::Command;
use std::time::Duration;
use sync::primitives::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use sync::primitives::{Arc, Mutex, thread};

/// How often it is asked whether a child has ended or a signal has come.
const TICK: Duration = Duration::from_millis(10);

/// Programs that have been started, each in a process group with whatever it starts itself, and
/// that do not outlive this value.
///
/// They are ended in three steps: `TERM` asks all of them to end and leaves them time to tidy up;
/// after the grace, `KILL` ends those that are still alive; then they are reaped. That happens on
/// [`stop`](Children::stop), on drop, so also when a panic unwinds, and when this process gets
/// `SIGINT` or `SIGTERM` while it [waits](Children::wait_or_signal).
///
/// As long as there are `Children`, those two signals no longer end this process: it would leave
/// its children behind. They are remembered, and [`wait_or_signal`](Children::wait_or_signal)
/// returns them. A program says its last words and passes the signal on, so that whoever has
/// started it sees that it was interrupted (a shell shows 130 or 143):
///
/// ```no_run
/// # let children = multiproc::Children::new(std::time::Duration::from_secs(1))?;
/// if let Some(signal) = children.wait_or_signal().signal {
///     eprintln!("interrupted");
///     signal_hook::low_level::emulate_default_handler(signal)?;
/// }
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// A signal that came and that nobody has asked for is passed on when the `Children` are dropped,
/// after they have been ended.
///
/// What this does not cover: `std::process::exit` and `abort` run no `Drop`, and `SIGKILL` asks
/// nobody. Then the children live on. So does a child that has left its process group (`setsid`).
///
/// # Source
///
/// The cheatsheet's "Graceful way to kill all child processes", which sends them `SIGKILL` at once.
///
/// # Examples
///
/// ```
/// use multiproc::Children;
/// use shell::Exit;
/// use std::process::Command;
/// use std::time::Duration;
///
/// let mut children = Children::new(Duration::from_secs(5))?;
/// for _ in 0..3 {
///     children.spawn(Command::new("sleep").arg("60"))?;
/// }
/// let ends = children.stop();
/// assert!(ends.iter().all(|end| end.exit == Exit::Signal(15) && !end.killed));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[must_use = "dropping it ends the children"]
pub struct Children {
    groups: Vec<Group>,
    grace: Duration,
    signals: Signals,
}

/// How [`Children`] ended, in the order in which they were started.
#[derive(Debug)]
pub struct Stopped {
    /// The signal that this process got, and that ended them; `None` if they have ended by
    /// themselves.
    pub signal: Option<i32>,
    /// How each ended.
    pub ends: Vec<Ended>,
}

impl Children {
    /// Nobody yet. When they are ended, they have this time between `TERM` and `KILL`.
    ///
    /// # Errors
    ///
    /// If the system does not let us handle signals.
    pub fn new(grace: Duration) -> io::Result<Children> {
        Ok(Children { groups: Vec::new(), grace, signals: Signals::new()? })
    }

    /// Starts the program in a process group of its own, and returns its process id, which is also
    /// the group's number.
    ///
    /// Its outputs are what the command says, inherited if it says nothing. A pipe that the command
    /// asks for is read by nobody.
    ///
    /// # Errors
    ///
    /// [`StartError`] if the program could not be started.
    pub fn spawn(&mut self, command: &mut Command) -> Result<u32, StartError> {
        let group = Group::spawn_as_is(command)?;
        let id = group.id();
        self.groups.push(group);
        Ok(id)
    }

    /// Waits until all have ended, or until this process gets `SIGINT` or `SIGTERM` and has ended
    /// them. A signal that came before counts.
    ///
    /// When this returns, nobody in their groups is alive, and the two signals have their default
    /// effect again, unless there are other `Children`.
    ///
    /// # Deadlocks
    ///
    /// Waits as long as a child lives and no signal comes. Of those that are ended, only one
    /// that is stuck in the kernel takes longer than the grace.
    #[doc(alias = "join")]
    pub fn wait_or_signal(mut self) -> Stopped {
        while self.signals.came().is_none() && !self.groups.iter_mut().all(has_ended) {
            thread::sleep(TICK);
        }
        let signal = self.signals.came();
        self.signals.asked = true;
        Stopped { signal, ends: self.end() }
    }

    /// Ends all of them, and returns how each ended, in the order in which they were started.
    #[doc(alias = "terminate")]
    pub fn stop(mut self) -> Vec<Ended> {
        self.end()
    }

    /// All at the same time: they share one grace.
    fn end(&mut self) -> Vec<Ended> {
        let groups = mem::take(&mut self.groups).into_iter().map(|it| Mutex::new(Some(it)));
        let groups: Vec<_> = groups.collect();
        let grace = self.grace;
        let stop = |group: &Mutex<Option<Group>>| group.lock().take().map(|it| it.stop(grace));
        thread::scope(|s| {
            let stops = groups
                .iter()
                .map(|group| (group, thread::Builder::new().spawn_scoped(s, move || stop(group))));
            let stops: Vec<_> = stops.collect(); // all are being stopped
            let ends = stops.into_iter().filter_map(|(group, stopping)| match stopping {
                Ok(stopping) => stopping.join().ok().flatten(),
                Err(_) => stop(group), // no thread is left: it has a grace of its own
            });
            ends.collect()
        })
    }
}

fn has_ended(group: &mut Group) -> bool {
    group.wait_timeout(Duration::ZERO)
}

impl Drop for Children {
    fn drop(&mut self) {
        self.end(); // before the signals mean the end of this process again
    }
}

/// What it takes to be told of `SIGINT` and `SIGTERM`.
#[derive(Debug)]
struct Signals {
    /// The last that came; 0 if none has. Nothing is published by it.
    came: Arc<AtomicUsize>,
    ids: Vec<SigId>,
    asked: bool,
}

/// How many `Signals` there are, and whether the signals have their default effect: only if there
/// are none.
static LISTENING: Mutex<(usize, Option<Arc<AtomicBool>>)> = Mutex::new((0, None));

impl Signals {
    fn new() -> io::Result<Signals> {
        let mut signals = Signals { came: Arc::default(), ids: Vec::new(), asked: false };
        let (count, default) = &mut *LISTENING.lock();
        *count += 1;
        let ours = [SIGINT, SIGTERM];
        // Once a handler is there, the system's own is gone for good: it has to be emulated.
        if default.is_none() {
            let flag = Arc::new(AtomicBool::new(true));
            for signal in ours {
                flag::register_conditional_default(signal, Arc::clone(&flag))?;
            }
            *default = Some(flag);
        }
        for (signal, number) in ours.into_iter().zip([SIGINT as usize, SIGTERM as usize]) {
            let came = Arc::clone(&signals.came);
            signals.ids.push(flag::register_usize(signal, came, number)?);
        }
        let _was = default.as_ref().map(|it| it.store(false, Relaxed));
        Ok(signals)
    }

    fn came(&self) -> Option<i32> {
        i32::try_from(self.came.load(Relaxed)).ok().filter(|signal| *signal != 0)
    }
}

impl Drop for Signals {
    fn drop(&mut self) {
        let (count, default) = &mut *LISTENING.lock();
        *count -= 1;
        if *count == 0 {
            let _was = default.as_ref().map(|it| it.store(true, Relaxed));
        }
        for id in self.ids.drain(..) {
            unregister(id);
        }
        if let Some(signal) = self.came().filter(|_| !self.asked) {
            let _it_does_not_return = emulate_default_handler(signal);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Signals;
    use sync::primitives::Arc;

    #[test]
    fn nothing_is_registered_any_more_once_it_is_dropped() {
        let signals = Signals::new().unwrap();
        let came = Arc::downgrade(&signals.came);
        drop(signals);
        assert!(came.upgrade().is_none());
    }
}

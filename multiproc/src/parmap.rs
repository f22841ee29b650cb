//! A parallel map over forked children.

use crate::fork_error::ForkError;
use crate::forked::{ChildError, Forked};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::os::fd::AsFd;
use std::thread;
use std::time::Duration;

/// Calls `f` with each item in a forked child of its own, at most so many at once, and returns what
/// they have sent, in the order of the items.
///
/// All pipes are read while the children run, so a result may be of any size. A child that panics
/// or dies is the error of its item.
///
/// # Errors
///
/// [`ForkError`] if this process has more than one thread (see [`Forked`]) or is a forked child
/// itself, and if `children` is 0. If the system refuses a child while others run, that item waits
/// for one of them to end; if none runs, the item's error says so.
///
/// # Deadlocks
///
/// Waits for all children. Items beyond the first `children` begin when others have ended, so no
/// item may wait for a later one.
///
/// # Source
///
/// The cheatsheet's "Custom multiprocessing map", which waits for the end of its children before it
/// reads what they send, and hangs as soon as that is more than a pipe holds.
///
/// # Examples
///
/// ```standalone_crate
/// let powers = multiproc::parmap(2, &[1_u64, 2, 3, 4], |x| x.pow(*x as u32))?;
/// assert_eq!(powers.into_iter().collect::<Result<Vec<_>, _>>()?, [1, 4, 27, 256]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// The result has to go through a pipe:
///
/// ```compile_fail,E0277
/// multiproc::parmap(2, &[1, 2], |x| std::sync::Mutex::new(*x).lock());
/// ```
pub fn parmap<T, R: Serialize + DeserializeOwned>(
    children: usize,
    items: &[T],
    f: impl Fn(&T) -> R,
) -> Result<Vec<Result<R, ChildError>>, ForkError> {
    if children == 0 {
        return Err(ForkError::NoChildren);
    }
    let mut results: Vec<Option<Result<R, ChildError>>> = items.iter().map(|_| None).collect();
    let mut waiting = items.iter().enumerate().peekable();
    let mut running: Vec<(usize, Forked<R>)> = Vec::new();
    loop {
        while running.len() < children
            && let Some(&(number, item)) = waiting.peek()
        {
            match Forked::start(|| f(item)) {
                Ok(child) => running.push((number, child)),
                Err(ForkError::System(_)) if !running.is_empty() => break, // it waits its turn
                Err(error @ ForkError::System(_)) => {
                    results[number] = Some(Err(ChildError::NotStarted(error)));
                }
                Err(error) => return Err(error),
            }
            waiting.next();
        }
        if running.is_empty() {
            return Ok(results.into_iter().flatten().collect());
        }
        for place in ready(&running).into_iter().rev() {
            if running[place].1.read() {
                let (number, child) = running.swap_remove(place);
                results[number] = Some(child.finish());
            }
        }
    }
}

/// Waits until one of the children has sent something, or all, and returns the places of those that
/// have.
fn ready<R>(running: &[(usize, Forked<R>)]) -> Vec<usize> {
    let pipes = running.iter().map(|(_, child)| PollFd::new(child.as_fd(), PollFlags::POLLIN));
    let mut pipes: Vec<_> = pipes.collect();
    if poll(&mut pipes, PollTimeout::NONE).is_err() {
        // A signal came, or the system is short of memory. It may be better off in a moment.
        thread::sleep(Duration::from_millis(1));
        return Vec::new();
    }
    (0..pipes.len()).filter(|place| pipes[*place].any() != Some(false)).collect()
}

//! Why the runner is to end before its time: a signal, or an output that takes no more.
//!
//! Nothing is torn down where the reason arises. Who runs a program looks here at every tick and
//! ends it in the ordinary way, so that nothing is left behind.

use anyhow::Context;
use signal_hook::consts::{SIGHUP, SIGINT, SIGPIPE, SIGQUIT, SIGTERM};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

/// How long anything may take to notice that it is to stop.
pub const TICK: Duration = Duration::from_millis(50);

/// 0, or the number of the signal, or [`NO_OUTPUT`]. Relaxed: nothing else is published by it.
static REASON: LazyLock<Arc<AtomicUsize>> = LazyLock::new(Arc::default);
const NO_OUTPUT: usize = usize::MAX;

/// From now on Ctrl-C, Ctrl-\, TERM and HUP ask the runner to stop instead of ending it.
///
/// # Errors
///
/// The system refused a handler.
pub fn catch_signals() -> anyhow::Result<()> {
    for (signal, number) in [(SIGINT, 2), (SIGQUIT, 3), (SIGTERM, 15), (SIGHUP, 1)] {
        signal_hook::flag::register_usize(signal, Arc::clone(&REASON), number)
            .context("cannot handle signals")?;
    }
    Ok(())
}

/// Is the runner to stop?
pub fn requested() -> bool {
    REASON.load(Relaxed) != 0
}

/// Our output cannot be written (a full disk). If its reader has gone (`| head -1`): stop as quietly as
/// the signal PIPE would.
pub fn output_failed(reader_gone: bool) {
    let reason = if reader_gone { SIGPIPE.unsigned_abs() as usize } else { NO_OUTPUT };
    REASON.store(reason, Relaxed);
}

/// What stopped the runner, in words, unless that was to be quiet.
pub fn reason() -> Option<&'static str> {
    match REASON.load(Relaxed) {
        1 => Some("hangup (signal HUP)"),
        2 => Some("Ctrl-C (signal INT)"),
        3 => Some("Ctrl-\\ (signal QUIT)"),
        15 => Some("signal TERM"),
        _ => None,
    }
}

/// The exit status of a runner that was stopped.
pub fn exit_status() -> Option<u8> {
    match REASON.load(Relaxed) {
        0 => None,
        NO_OUTPUT => Some(2),
        signal => u8::try_from(128 + signal).ok(),
    }
}

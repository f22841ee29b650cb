//! What a section begins with: it ends when nobody reads its output.
#![forbid(unsafe_code)]

use std::{panic, process};

/// From now on, a program whose output cannot be written ends with status 1, whichever thread
/// notices.
///
/// `println!` panics when its reader has gone (`| head -1`) or the device is full. Such a panic
/// ends only its own thread. If other threads wait for that thread at a barrier, or for an event
/// that it would have set, the program hangs; if a pool catches the panic, it goes on computing for
/// nobody. So a panic hook, which runs before anything can catch the panic, ends the whole process.
/// Every other panic goes to the hook that was there before.
///
/// Ending the process skips `Drop`. A program that owns other programs must not call this, since it
/// has to end them first: it prints from `main` alone, so that the panic unwinds through their
/// owners.
///
/// # Examples
///
/// ```
/// section::ends_with_its_reader();
/// println!("as long as somebody reads");
/// assert!(std::panic::catch_unwind(|| panic!("of another kind")).is_err()); // as before
/// ```
pub fn ends_with_its_reader() {
    let previous = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        // How std's `print!` family begins the message of its one panic, on every platform.
        if info.payload_as_str().is_some_and(|why| why.starts_with("failed printing to")) {
            process::exit(1);
        }
        previous(info);
    }));
}

//! What comes of work that another process does, on its way back.

use crate::frames;
use serde::{Deserialize, Serialize};
use std::any::Any;
use std::cell::RefCell;
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};

/// What comes of it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Answer<T> {
    Done(T),
    Failed(Box<Failed>), // rare, so it does not make every answer as large as itself
}

/// Why nothing came of it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Failed {
    Panicked { message: String, place: String },
    Unsent(String),
}

/// Does the work, and makes a frame of what comes of it and the answer's number. Nothing the work
/// does keeps it from that, except the end of the process.
///
/// Answers come in the order of the jobs, so the number says nothing new. But should anything else
/// ever get into the stream (a job may close a descriptor that is not its own, and write to it), it
/// is not taken for the answer to another job.
pub(crate) fn write<T: Serialize>(
    answer: &mut Vec<u8>,
    number: u32,
    work: impl FnOnce() -> Result<T, String>,
) {
    let number = number.to_le_bytes();
    answer.clear();
    PLACE.take();
    // Unwind safe: what has panicked is gone, and the frame is written anew.
    let done = panic::catch_unwind(AssertUnwindSafe(|| {
        let result = Answer::Done(work()?);
        frames::append(answer, &number, &result).map_err(|error| format!("the result: {error}"))
    }));
    let failed = match done {
        Ok(Ok(())) => return,
        Ok(Err(reason)) => Failed::Unsent(reason),
        Err(payload) => {
            let message = message(&*payload).to_owned();
            // A payload may panic when it is dropped, too.
            let _ = panic::catch_unwind(AssertUnwindSafe(|| drop(payload)));
            Failed::Panicked { message, place: PLACE.take() }
        }
    };
    answer.clear();
    let failed = Answer::<()>::Failed(Box::new(failed));
    frames::append(answer, &number, &failed).expect("two texts can be sent");
}

/// What is in the frame of the answer of this number, behind the number.
pub(crate) fn numbered(frame: &[u8], number: u32) -> Option<&[u8]> {
    let (first, answer) = frame.split_first_chunk()?;
    (u32::from_le_bytes(*first) == number).then_some(answer)
}

/// Reads or writes values, for which their types' own code is run, which may panic.
pub(crate) fn guarded<T>(run: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    panic::catch_unwind(AssertUnwindSafe(run))
        .unwrap_or_else(|payload| Err(format!("panicked: {}", message(&*payload))))
}

/// What a panic said, if it was a text.
fn message(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or_default()
}

thread_local! {
    /// Where this thread has panicked last.
    static PLACE: RefCell<String> = const { RefCell::new(String::new()) };
}

/// A payload does not tell where the panic was. The hook knows.
pub(crate) fn note_places_of_panics() {
    let previous = panic::take_hook();
    panic::set_hook(Box::new(move |info: &PanicHookInfo<'_>| {
        PLACE.set(info.location().map(ToString::to_string).unwrap_or_default());
        previous(info);
    }));
}

#[cfg(test)]
mod tests {
    use super::{Answer, Failed, note_places_of_panics, numbered, write};
    use crate::frames::{Frames, value};
    use std::io::Cursor;
    use std::panic::{catch_unwind, resume_unwind};

    #[test]
    fn a_panic_has_no_place_of_another_one() {
        note_places_of_panics();
        let mut answer = Vec::new();
        write(&mut answer, 0, || Ok(catch_unwind(|| panic!("caught by the job itself")).is_err()));
        // Raised without a word: no hook is told of it.
        write(&mut answer, 1, || -> Result<(), _> { resume_unwind(Box::new("again")) });
        let mut frames = Frames::new(Cursor::new(answer));
        let failed = value(numbered(frames.next().unwrap(), 1).unwrap()).unwrap();
        match failed {
            Answer::Failed::<()>(failed) => match *failed {
                Failed::Panicked { message, place } => {
                    assert_eq!((&*message, &*place), ("again", ""));
                }
                other @ Failed::Unsent(_) => panic!("{other:?}"),
            },
            Answer::Done(()) => panic!("it has not panicked"),
        }
    }
}

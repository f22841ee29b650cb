//! Any bytes, as transcript and as output: nothing panics, nothing takes long.
#![no_main]

use libfuzzer_sys::fuzz_target;
use transcript::{Output, Head, Status, Transcript, Verdict};

fuzz_target!(|data: &[u8]| {
    // Source of a section, standard output and standard error, with a zero byte between.
    let mut parts = data.splitn(3, |byte| *byte == 0);
    let mut part = || parts.next().unwrap_or_default();
    let (source, stdout, stderr) = (String::from_utf8_lossy(part()), part(), part());
    let _ = Head::parse(&source);
    // The parser of rows and rules is reached sooner with the frame round them given.
    let (rows, rules) = source.split_once("\n\n").unwrap_or((&source, ""));
    let always = if rules.is_empty() { "" } else { "# Always\n\n" };
    let Ok(transcript) =
        Transcript::parse(&format!("# Output\n\n```text\n{rows}\n```\n{always}{rules}\n"))
    else {
        return;
    };
    let run = Output { stdout, stderr, status: Status::Exited(0) };
    match transcript.check(&run, 0) {
        Verdict::Legal(reading) => {
            assert!(reading.order.len() <= reading.lanes.len());
            assert!(reading.lanes.iter().chain(&reading.err_lanes).all(|lane| !lane.is_empty()));
        }
        Verdict::Illegal(failure) => assert!(failure.explain("x").ends_with('\n')),
        Verdict::TooAmbiguous(ambiguity) => assert!(!ambiguity.rows.is_empty()),
    }
    // Both try much for one input: small ones must do, and no thousand lanes.
    if data.len() < 100 && !rows.contains(" in ") {
        let _ = (transcript.mutants(&run, 0), transcript.count());
    }
});

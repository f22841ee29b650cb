//! The library against brute force: random small transcripts and outputs, judged a second time by
//! trying every assignment of lines to rows.

mod brute;
mod case;
mod random;
mod rules;

use brute::Oracle;
use case::Case;
use proptest::prelude::*;
use random::{case, outputs};
use transcript::{Count, Output, Status, Transcript, Verdict};

fn parse(case: &Case) -> Transcript {
    let markdown = case.markdown();
    Transcript::parse(&markdown).unwrap_or_else(|errors| panic!("{}\n{markdown}", errors[0]))
}

fn check(transcript: &Transcript, out: &[String], err: &[String]) -> Verdict {
    let (stdout, stderr) = (text(out), text(err));
    let run =
        Output { stdout: stdout.as_bytes(), stderr: stderr.as_bytes(), status: Status::Exited(0) };
    transcript.check(&run, 0)
}

fn text(lines: &[String]) -> String {
    lines.iter().fold(String::new(), |all, line| all + line + "\n")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn accepts_exactly_the_linear_extensions_that_keep_the_rules(case in case(5)) {
        let (transcript, oracle) = (parse(&case), Oracle::new(&case));
        for (out, err) in outputs(&case, &oracle) {
            let verdict = check(&transcript, &out, &err);
            let shown = format!("{}{}{}", case.markdown(), text(&out), text(&err));
            match (oracle.first_fault(&out, &err), &verdict) {
                (None, Verdict::Legal(reading)) => {
                    prop_assert_eq!((reading.lanes.len(), reading.err_lanes.len()), (out.len(), err.len()));
                }
                (Some(fault), Verdict::Illegal(failure)) => {
                    prop_assert_eq!(fault.line, failure.line, "{}\n{}", shown, failure.explain("x"));
                    let is_kind = [fault.kind, fault.or].contains(&failure.kind);
                    prop_assert!(is_kind, "{shown}\n{fault:?}\n{}", failure.explain("x"));
                }
                (fault, verdict) => prop_assert!(false, "{shown}\n{fault:?} but {verdict:?}"),
            }
        }
    }

    #[test]
    fn counts_the_distinct_legal_outputs(case in case(4)) {
        let (transcript, oracle) = (parse(&case), Oracle::new(&case));
        let Some(legal) = oracle.all_legal() else {
            return Ok(());
        };
        prop_assert_eq!(
            transcript.count(),
            Count::Exactly(legal.len().into()),
            "{}\n{:?}", case.markdown(), legal
        );
        // What is counted is legal, and `order` tells which of the counted outputs it is.
        for out in legal {
            match check(&transcript, &out, &[]) {
                _ if case.needs_err() => {}
                Verdict::Legal(reading) if case.is_literal() => prop_assert_eq!(reading.order, out),
                Verdict::Legal(_) => {}
                verdict => prop_assert!(false, "{}\n{out:?}\n{verdict:?}", case.markdown()),
            }
        }
    }
}

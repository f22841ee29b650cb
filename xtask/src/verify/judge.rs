//! What is to be said of a run: the transcript's verdict on the output, and the runner's own on
//! what no transcript speaks of.

use super::runner::{End, LIMIT, Run};
use crate::processes::Process;
use shell::{Exit, Source};
use std::time::Duration;
use transcript::{Failure, Head, Mutants, Reading, Status, Verdict};

/// What became of one run of a section, or of its twin.
#[derive(Debug)]
pub enum Judgement {
    /// The output is legal, and nothing was left behind.
    Held(Reading),
    /// Something did not hold.
    Failed(Failed),
    /// It could not be run or judged, and why.
    Unable(String),
    /// It was not to be run here, and why.
    Skipped(String),
}

/// Why a run did not hold.
#[derive(Debug)]
pub struct Failed {
    /// The row or the rule at fault, as the transcript writes it; or, of a run whose output is
    /// legal, `does not end`, `prints without end` or `left behind`.
    pub target: String,
    /// The whole explanation; ends with a newline.
    pub explanation: String,
    /// The lanes of the lines of standard output, as far as they are known.
    pub lanes: Vec<String>,
    /// The same for standard error.
    pub err_lanes: Vec<String>,
}

/// Judges a run of the section of this name that had this limit.
pub fn judge(name: &str, head: &Head, run: &Run, limit: Duration) -> Judgement {
    let verdict = as_output(run, |output| head.check(output));
    let mut ours = Vec::new();
    match &run.end {
        End::Flood => ours.push(("prints without end", flood(run))),
        End::Limit(waits) => {
            let legal = matches!(verdict, Verdict::Legal(_));
            ours.push(("does not end", hang(limit, waits, legal)));
        }
        End::Itself | End::Stopped(_) => {}
    }
    if run.left_behind() {
        ours.push(("left behind", left_behind(run)));
    }
    let only_ours = |lanes, err_lanes| {
        let target = ours[0].0.to_owned();
        Failed { explanation: format!("{name}: {target}\n"), target, lanes, err_lanes }
    };
    let mut failed = match verdict {
        _ if run.end == End::Flood => only_ours(Vec::new(), Vec::new()),
        Verdict::Legal(reading) if ours.is_empty() => return Judgement::Held(reading),
        Verdict::Legal(reading) => only_ours(reading.lanes, reading.err_lanes),
        Verdict::Illegal(failure) => {
            let explanation = failure.explain(name);
            let Failure { target, lanes, err_lanes, .. } = *failure;
            Failed { target, explanation, lanes, err_lanes }
        }
        Verdict::TooAmbiguous(ambiguity) => return Judgement::Unable(ambiguity.explain(name)),
    };
    failed.explanation.extend(ours.into_iter().map(|(_, text)| text));
    Judgement::Failed(failed)
}

/// How far a run had come when the runner was told to stop; ends with a newline.
pub fn stopped(run: &Run) -> String {
    let what = if run.lines.is_empty() { " nothing" } else { ":" };
    let mut text =
        format!("  was under way when the runner was told to stop; it had printed{what}\n");
    text.extend(run.lines.iter().map(|(_, line)| format!("    {}\n", line.text())));
    if let End::Stopped(waits) = &run.end {
        text += &waiting(waits);
    }
    text
}

/// Tries the line mutants of a legal run.
pub fn mutants(head: &Head, run: &Run) -> Mutants {
    as_output(run, |output| head.mutants(output))
}

/// Looks at a run as `transcript` does.
fn as_output<T>(run: &Run, look: impl FnOnce(&transcript::Output<'_>) -> T) -> T {
    let status = match (&run.end, run.ended.exit) {
        (End::Itself, Exit::Code(code)) => Status::Exited(code),
        (End::Itself, Exit::Signal(signal)) => Status::Signalled(signal),
        _ => Status::Unjudged,
    };
    let (stdout, stderr) = (run.output(Source::Stdout), run.output(Source::Stderr));
    look(&transcript::Output { stdout: &stdout, stderr: &stderr, status })
}

fn flood(run: &Run) -> String {
    let mut text = format!("  stopped after {} MiB of output, which begins:\n", LIMIT >> 20);
    for (_, line) in run.lines.iter().take(10) {
        text.push_str("    ");
        text.extend(line.text().chars().take(100).chain(['\n']));
    }
    text
}

fn hang(limit: Duration, waits: &[String], legal: bool) -> String {
    let more = if legal { "; all it should print it had printed" } else { "" };
    format!("  it did not end within {limit:?} and was stopped{more}\n{}", waiting(waits))
}

fn waiting(waits: &[String]) -> String {
    let waits = waits.iter().map(|wait| format!("    {wait}\n")).collect::<Vec<_>>().concat();
    if waits.is_empty() { waits } else { format!("  its threads were waiting in:\n{waits}") }
}

fn left_behind(run: &Run) -> String {
    if run.outlived.is_empty() {
        return "  a process of its group outlived it and was ended\n".to_owned();
    }
    let one = |process: &Process| {
        let place =
            if process.in_group { "in its process group" } else { "outside its process group" };
        format!("  `{}` (pid {}) outlived it, {place}, and was ended\n", process.name, process.pid)
    };
    run.outlived.iter().map(one).collect()
}

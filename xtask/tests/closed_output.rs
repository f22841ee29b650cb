//! Every section and every twin ends when nobody reads its output any more, or when that cannot be
//! written, and leaves no process.

mod built;

use built::{course, held, program, trial};
use libtest_mimic::{Arguments, Failed};
use std::ffi::OsString;
use std::path::Path;
use std::time::{Duration, Instant};
use xtask::verify::judge::judge;
use xtask::verify::plan::{self, Plan};
use xtask::verify::runner;

/// What does not end within this never does.
const LIMIT: Duration = Duration::from_secs(20);

/// What the output is, and how the program itself ends, is another matter.
const ANY: &str = "//! Any.\n//! # Output\n//! ```text\n//! ...\n//! err| ...\n//! ```\n";

fn main() {
    let python = plan::python();
    let trials = course().sections.iter().flat_map(|section| {
        let name = format!("{}::{}", section.chapter, section.name);
        let plan = Plan::rust(section, None);
        let twin = plan.as_ref().ok().map(|plan| plan.twin(course(), &python));
        let twin = twin.map(|twin| trial(format!("{name} (python)"), twin, ends));
        [trial(name, plan, ends)].into_iter().chain(twin)
    });
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit();
}

fn ends(plan: &Plan<'static>) -> Result<(), Failed> {
    let program = program(plan)?;
    if Path::new("/dev/full").exists() {
        run("> /dev/full", plan, &program)?;
    }
    // Which of its threads notices that the reader has gone is up to chance: a short one is asked often.
    let start = Instant::now();
    for lines in [1, 1, 2, 3].repeat(5) {
        run(&format!("| {{ {}}}", "read -r line; ".repeat(lines)), plan, &program)?;
        if start.elapsed() > Duration::from_secs(1) {
            break;
        }
    }
    Ok(())
}

/// Lets a shell lead its output there, and judges whether all are gone by the limit.
fn run(output: &str, plan: &Plan<'_>, program: &Path) -> Result<(), Failed> {
    let script = format!("\"$0\" \"$@\" {output}; exit 0");
    let mut arguments: Vec<OsString> = vec!["-c".into(), script.into(), program.into()];
    arguments.extend(plan.arguments.iter().cloned());
    let run = runner::run(Path::new("/bin/sh"), &arguments, LIMIT)?;
    let any = transcript::Head::parse(ANY).expect("it has no mistake");
    held(judge(&format!("{} {output}", plan.section.name), &any, &run, LIMIT))
}

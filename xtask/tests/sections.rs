//! Every section as an ordinary test: built once, run, its output checked.

mod built;

use built::{course, held, program, trial};
use libtest_mimic::{Arguments, Failed};
use std::sync::{PoisonError, RwLock};
use xtask::verify::plan::Plan;

/// Read by a section that runs, written by one that needs a quiet machine.
static QUIET: RwLock<()> = RwLock::new(());

fn main() {
    let trials = course().sections.iter().map(|section| {
        let name = format!("{}::{}", section.chapter, section.name);
        trial(name, Plan::rust(section, None), check)
    });
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit();
}

fn check(plan: &Plan<'static>) -> Result<(), Failed> {
    let program = program(plan)?;
    let checked = if plan.head.directives.alone {
        let _quiet = QUIET.write().unwrap_or_else(PoisonError::into_inner);
        plan.check(&program, false)
    } else {
        let _shared = QUIET.read().unwrap_or_else(PoisonError::into_inner);
        plan.check(&program, false)
    };
    held(checked?.judgement)
}

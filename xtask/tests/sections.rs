//! Every section as an ordinary test: built once, run, its output checked.

use libtest_mimic::{Arguments, Failed, Trial};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{OnceLock, PoisonError, RwLock};
use xtask::course::Course;
use xtask::judge::Verdict;
use xtask::plan::{self, Plan};

/// Read by a section that runs, written by one that needs a quiet machine.
static QUIET: RwLock<()> = RwLock::new(());

static COURSE: OnceLock<Course> = OnceLock::new();
static PROGRAMS: OnceLock<HashMap<&'static str, PathBuf>> = OnceLock::new();

fn main() {
    let arguments = Arguments::from_args();
    let course = Course::load().expect("the tests stand in the workspace");
    let course = COURSE.get_or_init(|| course);
    let trials = course.sections.iter().map(|section| {
        let name = format!("{}::{}", section.chapter, section.name);
        match Plan::rust(section, None) {
            Ok(plan) => Trial::test(name, move || check(course, &plan)),
            Err(Verdict::Skipped(why)) => {
                Trial::test(format!("{name} ({why})"), || Ok(())).with_ignored_flag(true)
            }
            Err(verdict) => Trial::test(name, move || Err(explain(verdict))),
        }
    });
    libtest_mimic::run(&arguments, trials.collect()).exit();
}

fn check(course: &'static Course, plan: &Plan<'static>) -> Result<(), Failed> {
    let programs = PROGRAMS.get_or_init(|| build(course));
    let program = programs.get(plan.section.name.as_str()).ok_or("was not built")?;
    let checked = if plan.facts.directives.alone {
        let _quiet = QUIET.write().unwrap_or_else(PoisonError::into_inner);
        plan.check(course, program, false)
    } else {
        let _shared = QUIET.read().unwrap_or_else(PoisonError::into_inner);
        plan.check(course, program, false)
    };
    match checked.ok_or("the runner was stopped")?.verdict {
        Verdict::Held(_) => Ok(()),
        verdict => Err(explain(verdict)),
    }
}

fn explain(verdict: Verdict) -> Failed {
    match verdict {
        Verdict::Failed(failed) => failed.explanation.into(),
        Verdict::Unable(why) | Verdict::Skipped(why) => why.into(),
        Verdict::Held(_) => Failed::without_message(),
    }
}

fn build(course: &'static Course) -> HashMap<&'static str, PathBuf> {
    let plans: Vec<_> =
        course.sections.iter().filter_map(|section| Plan::rust(section, None).ok()).collect();
    let mut programs = HashMap::new();
    let built = |index: usize, program| {
        programs.insert(plans[index].section.name.as_str(), program);
    };
    // A section that is missing from the programs fails its own test; cargo's words stand above.
    if let Err(error) = plan::build(course, &plans, built, |line| eprintln!("{line}")) {
        eprintln!("{error:#}");
    }
    programs
}

//! The course's sections, built once for all trials of a test file.

use libtest_mimic::{Failed, Trial};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::OnceLock;
use xtask::course::Course;
use xtask::judge::Verdict;
use xtask::plan::{self, Plan};

/// The course of this workspace.
pub(crate) fn course() -> &'static Course {
    static COURSE: OnceLock<Course> = OnceLock::new();
    COURSE.get_or_init(|| Course::load().expect("the tests stand in the workspace"))
}

/// A trial that makes this check, or tells why there is none.
pub(crate) fn trial(
    name: String,
    plan: Result<Plan<'static>, Verdict>,
    check: fn(&Plan<'static>) -> Result<(), Failed>,
) -> Trial {
    match plan {
        Ok(plan) => Trial::test(name, move || check(&plan)),
        Err(Verdict::Skipped(why)) => {
            Trial::test(format!("{name} ({why})"), || Ok(())).with_ignored_flag(true)
        }
        Err(verdict) => Trial::test(name, || held(verdict)),
    }
}

/// The section's program, or the interpreter of its twin.
pub(crate) fn program(plan: &Plan<'_>) -> Result<PathBuf, Failed> {
    static PROGRAMS: OnceLock<HashMap<String, PathBuf>> = OnceLock::new();
    let built = || PROGRAMS.get_or_init(build).get(&plan.section.name).cloned();
    plan.python.clone().or_else(built).ok_or_else(|| "was not built".into())
}

fn build() -> HashMap<String, PathBuf> {
    let sections = &course().sections;
    let plans: Vec<_> = sections.iter().filter_map(|it| Plan::rust(it, None).ok()).collect();
    let mut programs = HashMap::new();
    let built = |index: usize, program| {
        programs.insert(plans[index].section.name.clone(), program);
    };
    // A section that is missing from the programs fails its own test; cargo's words stand above.
    if let Err(error) = plan::build(course(), &plans, built, |line| eprintln!("{line}")) {
        eprintln!("{error:#}");
    }
    programs
}

/// Fails with what the verdict has to say, unless the run held.
pub(crate) fn held(verdict: Verdict) -> Result<(), Failed> {
    match verdict {
        Verdict::Held(_) => Ok(()),
        Verdict::Failed(failed) => Err(failed.explanation.into()),
        Verdict::Unable(why) | Verdict::Skipped(why) => Err(why.into()),
    }
}

//! The course's sections, built once for all trials of a test file.

use libtest_mimic::{Failed, Trial};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::OnceLock;
use xtask::build;
use xtask::course::Course;
use xtask::verify::judge::Judgement;
use xtask::verify::plan::Plan;

/// The course of this workspace.
pub(crate) fn course() -> &'static Course {
    static COURSE: OnceLock<Course> = OnceLock::new();
    COURSE.get_or_init(|| Course::load().expect("the tests stand in the workspace"))
}

/// A trial that makes this check, or tells why there is none.
pub(crate) fn trial(
    name: String,
    plan: Result<Plan<'static>, Judgement>,
    check: fn(&Plan<'static>) -> Result<(), Failed>,
) -> Trial {
    match plan {
        Ok(plan) => Trial::test(name, move || check(&plan)),
        Err(Judgement::Skipped(why)) => {
            Trial::test(format!("{name} ({why})"), || Ok(())).with_ignored_flag(true)
        }
        Err(verdict) => Trial::test(name, || held(verdict)),
    }
}

/// The section's program, or the interpreter of its twin.
pub(crate) fn program(plan: &Plan<'_>) -> Result<PathBuf, Failed> {
    static PROGRAMS: OnceLock<BTreeMap<String, PathBuf>> = OnceLock::new();
    let built = || PROGRAMS.get_or_init(build_all).get(&plan.section.name).cloned();
    plan.python.clone().or_else(built).ok_or_else(|| "was not built".into())
}

fn build_all() -> BTreeMap<String, PathBuf> {
    let plans = course().sections.iter().filter_map(|section| Plan::rust(section, None).ok());
    let names: Vec<_> = plans.map(|plan| plan.section.name.as_str()).collect();
    // A section that is missing from the programs fails its own test; cargo's words stand above.
    let mut programs = BTreeMap::new();
    let built = |name: &str, program| {
        programs.insert(name.to_owned(), program);
    };
    if let Err(error) =
        build::build(&course().root, None, &names, built, |line| eprintln!("{line}"))
    {
        eprintln!("{error:#}");
    }
    programs
}

/// Fails with what the judgement has to say, unless the run held.
pub(crate) fn held(verdict: Judgement) -> Result<(), Failed> {
    match verdict {
        Judgement::Held(_) => Ok(()),
        Judgement::Failed(failed) => Err(failed.explanation.into()),
        Judgement::Unable(why) | Judgement::Skipped(why) => Err(why.into()),
    }
}

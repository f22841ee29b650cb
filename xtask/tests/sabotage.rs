//! `cargo xtask sabotage`, run as a whole on a small course.

mod workspace;

use std::fs;
use std::process::Command;
use workspace::{Workspace, section};

/// A section of three steps, for patches that change the second.
fn course() -> Workspace {
    let main = "println!(\"one\");\nprintln!(\"two\");\nprintln!(\"three\");";
    let course = Workspace::new(&[("steps", &section("one\ntwo\nthree", main))]);
    course.write("chapter/sabotage/README.md", "Not a patch.\n");
    // In a repository git would take the copy for a folder of it, and pass over the patch.
    let git = Command::new("git").args(["init", "--quiet"]).current_dir(course.path("")).status();
    assert!(git.expect("git is there").success());
    course
}

fn patch(fails_at: &str, before: &str, after: &str) -> String {
    format!(
        "A step is changed.\nfails at: {fails_at}\n\n\
         diff --git a/chapter/src/bin/steps.rs b/chapter/src/bin/steps.rs\n\
         --- a/chapter/src/bin/steps.rs\n\
         +++ b/chapter/src/bin/steps.rs\n\
         @@ -12,3 +12,3 @@ fn main() {{\n println!(\"one\");\n-{before}\n+{after}\n println!(\"three\");\n"
    )
}

const TWO: &str = "println!(\"two\");";

#[test]
fn a_patch_that_fails_where_it_says_is_caught() {
    let course = course();
    course.write("chapter/sabotage/steps-lost.patch", &patch("three", TWO, ""));
    course.write("chapter/sabotage/a-name.patch", &patch("two", TWO, "println!(\"2\");"));
    course.write(
        "chapter/sabotage/steps-status.patch",
        &patch("exit 0", TWO, &format!("{TWO}println!(\"three\");std::process::exit(3);")),
    );
    let said = course.run(&["sabotage", "--repeat", "2"]);
    said.assert(
        0,
        &["caught  chapter/sabotage/steps-lost.patch: A step is changed.", "3 of 3 patches caught"],
    );
    let source = course.read("chapter/src/bin/steps.rs");
    assert!(source.contains("two\");"), "the original is untouched: {source}");
}

/// A section that leaves out `two` in each third run.
fn each_third_time(course: &Workspace) -> String {
    format!(
        "let mut runs = std::fs::read(\"{file}\").unwrap_or_default(); runs.push(b'.'); \
         std::fs::write(\"{file}\", &runs).unwrap(); \
         if runs.len() % 3 != 0 {{ {TWO} }}",
        file = course.path("runs").display()
    )
}

#[test]
fn one_that_shows_only_by_chance_is_run_until_it_does() {
    let course = course();
    course.write("chapter/sabotage/steps.patch", &patch("three", TWO, &each_third_time(&course)));
    let texts = ["caught  chapter/sabotage/steps.patch", "by chance, in run 3", "1 of 1 patches"];
    course.run(&["sabotage", "--repeat", "2"]).assert(0, &texts);
    assert_eq!(course.read("runs").len(), 6, "caught twice in a row, each time in its third run");
}

#[test]
fn one_that_shows_only_by_chance_and_elsewhere_is_missed() {
    let course = course();
    course.write("chapter/sabotage/steps.patch", &patch("two", TWO, &each_third_time(&course)));
    course.run(&["sabotage"]).assert(1, &["MISSED", "noticed at:  three"]);
    assert_eq!(course.read("runs").len(), 3);
}

#[test]
fn one_that_goes_unnoticed_is_missed() {
    let course = course();
    course.write("chapter/sabotage/steps.patch", &patch("two", TWO, "println!(\"{}\", \"two\");"));
    course.run(&["sabotage"]).assert(1, &["MISSED", "it went unnoticed", "0 of 1 patches caught"]);
}

#[test]
fn one_that_fails_elsewhere_is_missed() {
    let course = course();
    course.write("chapter/sabotage/steps.patch", &patch("two", TWO, ""));
    let texts = ["expected at: two", "noticed at:  three", "steps: line 2 comes too early"];
    course.run(&["sabotage", "steps"]).assert(1, &texts);
}

#[test]
fn one_that_does_not_apply_or_build_could_not_run() {
    let course = course();
    course.write("chapter/sabotage/steps-old.patch", &patch("two", "println!(\"2\");", ""));
    course
        .run(&["sabotage"])
        .assert(2, &["could not run chapter/sabotage/steps-old.patch", "does not apply"]);
    course.write("chapter/sabotage/steps-old.patch", &patch("two", TWO, "let x: u8 = TWO;"));
    course.run(&["sabotage"]).assert(2, &["could not run", "E0425"]);
}

#[test]
fn a_patch_without_its_two_lines_or_its_section_is_a_mistake() {
    let course = course();
    course.write("chapter/sabotage/steps.patch", "A step is lost.\n");
    course
        .run(&["sabotage"])
        .assert(2, &["chapter/sabotage/steps.patch: line 2: expected `fails at: `"]);
    course.write("chapter/sabotage/steps.patch", "");
    course.write("chapter/sabotage/other.patch", "A step is lost.\nfails at: two\n");
    course
        .run(&["sabotage"])
        .assert(2, &["neither its name nor what it changes tells the section"]);
}

#[test]
fn no_patch_at_all_is_an_error() {
    course().run(&["sabotage"]).assert(2, &["there is no patch"]);
}

/// A course with two patches: `two` is lost, or `three` comes first.
fn broken_in_two_ways() -> Workspace {
    let course = course();
    course.write("chapter/sabotage/steps-lost.patch", &patch("three", TWO, ""));
    course.write("chapter/sabotage/steps-other.patch", &patch("two", TWO, "println!(\"2\");"));
    course
}

#[test]
fn a_patch_can_be_named() {
    let said = broken_in_two_ways().run(&["sabotage", "steps-other"]);
    said.assert(0, &["chapter/sabotage/steps-other.patch", "1 of 1 patches caught"]);
}

#[test]
fn each_program_is_kept_until_its_turn() {
    let course = broken_in_two_ways();
    // Both wait until all is built, and the second is built in the place of the first.
    let source = course.read("chapter/src/bin/steps.rs");
    course.write("chapter/src/bin/steps.rs", &(source + "//@ alone\n"));
    course.run(&["sabotage"]).assert(0, &["2 of 2 patches caught"]);
}

#[test]
fn a_broken_copy_can_be_kept() {
    let course = broken_in_two_ways();
    let elsewhere = tempfile::tempdir().unwrap();
    let folder = elsewhere.path().join("new/broken");
    let said = course.run(&["sabotage", "steps-lost", "--keep", folder.to_str().unwrap()]);
    let cd = format!("cd {}\n", folder.display());
    let command = "cargo run -p chapter --bin steps\n";
    said.assert(0, &["A step is changed.", &cd, command, "fails at: three"]);
    let copy = fs::read_to_string(folder.join("chapter/src/bin/steps.rs")).unwrap();
    assert_eq!(copy, course.read("chapter/src/bin/steps.rs").replace(TWO, ""));
}

#[test]
fn a_copy_is_kept_where_it_does_no_harm() {
    let course = broken_in_two_ways();
    let full = tempfile::tempdir().unwrap();
    fs::write(full.path().join("mine"), "dear").unwrap();
    let keep = |folder: &str| course.run(&["sabotage", "steps-lost", "--keep", folder]);
    keep(full.path().to_str().unwrap()).assert(2, &["is not empty"]);
    assert_eq!(fs::read_dir(full.path()).unwrap().count(), 1, "nothing was added or deleted");
    keep("broken").assert(2, &["broken lies in the workspace"]);
    assert!(!course.path("broken").exists());
    keep("chapter").assert(2, &["chapter lies in the workspace"]);
    fs::create_dir(course.path("empty")).unwrap();
    keep("empty").assert(2, &["empty lies in the workspace"]);
    assert!(course.path("empty").exists(), "a folder that was there stays there");
}

#[test]
fn only_one_way_to_break_it_can_be_kept() {
    let elsewhere = tempfile::tempdir().unwrap();
    let folder = elsewhere.path().join("broken");
    let said = broken_in_two_ways().run(&["sabotage", "--keep", folder.to_str().unwrap()]);
    said.assert(2, &["name one of", "steps-lost", "steps-other"]);
    assert!(!folder.exists());
}

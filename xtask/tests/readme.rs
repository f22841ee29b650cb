//! What the READMEs say of the course is so.

use std::collections::BTreeSet;
use std::fs;
use xtask::ci::README_COMMANDS;
use xtask::course::{Course, Section};
use xtask::list;

fn course() -> Course {
    Course::load().expect("the tests stand in the workspace")
}

fn read(course: &Course, file: &str) -> String {
    fs::read_to_string(course.root.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// The names in links of the form `](BEFORE/src/bin/NAME.rs)`, each at its first link.
fn links(page: &str, before: &str) -> Vec<String> {
    let start = format!("]({before}src/bin/");
    let mut names = Vec::new();
    for link in page.split(start.as_str()).skip(1) {
        let name = link.split(".rs)").next().unwrap_or(link).to_owned();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

fn chapters(course: &Course) -> BTreeSet<&str> {
    course.sections.iter().map(|section| section.chapter.as_str()).collect()
}

fn of_chapter<'a>(course: &'a Course, chapter: &str) -> impl Iterator<Item = &'a Section> {
    course.sections.iter().filter(move |section| section.chapter == chapter)
}

#[test]
fn the_table_is_the_course() {
    let course = course();
    let page = read(&course, "README.md");
    let due = list::readme(&course, &page).unwrap_or_else(|error| panic!("{error:#}"));
    assert_eq!(page, due, "README.md is out of date: run `cargo xtask list --write`");
}

#[test]
fn every_chapter_page_links_its_sections_and_no_other() {
    let course = course();
    for chapter in chapters(&course) {
        let first = of_chapter(&course, chapter).next().expect("a chapter has a section");
        let page = read(&course, &first.folder.join("README.md").to_string_lossy());
        let linked: BTreeSet<String> = links(&page, "").into_iter().collect();
        let there = of_chapter(&course, chapter).map(|section| section.name.clone()).collect();
        assert_eq!(linked, there, "{chapter}/README.md");
    }
}

#[test]
fn the_two_commands_are_those_of_ci() {
    let page = read(&course(), "README.md");
    let fence = page.split_once("```sh\n").and_then(|(_, rest)| rest.split_once("```"));
    let (commands, _) = fence.expect("the README has a fence marked `sh`");
    let commands: Vec<_> = commands.lines().filter(|line| !line.is_empty()).collect();
    assert_eq!(commands, README_COMMANDS);
}

#[test]
fn the_sample_outputs_are_what_the_text_says_of_them() {
    let course = course();
    let page = read(&course, "README.md");
    let mut fences = page.split("```text\n").skip(1).filter_map(|rest| rest.split("```").next());
    let mut fence = || fences.next().expect("the README has four fences marked `text`");
    let (sample, rows, rule, explanation) = (fence(), fence(), fence(), fence());

    let section = course.section("semaphore").expect("the README shows it");
    let source = read(&course, &section.source.to_string_lossy()).replace("//! ", "");
    assert!(source.contains(&format!("```text\n{rows}```")), "the rows are not the source's");
    assert!(source.contains(&format!("- {rule}")), "the rule is not the source's");

    let facts = section.facts().expect("its transcript has no mistake");
    let check = |stdout: &str| {
        let status = transcript::Status::Unjudged;
        facts.check(&transcript::Run { stdout: stdout.as_bytes(), stderr: b"", status })
    };
    assert!(matches!(check(sample), transcript::Verdict::Legal(_)));
    let without_the_ninth: String = (1..)
        .zip(sample.split_inclusive('\n'))
        .filter_map(|(number, line)| (number != 9).then_some(line))
        .collect();
    let transcript::Verdict::Illegal(failure) = check(&without_the_ninth) else {
        panic!("the output without its ninth line is not illegal")
    };
    assert_eq!(failure.explain("semaphore"), explanation);
}

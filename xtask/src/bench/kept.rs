//! The results that are kept with the sources, and what is rendered from them.

use super::render::{self, Files};
use super::store::Store;
use super::targets::{Bench, Listed, Workspace};
use crate::{Outcome, screen};
use anyhow::Result;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use versus::{CaseResult, Report};

/// All that is rendered, and what was found wrong on the way.
struct Rendered {
    reports: Vec<Report>,
    files: Files,
    /// Charts of results that are gone.
    surplus: Vec<PathBuf>,
    mistakes: Vec<String>,
    broken: bool,
}

fn render(workspace: &Workspace) -> Result<Rendered> {
    let store = Store::kept(&workspace.root);
    let order: Vec<_> = workspace.benches.iter().map(|bench| &*bench.name).collect();
    let (reports, broken) = store.read(&order)?;
    let page = workspace.root.join("PERFORMANCE.md");
    let mut files = render::page(&reports, &page, "performance", workspace);
    let (readmes, markers) = render::readmes(&reports, workspace)?;
    files.extend(readmes);
    let mut surplus = store.files("svg")?;
    surplus.retain(|file| !files.contains_key(file));
    let mut mistakes: Vec<_> = broken.iter().map(|error| format!("{error:#}")).collect();
    // A block without results is no wonder where a result file is broken.
    if broken.is_empty() {
        mistakes.extend(markers);
    }
    Ok(Rendered { reports, files, surplus, mistakes, broken: !broken.is_empty() })
}

/// Writes page, charts and sentences from the result files alone.
///
/// # Errors
///
/// A file cannot be read or written.
pub fn write(workspace: &Workspace) -> Result<Outcome> {
    let rendered = render(workspace)?;
    for mistake in &rendered.mistakes {
        screen::aside(&format!("error: {mistake}"));
    }
    if rendered.broken {
        screen::aside("nothing is rendered while a result file cannot be read");
        return Ok(Outcome::Unable);
    }
    render::write(&rendered.files)?;
    for file in rendered.surplus {
        fs::remove_file(file)?;
    }
    Ok(if rendered.mistakes.is_empty() { Outcome::Held } else { Outcome::Failed })
}

/// Compares the result files with the benches, and what is rendered with the result files; all
/// findings are told.
///
/// # Errors
///
/// A file cannot be read.
pub fn check(workspace: &Workspace, listed: &[Listed]) -> Result<Outcome> {
    let rendered = render(workspace)?;
    let mut findings = rendered.mistakes;
    let shown =
        |file: &Path| file.strip_prefix(&workspace.root).unwrap_or(file).display().to_string();
    // What a broken file should render to is not known.
    if !rendered.broken {
        for (file, text) in &rendered.files {
            if fs::read_to_string(file).ok().as_ref() != Some(text) {
                findings.push(format!("{} is not what the result files render to", shown(file)));
            }
        }
        findings.extend(
            rendered.surplus.iter().map(|file| format!("{} belongs to no result", shown(file))),
        );
    }
    let mut unmeasured = Vec::new();
    for bench in listed {
        match rendered.reports.iter().find(|report| report.name == bench.bench.name) {
            Some(report) => findings.extend(differences(bench, report)),
            None if rendered.broken => {}
            None => unmeasured.push(&*bench.bench.name),
        }
    }
    let unlisted = |bench: &&Bench| listed.iter().all(|listed| listed.bench != **bench);
    for bench in workspace.benches.iter().filter(unlisted) {
        findings.push(format!("{}: what it measures is not known", bench.name));
    }
    for report in &rendered.reports {
        if !workspace.benches.iter().any(|bench| bench.name == report.name) {
            findings.push(format!("performance/{}.json belongs to no bench", report.name));
        }
    }
    for finding in &findings {
        screen::print(&format!("stale: {finding}"));
    }
    // A chapter is measured when it is done.
    if !unmeasured.is_empty() {
        screen::print(&format!("not measured yet: {}", unmeasured.join(", ")));
    }
    if findings.is_empty() {
        screen::print(
            "all tables, charts and sentences are those of the result files, and of the benches",
        );
        return Ok(Outcome::Held);
    }
    screen::print(
        "`cargo xtask bench` measures again; `cargo xtask bench --render` only writes again",
    );
    Ok(Outcome::Failed)
}

/// What a bench lists and its result file lacks, or the other way round.
fn differences(bench: &Listed, report: &Report) -> Vec<String> {
    let (now, then) = (shape(&bench.cases), shape(&report.cases));
    let name = &bench.bench.name;
    let mut found = Vec::new();
    for (case, variants) in &now {
        match then.get(case) {
            None => found.push(format!("{name}: `{case}` has not been measured")),
            Some(measured) => {
                let lacks = |variant: &&String| !measured.contains(*variant);
                found.extend(variants.iter().filter(lacks).map(|variant| {
                    format!("{name}: `{case}`: variant `{variant}` has not been measured")
                }));
                let gone = |variant: &&String| !variants.contains(*variant);
                found.extend(measured.iter().filter(gone).map(|variant| {
                    format!("{name}: `{case}`: variant `{variant}` is not there any more")
                }));
            }
        }
    }
    let gone = then.keys().filter(|case| !now.contains_key(*case));
    found.extend(gone.map(|case| format!("{name}: `{case}` is not there any more")));
    found
}

/// The variants of each case, as far as they are the same on every machine. What Python there is, is
/// up to the machine; so is what says of itself that it is Linux's. So is, on a curve, where the points lie and how many threads there are at
/// most: its points are taken together, and a number in a name says only that there is one.
fn shape(cases: &[CaseResult]) -> BTreeMap<&str, BTreeSet<String>> {
    let mut shape: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for case in cases.iter().filter(|case| !case.name.contains("Python")) {
        let names = case.entries.iter().map(|entry| &entry.name);
        let names = names.filter(|name| !name.starts_with("Python") && !name.contains("(Linux)"));
        match &case.point {
            None => shape.entry(&case.name).or_default().extend(names.cloned()),
            Some(point) => {
                shape.entry(&point.series).or_default().extend(names.map(|name| no_number(name)));
            }
        }
    }
    shape
}

fn no_number(name: &str) -> String {
    let parts: Vec<_> = name.split(|c: char| c.is_ascii_digit()).collect();
    let mut text = parts.join("#");
    while text.contains("##") {
        text = text.replace("##", "#");
    }
    text
}

//! The results that are kept with the sources, and what is rendered from them.

use super::render::{self, Files};
use super::targets::{Bench, Listed, Workspace};
use crate::{Outcome, screen};
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};
use versus::{CaseResult, Entry, Report, Role};

/// All that is rendered, and what was found wrong on the way.
struct Rendered {
    reports: Vec<Report>,
    files: Files,
    /// Charts of results that are gone.
    surplus: Vec<PathBuf>,
    mistakes: Vec<String>,
    broken: bool,
}

/// Where the results are kept.
pub fn folder(workspace: &Workspace) -> PathBuf {
    workspace.root.join("performance")
}

/// Where the results go that are no record.
pub fn passing_folder(workspace: &Workspace) -> PathBuf {
    workspace.target.join("bench")
}

/// Writes a report into a folder, in the place of an earlier one of the same bench.
///
/// # Errors
///
/// It cannot be written.
pub fn save(folder: &Path, report: &Report) -> Result<()> {
    let file = folder.join(format!("{}.json", report.name));
    fs::create_dir_all(folder)
        .and_then(|()| report.write(&file))
        .with_context(|| format!("cannot write {}", file.display()))
}

/// All reports in the order of the benches, and what is wrong with the files that are none.
fn read(workspace: &Workspace) -> Result<(Vec<Report>, Vec<String>)> {
    let mut reports = Vec::new();
    let mut broken = Vec::new();
    for file in files(workspace, "json")? {
        let shown = file.display();
        match Report::read(&file) {
            Ok(report) if file.file_stem() == Some(report.name.as_ref()) => reports.push(report),
            Ok(Report { name, .. }) => broken.push(format!("`{shown}` is the report of `{name}`")),
            Err(error) => broken.push(format!("{error:#}")),
        }
    }
    let benches = &workspace.benches;
    let place = |report: &Report| benches.iter().position(|bench| bench.name == report.name);
    reports.sort_by_key(|report| place(report).unwrap_or(benches.len()));
    Ok((reports, broken))
}

/// The kept files with this extension, by name.
fn files(workspace: &Workspace, extension: &str) -> Result<Vec<PathBuf>> {
    let folder = folder(workspace);
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let read = || -> std::io::Result<Vec<PathBuf>> {
        fs::read_dir(&folder)?.map(|entry| Ok(entry?.path())).collect()
    };
    let mut files = read().with_context(|| format!("cannot read {}", folder.display()))?;
    files.retain(|file| file.extension().is_some_and(|found| found == extension));
    files.sort();
    Ok(files)
}

/// Gives the entries of a report the labels and roles that they have now.
fn relabel(report: &mut Report, now: &[CaseResult]) {
    for case in &mut report.cases {
        let Some(now) = now.iter().find(|now| now.name == case.name) else { continue };
        for entry in case.entries_mut() {
            if let Some(now) = now.entries().find(|now| now.id == entry.id) {
                (entry.label, entry.role) = (now.label.clone(), now.role);
            }
        }
    }
}

fn render(workspace: &Workspace, listed: &[Listed]) -> Result<Rendered> {
    let (mut reports, mut mistakes) = read(workspace)?;
    let broken = !mistakes.is_empty();
    for bench in listed {
        let of_bench = reports.iter_mut().filter(|report| report.name == bench.bench.name);
        of_bench.for_each(|report| relabel(report, &bench.report.cases));
    }
    let page = workspace.root.join("PERFORMANCE.md");
    let mut files = render::page(&reports, &page, "performance", workspace);
    let (readmes, markers) = render::readmes(&reports, workspace)?;
    files.extend(readmes);
    for report in &reports {
        let file = folder(workspace).join(format!("{}.json", report.name));
        files.insert(file, serde_json::to_string(report)? + "\n");
    }
    let mut surplus = self::files(workspace, "svg")?;
    surplus.retain(|file| !files.contains_key(file));
    // A block without results is no wonder where a result file is broken.
    if !broken {
        mistakes.extend(markers);
    }
    Ok(Rendered { reports, files, surplus, mistakes, broken })
}

/// Writes page, charts and sentences from the result files, and these with the labels of now.
///
/// # Errors
///
/// A file cannot be read or written.
pub fn write(workspace: &Workspace, listed: &[Listed]) -> Result<Outcome> {
    let rendered = render(workspace, listed)?;
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
    let rendered = render(workspace, listed)?;
    let mut findings = rendered.mistakes;
    let shown =
        |file: &Path| file.strip_prefix(&workspace.root).unwrap_or(file).display().to_string();
    // What a broken file should render to is not known.
    if !rendered.broken {
        for (file, text) in &rendered.files {
            if fs::read_to_string(file).ok().as_ref() != Some(text) {
                findings.push(format!("{} is not what results and benches render to", shown(file)));
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

/// What a bench lists and its result file lacks, or the other way round. What Python there is, is up
/// to the machine. Other entries may be up to its system, and on a curve to the number of its cores.
fn differences(bench: &Listed, report: &Report) -> Vec<String> {
    let (here, there) = (&bench.report.machine, &report.machine);
    let cases = &bench.report.cases;
    let mut found = Vec::new();
    for now in of_rust(cases) {
        let Some(then) = of_rust(&report.cases).find(|then| then.name == now.name) else {
            found.push(format!("`{}` has not been measured", now.name));
            continue;
        };
        if now.baseline.id != then.baseline.id {
            found.push(format!("`{}` has another baseline", now.name));
        } else if here.system == there.system && (now.point.is_none() || here.cores == there.cores)
        {
            let variant = |id, problem| format!("`{}`: variant `{id}` {problem}", now.name);
            found.extend(missing(now, then).map(|id| variant(id, "has not been measured")));
            found.extend(missing(then, now).map(|id| variant(id, "is not there any more")));
        }
    }
    let gone = of_rust(&report.cases).filter(|then| cases.iter().all(|now| now.name != then.name));
    found.extend(gone.map(|case| format!("`{}` is not there any more", case.name)));
    found.into_iter().map(|finding| format!("{}: {finding}", bench.bench.name)).collect()
}

fn of_rust(cases: &[CaseResult]) -> impl Iterator<Item = &CaseResult> {
    cases.iter().filter(|case| case.baseline.role != Role::Python)
}

/// The variants of one case that another has not.
fn missing<'a>(of: &'a CaseResult, from: &CaseResult) -> impl Iterator<Item = &'a str> {
    let of_rust = of.variants.iter().filter(|entry| entry.role != Role::Python);
    let lacks = |entry: &&Entry| from.variants.iter().all(|other| other.id != entry.id);
    of_rust.filter(lacks).map(|entry| &*entry.id)
}

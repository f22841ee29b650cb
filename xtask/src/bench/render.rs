//! The files that are written from results: `PERFORMANCE.md`, the charts, and the tables in the
//! chapters' READMEs. Nothing is measured here, and the same results give the same files.

use super::targets::Workspace;
use super::{facts, page};
use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use versus::Report;

/// How the page begins, and how its figures are to be read.
const PAGE: &str = "# Performance

Measured and written by `cargo xtask bench`; figures of another machine will differ. Each variant ran once
in every round, in random order, so that what slows the machine slows all of them. Each round was a process of
its own, and those of one case are spread over the whole run: a slow minute or an unlucky process so widens an
interval, and does not shift the figure.

- **per item** and **rate** are medians of wall time.
- **ratio** is the median, over the rounds, of a variant's time over the baseline's in the same round: below 1 is
  faster. The **interval** covers the true ratio with the confidence that stands above the table.
- **CPU** is the same ratio of processor time, that of all threads and child processes together.
- The **noise floor** is what the baseline shows beside itself; in the charts it is the grey band. A **verdict** is
  \"faster\" or \"slower\" only outside of it, and \"not conclusive\" where \"same\" would claim too much.
- A round is **disturbed** if a fixed work, done before every run, took clearly longer than in the best round: somebody
  else was using the machine, perhaps unseen. Some such rounds were **measured again**.
- **speed-up** is the baseline's time over the variant's, to be read beside what the **cheatsheet** prints and beside
  the **limit** that nobody can pass. **least share** is what the least served thread got in half a second, of an
  equal share.
";

/// Files, and what is to stand in them.
pub type Files = BTreeMap<PathBuf, String>;

/// The page and the charts of these reports, the charts in `folder`, as the page's links have it.
pub fn page(reports: &[Report], page: &Path, folder: &str, workspace: &Workspace) -> Files {
    let mut text = PAGE.to_owned();
    let mut files = Files::new();
    let here = page.parent().unwrap_or(Path::new(""));
    for report in reports {
        text += &format!("\n## {}\n\n{}\n", report.name, facts::paragraph(report));
        if let Some(bench) = workspace.benches.iter().find(|bench| bench.name == report.name) {
            text += &format!("\nAlone: `{}`.\n", workspace.command(bench));
        }
        for (table, chart) in page::sections(report) {
            let link = Path::new(folder).join(chart.file(&report.name));
            let (table, title) = (table.in_markdown(), &chart.title);
            // The figures stand in the table, so that nobody has to hear them twice.
            text += &format!("\n{table}\n![{title}, as a chart]({})\n", link.display());
            files.insert(here.join(link), chart.svg);
        }
    }
    files.insert(page.to_path_buf(), text);
    files
}

/// The chapters' READMEs with the tables of these reports between their markers, and what is wrong
/// with the markers.
///
/// # Errors
///
/// A README cannot be read.
pub fn readmes(reports: &[Report], workspace: &Workspace) -> Result<(Files, Vec<String>)> {
    let mut files = Files::new();
    let mut mistakes = Vec::new();
    for bench in &workspace.benches {
        let file = bench.folder.join("README.md");
        if files.contains_key(&file) || !file.exists() {
            continue;
        }
        let text =
            fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
        let (text, found) = between_markers(&text, reports);
        let shown = file.strip_prefix(&workspace.root).unwrap_or(&file).display();
        mistakes.extend(found.iter().map(|mistake| format!("{shown}: {mistake}")));
        files.insert(file, text);
    }
    Ok((files, mistakes))
}

const START: &str = "<!-- bench: ";
const END: &str = "<!-- /bench -->";

/// A text with each block between markers replaced; a block whose marker is wrong stays as it is.
pub fn between_markers(text: &str, reports: &[Report]) -> (String, Vec<String>) {
    let mut written = String::new();
    let mut mistakes = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find(START) {
        let (before, from) = rest.split_at(start);
        written += before;
        let marker = from.split_inclusive("-->").next().unwrap_or(from);
        let name = marker[START.len()..].trim_end_matches("-->").trim();
        let Some(end) = from.find(END) else {
            mistakes.push(format!("`{marker}` has no `{END}`"));
            rest = from;
            break;
        };
        let (block, after) = from.split_at(end);
        if block[START.len()..].contains(START) {
            // The end is that of the next block.
            mistakes.push(format!("`{marker}` has no `{END}`"));
            written += &from[..START.len()];
            rest = &from[START.len()..];
            continue;
        }
        if let Some(report) = reports.iter().find(|report| report.name == name) {
            written += &format!("{marker}\n\n{}", facts::paragraph(report));
            written += &format!(" Measured by `cargo xtask bench {name}`.\n");
            for table in page::tables(report) {
                written += &format!("\n{}", table.within_markdown());
            }
            written.push('\n');
        } else {
            mistakes.push(format!("`{marker}`: there are no results of that name"));
            written += block;
        }
        written += END;
        rest = &after[END.len()..];
    }
    (written + rest, mistakes)
}

/// Writes what is not so already.
///
/// # Errors
///
/// A file cannot be written.
pub fn write(files: &Files) -> Result<()> {
    for (file, text) in files {
        if fs::read_to_string(file).is_ok_and(|found| found == *text) {
            continue;
        }
        fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))?;
    }
    Ok(())
}

//! The files that are written from results: `PERFORMANCE.md`, the charts, and a sentence for each bench in
//! the chapters' READMEs. Nothing is measured here, and the same results give the same files.

use super::page;
use super::sentence::sentence;
use super::targets::Workspace;
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
        text += &format!("\n## {}\n\n{}\n", report.name, report.in_words());
        if let Some(bench) = workspace.benches.iter().find(|bench| bench.name == report.name) {
            text += &format!("\nAlone: `{}`.\n", bench.command());
        }
        for (table, chart) in page::sections(report) {
            let link = Path::new(folder).join(chart_file(&report.name, &table.title));
            // The figures stand in the table, so that nobody has to hear them twice.
            let alternative = format!("{}, as a chart", table.title);
            text += &format!("\n{}\n![{alternative}]({})\n", table.in_markdown(), link.display());
            files.insert(here.join(link), chart);
        }
    }
    files.insert(page.to_path_buf(), text);
    files
}

/// The name of a chart's file: `semaphore-2-threads-1-permit.svg`. The bench's name is not said twice.
pub fn chart_file(bench: &str, title: &str) -> String {
    let title = title.strip_prefix(bench).unwrap_or(title);
    let words = title.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.fold(bench.to_owned(), |file, word| file + "-" + &word.to_lowercase()) + ".svg"
}

/// The chapters' READMEs with the sentences of these reports between their markers, and what is wrong
/// with the markers. Of a bench that has not been measured yet there is nothing to say.
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
        let shown = file.strip_prefix(&workspace.root).unwrap_or(&file);
        let up = "../".repeat(shown.components().count() - 1);
        let (text, found) = between_markers(&text, |name| {
            let report = reports.iter().find(|report| report.name == name);
            let known = workspace.benches.iter().any(|bench| bench.name == name);
            report.map(|report| sentence(report, &up)).or(known.then(String::new))
        });
        mistakes.extend(found.iter().map(|mistake| format!("{}: {mistake}", shown.display())));
        files.insert(file, text);
    }
    Ok((files, mistakes))
}

const START: &str = "<!-- bench: ";
const END: &str = "<!-- /bench -->";

/// A text with what `say` says of each name between the markers of that name, and what is wrong with
/// the markers: there stays what was there.
pub fn between_markers(text: &str, say: impl Fn(&str) -> Option<String>) -> (String, Vec<String>) {
    let mut parts = text.split(START);
    let mut written = parts.next().unwrap_or_default().to_owned();
    let mut mistakes = Vec::new();
    for part in parts {
        let name = part.split("-->").next().unwrap_or(part).trim();
        let said = match (part.split_once(END), say(name)) {
            (Some((_, after)), Some(said)) => Ok((said, after)),
            (None, _) => Err(format!("has no `{END}`")),
            (_, None) => Err("is of no bench".to_owned()),
        };
        written += START;
        match said {
            Ok((said, after)) => {
                let said = if said.is_empty() { said } else { format!("\n{said}\n\n") };
                written += &format!("{name} -->\n{said}{END}{after}");
            }
            Err(mistake) => {
                mistakes.push(format!("`{START}{name} -->` {mistake}"));
                written += part;
            }
        }
    }
    (written, mistakes)
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

//! Result files: one a bench, each a report of `versus`.

use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};
use versus::Report;

/// A folder of result files.
#[derive(Clone, Debug)]
pub struct Store {
    folder: PathBuf,
}

impl Store {
    /// The results that are kept with the sources.
    pub fn kept(root: &Path) -> Store {
        Store { folder: root.join("performance") }
    }

    /// What a quick, partial or broken-off run has found.
    pub fn passing(target: &Path) -> Store {
        Store { folder: target.join("bench") }
    }

    /// Where its files are.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Writes a report, in the place of an earlier one of the same bench.
    ///
    /// # Errors
    ///
    /// It cannot be written.
    pub fn write(&self, report: &Report) -> Result<()> {
        let file = self.folder.join(format!("{}.json", report.name));
        fs::create_dir_all(&self.folder)
            .and_then(|()| report.write(&file))
            .with_context(|| format!("cannot write {}", file.display()))
    }

    /// All reports, those of the benches named in `order` first; and the errors of the files that
    /// are none.
    ///
    /// # Errors
    ///
    /// The folder is there and cannot be read.
    pub fn read(&self, order: &[&str]) -> Result<(Vec<Report>, Vec<anyhow::Error>)> {
        let mut reports = Vec::new();
        let mut broken = Vec::new();
        for file in self.files("json")? {
            match Report::read(&file) {
                Ok(report) if file.file_stem() == Some(report.name.as_ref()) => {
                    reports.push(report);
                }
                Ok(report) => broken.push(anyhow::anyhow!(
                    "cannot read report `{}`: field `name`: it is `{}`, which is not the file's",
                    file.display(),
                    report.name
                )),
                Err(error) => broken.push(error.into()),
            }
        }
        reports.sort_by_key(|report: &Report| {
            order.iter().position(|name| *name == report.name).unwrap_or(order.len())
        });
        Ok((reports, broken))
    }

    /// Its files with this extension, by name.
    ///
    /// # Errors
    ///
    /// The folder is there and cannot be read.
    pub fn files(&self, extension: &str) -> Result<Vec<PathBuf>> {
        if !self.folder.exists() {
            return Ok(Vec::new());
        }
        let read = || -> std::io::Result<Vec<PathBuf>> {
            fs::read_dir(&self.folder)?.map(|entry| Ok(entry?.path())).collect()
        };
        let mut files = read().with_context(|| format!("cannot read {}", self.folder.display()))?;
        files.retain(|file| file.extension().is_some_and(|found| found == extension));
        files.sort();
        Ok(files)
    }
}

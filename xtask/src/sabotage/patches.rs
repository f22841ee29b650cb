//! Which patches there are, and what they say of themselves.

use crate::course::{Course, Section};
use anyhow::{Context, Error, Result};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// A way to break a section.
pub(super) struct Patch<'a> {
    /// From the workspace's folder.
    pub(super) file: PathBuf,
    /// Its file's name, without the extension.
    pub(super) name: String,
    /// What it breaks.
    pub(super) sentence: String,
    /// The row or rule.
    pub(super) fails_at: String,
    pub(super) section: &'a Section,
    /// What the original says of itself.
    pub(super) head: &'a transcript::Head,
}

/// The patches that are named, or whose sections or chapters are; all, when nothing is. And what is
/// wrong with others.
///
/// # Errors
///
/// A name is unknown, or a file cannot be read.
pub(super) fn select<'a>(
    course: &'a Course,
    filters: &[String],
) -> Result<(Vec<Patch<'a>>, Vec<String>)> {
    let (mut patches, mistakes) = all(course)?;
    let is_patch = |filter: &&String| patches.iter().any(|patch| patch.name == **filter);
    let (named, others): (Vec<&String>, Vec<&String>) = filters.iter().partition(is_patch);
    let others: Vec<_> = others.into_iter().cloned().collect();
    let sections =
        if named.is_empty() || !others.is_empty() { course.select(&others)? } else { Vec::new() };
    patches.retain(|patch| {
        named.contains(&&patch.name)
            || sections.iter().any(|section| section.name == patch.section.name)
    });
    Ok((patches, mistakes))
}

/// All patches, and what is wrong with others.
fn all(course: &Course) -> Result<(Vec<Patch<'_>>, Vec<String>)> {
    let folders: BTreeSet<_> =
        course.sections.iter().map(|section| section.folder.join("sabotage")).collect();
    let (mut patches, mut mistakes) = (Vec::new(), Vec::new());
    for folder in folders {
        let Ok(entries) = fs::read_dir(course.root.join(&folder)) else { continue };
        let mut files: Vec<_> =
            entries.flatten().map(|entry| folder.join(entry.file_name())).collect();
        files.retain(|file| file.extension().is_some_and(|extension| extension == "patch"));
        files.sort();
        for file in files {
            let text = fs::read_to_string(course.root.join(&file));
            let text = text.with_context(|| format!("cannot read {}", file.display()))?;
            let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            match read(course, &file, name, &text) {
                Err(mistake) => mistakes.push(format!("{}: {mistake}", file.display())),
                Ok(patch) => patches.push(patch),
            }
        }
    }
    Ok((patches, mistakes))
}

/// A patch, from its text.
fn read<'a>(course: &'a Course, file: &Path, name: String, text: &str) -> Result<Patch<'a>> {
    let mut lines = text.lines();
    let sentence = lines.next().unwrap_or_default().to_owned();
    let fails_at = lines.next().and_then(|line| line.strip_prefix("fails at: "));
    let fails_at = fails_at.context("line 2: expected `fails at: ` and a row or rule")?.to_owned();
    let named = |section: &&Section| {
        file.starts_with(&section.folder)
            && name
                .strip_prefix(&section.name)
                .is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_alphanumeric()))
    };
    let changed =
        |section: &&Section| text.contains(&format!("+++ b/{}\n", section.source.display()));
    // `lock_order-x` is of `lock_order`, also where there is a section `lock`.
    let section = course.sections.iter().filter(named).max_by_key(|section| section.name.len());
    let section = section.or_else(|| course.sections.iter().find(changed));
    let section = section.context("neither its name nor what it changes tells the section")?;
    let head = section.head().map_err(Error::msg)?;
    Ok(Patch { file: file.to_owned(), name, sentence, fails_at, section, head })
}

//! Copies of the workspace, for patches to break.

use super::patches::Patch;
use crate::course::Course;
use anyhow::{Context, Result, bail, ensure};
use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};
use std::{fs, io};

/// Makes a copy in a folder that is new, or empty, and outside the workspace: there it would be
/// copied itself, the next time.
pub(super) fn new(course: &Course, folder: &Path) -> Result<()> {
    let named = folder.display();
    let was_there = folder.exists();
    fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {named}"))?;
    let there = folder.canonicalize().with_context(|| format!("cannot find the folder {named}"))?;
    let inside = there.starts_with(course.root.canonicalize().unwrap_or_default());
    let empty = there.read_dir().is_ok_and(|mut entries| entries.next().is_none());
    if inside && !was_there {
        let _ = fs::remove_dir(folder); // only to learn where it lies was it made
    }
    ensure!(!inside, "{named} lies in the workspace; name a folder outside it, such as ../broken");
    ensure!(empty, "{named} is not empty; name a new folder, or delete this one");
    restore(course, folder)
}

/// Makes the folder a copy of the workspace. A file that is right already is not touched, so that
/// cargo builds only what a patch changed.
pub(super) fn restore(course: &Course, folder: &Path) -> Result<()> {
    mirror(&course.root, folder, &course.target).context("cannot copy the workspace")
}

/// Breaks the copy in the folder.
pub(super) fn apply(course: &Course, patch: &Patch<'_>, folder: &Path) -> Result<()> {
    let mut git = Command::new("git");
    git.arg("apply").arg(course.root.join(&patch.file)).current_dir(folder);
    // The copy may lie in a repository, but is none of its folders: git must not find it.
    let above = folder.canonicalize().unwrap_or_default();
    git.env("GIT_CEILING_DIRECTORIES", above.parent().unwrap_or(&above));
    let output = git.stdin(Stdio::null()).output().context("cannot run git")?;
    if !output.status.success() {
        bail!("does not apply: {}", String::from_utf8_lossy(&output.stderr).trim_end());
    }
    Ok(())
}

fn mirror(from: &Path, to: &Path, target: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    let mut wanted = BTreeSet::new();
    for entry in fs::read_dir(from)? {
        let (path, name) = entry.map(|entry| (entry.path(), entry.file_name()))?;
        let skipped = [".git", "target", "__pycache__"].iter().any(|skipped| name == *skipped);
        if skipped || path == target {
            continue;
        }
        let copy = to.join(&name);
        if path.is_dir() {
            mirror(&path, &copy, target)?;
        } else if path.is_file() {
            let content = fs::read(&path)?;
            if fs::read(&copy).ok().as_ref() != Some(&content) {
                fs::write(&copy, content)?;
            }
        }
        wanted.insert(name);
    }
    for entry in fs::read_dir(to)? {
        let (path, name) = entry.map(|entry| (entry.path(), entry.file_name()))?;
        if wanted.contains(&name) {
        } else if path.is_dir() {
            fs::remove_dir_all(path)?;
        } else {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

//! Where broken sections are built.

use super::copy;
use super::patches::Patch;
use crate::build;
use crate::course::Course;
use anyhow::{Context, Result, ensure};
use std::fs::{self, File};
use std::path::PathBuf;
use std::process::Command;
use tempfile::TempDir;

/// A copy of the workspace, in the target directory.
pub(super) struct Workshop<'a> {
    course: &'a Course,
    tree: PathBuf,
    target: PathBuf,
    /// What was built, in a folder for each patch.
    programs: TempDir,
    /// Held as long as the copy is used.
    _lock: File,
}

impl<'a> Workshop<'a> {
    pub(super) fn open(course: &'a Course) -> Result<Workshop<'a>> {
        let folder = course.target.join("sabotage");
        fs::create_dir_all(folder.join("tree")).context("cannot make the copy's folder")?;
        // `git` compares paths: no link may be in them.
        let folder = folder.canonicalize().context("cannot find the copy's folder")?;
        let lock = File::create(folder.join("lock")).context("cannot lock the copy")?;
        lock.lock().context("cannot lock the copy")?;
        let (tree, target) = (folder.join("tree"), folder.join("target"));
        let programs = TempDir::new_in(&folder).context("cannot make a folder for programs")?;
        Ok(Workshop { course, tree, target, programs, _lock: lock })
    }

    /// Breaks the copy, and builds the patch's section there. Its program stays when the next is built.
    ///
    /// # Errors
    ///
    /// What cargo or git has said, or why they could not.
    pub(super) fn build(&self, patch: &Patch<'_>) -> Result<PathBuf> {
        copy::restore(self.course, &self.tree)?;
        copy::apply(self.course, patch, &self.tree)?;
        let (name, mut program, mut messages) = (&*patch.section.name, None, Vec::new());
        let built = |_: &str, path| program = Some(path);
        let say = |line: &str| messages.push(line.to_owned());
        let all = build::build(&self.tree, Some(&self.target), &[name], built, say)?;
        let program = program.filter(|_| all).with_context(|| messages.join("\n  "))?;

        let folder = self.programs.path().join(&patch.file);
        fs::create_dir_all(&folder).context("cannot make a folder for the program")?;
        // Not by our own hand: what we have open for writing a moment before, a child of another thread
        // may hold a little longer, and a program that is open for writing does not start.
        let mut copied = Command::new("cp");
        let copied = copied.arg(&program).arg(&folder).status().context("cannot run cp")?;
        ensure!(copied.success(), "cannot copy {}", program.display());
        Ok(folder.join(name))
    }
}

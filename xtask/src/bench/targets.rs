//! Which benches there are, and what each of them measures.

use super::process::{self, Job};
use crate::build;
use anyhow::{Context, Result, ensure};
use cargo_metadata::{MetadataCommand, Package, TargetKind};
use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, time::Duration};
use versus::Report;

/// A bench that cannot even list its cases within this time never will.
const LISTING: Duration = Duration::from_mins(2);

/// The workspace, as far as it is measured.
#[derive(Debug)]
pub struct Workspace {
    /// Its folder.
    pub root: PathBuf,
    /// Where cargo builds.
    pub target: PathBuf,
    /// Its benches, in the order of the chapters in its README.
    pub benches: Vec<Bench>,
}

/// A bench target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bench {
    /// The package it belongs to.
    pub chapter: String,
    /// Whether that package has a feature `peers`.
    pub peers: bool,
    /// Its name; no other bench of the workspace has it, as its results are a file of that name.
    pub name: String,
    /// The folder of its package.
    pub folder: PathBuf,
}

/// A bench that has been built and asked.
#[derive(Debug)]
pub struct Listed {
    /// The bench.
    pub bench: Bench,
    /// Its program.
    pub program: PathBuf,
    /// What it said: its cases, without a sample, and the machine for which it listed them.
    pub report: Report,
    /// Whether these are all of its cases.
    pub whole: bool,
}

impl Workspace {
    /// The workspace that the current directory is in.
    ///
    /// # Errors
    ///
    /// Cargo finds none, or two benches share a name.
    pub fn load() -> Result<Workspace> {
        let metadata =
            MetadataCommand::new().no_deps().exec().context("cannot read the workspace")?;
        let root = metadata.workspace_root.as_std_path();
        let mut benches = Vec::new();
        // What does not measure with `versus` is a bench of another kind, with other options.
        let measures = |package: &&Package| package.dependencies.iter().any(|d| d.name == "versus");
        for package in metadata.workspace_packages().into_iter().filter(measures) {
            let folder = package.manifest_path.parent().context("a manifest is in no folder")?;
            let of_package = package.targets.iter().filter(|it| it.is_kind(TargetKind::Bench));
            benches.extend(of_package.map(|target| Bench {
                chapter: package.name.to_string(),
                peers: package.features.contains_key("peers"),
                name: target.name.clone(),
                folder: folder.as_std_path().to_path_buf(),
            }));
        }
        let front_page = fs::read_to_string(root.join("README.md")).unwrap_or_default();
        let place = |bench: &Bench| {
            let link = bench.folder.strip_prefix(root).unwrap_or(&bench.folder).join("README.md");
            front_page.find(&format!("]({})", link.display())).unwrap_or(usize::MAX)
        };
        benches.sort_by_cached_key(|bench| (place(bench), bench.name.clone()));
        let mut names = HashSet::new();
        for Bench { name, .. } in &benches {
            ensure!(names.insert(name), "two benches are named `{name}`");
        }
        let target = metadata.target_directory.as_std_path().to_path_buf();
        Ok(Workspace { root: root.to_path_buf(), target, benches })
    }

    /// Builds these benches in release, peers included, and gives back their programs.
    ///
    /// Whichever they are, the packages and so their features are the same: what one selection has
    /// built serves the next.
    ///
    /// # Errors
    ///
    /// Cargo cannot be started.
    pub fn build(
        &self,
        benches: &[Bench],
        say: impl Fn(&str),
    ) -> Result<BTreeMap<String, PathBuf>> {
        let mut command = Command::new(build::cargo());
        command.current_dir(&self.root);
        command.args(["build", "--release", "--keep-going", "--message-format=json"]);
        for Bench { chapter, peers, .. } in &self.benches {
            command.args(["-p", chapter]);
            if *peers {
                command.args(["--features", &format!("{chapter}/peers")]);
            }
        }
        for bench in benches {
            command.args(["--bench", &bench.name]);
        }
        let mut programs = BTreeMap::new();
        let built = |name: &str, program| {
            programs.insert(name.to_owned(), program);
        };
        build::drive(&mut command, &TargetKind::Bench, built, say)?;
        Ok(programs)
    }
}

impl Bench {
    /// The command that runs it alone.
    pub fn command(&self) -> String {
        let Bench { chapter, name, .. } = self;
        let features = if self.peers { " --features peers" } else { "" };
        format!("cargo bench -p {chapter}{features} --bench {name}")
    }

    /// Asks the built program for its cases. `trying` lets each variant do one item first: the report
    /// then says which failed.
    ///
    /// # Errors
    ///
    /// It does not list them.
    pub fn list(&self, program: &Path, trying: bool) -> Result<Listed> {
        let folder = process::folder()?;
        // A bench to which nothing is said tries out.
        let arguments: &[String] = if trying { &[] } else { &["--list".to_owned()] };
        let file = &folder.path().join("list.json");
        let job = Job { program, folder: &self.folder, arguments, file, limit: LISTING };
        let report = process::run(&job, &mut |_| {})
            .with_context(|| format!("{}: cannot list its cases", self.name))?;
        Ok(Listed { bench: self.clone(), program: program.to_path_buf(), report, whole: true })
    }

    /// Is this its name, or its chapter's?
    pub fn is(&self, name: &str) -> bool {
        self.chapter == name || self.name == name
    }
}

/// Leaves the cases that the filters select, and the benches that have one. A filter is the name of a
/// chapter, of a bench or of a case; without one, all are selected.
///
/// # Errors
///
/// A filter is unknown.
pub fn select(listed: &mut Vec<Listed>, filters: &[String]) -> Result<()> {
    for filter in filters {
        let has = |listed: &Listed| listed.report.cases.iter().any(|case| case.name == *filter);
        let known = listed.iter().any(|listed| listed.bench.is(filter) || has(listed));
        let names = || listed.iter().map(names).collect::<String>();
        ensure!(known, "no chapter, bench or case is named `{filter}`; there are:{}", names());
    }
    listed.retain_mut(|Listed { bench, report, whole, .. }| {
        let named = filters.is_empty() || filters.iter().any(|name| bench.is(name));
        let all = report.cases.len();
        report.cases.retain(|case| named || filters.contains(&case.name));
        *whole = report.cases.len() == all;
        !report.cases.is_empty()
    });
    Ok(())
}

fn names(Listed { bench, report, .. }: &Listed) -> String {
    let cases: Vec<_> = report.cases.iter().map(|case| format!("\n    {}", case.name)).collect();
    format!("\n  {} {}:{}", bench.chapter, bench.name, cases.concat())
}

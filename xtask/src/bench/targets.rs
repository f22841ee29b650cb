//! Which benches there are, and what each of them measures.

use super::process::{self, Job};
use crate::build;
use anyhow::{Context, Result, ensure};
use cargo_metadata::{MetadataCommand, Package, TargetKind};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, time::Duration};
use versus::{CaseResult, Machine, Report};

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
    /// Packages that have a bench; whether there is a feature `peers`.
    packages: BTreeMap<String, bool>,
}

/// A bench target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bench {
    /// The package it belongs to.
    pub chapter: String,
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
    /// Its cases, without a sample.
    pub cases: Vec<CaseResult>,
    /// The machine for which it listed them.
    pub machine: Machine,
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
        let front_page = fs::read_to_string(root.join("README.md")).unwrap_or_default();
        let mut found = Vec::new();
        let mut packages = BTreeMap::new();
        // What does not measure with `versus` is a bench of another kind, with other options.
        let measures = |package: &&Package| package.dependencies.iter().any(|d| d.name == "versus");
        for package in metadata.workspace_packages().into_iter().filter(measures) {
            let folder = package.manifest_path.parent().context("a manifest is in no folder")?;
            let folder = folder.as_std_path();
            let link = folder.strip_prefix(root).unwrap_or(folder).join("README.md");
            let place = front_page.find(&format!("]({})", link.display())).unwrap_or(usize::MAX);
            for target in package.targets.iter().filter(|target| target.is_kind(TargetKind::Bench))
            {
                packages.insert(package.name.to_string(), package.features.contains_key("peers"));
                let bench = Bench {
                    chapter: package.name.to_string(),
                    name: target.name.clone(),
                    folder: folder.to_path_buf(),
                };
                found.push((place, bench));
            }
        }
        found.sort_by(|(a, one), (b, other)| (a, &one.name).cmp(&(b, &other.name)));
        let benches: Vec<_> = found.into_iter().map(|(_, bench)| bench).collect();
        for (at, bench) in benches.iter().enumerate() {
            let same = benches[..at].iter().any(|earlier| earlier.name == bench.name);
            ensure!(!same, "two benches are named `{}`", bench.name);
        }
        let target = metadata.target_directory.as_std_path().to_path_buf();
        Ok(Workspace { root: root.to_path_buf(), target, benches, packages })
    }

    /// The command that runs a bench alone.
    pub fn command(&self, bench: &Bench) -> String {
        let Bench { chapter, name, .. } = bench;
        let peers = self.packages.get(chapter).is_some_and(|peers| *peers);
        let features = if peers { " --features peers" } else { "" };
        format!("cargo bench -p {chapter}{features} --bench {name}")
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
        for (package, peers) in &self.packages {
            command.args(["-p", package]);
            if *peers {
                command.args(["--features", &format!("{package}/peers")]);
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
    /// Asks the built program for its cases. `trying` lets each variant do one item first: the second
    /// list says which failed.
    ///
    /// # Errors
    ///
    /// It does not list them.
    pub fn list(&self, program: &Path, trying: bool) -> Result<(Listed, Vec<String>)> {
        let folder = process::folder()?;
        // A bench to which nothing is said tries out.
        let arguments: &[String] = if trying { &[] } else { &["--list".to_owned()] };
        let file = &folder.path().join("list.json");
        let job = Job { program, folder: &self.folder, arguments, file, limit: LISTING };
        let report = process::run(&job, &mut |_| {})
            .with_context(|| format!("{}: cannot list its cases", self.name))?;
        let in_words =
            |(case, variant, why)| format!("{}: `{case}`: variant `{variant}`: {why}", self.name);
        let failures = report.failures().map(in_words).collect();
        let (bench, program) = (self.clone(), program.to_path_buf());
        let Report { cases, machine, .. } = report;
        Ok((Listed { bench, program, cases, machine }, failures))
    }

    /// Is this its name, or its chapter's?
    pub fn is(&self, name: &str) -> bool {
        self.chapter == name || self.name == name
    }
}

/// The cases that the filters select, of each bench that has one, and whether these are all of its
/// cases. A filter is the name of a chapter, of a bench or of a case; without one, all are selected.
///
/// # Errors
///
/// A filter is unknown.
pub fn select(listed: Vec<Listed>, filters: &[String]) -> Result<Vec<(Listed, bool)>> {
    for filter in filters {
        let known = listed.iter().any(|listed| {
            listed.bench.is(filter) || listed.cases.iter().any(|case| case.name == *filter)
        });
        ensure!(
            known,
            "no chapter, bench or case is named `{filter}`; there are:{}",
            known_names(&listed)
        );
    }
    let chosen = |mut listed: Listed| {
        let named = filters.is_empty() || filters.iter().any(|name| listed.bench.is(name));
        let all = listed.cases.len();
        listed.cases.retain(|case| named || filters.contains(&case.name));
        let whole = listed.cases.len() == all;
        (!listed.cases.is_empty()).then_some((listed, whole))
    };
    Ok(listed.into_iter().filter_map(chosen).collect())
}

fn known_names(listed: &[Listed]) -> String {
    let line = |listed: &Listed| {
        let cases: Vec<_> =
            listed.cases.iter().map(|case| format!("\n    {}", case.name)).collect();
        format!("\n  {} {}:{}", listed.bench.chapter, listed.bench.name, cases.concat())
    };
    listed.iter().map(line).collect()
}

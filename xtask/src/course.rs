//! Which sections there are, and in which order they are read.

use anyhow::{Context, Result, anyhow, bail, ensure};
use cargo_metadata::{Metadata, MetadataCommand, Package, TargetKind};
use std::path::{Path, PathBuf};
use std::{collections::BTreeSet, fs};
use transcript::ParseError;

/// The workspace as a course.
#[derive(Debug)]
pub struct Course {
    /// The workspace's folder.
    pub root: PathBuf,
    /// Where cargo builds.
    pub target: PathBuf,
    /// All sections: in the order of the links in the workspace's README, those that it does not
    /// link in the order of their chapter's README, those that neither links by name.
    pub sections: Vec<Section>,
    /// Workspace members without a section.
    pub others: Vec<String>,
}

/// A binary in the folder `src/bin` of a workspace member: the member is its chapter.
#[derive(Debug)]
pub struct Section {
    /// The package it belongs to.
    pub chapter: String,
    /// Its binary.
    pub name: String,
    /// The folder of its chapter, from the workspace's folder.
    pub folder: PathBuf,
    /// Its source, from the workspace's folder.
    pub source: PathBuf,
    /// What its source says of its output, or the mistakes in that.
    pub facts: Result<transcript::Section, Vec<ParseError>>,
}

impl Section {
    /// The command that runs it alone.
    pub fn command(&self) -> String {
        format!("cargo run -p {} --bin {}", self.chapter, self.name)
    }

    /// Where its Python twin stands, from the workspace's folder.
    pub fn twin(&self) -> PathBuf {
        self.folder.join(format!("python/{}.py", self.name))
    }

    /// What its source says of its output.
    ///
    /// # Errors
    ///
    /// The mistakes, one `file:line:column: message` a line, the last without a newline.
    pub fn facts(&self) -> Result<&transcript::Section, String> {
        let file = self.source.display();
        let in_file = |mistake: &ParseError| format!("{file}:{mistake}");
        self.facts
            .as_ref()
            .map_err(|mistakes| mistakes.iter().map(in_file).collect::<Vec<_>>().join("\n"))
    }
}

impl Course {
    /// The course whose workspace the current directory is in.
    ///
    /// # Errors
    ///
    /// Cargo finds no workspace, or two sections share a name.
    pub fn load() -> Result<Course> {
        // Its errors name their causes themselves: as a source, the cause would be said again.
        let cargo = MetadataCommand::new().no_deps().exec();
        let cargo = cargo.map_err(|error| anyhow!("cannot read the workspace: {error}"));
        Course::of(&cargo?)
    }

    fn of(metadata: &Metadata) -> Result<Course> {
        let root = metadata.workspace_root.as_std_path();
        let front_page = fs::read_to_string(root.join("README.md")).unwrap_or_default();
        let mut sections = Vec::new();
        let mut others = Vec::new();
        for package in metadata.workspace_packages() {
            let before = sections.len();
            sections.extend(sections_of(package, root, &front_page)?);
            if sections.len() == before {
                others.push(package.name.to_string());
            }
        }
        sections.sort_by(|(a, _), (b, _)| a.cmp(b));
        let sections: Vec<_> = sections.into_iter().map(|(_, section)| section).collect();
        let mut names = BTreeSet::new();
        for section in &sections {
            // All binaries land in one folder: of two with one name, one would be checked twice.
            ensure!(names.insert(&section.name), "two sections are named `{}`", section.name);
        }
        Ok(Course {
            root: root.to_path_buf(),
            target: metadata.target_directory.as_std_path().to_path_buf(),
            sections,
            others,
        })
    }

    /// The sections that are named, or belong to chapters that are; all, when nothing is.
    ///
    /// # Errors
    ///
    /// A name is unknown, or selects nothing.
    pub fn select(&self, names: &[String]) -> Result<Vec<&Section>> {
        ensure!(!self.sections.is_empty(), "{} has no section", self.root.display());
        for name in names {
            if self.others.contains(name) {
                bail!("`{name}` selects nothing: this package has no section");
            }
            if !self.sections.iter().any(|section| section.is(name)) {
                bail!("no chapter or section is named `{name}`; there are:{}", self.known());
            }
        }
        let selected =
            |section: &&Section| names.is_empty() || names.iter().any(|name| section.is(name));
        Ok(self.sections.iter().filter(selected).collect())
    }

    /// The section of this name.
    ///
    /// # Errors
    ///
    /// There is none.
    pub fn section(&self, name: &str) -> Result<&Section> {
        let found = self.sections.iter().find(|section| section.name == name);
        found.with_context(|| format!("no section is named `{name}`; there are:{}", self.known()))
    }

    fn known(&self) -> String {
        let chapters = self.sections.chunk_by(|a, b| a.chapter == b.chapter);
        let line = |chapter: &[Section]| {
            let names: Vec<_> = chapter.iter().map(|section| section.name.as_str()).collect();
            format!("\n  {}: {}", chapter[0].chapter, names.join(" "))
        };
        chapters.map(line).collect::<Vec<_>>().concat()
    }
}

impl Section {
    fn is(&self, name: &str) -> bool {
        self.name == name || self.chapter == name
    }
}

/// Place in the workspace's README, place in the chapter's README, name of chapter and section.
type Place = (usize, usize, String, String);

fn sections_of(package: &Package, root: &Path, front_page: &str) -> Result<Vec<(Place, Section)>> {
    let folder = package.manifest_path.parent().context("a manifest is in no folder")?;
    let page = fs::read_to_string(folder.join("README.md")).unwrap_or_default();
    let folder_in_root = folder.as_std_path().strip_prefix(root).unwrap_or(folder.as_std_path());
    let place = |page: &str, link: &str| page.find(link).unwrap_or(usize::MAX);
    let mut sections = Vec::new();
    for target in &package.targets {
        let Ok(in_folder) = target.src_path.strip_prefix(folder) else { continue };
        if !target.is_kind(TargetKind::Bin) || !in_folder.starts_with("src/bin") {
            continue;
        }
        let source = folder_in_root.join(in_folder);
        let places = (
            place(front_page, &format!("]({})", source.display())),
            place(&page, &format!("]({in_folder})")),
            package.name.to_string(),
            target.name.clone(),
        );
        sections.push((
            places,
            Section {
                chapter: package.name.to_string(),
                name: target.name.clone(),
                folder: folder_in_root.to_path_buf(),
                facts: read(target.src_path.as_std_path()),
                source,
            },
        ));
    }
    Ok(sections)
}

fn read(source: &Path) -> Result<transcript::Section, Vec<ParseError>> {
    match fs::read_to_string(source) {
        Ok(text) => transcript::Section::parse(&text),
        Err(error) => Err(vec![ParseError {
            line: 1,
            column: 1,
            message: format!("cannot be read: {error}"),
        }]),
    }
}

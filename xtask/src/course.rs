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
    /// All sections: the chapters in the order of the first links to their READMEs in the workspace's
    /// README, the sections of each in that of their first links there. What is not linked comes
    /// last, by name.
    pub sections: Vec<Section>,
    /// Workspace members without a section.
    pub others: Vec<String>,
    /// Links to sections, in the READMEs, that lead to none.
    pub dead_links: Vec<String>,
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
    /// Its number in the cheatsheet (`S11`); none, if it goes beyond it.
    pub number: Option<String>,
    /// What its source says of its output, or the mistakes in its head.
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

    /// The link from the workspace's folder to its page: the heading, in the README of its chapter, above
    /// the first link to its source.
    pub fn page(&self, root: &Path) -> Option<String> {
        let readme = self.folder.join("README.md");
        let text = fs::read_to_string(root.join(&readme)).ok()?;
        let link = format!("](src/bin/{}.rs)", self.name);
        let before = &text[..text.find(&link)?];
        let heading = before.lines().rev().find_map(|line| line.strip_prefix("## "))?;
        // As code hosts make it: letters, digits and hyphens, in lower case.
        let is_kept = |c: &char| c.is_alphanumeric() || matches!(c, '-' | '_' | ' ');
        let anchor = heading.chars().filter(is_kept).flat_map(char::to_lowercase);
        let anchor: String = anchor.map(|c| if c == ' ' { '-' } else { c }).collect();
        Some(format!("{}#{anchor}", readme.display()))
    }

    /// What its source says of its output.
    ///
    /// # Errors
    ///
    /// The mistakes in its head, one `file:line:column: message` a line, the last without a newline.
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
        let mut dead = dead_links(Path::new("README.md"), root);
        for package in metadata.workspace_packages() {
            let page = package.manifest_path.with_file_name("README.md");
            let page = page.strip_prefix(root).unwrap_or(&page);
            dead.extend(dead_links(page.as_std_path(), root));
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
            dead_links: dead,
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

/// Of the chapter, its place in the workspace's README and its name; of the section, its place in the
/// chapter's README and its name.
type Rank = (usize, String, usize, String);

fn sections_of(package: &Package, root: &Path, front_page: &str) -> Result<Vec<(Rank, Section)>> {
    let folder = package.manifest_path.parent().context("a manifest is in no folder")?;
    let page = fs::read_to_string(folder.join("README.md")).unwrap_or_default();
    let folder_in_root = folder.as_std_path().strip_prefix(root).unwrap_or(folder.as_std_path());
    let place = |page: &str, link: &str| page.find(&format!("]({link})")).unwrap_or(usize::MAX);
    let chapter_place = place(front_page, &folder_in_root.join("README.md").to_string_lossy());
    let mut sections = Vec::new();
    for target in &package.targets {
        let Ok(in_folder) = target.src_path.strip_prefix(folder) else { continue };
        if !target.is_kind(TargetKind::Bin) || !in_folder.starts_with("src/bin") {
            continue;
        }
        let places = (
            chapter_place,
            package.name.to_string(),
            place(&page, in_folder.as_str()),
            target.name.clone(),
        );
        let (number, facts) = read(target.src_path.as_std_path());
        sections.push((
            places,
            Section {
                chapter: package.name.to_string(),
                name: target.name.clone(),
                folder: folder_in_root.to_path_buf(),
                source: folder_in_root.join(in_folder),
                number,
                facts,
            },
        ));
    }
    Ok(sections)
}

/// The links to sections on this page that lead to none.
fn dead_links(page: &Path, root: &Path) -> Vec<String> {
    let text = fs::read_to_string(root.join(page)).unwrap_or_default();
    let links = text.split("](").skip(1).filter_map(|rest| Some(rest.split_once(')')?.0));
    let to_sections = links.filter(|link| {
        link.contains("src/bin/") && Path::new(link).extension().is_some_and(|it| it == "rs")
    });
    let folder = root.join(page.parent().unwrap_or(Path::new("")));
    let mut dead: Vec<_> = to_sections.filter(|link| !folder.join(link).is_file()).collect();
    dead.dedup();
    dead.into_iter()
        .map(|link| format!("{}: no section is there: {link}", page.display()))
        .collect()
}

type Facts = Result<transcript::Section, Vec<ParseError>>;

/// The number of a section, and what its source says of its output.
fn read(source: &Path) -> (Option<String>, Facts) {
    let text = match fs::read_to_string(source) {
        Ok(text) => text,
        Err(error) => {
            let message = format!("cannot be read: {error}");
            return (None, Err(vec![ParseError { line: 1, column: 1, message }]));
        }
    };
    let facts = transcript::Section::parse(&text);
    match number(&text) {
        Ok(number) => (number, facts),
        Err(mistake) => {
            let others = facts.err().unwrap_or_default();
            (None, Err([mistake].into_iter().chain(others).collect()))
        }
    }
}

/// The number that the head of a section gives: `Cheatsheet section S11: ...`. None, where it says
/// `Beyond the cheatsheet`.
fn number(source: &str) -> Result<Option<String>, ParseError> {
    let head = source.lines().map_while(|line| line.strip_prefix("//!"));
    let mut line = 1;
    for (place, text) in (1..).zip(head.map(str::trim_start)) {
        if text.starts_with("Beyond the cheatsheet") {
            return Ok(None);
        }
        if let Some(rest) = text.strip_prefix("Cheatsheet section") {
            let number = rest.split_once(':').map_or("", |(number, _)| number.trim_start());
            if let [b'S', b'0'..=b'9', b'0'..=b'9'] = number.as_bytes() {
                return Ok(Some(number.to_owned()));
            }
            line = place;
            break;
        }
    }
    let message = "expected a line `Cheatsheet section S11: \"...\"`, or one that begins with `Beyond the \
                   cheatsheet`";
    Err(ParseError { line, column: 1, message: message.to_owned() })
}

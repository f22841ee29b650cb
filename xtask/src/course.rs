//! Which sections there are, and in which order they are read.

use anyhow::{Context, Result, anyhow, bail, ensure};
use cargo_metadata::{Metadata, MetadataCommand, Package, Target, TargetKind};
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
    /// The link from the workspace's folder to its page: the heading, in the README of its chapter, above
    /// the first link to its source.
    pub page: Option<String>,
    /// Its number in the cheatsheet (`S11`); none, if it goes beyond it.
    pub number: Option<String>,
    head: Result<transcript::Head, String>,
}

impl Section {
    fn of(package: &Package, target: &Target, readme: &Page, root: &Path) -> Section {
        let source = target.src_path.as_std_path();
        let source = source.strip_prefix(root).unwrap_or(source).to_path_buf();
        let (number, head) = read(&source, root);
        Section {
            chapter: package.name.to_string(),
            name: target.name.clone(),
            folder: readme.folder.clone(),
            page: readme.heading_above(&source),
            source,
            number,
            head,
        }
    }

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
    /// The mistakes in its head, one `file:line:column: message` a line, the last without a newline.
    pub fn head(&self) -> Result<&transcript::Head, String> {
        self.head.as_ref().map_err(String::clone)
    }

    fn is(&self, name: &str) -> bool {
        self.name == name || self.chapter == name
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
        let front_page = Page::read(PathBuf::new(), root);
        let mut dead_links = front_page.dead_links(root);
        let mut members = Vec::new();
        for package in metadata.workspace_packages() {
            let folder = package.manifest_path.parent().context("a manifest is in no folder")?;
            let folder = folder.strip_prefix(metadata.workspace_root.as_path()).unwrap_or(folder);
            members.push((package, Page::read(folder.into(), root)));
        }
        members.sort_by_cached_key(|(package, page)| {
            (front_page.place(&page.folder.join("README.md")), package.name.to_string())
        });
        let (mut sections, mut others) = (Vec::new(), Vec::new());
        for (package, page) in members {
            dead_links.extend(page.dead_links(root));
            let folder = root.join(&page.folder).join("src/bin");
            let is_section = |target: &&Target| {
                target.is_kind(TargetKind::Bin) && target.src_path.starts_with(&folder)
            };
            let targets = package.targets.iter().filter(is_section);
            let mut of_member: Vec<_> =
                targets.map(|target| Section::of(package, target, &page, root)).collect();
            if of_member.is_empty() {
                others.push(package.name.to_string());
            }
            of_member
                .sort_by_cached_key(|section| (page.place(&section.source), section.name.clone()));
            sections.append(&mut of_member);
        }
        let mut names = BTreeSet::new();
        for Section { name, .. } in &sections {
            // All binaries land in one folder: of two with one name, one would be checked twice.
            ensure!(names.insert(name), "two sections are named `{name}`");
        }
        let target = metadata.target_directory.as_std_path().to_path_buf();
        Ok(Course { root: root.to_path_buf(), target, sections, others, dead_links })
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

/// A README.
struct Page {
    /// Its folder, from the workspace's folder.
    folder: PathBuf,
    text: String,
}

impl Page {
    /// One that is not there is empty.
    fn read(folder: PathBuf, root: &Path) -> Page {
        let text = fs::read_to_string(root.join(&folder).join("README.md")).unwrap_or_default();
        Page { folder, text }
    }

    /// Where the first link to this file stands; behind all, if there is none.
    fn place(&self, file: &Path) -> usize {
        let file = file.strip_prefix(&self.folder).unwrap_or(file);
        self.text.find(&format!("]({})", file.display())).unwrap_or(usize::MAX)
    }

    /// The link to the heading above the first link to this file.
    fn heading_above(&self, file: &Path) -> Option<String> {
        let before = self.text.get(..self.place(file))?;
        let heading = before.lines().rev().find_map(|line| line.strip_prefix("## "))?;
        Some(format!("{}#{}", self.folder.join("README.md").display(), anchor(heading)))
    }

    /// The links to sections that lead to none.
    fn dead_links(&self, root: &Path) -> Vec<String> {
        let links = self.text.split("](").skip(1).filter_map(|rest| Some(rest.split_once(')')?.0));
        let is_dead = |link: &&str| {
            let is_source = Path::new(link).extension().is_some_and(|it| it == "rs");
            is_source && link.contains("src/bin/") && !root.join(&self.folder).join(link).is_file()
        };
        let mut dead: Vec<_> = links.filter(is_dead).collect();
        dead.dedup();
        let page = self.folder.join("README.md");
        let told = |link| format!("{}: no section is there: {link}", page.display());
        dead.into_iter().map(told).collect()
    }
}

/// The anchor of a heading, as code hosts make it: letters, digits and hyphens, in lower case.
pub fn anchor(heading: &str) -> String {
    let is_kept = |c: &char| c.is_alphanumeric() || matches!(c, '-' | '_' | ' ');
    let anchor = heading.chars().filter(is_kept).flat_map(char::to_lowercase);
    anchor.map(|c| if c == ' ' { '-' } else { c }).collect()
}

/// The number of a section, and what its source says of its output, or the mistakes in its head.
fn read(source: &Path, root: &Path) -> (Option<String>, Result<transcript::Head, String>) {
    let file = source.display();
    let text = match fs::read_to_string(root.join(source)) {
        Ok(text) => text,
        Err(error) => return (None, Err(format!("{file}:1:1: cannot be read: {error}"))),
    };
    match (number(&text), transcript::Head::parse(&text)) {
        (Ok(number), Ok(head)) => (number, Ok(head)),
        (number, head) => {
            let mistakes = number.as_ref().err().cloned().into_iter();
            let mistakes = mistakes.chain(head.err().unwrap_or_default());
            let mistakes: Vec<_> = mistakes.map(|mistake| format!("{file}:{mistake}")).collect();
            (number.ok().flatten(), Err(mistakes.join("\n")))
        }
    }
}

/// The number that the head of a section gives: `Cheatsheet section S11: ...`. None, where it says
/// `Beyond the cheatsheet`.
fn number(source: &str) -> Result<Option<String>, ParseError> {
    let mistake = |line| {
        let message = "expected a line `Cheatsheet section S11: \"...\"`, or one that begins with \
                       `Beyond the cheatsheet`";
        ParseError { line, column: 1, message: message.to_owned() }
    };
    let head = source.lines().map_while(|line| line.strip_prefix("//!"));
    for (line, text) in (1..).zip(head.map(str::trim_start)) {
        if text.starts_with("Beyond the cheatsheet") {
            return Ok(None);
        }
        if let Some(rest) = text.strip_prefix("Cheatsheet section") {
            let number = rest.split_once(':').map_or("", |(number, _)| number.trim_start());
            return match number.as_bytes() {
                [b'S', b'0'..=b'9', b'0'..=b'9'] => Ok(Some(number.to_owned())),
                _ => Err(mistake(line)),
            };
        }
    }
    Err(mistake(1))
}

//! What the READMEs say of the course is so, and leads where it says.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use transcript::{Output, Status, Verdict};
use xtask::ci::README_COMMANDS;
use xtask::course::{self, Course, Section};
use xtask::list;

fn course() -> Course {
    Course::load().expect("the tests stand in the workspace")
}

fn read(course: &Course, file: impl AsRef<Path>) -> String {
    let file = course.root.join(file);
    fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// The names in links of the form `](BEFORE/src/bin/NAME.rs)`, each at its first link.
fn links(page: &str, before: &str) -> Vec<String> {
    let start = format!("]({before}src/bin/");
    let mut names = Vec::new();
    for link in page.split(start.as_str()).skip(1) {
        let name = link.split(".rs)").next().unwrap_or(link).to_owned();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

fn chapters(course: &Course) -> BTreeSet<&str> {
    course.sections.iter().map(|section| section.chapter.as_str()).collect()
}

fn of_chapter<'a>(course: &'a Course, chapter: &str) -> impl Iterator<Item = &'a Section> {
    course.sections.iter().filter(move |section| section.chapter == chapter)
}

#[test]
fn the_table_is_the_course() {
    let course = course();
    let page = read(&course, "README.md");
    let due = list::readme(&course, &page).unwrap_or_else(|error| panic!("{error:#}"));
    assert!(page == due, "README.md is out of date: run `cargo xtask list --write`");
}

#[test]
fn every_chapter_page_links_its_sections_and_no_other() {
    let course = course();
    for chapter in chapters(&course) {
        let first = of_chapter(&course, chapter).next().expect("a chapter has a section");
        let page = read(&course, first.folder.join("README.md"));
        let linked: BTreeSet<String> = links(&page, "").into_iter().collect();
        let there = of_chapter(&course, chapter).map(|section| section.name.clone()).collect();
        assert_eq!(linked, there, "{chapter}/README.md");
    }
}

#[test]
fn the_two_commands_are_those_of_ci() {
    let page = read(&course(), "README.md");
    let fence = page.split_once("```sh\n").and_then(|(_, rest)| rest.split_once("```"));
    let (commands, _) = fence.expect("the README has a fence marked `sh`");
    let commands: Vec<_> = commands.lines().filter(|line| !line.is_empty()).collect();
    assert_eq!(commands, README_COMMANDS);
}

#[test]
fn the_sample_outputs_are_what_the_text_says_of_them() {
    let course = course();
    let page = read(&course, "README.md");
    let mut fences = page.split("```text\n").skip(1).filter_map(|rest| rest.split("```").next());
    let mut fence = || fences.next().expect("the README has four fences marked `text`");
    let (sample, rows, rules, explanation) = (fence(), fence(), fence(), fence());

    let section = course.section("semaphore").expect("the README shows it");
    let source = read(&course, &section.source).replace("//! ", "");
    assert!(source.contains(&format!("```text\n{rows}```")), "the rows are not the source's");
    let bullets = format!("- {}\n", rules.trim_end().replace('\n', "\n- "));
    assert!(source.contains(&bullets), "the rules are not the source's");

    assert!(matches!(check(section, sample), Verdict::Legal(_)));
    let without_the_ninth: String = (1..)
        .zip(sample.split_inclusive('\n'))
        .filter_map(|(number, line)| (number != 9).then_some(line))
        .collect();
    let Verdict::Illegal(failure) = check(section, &without_the_ninth) else {
        panic!("the output without its ninth line is not illegal")
    };
    assert_eq!(failure.explain("semaphore"), explanation);
}

fn check(section: &Section, stdout: &str) -> Verdict {
    let head = section.head().expect("its transcript has no mistake");
    head.check(&Output { stdout: stdout.as_bytes(), stderr: b"", status: Status::Unjudged })
}

/// The chapters' folders.
fn folders(course: &Course) -> BTreeSet<&PathBuf> {
    course.sections.iter().map(|section| &section.folder).collect()
}

/// What is read on a code host, but is no chapter.
const OTHERS: [&str; 4] = ["", "xtask", "xtask/transcript", "xtask/versus"];

/// The READMEs, each with its folder.
fn pages(course: &Course) -> Vec<(PathBuf, String)> {
    let folders = OTHERS.into_iter().map(PathBuf::from).chain(folders(course).into_iter().cloned());
    let page = |folder: PathBuf| {
        let text = read(course, folder.join("README.md"));
        (folder, text)
    };
    folders.map(page).collect()
}

#[test]
fn what_a_page_shows_of_a_section_it_may_print() {
    let course = course();
    for (folder, page) in pages(&course) {
        for shown in page.split("```console\n$ ").skip(1) {
            let (command, rest) = shown.split_once('\n').expect("a fence has an end");
            let output = rest.split("```").next().unwrap_or(rest);
            if !command.contains(" --bin ") {
                continue;
            }
            let section = course.sections.iter().find(|section| section.command() == command);
            let section = section.unwrap_or_else(|| panic!("{}: {command}", folder.display()));
            assert!(matches!(check(section, output), Verdict::Legal(_)), "{command}\n{output}");
        }
    }
}

#[test]
fn pages_read_well_on_a_code_host_and_name_nothing_that_is_not_there() {
    let course = course();
    let mut found = Vec::new();
    for (folder, page) in pages(&course) {
        let exists = |path: &str| course.root.join(&folder).join(path).exists();
        let leads = |link: &str| {
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            exists(file)
                && (anchor.is_empty() || has_heading(&read(&course, folder.join(file)), anchor))
        };
        let faults = faults(&page, leads).into_iter();
        found
            .extend(faults.map(|fault| format!("{}: {fault}", folder.join("README.md").display())));
        // A path may also be given from the root, as the commands in a page are.
        let paths = paths(&page).filter(|path| !exists(path) && !course.root.join(path).exists());
        found.extend(
            paths.map(|path| format!("{}: no `{path}`", folder.join("README.md").display())),
        );
    }
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

fn has_heading(page: &str, anchor: &str) -> bool {
    let headings = page.lines().filter_map(|line| line.trim_start_matches('#').strip_prefix(' '));
    headings.map(course::anchor).any(|it| it == anchor)
}

#[test]
fn comments_name_no_file_that_is_not_there() {
    let course = course();
    let mut found = Vec::new();
    for chapter in folders(&course).into_iter().map(|folder| course.root.join(folder)) {
        for file in sources(&chapter) {
            let text = fs::read_to_string(&file).expect("it is UTF-8");
            let comments = text.lines().filter(|line| line.trim_start().starts_with(['/', '#']));
            let bases = [file.parent().expect("it is in a folder"), &chapter, &course.root];
            for path in comments.flat_map(paths) {
                if !bases.iter().any(|base| base.join(path).exists()) {
                    found.push(format!("{}: there is no `{path}`", file.display()));
                }
            }
        }
    }
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries =
        fs::read_dir(folder).expect("it is there").map(|entry| entry.expect("it is there").path());
    let (folders, files): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
    let is_source = |file: &PathBuf| file.extension().is_some_and(|it| it == "rs" || it == "py");
    let inner = folders.iter().flat_map(|folder| sources(folder));
    files.into_iter().filter(is_source).chain(inner).collect()
}

/// What looks like the path of a file of ours, in a text.
fn paths(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && !"/_.-".contains(c));
    words.map(|word| word.trim_end_matches('.')).filter(|word| {
        let extension = Path::new(word).extension().and_then(OsStr::to_str).unwrap_or_default();
        let ours = ["rs", "py", "md", "patch"].contains(&extension);
        // `NAME` stands for any.
        ours && word.contains('/') && !word.starts_with('/') && !word.contains("NAME")
    })
}

/// What stands in a page and does not read well on a code host, or leads nowhere.
fn faults(page: &str, leads: impl Fn(&str) -> bool) -> Vec<String> {
    let mut faults = Vec::new();
    // How many backquotes have opened it, and what follows them.
    let mut fence: Option<(usize, &str)> = None;
    for line in page.lines() {
        let info = line.trim_start().trim_start_matches('`');
        let quotes = line.trim_start().len() - info.len();
        if let Some((opened, language)) = fence {
            if quotes >= opened && info.trim().is_empty() {
                fence = None;
            } else if language.starts_with("rust")
                && (line.trim() == "#" || line.trim_start().starts_with("# "))
            {
                faults.push(format!("only rustdoc hides `{line}`"));
            }
        } else if quotes >= 3 {
            fence = Some((quotes, info));
            let known = ["rust", "text", "console", "sh", "mermaid", "python", "toml"];
            if !known.contains(&info.split(',').next().unwrap_or_default()) {
                faults.push(format!("a code host knows no fence `{line}`"));
            }
        } else {
            let definition = line.starts_with('[').then(|| line.split_once("]: ")).flatten();
            let targets = line.split("](").skip(1).chain(definition.map(|(_, target)| target));
            for target in targets.map(|rest| rest.split([')', ' ']).next().unwrap_or(rest)) {
                if target.starts_with('#') {
                    faults.push(format!("rustdoc names headings otherwise: `{target}`"));
                } else if !target.contains("://") && !leads(target) {
                    faults.push(format!("a link leads nowhere: `{target}`"));
                }
            }
            for link in line.split("[`").skip(1) {
                let (name, after) = link.split_once("`]").unwrap_or((link, "("));
                if !after.starts_with(['(', '[', ':']) {
                    faults.push(format!("only rustdoc knows where to lead: [`{name}`]"));
                }
            }
        }
    }
    faults
}

#[test]
fn a_page_that_does_not_read_well_is_told() {
    let page = "[a](there.md) [b](gone.md#x) ![c](there.svg) <https://x.org> [d](https://x.org/gone.md)\n\
                [e](#here) [`f`] [`g`](there.rs) [`h`], and [`i()`][i]\n\
                [i]: gone.rs\n\
                ```rust,no_run\n# use x;\n#[test]\nlet a = b[c](d);\n#\n```\n```sh\n# a comment\n```\n\
                ````rust\n```text\n# not hidden?\n```\n````\n\
                ```compile_fail,E0308\n```\n```\n[j](gone.md)\n```\n[k](gone.md)\n";
    let due = [
        "a link leads nowhere: `gone.md#x`",
        "rustdoc names headings otherwise: `#here`",
        "only rustdoc knows where to lead: [`f`]",
        "only rustdoc knows where to lead: [`h`]",
        "a link leads nowhere: `gone.rs`",
        "only rustdoc hides `# use x;`",
        "only rustdoc hides `#`",
        "only rustdoc hides `# not hidden?`",
        "a code host knows no fence `",
        "a code host knows no fence `",
        "a link leads nowhere: `gone.md`",
    ];
    let found = faults(page, |link| link.starts_with("there"));
    assert_eq!(found.len(), due.len(), "{found:#?}");
    for (found, due) in found.iter().zip(due) {
        assert!(found.starts_with(due), "{found}");
    }
    let page = "# It\n\n## Who gets “a lock”?\n\n#not-one\n";
    assert!(has_heading(page, "it") && has_heading(page, "who-gets-a-lock"));
    assert!(!has_heading(page, "who") && !has_heading(page, "not-one"));
    let text = "see `src/a.rs`, (b/c.py) or d/e.md. Not f.rs, /g/h.rs, https://x.org/i.md, j/k.txt, l/m or \
                n/NAME.rs.";
    assert_eq!(paths(text).collect::<Vec<_>>(), ["src/a.rs", "b/c.py", "d/e.md"]);
}

//! Runs a chapter's sections in the order of its README, each as a process of its own.
//!
//! Every chapter has this file as its own program: `cargo run -p sync` is this.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, ExitStatus};
use std::{env, fs};

fn main() -> ExitCode {
    section::ends_with_its_reader();
    let Err(error) = run_chapter() else {
        return ExitCode::SUCCESS;
    };
    eprintln!("{}: {error}", env!("CARGO_PKG_NAME"));
    ExitCode::FAILURE
}

fn run_chapter() -> Result<(), String> {
    let chapter = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = build(chapter)?;
    let mut failed = Vec::new();
    for name in reading_order(&read(&chapter.join("README.md"))?) {
        let source = read(&chapter.join(format!("src/bin/{name}.rs")))?;
        let title = source.lines().find_map(|line| line.strip_prefix("//! "));
        println!("{}", title.unwrap_or(name));
        println!("$ cargo run -p {} --bin {name}\n", env!("CARGO_PKG_NAME"));
        failed.extend(run(&mut Command::new(folder.join(name)), name, right_end(&source)).err());
        println!();
    }
    if failed.is_empty() { Ok(()) } else { Err(failed.join(", ")) }
}

/// Builds the chapter where this very program stands: same profile, same folder.
fn build(chapter: &Path) -> Result<PathBuf, String> {
    let program = env::current_exe().map_err(|error| format!("where am I? {error}"))?;
    let folder = program.parent().ok_or("this program is in no folder")?;
    // The folder is named after the profile, save for `dev`.
    let profile = folder.file_name().filter(|name| *name != "debug");
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or("cargo".into()));
    cargo.args(["build", "--quiet", "--bins", "--profile"]).arg(profile.unwrap_or("dev".as_ref()));
    cargo.arg("--manifest-path").arg(chapter.join("Cargo.toml"));
    cargo.arg("--target-dir").arg(folder.parent().unwrap_or(folder));
    run(&mut cargo, "cargo build", "0").map(|()| folder.to_path_buf())
}

/// The end that a section's source calls right: an exit status, or a signal, as in `SIGINT`.
fn right_end(source: &str) -> &str {
    source.lines().find_map(|line| line.trim().strip_prefix("//@ exit:")).map_or("0", str::trim)
}

fn run(command: &mut Command, name: &str, right_end: &str) -> Result<(), String> {
    match command.status() {
        Ok(status) if end_of(status) == right_end => Ok(()),
        Ok(status) => Err(format!("{name} failed ({status})")),
        Err(error) => Err(format!("cannot start {name}: {error}")),
    }
}

/// The end as a directive writes it.
fn end_of(status: ExitStatus) -> String {
    // Std tells of a signal in words alone: `signal: 2 (SIGINT)`.
    let told = status.to_string();
    let signal = told.split(['(', ')']).nth(1).unwrap_or(&told);
    status.code().map_or(signal.to_owned(), |code| code.to_string())
}

/// The sections that a README links, in the order of their first links.
fn reading_order(readme: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let links = readme.split("](src/bin/").skip(1);
    for name in links.filter_map(|link| Some(link.split_once(".rs)")?.0)) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("cannot read {}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::{end_of, reading_order, right_end};
    use std::process::Command;

    #[test]
    fn sections_are_read_in_the_order_of_their_first_links() {
        let page = "[`b`](src/bin/b.rs) ([in Python](python/b.py)), [`a`](src/bin/a.rs), \
                    [block](src/c.rs), and [`b`](src/bin/b.rs) again";
        assert_eq!(reading_order(page), ["b", "a"]);
    }

    #[test]
    fn the_right_end_is_zero_or_what_the_directive_says() {
        for (source, right) in [
            ("//! Title.\nfn main() {}\n", "0"),
            ("//! Title.\n//@ exit: 3\nfn main() {}\n", "3"),
            ("//! Title.\n//@ alone\n  //@ exit: SIGINT\n", "SIGINT"),
        ] {
            assert_eq!(right_end(source), right);
        }
    }

    #[test]
    fn an_end_is_told_as_a_directive_writes_it() {
        for (script, end) in [("exit 0", "0"), ("exit 3", "3"), ("kill -INT $$", "SIGINT")] {
            let status = Command::new("sh").args(["-c", script]).status().unwrap();
            assert_eq!(end_of(status), end);
        }
    }
}

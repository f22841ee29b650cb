//! A throw-away course to run the built `cargo xtask` on.
#![allow(dead_code, reason = "no test file needs all of it")]

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::{env, fs};
use tempfile::TempDir;

/// A workspace with one chapter, `chapter`, whose sections the test writes.
pub(crate) struct Workspace {
    folder: TempDir,
}

/// What the built command said.
pub(crate) struct Said {
    pub(crate) status: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Workspace {
    /// With sections of these names and sources.
    pub(crate) fn new(sections: &[(&str, &str)]) -> Workspace {
        let folder = tempfile::tempdir().expect("there is room for a directory");
        let workspace = Workspace { folder };
        workspace.write("Cargo.toml", "[workspace]\nmembers = [\"chapter\"]\nresolver = \"3\"\n");
        workspace.write(
            "chapter/Cargo.toml",
            "[package]\nname = \"chapter\"\nversion = \"0.1.0\"\nedition = \"2024\"\n",
        );
        workspace.write("temporary/.keep", "");
        for (name, source) in sections {
            workspace.write(&format!("chapter/src/bin/{name}.rs"), source);
        }
        workspace
    }

    /// Adds a bench of this name, whose cases do what the second of each pair says: one of the
    /// words in `bench.rs`, or something else for one that is fine.
    pub(crate) fn bench(&self, name: &str, cases: &[(&str, &str)]) {
        let manifest = self.read("chapter/Cargo.toml");
        let target = format!("[[bench]]\nname = \"{name}\"\nharness = false\n");
        if !manifest.contains(&target) {
            self.write("chapter/Cargo.toml", &format!("{manifest}\n{target}"));
        }
        self.write("chapter/src/lib.rs", "");
        self.measure_with_versus();
        let cases: Vec<_> = cases.iter().map(|case| format!("{case:?}")).collect();
        let source = include_str!("bench.rs").replace("/* cases */", &cases.join(", "));
        self.write(&format!("chapter/benches/{name}.rs"), &source);
    }

    /// Lets the chapter depend on a package named `versus`, as one that measures does.
    fn measure_with_versus(&self) {
        let manifest = self.read("chapter/Cargo.toml");
        let dependency = "[dev-dependencies]\nversus = { path = \"../versus\" }\n";
        if !manifest.contains(dependency) {
            self.write("chapter/Cargo.toml", &format!("{manifest}\n{dependency}"));
            self.write("versus/Cargo.toml", "[package]\nname = \"versus\"\nedition = \"2024\"\n");
            self.write("versus/src/lib.rs", "");
        }
    }

    pub(crate) fn has(&self, file: &str) -> bool {
        self.path(file).exists()
    }

    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join(file)
    }

    pub(crate) fn write(&self, file: &str, text: &str) {
        let file = self.path(file);
        let folder = file.parent().expect("a file is in a folder");
        fs::create_dir_all(folder).expect("there is room for a folder");
        fs::write(file, text).expect("there is room for a file");
    }

    pub(crate) fn read(&self, file: &str) -> String {
        fs::read_to_string(self.path(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
    }

    /// The built command, to be run in this workspace; its temporary files land in `temporary`.
    pub(crate) fn xtask(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
        command.args(arguments).current_dir(&self.folder).stdin(Stdio::null());
        command.env("TMPDIR", self.path("temporary")).env_remove("CARGO_TARGET_DIR");
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Said {
        Said::of(&self.xtask(arguments).output().expect("xtask is built"))
    }

    /// Nothing is left of any run's temporary directory.
    pub(crate) fn assert_tidy(&self) {
        let entries = fs::read_dir(self.path("temporary")).expect("the test made it");
        let left: Vec<_> = entries.flatten().map(|entry| entry.file_name()).collect();
        assert_eq!(left, [".keep"]);
    }
}

impl Said {
    pub(crate) fn of(output: &Output) -> Said {
        Said {
            status: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Exited so, and said each of these on either output.
    #[track_caller]
    pub(crate) fn assert(&self, status: i32, texts: &[&str]) -> &Said {
        let Said { stdout, stderr, .. } = self;
        let all = format!("--- stdout\n{stdout}--- stderr\n{stderr}");
        assert_eq!(self.status, Some(status), "{all}");
        for text in texts {
            assert!(all.contains(text), "nothing says {text:?}:\n{all}");
        }
        assert!(!all.contains("panicked"), "{all}");
        self
    }
}

/// The source of a section that may print these lines, and has this for its `main`.
pub(crate) fn section(lines: &str, main: &str) -> String {
    let rows: Vec<_> = lines.lines().map(|line| format!("//! {line}\n")).collect();
    let rows = rows.concat();
    format!(
        "//! A test.\n//! Beyond the cheatsheet.\n//! # Output\n//!\n//! ```text\n{rows}//! ```\n\nfn main() {{\n{main}\n}}\n"
    )
}

/// A section that prints one line, as it should.
pub(crate) fn good() -> String {
    section("fine", "println!(\"fine\");")
}

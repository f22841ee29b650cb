//! Under which circumstances we measure: what a bench itself cannot know.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use versus::{Machine, Report};

/// The compiler, the commit, and the load before we added ours.
pub fn gather(root: &Path) -> BTreeMap<String, String> {
    let said = |program: &str, arguments: &[&str]| {
        let ran = shell::output(Command::new(program).args(arguments).current_dir(root)).ok()?;
        let text = String::from_utf8(ran.stdout).ok()?;
        ran.exit.success().then(|| text.trim().to_owned())
    };
    let unknown = || "unknown".to_owned();
    // `rustc 1.95.0 (59807616e 2026-04-14)`
    let rustc = said("rustc", &["--version"]);
    let rustc = rustc.and_then(|version| Some(version.split(' ').nth(1)?.to_owned()));
    let commit = said("git", &["describe", "--always", "--abbrev=12", "--dirty", "--exclude=*"]);
    let load = Machine::here().load.map(|load| format!("{load:.2}"));
    BTreeMap::from([
        ("rustc".to_owned(), rustc.unwrap_or_else(unknown)),
        ("commit".to_owned(), commit.unwrap_or_else(unknown)),
        ("load".to_owned(), load.unwrap_or_else(unknown)),
    ])
}

/// All of it in one paragraph, to stand above the tables of a report.
pub fn paragraph(report: &Report) -> String {
    let Report { machine, settings, circumstances, .. } = report;
    let fact = |name: &str| circumstances.get(name).map_or("unknown", String::as_str);
    let mut text = format!(
        "`{}`, {} cores, `{}`; rustc {}, {} build of commit {}; {}; {} rounds of {} ms a run, seed {}; \
         load {} before.",
        machine.cpu,
        machine.cores,
        machine.system,
        fact("rustc"),
        report.profile,
        fact("commit"),
        report.date,
        settings.rounds,
        settings.run_ms,
        settings.seed,
        fact("load"),
    );
    let others =
        circumstances.iter().filter(|(name, _)| !["rustc", "commit", "load"].contains(&&***name));
    for (name, value) in others {
        text += &format!(" {name}: {value}.");
    }
    text
}

//! `cargo xtask verify`, `match` and `list`, each run as a whole on a small course.

mod workspace;

use nix::errno::Errno;
use nix::libc;
use nix::pty::{OpenptyResult, openpty};
#[cfg(target_os = "linux")]
use nix::sys::signal::{Signal, kill};
#[cfg(target_os = "linux")]
use nix::unistd::Pid;
use nix::unistd::setsid;
use serde_json::Value;
use std::fs;
use std::io::Write;
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
#[cfg(target_os = "linux")]
use std::path::Path;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use workspace::{Said, Workspace, good, section};

#[test]
fn a_course_that_holds_is_status_0() {
    let course = Workspace::new(&[("one", &good()), ("two", &good())]);
    let said = course.run(&["verify"]);
    said.assert(0, &["chapter/one", "chapter/two", "2 held"]);
    assert!(!said.stdout.contains('\u{1b}'), "no terminal, no colours: {}", said.stdout);
    course.assert_tidy();
}

#[test]
fn a_section_that_fails_is_status_1_and_harms_no_other() {
    let course =
        Workspace::new(&[("bad", &section("fine", "println!(\"bad\");")), ("good", &good())]);
    let said = course.run(&["verify"]);
    said.assert(1, &["--- chapter/bad\nbad: no row matches line 1", "1 held, 1 failed"]);
}

#[test]
fn a_section_without_a_transcript_is_named_and_the_others_run() {
    let course = Workspace::new(&[("bare", "//! Bare.\nfn main() {}\n"), ("good", &good())]);
    course
        .run(&["verify"])
        .assert(2, &["chapter/src/bin/bare.rs:1:1: ", "1 held, 1 could not run"]);
    course
        .run(&["list"])
        .assert(2, &["chapter/src/bin/bare.rs:1:1: ", "cargo run -p chapter --bin good"]);
}

#[test]
fn a_mistake_in_a_transcript_is_named_with_line_and_column() {
    let course = Workspace::new(&[("odd", &section("fine\n{odd\nfine", "")), ("good", &good())]);
    course.run(&["verify"]).assert(2, &["chapter/src/bin/odd.rs:7:5: ", "1 held, 1 could not run"]);
}

#[test]
fn what_could_not_run_outweighs_what_failed() {
    let course =
        Workspace::new(&[("bad", &section("fine", "")), ("bare", "//! Bare.\nfn main() {}\n")]);
    course.run(&["verify"]).assert(2, &["0 held, 1 failed, 1 could not run"]);
}

#[test]
fn a_broken_build_is_named_and_the_others_run() {
    let broken = section("fine", "let x: u8 = \"fine\";");
    let course = Workspace::new(&[("broken", &broken), ("good", &good())]);
    let texts = [
        "--> chapter/src/bin/broken.rs:10:13",
        "E0308",
        "was not built",
        "1 held, 1 could not run",
    ];
    course.run(&["verify"]).assert(2, &texts);
}

#[test]
fn filters_select_chapters_and_sections() {
    let course = Workspace::new(&[("one", &good()), ("two", &good())]);
    course.run(&["verify", "two"]).assert(0, &["chapter/two", "1 held"]);
    course.run(&["verify", "chapter"]).assert(0, &["2 held"]);
    course.run(&["verify", "three"]).assert(2, &["`three`", "chapter: one two"]);
}

#[test]
fn a_filter_that_selects_nothing_is_an_error() {
    let course = Workspace::new(&[("one", &good())]);
    course
        .write("Cargo.toml", "[workspace]\nmembers = [\"chapter\", \"bare\"]\nresolver = \"3\"\n");
    course.write("bare/Cargo.toml", "[package]\nname = \"bare\"\nedition = \"2024\"\n");
    course.write("bare/src/lib.rs", "");
    course.run(&["verify", "bare"]).assert(2, &["`bare` selects nothing"]);
    fs::remove_dir_all(course.path("chapter/src/bin")).expect("the test made it");
    course.write("chapter/src/lib.rs", "");
    course.run(&["verify"]).assert(2, &["has no section"]);
}

#[test]
fn an_unwritable_report_is_known_before_anything_runs() {
    let course = Workspace::new(&[("one", &good())]);
    let said = course.run(&["verify", "--json", "no/such/folder/report.json"]);
    said.assert(2, &["cannot write no/such/folder/report.json"]);
    assert_eq!(said.stdout, "");
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_an_error_and_no_panic() {
    let course = Workspace::new(&[("one", &good())]);
    course.run(&["verify", "--json", "/dev/full"]).assert(2, &["cannot write /dev/full"]);
    let full = fs::OpenOptions::new().write(true).open("/dev/full").expect("Linux has it");
    let said = course.xtask(&["verify"]).stdout(full).output().expect("xtask is built");
    Said::of(&said).assert(2, &["cannot write to standard output"]);
}

#[test]
fn a_reader_that_has_gone_ends_it_quietly() {
    let course = Workspace::new(&[("one", &good())]);
    for task in ["verify", "list"] {
        let (reader, writer) = std::io::pipe().expect("there are descriptors");
        drop(reader);
        let said = course.xtask(&[task]).stdout(writer).output().expect("xtask is built");
        let said = Said::of(&said);
        said.assert(141, &[]);
        assert!(!said.stderr.contains("error"), "{}", said.stderr);
    }
    course.assert_tidy();
}

#[test]
fn the_report_has_every_line_with_time_stream_and_lane() {
    let source = section("A| one\nerr| two", "println!(\"one\"); eprintln!(\"two\");");
    let course =
        Workspace::new(&[("both", &source), ("odd", &section("fine", "println!(\"odd\");"))]);
    course.run(&["verify", "--json", "report.json", "--repeat", "2"]).assert(1, &[]);
    let report: Value = serde_json::from_str(&course.read("report.json")).expect("it is JSON");
    assert_eq!(report["interrupted"], Value::Null);
    let runs = report["runs"].as_array().expect("runs are a list");
    assert_eq!(runs.len(), 4);
    let run = runs.iter().find(|run| run["section"] == "both" && run["round"] == 2);
    let run = run.expect("two rounds were asked for");
    assert_eq!(
        (&run["verdict"], &run["exit"], &run["kind"]),
        (&"held".into(), &0.into(), &"rust".into())
    );
    let lines = run["lines"].as_array().expect("lines are a list");
    let line = |text: &str| lines.iter().find(|line| line["text"] == text).expect("it was printed");
    assert_eq!((&line("one")["stream"], &line("one")["lane"]), (&"stdout".into(), &"A".into()));
    assert_eq!((&line("two")["stream"], &line("two")["lane"]), (&"stderr".into(), &"err".into()));
    assert!(lines.iter().all(|line| line["nanos"].as_u64() > Some(0)), "{lines:?}");
    let odd = runs.iter().find(|run| run["section"] == "odd").expect("it was run");
    assert_eq!((&odd["verdict"], &odd["target"]), (&"failed".into(), &"fine".into()));
}

#[test]
fn repetition_counts_orders_and_failures() {
    let course =
        Workspace::new(&[("good", &good()), ("bad", &section("fine", "println!(\"bad\");"))]);
    let said = course.run(&["verify", "--repeat", "3"]);
    said.assert(1, &["held 3 times", "FAILED 3 of 3 times", "63.16 %"]);
    assert_eq!(
        said.stdout.matches("no row matches").count(),
        1,
        "the first failure is explained once"
    );
}

#[test]
fn without_a_bar_a_long_repetition_says_how_far_it_is() {
    let course = Workspace::new(&[("good", &good())]);
    let said = course.run(&["verify", "--repeat", "20"]);
    said.assert(0, &["2 of 20 runs are over", "18 of 20 runs are over"]);
    assert_eq!(said.stdout.matches(" runs are over").count(), 10);
    assert!(!course.run(&["verify"]).stdout.contains(" runs are over"));
}

#[test]
fn all_jobs_work_on_one_section_if_there_is_no_other() {
    // Each run stays until another run has come.
    let course = Workspace::new(&[]);
    let folder = course.path("runs");
    let main = format!(
        "let folder = {folder:?};
        std::fs::write(format!(\"{{folder}}/{{}}\", std::process::id()), \"\").unwrap();
        while std::fs::read_dir(folder).unwrap().count() < 2 {{ std::thread::yield_now(); }}
        println!(\"fine\");"
    );
    fs::create_dir(&folder).expect("there is room for a folder");
    course.write("chapter/src/bin/meets.rs", &section("fine", &main));
    course.run(&["verify", "--repeat", "2", "--jobs", "2"]).assert(0, &["held 2 times"]);
}

#[test]
fn a_link_to_a_section_that_is_gone_is_an_error() {
    let course = Workspace::new(&[("good", &good())]);
    course
        .write("README.md", "[the chapter](chapter/README.md), [gone](chapter/src/bin/lost.rs)\n");
    course.write("chapter/README.md", "[good](src/bin/good.rs), [gone](src/bin/gone.rs)\n");
    let said = course.run(&["verify"]);
    said.assert(2, &["chapter/README.md: no section is there: src/bin/gone.rs", "1 held"]);
    said.assert(2, &["README.md: no section is there: chapter/src/bin/lost.rs"]);
}

#[test]
fn sometimes_rules_are_counted() {
    let source = section("fine", "println!(\"fine\");");
    let rule = "//!\n//! # Always\n//!\n//! - sometimes `fine`\n\nfn main";
    let course = Workspace::new(&[("one", &source.replace("\nfn main", rule))]);
    course.run(&["verify", "--repeat", "2"]).assert(0, &["sometimes `fine`: seen in 2 of 2 runs"]);
}

#[test]
fn mutants_list_the_freedom_of_a_transcript() {
    let source = section("A| one\nB| two", "println!(\"one\"); println!(\"two\");");
    let course = Workspace::new(&[("free", &source)]);
    let texts = [
        "4 lines dropped or doubled, 0 unnoticed",
        "1 swaps of neighbours are legal",
        "one <-> two",
    ];
    course.run(&["verify", "--mutate"]).assert(0, &texts);
}

#[test]
fn a_limit_can_be_given() {
    let course = Workspace::new(&[("hang", &section("x", "loop { std::thread::park(); }"))]);
    course.run(&["verify", "--timeout", "300ms"]).assert(1, &["it did not end within 300ms"]);
    course.run(&["verify", "--timeout", "3 apples"]).assert(2, &["expected a time"]);
}

#[test]
fn too_few_cores_is_said_aloud() {
    let course = Workspace::new(&[("wide", &format!("{}//@ cores: 4000\n", good()))]);
    course.run(&["verify"]).assert(0, &["skipped: needs 4000 cores", "0 held, 1 skipped"]);
}

#[test]
fn two_sections_of_one_name_are_an_error() {
    let course = Workspace::new(&[("one", &good())]);
    course
        .write("Cargo.toml", "[workspace]\nmembers = [\"chapter\", \"next\"]\nresolver = \"3\"\n");
    course.write("next/Cargo.toml", "[package]\nname = \"next\"\nedition = \"2024\"\n");
    course.write("next/src/bin/one.rs", &good());
    course.run(&["verify"]).assert(2, &["two sections are named `one`"]);
}

#[test]
fn the_order_is_that_of_the_readme() {
    let course = Workspace::new(&[("a", &good()), ("b", &good()), ("c", &good())]);
    course
        .write("Cargo.toml", "[workspace]\nmembers = [\"chapter\", \"next\"]\nresolver = \"3\"\n");
    course.write("next/Cargo.toml", "[package]\nname = \"next\"\nedition = \"2024\"\n");
    course.write("next/src/bin/d.rs", &good());
    let table = "<!-- course --> [`a`](chapter/src/bin/a.rs) <!-- /course -->";
    course.write("README.md", &format!("{table} [next](next/README.md) [this](chapter/README.md)"));
    course.write(
        "chapter/README.md",
        "[`c`](src/bin/c.rs) [`b`](src/bin/b.rs) [`a`](src/bin/a.rs) [`b`](src/bin/b.rs)",
    );
    let list = course.run(&["list"]).stdout;
    let place = |name: &str| list.find(&format!("--bin {name} ")).expect("it is listed");
    assert!(["d", "c", "b", "a"].map(place).is_sorted(), "{list}");
}

#[test]
fn the_head_says_which_number_a_section_has() {
    let of = |head: &str| good().replace("Beyond the cheatsheet.", head);
    let course = Workspace::new(&[
        ("new", &of("Beyond the cheatsheet, which has no such thing.")),
        ("old", &of("Cheatsheet section S07: \"Compare\", using `map`.")),
    ]);
    course.run(&["list"]).assert(0, &["|     | new ", "| S07 | old "]);
    for (head, line) in [
        ("Cheatsheet section: \"Compare\".", 2),
        ("Cheatsheet section 7: \"Compare\".", 2),
        ("Cheatsheet section S07 is this.", 2),
        ("By us.", 1),
    ] {
        course.write("chapter/src/bin/old.rs", &of(head));
        let mistake =
            format!("chapter/src/bin/old.rs:{line}:1: expected a line `Cheatsheet section");
        for task in ["verify", "list"] {
            course.run(&[task]).assert(2, &[&mistake]);
        }
    }
}

#[test]
fn the_table_of_the_readme_is_written_from_the_heads() {
    let titled = |title: &str| good().replace("A test.", title);
    let course = Workspace::new(&[
        ("a", &titled("A lock: who gets it?")),
        (
            "b",
            &titled("Two: a or b, or: both.").replace("Beyond", "Cheatsheet section S01: beyond"),
        ),
        ("c", &titled("No idea.")),
    ]);
    course.write("chapter/python/b.py", "");
    course.write(
        "chapter/README.md",
        "# All\n\n## Who gets “a lock”?\n\n[`a`](src/bin/a.rs)\n\n## Next\n",
    );
    course.run(&["list", "--write"]).assert(2, &["cannot read README.md"]);
    course.write("README.md", "no markers\n");
    course.run(&["list", "--write"]).assert(2, &["lacks `<!-- course -->`"]);
    course.write("README.md", "before\n<!-- course -->\nold\n<!-- /course -->\nafter\n");
    let due = "before\n<!-- course -->\n\n\
               | | section | idea | sources | command |\n| --- | --- | --- | --- | --- |\n\
               |  | [`a`](chapter/README.md#who-gets-a-lock) | Who gets it? | [Rust](chapter/src/bin/a.rs) | `cargo run -p chapter --bin a` |\n\
               | S01 | [`b`](chapter/src/bin/b.rs) | A or b, or: both. | [Rust](chapter/src/bin/b.rs), \
               [Python](chapter/python/b.py) | \
               `cargo run -p chapter --bin b` |\n\
               |  | [`c`](chapter/src/bin/c.rs) | No idea. | [Rust](chapter/src/bin/c.rs) | `cargo run -p chapter --bin c` |\n\
               \n<!-- /course -->\nafter\n";
    for _ in 0..2 {
        course.run(&["list", "--write"]).assert(0, &[]);
        assert_eq!(course.read("README.md"), due);
    }
    course.write("chapter/src/bin/c.rs", "//! No head.\nfn main() {}\n");
    course.run(&["list", "--write"]).assert(2, &["chapter/src/bin/c.rs:1:1: "]);
    assert_eq!(course.read("README.md"), due);
}

#[test]
fn a_count_that_nobody_could_read_is_rounded() {
    let rows = "i in 0..16| a {i}\ni| b {i}\ni| c {i}";
    let course = Workspace::new(&[("free", &section(rows, ""))]);
    course.run(&["list"]).assert(0, &["--bin free | about 10^49"]);
    let lanes: Vec<_> = (0..16).map(|i| format!("a {i}\nb {i}\nc {i}\n")).collect();
    course.write("legal", &lanes.concat());
    course.run(&["match", "free", "legal"]).assert(0, &["legal: one of about 10^49 outputs of"]);
}

#[test]
fn a_run_gets_nothing_from_our_standard_input() {
    let main = "println!(\"{} lines\", std::io::stdin().lines().count());";
    let course = Workspace::new(&[("reads", &section("0 lines", main))]);
    let input = fs::File::open(course.path("Cargo.toml")).expect("the test wrote it");
    let said = course.xtask(&["verify"]).stdin(input).output().expect("xtask is built");
    Said::of(&said).assert(0, &["1 held"]);
}

#[test]
fn a_run_inherits_no_descriptor_of_ours() {
    // Reading the folder takes one more.
    let main = "println!(\"{} descriptors\", std::fs::read_dir(\"/dev/fd\").unwrap().count() - 1);";
    let course = Workspace::new(&[("holds", &section("3 descriptors", main))]);
    let mut shell = Command::new("sh");
    shell.args(["-c", "exec \"$0\" verify 5</dev/null 9</dev/null", env!("CARGO_BIN_EXE_xtask")]);
    let said = shell.current_dir(course.path("")).output().expect("there is a shell");
    Said::of(&said).assert(0, &["1 held"]);
}

/// Starts a program as the leader of a session that has this terminal.
#[allow(unsafe_code, reason = "`Command` has no stable way to start a session")]
fn with_terminal(command: &mut Command, terminal: OwnedFd) -> Child {
    let lead = || {
        setsid()?;
        // SAFETY: standard input is open, it is the terminal; nothing is read or written.
        Errno::result(unsafe { libc::ioctl(0, libc::TIOCSCTTY as _, 0) })?;
        Ok(())
    };
    // SAFETY: the closure runs in a child that has one thread of several. It makes two system calls;
    // it allocates nothing, takes no lock and touches no memory of ours.
    unsafe { command.pre_exec(lead) };
    command.stdin(terminal).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().expect("there is a shell")
}

#[test]
fn a_run_has_no_terminal_though_we_have_one() {
    let main = "let terminal = std::fs::File::open(\"/dev/tty\").map(|_| \"one\");
        println!(\"{:?}\", terminal.map_err(|error| error.raw_os_error().unwrap()));";
    let course = Workspace::new(&[("asks", &section("Err(6)", main))]);
    let OpenptyResult { master, slave } = openpty(None, None).expect("there are terminals");
    let mut shell = Command::new("sh");
    let script = ": < /dev/tty && exec \"$0\" verify"; // we have one, or it fails here
    shell.args(["-c", script, env!("CARGO_BIN_EXE_xtask")]).current_dir(course.path(""));
    let runner = with_terminal(&mut shell, slave).wait_with_output().expect("it ends");
    drop(master); // without which there was no terminal
    Said::of(&runner).assert(0, &["1 held"]);
}

/// It is dead, and not yet reaped, or being reaped just now.
#[cfg(target_os = "linux")]
fn assert_dead(pid: &str) {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    assert!(stat.is_empty() || stat.contains(") Z") || stat.contains(") X"), "it lives: {stat}");
}

/// Code that starts a process in a group or, by `setsid`, in a session of its own, and writes its
/// number. With `.env_clear()` for its `environment` it has nothing of ours.
#[cfg(target_os = "linux")]
fn sly(file: &Path, program: &str, environment: &str) -> String {
    format!(
        "use std::os::unix::process::CommandExt;
        let mut command = std::process::Command::new({program:?});
        command.args([\"sh\", \"-c\", \"echo $$ > {file}; exec sleep 600\"]);
        command{environment}.stdout(std::process::Stdio::null());
        command.stderr(std::process::Stdio::null()).process_group(0);
        command.spawn().unwrap();
        while std::fs::read_to_string({file:?}).unwrap_or_default().is_empty() {{}}
        println!(\"fine\");",
        file = file.display()
    )
}

#[test]
#[cfg(target_os = "linux")]
fn who_wiped_its_environment_and_left_its_group_is_ended_and_known() {
    for program in ["env", "setsid"] {
        let course = Workspace::new(&[]);
        let main = sly(&course.path("pid"), program, ".env_clear()");
        course.write("chapter/src/bin/sly.rs", &section("fine", &main));
        let text = "sly: left behind\n  `sleep` (pid ";
        course.run(&["verify"]).assert(1, &[text, "outside its process group", "1 failed"]);
        assert_dead(course.read("pid").trim_end());
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_daemon_that_the_build_has_started_lives_on() {
    let course = Workspace::new(&[("good", &good())]);
    let daemon = sly(&course.path("pid"), "setsid", "").replace("sleep 600", "sleep 60");
    course.write("chapter/build.rs", &format!("fn main() {{ {daemon} }}"));
    course.run(&["verify"]).assert(0, &["1 held"]);
    let pid = course.read("pid");
    let stat = fs::read_to_string(format!("/proc/{}/stat", pid.trim_end())).unwrap_or_default();
    assert!(stat.contains("(sleep) S"), "it has been ended: {stat}");
    let pid = pid.trim_end().parse().expect("it wrote its number");
    kill(Pid::from_raw(pid), Signal::SIGKILL).expect("it is ours");
}

/// A course whose section `sly` starts such a process while `other` is under way, verified.
#[cfg(target_os = "linux")]
fn sly_beside_another(program: &str, environment: &str) -> Said {
    let course = Workspace::new(&[("before", &good())]);
    let path = |file| course.path(file).display().to_string();
    let folder = path("folder");
    // `other` is there before the process starts, and stays until all else of `sly` is gone.
    let wait = "let pause = std::time::Duration::from_millis(1);";
    let main = format!(
        "{wait} while !std::fs::exists({:?}).unwrap() {{ std::thread::sleep(pause); }} {}
        let folder = std::env::temp_dir();
        std::fs::write({:?}, folder.to_str().unwrap()).unwrap();",
        path("here"),
        sly(&course.path("pid"), program, environment),
        path("folder.part"),
    );
    let main = format!("{main} std::fs::rename({:?}, {folder:?}).unwrap();", path("folder.part"));
    course.write("chapter/src/bin/sly.rs", &section("fine", &main));
    let main = format!(
        "{wait} std::fs::write({:?}, \"\").unwrap();
        while !std::fs::exists({folder:?}).unwrap() {{ std::thread::sleep(pause); }}
        let folder = std::fs::read_to_string({folder:?}).unwrap();
        while std::fs::exists(&folder).unwrap() {{ std::thread::sleep(pause); }}
        println!(\"fine\");",
        path("here"),
    );
    course.write("chapter/src/bin/other.rs", &section("fine", &main));
    let said = course.run(&["verify", "--jobs", "2"]);
    assert_dead(course.read("pid").trim_end());
    said
}

#[test]
#[cfg(target_os = "linux")]
fn who_has_its_session_or_its_environment_is_known_whatever_else_is_under_way() {
    for (program, environment) in [("env", ".env_clear()"), ("setsid", "")] {
        let said = sly_beside_another(program, environment);
        said.assert(1, &["sly: left behind\n  `sleep` (pid ", "2 held, 1 failed"]);
        assert!(!said.stderr.contains("got away"), "{}", said.stderr);
    }
}

#[test]
#[cfg(target_os = "linux")]
fn of_who_left_its_session_too_all_are_named_that_were_under_way() {
    let said = sly_beside_another("setsid", ".env_clear()");
    let text = "`sleep` (pid ";
    said.assert(1, &["3 held", text, "got away from its section, one of these: "]);
    let of = said.stderr.split("one of these: ").nth(1).expect("it was said").split(';').next();
    let mut of: Vec<_> = of.expect("a split has a first").split(", ").collect();
    of.sort_unstable();
    assert_eq!(of, ["other", "sly"]);
}

/// Is there a Python for the twins?
fn python() -> bool {
    xtask::verify::plan::python().is_ok()
}

#[test]
fn twins_are_held_to_the_same_transcript() {
    let course = Workspace::new(&[("good", &good()), ("bad", &good()), ("none", &good())]);
    course.write("chapter/python/good.py", "import sys\nsys.stdout.write('fine\\n')\n");
    course.write("chapter/python/bad.py", "import sys\nsys.stdout.write('bad\\n')\n");
    course.write("chapter/src/bin/none.rs", &format!("{}//@ no-twin: Python has none\n", good()));
    let said = course.run(&["verify", "--python"]);
    said.assert(i32::from(python()), &["skipped: no twin: Python has none"]);
    if python() {
        said.assert(1, &["--- chapter/bad (python)\nbad: no row", "4 held, 1 failed, 1 skipped"]);
    }
}

#[test]
fn a_twin_without_section_and_a_section_without_twin_are_errors() {
    let course = Workspace::new(&[("one", &good())]);
    course.write("chapter/python/stray.py", "");
    let texts =
        ["chapter/python/one.py: is missing", "chapter/python/stray.py: belongs to no section"];
    course.run(&["verify", "--python"]).assert(2, &texts);
    course.run(&["verify"]).assert(0, &["1 held"]);
}

#[test]
fn without_python_the_twins_are_skipped_aloud() {
    let course = Workspace::new(&[("one", &good())]);
    course.write("chapter/python/one.py", "");
    course.run(&["verify"]).assert(0, &[]);
    // Cargo has nothing to build now, and finds its compiler without the path.
    let rustc = Command::new("rustc").args(["--print", "sysroot"]).output().expect("it built this");
    let sysroot = PathBuf::from(String::from_utf8_lossy(&rustc.stdout).trim_end());
    let mut command = course.xtask(&["verify", "--python"]);
    command.env("PATH", course.path("temporary")).env("RUSTC", sysroot.join("bin/rustc"));
    let said = Said::of(&command.output().expect("xtask is built"));
    said.assert(0, &["skipped: there is no python3", "1 held, 1 skipped"]);
}

#[test]
fn an_interpreter_that_does_not_answer_is_skipped_aloud() {
    use std::os::unix::fs::PermissionsExt;
    let course = Workspace::new(&[("one", &good())]);
    course.write("chapter/python/one.py", "");
    course.write("path/python3", "#!/bin/sh\nexec sleep 60\n"); // then it is no Python
    fs::set_permissions(course.path("path/python3"), PermissionsExt::from_mode(0o755))
        .expect("it was written");
    let path = std::env::join_paths(
        [course.path("path")]
            .into_iter()
            .chain(std::env::split_paths(&std::env::var_os("PATH").expect("cargo has one"))),
    );
    let mut command = course.xtask(&["verify", "--python"]);
    let said =
        command.env("PATH", path.expect("no folder has a colon")).output().expect("xtask is built");
    Said::of(&said)
        .assert(0, &["skipped: python3 does not answer within 20s", "1 held, 1 skipped"]);
}

#[test]
fn match_tells_legal_from_illegal() {
    let course = Workspace::new(&[("free", &section("A| one\nB| two\nerr| three", ""))]);
    course.write("legal", "two\none\n");
    course.write("illegal", "two\ntwo\n");
    let texts = ["1  B      two", "2  A      one", "legal: one of 2 outputs of free"];
    course.run(&["match", "free", "legal"]).assert(0, &texts);
    course.run(&["match", "free", "illegal"]).assert(1, &["once too often"]);
    course.run(&["match", "free", "nowhere"]).assert(2, &["cannot read nowhere"]);
    course.run(&["match", "other", "legal"]).assert(2, &["no section is named `other`"]);
    for arguments in [&["match", "free"][..], &["match", "free", "-"]] {
        let file = fs::File::open(course.path("legal")).expect("the test wrote it");
        let said = course.xtask(arguments).stdin(file).output().expect("xtask is built");
        Said::of(&said).assert(0, &["legal"]);
    }
}

#[test]
fn match_reads_no_more_than_an_output_may_have() {
    let course = Workspace::new(&[("free", &section("...", ""))]);
    let megabyte = vec![b'x'; 1 << 20];
    for arguments in [&["match", "free"][..], &["match", "free", "/dev/stdin"]] {
        let mut endless = course.xtask(arguments);
        // Its own output, if it should have any, waits for nobody.
        endless.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut reader = endless.spawn().expect("xtask is built");
        let mut input = reader.stdin.take().expect("it was piped");
        // Not quite endless, for one that would read to the end.
        let taken = (0..64).take_while(|_| input.write_all(&megabyte).is_ok()).count();
        drop(input);
        let said = Said::of(&reader.wait_with_output().expect("it ends"));
        said.assert(2, &["no output of a section: more than 4 MiB"]);
        assert!(taken < 8, "it has read {taken} MiB");
    }
}

#[test]
fn match_says_that_nothing_was_piped_in() {
    let course = Workspace::new(&[("good", &good()), ("quiet", &section("?| fine", ""))]);
    let hint = "nothing came on standard input: pipe the output in, as by \
                `cargo run -p chapter --bin good | cargo xtask match good`, or name a file";
    course.run(&["match", "good"]).assert(1, &["good: the output is empty", hint]);
    course.run(&["match", "good", "-"]).assert(1, &[hint]);
    // An empty file is a file, and an output may be empty.
    course.write("empty", "");
    for (status, arguments) in [(1, &["match", "good", "empty"][..]), (0, &["match", "quiet"])] {
        let said = course.run(arguments);
        said.assert(status, &[]);
        assert!(!said.stderr.contains("standard input"), "{}", said.stderr);
    }
}

#[test]
fn a_missing_cargo_is_said_once() {
    let course = Workspace::new(&[("one", &good())]);
    let mut command = course.xtask(&["list"]);
    command.env_remove("CARGO").env("PATH", course.path("temporary"));
    let said = Said::of(&command.output().expect("xtask is built"));
    said.assert(2, &["cannot read the workspace: ", "`cargo metadata`"]);
    assert_eq!(said.stderr.matches("os error 2").count(), 1, "{}", said.stderr);
}

#[test]
fn an_unknown_task_lists_the_tasks() {
    let course = Workspace::new(&[("one", &good())]);
    course.run(&["verfy"]).assert(2, &["verfy"]);
    course.run(&["--help"]).assert(0, &["verify", "match", "list", "sabotage", "ci"]);
}

//! What `versus::main` makes of its process: arguments, output, errors, exit status. This program
//! starts itself as the bench.

use libtest_mimic::{Arguments, Failed, Trial};
use std::{
    env,
    process::{Command, ExitCode, Output},
};

const BENCH: &str = "VERSUS_TEST_BENCH";

fn main() -> ExitCode {
    if env::var_os(BENCH).is_some() {
        return versus::main("bench", |cases| {
            let count = |items| (0..items).map(|_| std::hint::black_box(1)).sum::<u64>();
            cases.case("right").baseline("loop").ours("loop", "loop", count);
            cases.case("wrong").baseline("loop").ours("loop", "loop", count).peer(
                "off by one",
                "off by one",
                |items| items + 1,
            );
        });
    }
    let trials = vec![
        Trial::test("all_figures_there_is_status_0", all_figures_there_is_status_0),
        Trial::test("a_variant_without_figures_is_status_1", a_variant_without_figures_is_status_1),
        Trial::test("nothing_to_measure_is_status_2", nothing_to_measure_is_status_2),
        Trial::test("help_is_status_0_a_mistake_in_the_arguments_2", help_and_mistakes),
        Trial::test("progress_goes_to_standard_error", progress_goes_to_standard_error),
    ];
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn bench(arguments: &[&str]) -> Output {
    let own = env::current_exe().unwrap();
    Command::new(own).args(arguments).env(BENCH, "").output().unwrap()
}

fn promise(held: bool, output: &Output) -> Result<(), Failed> {
    if held { Ok(()) } else { Err(format!("{output:?}").into()) }
}

fn all_figures_there_is_status_0() -> Result<(), Failed> {
    let output = bench(&["--quick", "--rounds", "6", "right", "--bench"]);
    let said = String::from_utf8_lossy(&output.stdout);
    let table = said.contains("\nright\n") && said.contains("baseline") && !said.contains("wrong");
    promise(output.status.code() == Some(0) && table && output.stderr.is_empty(), &output)
}

fn a_variant_without_figures_is_status_1() -> Result<(), Failed> {
    let output = bench(&["--bench", "--quick", "--rounds", "6"]);
    let said = String::from_utf8_lossy(&output.stdout);
    let row = said.lines().find(|line| line.trim_start().starts_with("off by one "));
    let due = " wrong answer for 1 items: expected 1, found 2";
    let named = row.is_some_and(|row| row.ends_with(due));
    promise(output.status.code() == Some(1) && named, &output)
}

fn nothing_to_measure_is_status_2() -> Result<(), Failed> {
    let output = bench(&["write"]);
    let said = "bench: no case matches `write`; there are: right, wrong\n";
    let silent = output.stdout.is_empty() && output.stderr == said.as_bytes();
    promise(output.status.code() == Some(2) && silent, &output)
}

fn help_and_mistakes() -> Result<(), Failed> {
    let help = bench(&["--help"]);
    let shown = String::from_utf8_lossy(&help.stdout).contains("Usage: ");
    promise(help.status.code() == Some(0) && shown && help.stderr.is_empty(), &help)?;
    let mistake = bench(&["--fast"]);
    let named = String::from_utf8_lossy(&mistake.stderr).contains("--fast");
    promise(mistake.status.code() == Some(2) && named && mistake.stdout.is_empty(), &mistake)
}

fn progress_goes_to_standard_error() -> Result<(), Failed> {
    let output = bench(&["--quick", "--rounds", "6", "right", "--progress", "--bench"]);
    let said = String::from_utf8_lossy(&output.stderr);
    let first =
        said.lines().next().and_then(|line| serde_json::from_str::<versus::Step>(line).ok());
    let due = versus::Step { case: "right".into(), variant: "loop".into(), round: 0, rounds: 6 };
    promise(first == Some(due) && output.status.code() == Some(0), &output)
}

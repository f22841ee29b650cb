//! Programs run to their end with both outputs captured: one that prints nothing, and one that
//! prints 64 MiB to each.
//!
//! `output` beside std's, Python's `subprocess`, and with the feature `peers` the crates one would
//! otherwise take. `true` shows what starting and reaping cost, the flood what reading costs. What
//! the program itself does counts in every row alike. The answer of the first is how many
//! programs ended well, of the second how many bytes were captured.

use std::error::Error;
use std::process::{Command, ExitCode};
use tests_and_benches::{Python, pythons};
use versus::{Case, Role};

/// 64 MiB to each output, at the same time: a caller that reads one to its end before the other waits
/// for ever.
const FLOOD: &str = "head -c 67108864 /dev/zero & head -c 67108864 /dev/zero >&2; wait";
const PRINTED: u64 = 2 * 64 * 1024 * 1024;

/// What a run came to: whether the program ended well, and how many bytes it printed.
type Ran = Result<(bool, usize), Box<dyn Error>>;

fn main() -> ExitCode {
    versus::main("output", |cases| {
        let pythons = pythons();
        Python::note(&pythons, cases);
        let case = cases.case("output, true").item("run");
        add_all(case, "true", &[], |ran| u64::from(ran.0));
        for python in &pythons {
            let python = python.clone();
            case.python(python.name(), move |runs| {
                python.call(include_str!("output.py"), "run_true", runs)
            });
        }

        let case = cases.case("output, 64 MiB from each pipe").item("capture");
        case.answer(|captures| captures * PRINTED);
        #[cfg(feature = "peers")]
        case.remark("duct reads each pipe in a thread of its own; the others read both in one.");
        add_all(case, "sh", &["-c", FLOOD], |ran| ran.1 as u64);
        for python in pythons {
            let script = format!("{}\nFLOOD = '{FLOOD}'", include_str!("output.py"));
            case.python(python.name(), move |captures| python.call(&script, "capture", captures));
        }
    })
}

/// Every way to run this program in Rust. `count` says what a run adds to the answer.
fn add_all(
    case: &mut Case<'_>,
    program: &'static str,
    arguments: &'static [&str],
    count: fn((bool, usize)) -> u64,
) {
    case.baseline("output");
    let mut add = |role, id, run: fn(&str, &[&str]) -> Ran| {
        let ran = move |_| run(program, arguments).map(count);
        let runs = move |runs: u64| (0..runs).map(ran).sum::<Result<u64, Box<dyn Error>>>();
        case.variant(role, id, id, runs);
    };
    add(Role::Ours, "output", ours);
    add(Role::Peer, "std", std);
    #[cfg(feature = "peers")]
    {
        add(Role::Peer, "duct", peers::duct);
        add(Role::Peer, "subprocess", peers::subprocess);
        add(Role::Peer, "tokio", peers::tokio);
    }
}

fn ours(program: &str, arguments: &[&str]) -> Ran {
    let ran = shell::output(Command::new(program).args(arguments))?;
    Ok((ran.exit.success(), ran.stdout.len() + ran.stderr.len()))
}

fn std(program: &str, arguments: &[&str]) -> Ran {
    let ran = Command::new(program).args(arguments).output()?;
    Ok((ran.status.success(), ran.stdout.len() + ran.stderr.len()))
}

#[cfg(feature = "peers")]
mod peers {
    use super::Ran;
    use std::sync::OnceLock;
    use subprocess::Exec;
    use tokio::process::Command;
    use tokio::runtime::{Builder, Runtime};

    pub(super) fn duct(program: &str, arguments: &[&str]) -> Ran {
        let ran = duct::cmd(program, arguments).stdout_capture().stderr_capture().run()?;
        Ok((ran.status.success(), ran.stdout.len() + ran.stderr.len()))
    }

    pub(super) fn subprocess(program: &str, arguments: &[&str]) -> Ran {
        let ran = Exec::cmd(program).args(arguments).capture()?;
        Ok((ran.success(), ran.stdout.len() + ran.stderr.len()))
    }

    /// On one runtime for all runs: started at the first, as a program would.
    pub(super) fn tokio(program: &str, arguments: &[&str]) -> Ran {
        static RUNTIME: OnceLock<Runtime> = OnceLock::new();
        let start = || Builder::new_current_thread().enable_io().build();
        let runtime = RUNTIME.get_or_init(|| start().expect("tokio starts"));
        // Inside the runtime: the child's pipes belong to it.
        let ran =
            runtime.block_on(async { Command::new(program).args(arguments).output().await })?;
        Ok((ran.status.success(), ran.stdout.len() + ran.stderr.len()))
    }
}

//! How a section, or its twin, is to be run, or why it is not.

use super::judge::{self, Judgement};
use super::runner::{self, End, Run};
use crate::course::{Course, Section};
use shell::OutputTimeoutError;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;
use std::{collections::BTreeSet, fs, thread};
use transcript::Mutants;

/// One program that is to be run and judged.
pub struct Plan<'a> {
    /// The section.
    pub section: &'a Section,
    /// What its source says of its output.
    pub head: &'a transcript::Head,
    /// The interpreter, if it is the twin that is run.
    pub python: Option<PathBuf>,
    /// The arguments of that, or of the section's binary.
    pub arguments: Vec<OsString>,
    /// The time limit.
    pub limit: Duration,
}

/// One run, and what is to be said of it.
pub struct Checked {
    /// What happened, unless it could not be started.
    pub run: Option<Run>,
    /// What is to be said of that.
    pub judgement: Judgement,
    /// What became of the line mutants, if they were asked for and the run held.
    pub mutants: Option<Mutants>,
}

impl<'a> Plan<'a> {
    /// For the section itself.
    ///
    /// # Errors
    ///
    /// The judgement on a section that cannot be run, or not here.
    pub fn rust(section: &'a Section, limit: Option<Duration>) -> Result<Plan<'a>, Judgement> {
        let head = section.head().map_err(Judgement::Unable)?;
        let needed = head.directives.cores;
        if thread::available_parallelism().is_ok_and(|cores| cores.get() < needed) {
            return Err(Judgement::Skipped(format!("needs {needed} cores")));
        }
        let limit = limit.unwrap_or(head.directives.timeout);
        let arguments = head.directives.args.iter().map(OsString::from).collect();
        Ok(Plan { section, head, python: None, arguments, limit })
    }

    /// For its twin, with [`python`]'s answer.
    ///
    /// # Errors
    ///
    /// The judgement on a twin that cannot be run, or not here.
    pub fn twin(
        &self,
        course: &Course,
        python: &Result<PathBuf, String>,
    ) -> Result<Plan<'a>, Judgement> {
        let (twin, source) = (self.section.twin(), self.section.source.display());
        let (script, twin) = (course.root.join(&twin), twin.display());
        Err(match (&self.head.directives.no_twin, script.is_file(), python) {
            (Some(reason), false, _) => Judgement::Skipped(format!("no twin: {reason}")),
            (Some(_), true, _) => {
                Judgement::Unable(format!("{twin}: exists, although {source} says `//@ no-twin`"))
            }
            (None, false, _) => Judgement::Unable(format!(
                "{twin}: is missing, and {source} has no `//@ no-twin: reason`"
            )),
            (None, true, Err(why)) => Judgement::Skipped(why.clone()),
            (None, true, Ok(python)) => {
                let arguments = ["-u".into(), script.into()].into_iter();
                let arguments = arguments.chain(self.arguments.iter().cloned()).collect();
                return Ok(Plan { python: Some(python.clone()), arguments, ..*self });
            }
        })
    }

    /// Runs this program (the section's binary, or the interpreter) and judges it.
    ///
    /// # Errors
    ///
    /// The runner is to stop: how far the run had come.
    pub fn check(&self, program: &Path, mutate: bool) -> Result<Checked, String> {
        match runner::run(program, &self.arguments, self.limit) {
            Ok(run) if matches!(run.end, End::Stopped(_)) => Err(judge::stopped(&run)),
            Ok(run) => {
                let judgement = judge::judge(&self.section.name, self.head, &run, self.limit);
                let mutate = mutate && matches!(judgement, Judgement::Held(_));
                let mutants = mutate.then(|| judge::mutants(self.head, &run));
                Ok(Checked { run: Some(run), judgement, mutants })
            }
            Err(error) => {
                let judgement = Judgement::Unable(format!("{}: {error:#}", self.section.name));
                Ok(Checked { run: None, judgement, mutants: None })
            }
        }
    }
}

/// How long the interpreter may take to say who it is, and then to end.
const PATIENCE: Duration = Duration::from_secs(20);

/// The Python interpreter, or why there is none.
///
/// # Errors
///
/// There is none, or it is too old.
pub fn python() -> Result<PathBuf, String> {
    let script = "import sys; print(sys.version_info >= (3, 8)); print(sys.executable)";
    let mut ask = Command::new("python3");
    ask.args(["-c", script]).stdin(Stdio::null());
    let asked = shell::output_timeout(&mut ask, PATIENCE, Duration::from_secs(1));
    let asked = asked.map_err(|error| match error {
        OutputTimeoutError::Start(_) => "there is no python3".to_owned(),
        OutputTimeoutError::TimedOut { .. } => {
            format!("python3 does not answer within {PATIENCE:?}")
        }
    })?;
    let answer = String::from_utf8_lossy(&asked.stdout);
    match answer.trim_end().split_once('\n') {
        Some(("True", program)) => Ok(PathBuf::from(program)),
        Some(_) => Err("python3 is older than 3.8".to_owned()),
        None => Err("python3 does not work".to_owned()),
    }
}

/// Twins in the chapters of these sections that belong to no section.
pub fn stray_twins(course: &Course, sections: &[&Section]) -> Vec<PathBuf> {
    let folders: BTreeSet<_> = sections.iter().map(|it| it.folder.join("python")).collect();
    let known: BTreeSet<_> = course.sections.iter().map(Section::twin).collect();
    let mut stray = Vec::new();
    for folder in folders {
        for entry in fs::read_dir(course.root.join(&folder)).into_iter().flatten().flatten() {
            let file = folder.join(entry.file_name());
            if file.extension() == Some("py".as_ref()) && !known.contains(&file) {
                stray.push(file);
            }
        }
    }
    stray
}

//! How a program is started, and why it was not: the same for capture and for groups.

use crate::pipes::Pipes;
use std::error::Error;
use std::ffi::OsString;
use std::fmt;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// The program did not start. The [`Command`] was only borrowed: mend it and try again.
///
/// # Examples
///
/// ```
/// use shell::StartFailure;
/// use std::process::Command;
///
/// let error = shell::output(&mut Command::new("no-such-program")).unwrap_err();
/// assert_eq!(error.to_string(), "cannot start `no-such-program`: no such file");
/// assert!(matches!(error.reason, StartFailure::NotFound));
/// ```
#[derive(Debug)]
pub struct StartError {
    /// The program as the command names it.
    pub program: OsString,
    /// What was in the way.
    pub reason: StartFailure,
}

/// Why a program did not start.
///
/// The system's own answer is vague: "no such file" is said of a missing program, of a missing
/// folder to start it in, and of a script whose `#!` line names a missing interpreter. These are
/// told apart here by looking again.
#[derive(Debug)]
pub enum StartFailure {
    /// There is no program of that name (on `PATH`, if the name has no slash).
    NotFound,
    /// The folder to start it in ([`Command::current_dir`]) is not there.
    NoFolder(PathBuf),
    /// The file is there; the interpreter it asks for is not.
    NoInterpreter,
    /// The name leads to a folder.
    IsFolder,
    /// The file may not be executed, or its folder not be searched.
    PermissionDenied,
    /// Everything else: too many arguments, a NUL byte among them, no process or descriptor left.
    Other(io::Error),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot start `{}`: ", self.program.display())?;
        match &self.reason {
            StartFailure::NotFound => write!(f, "no such file"),
            StartFailure::NoFolder(folder) => write!(f, "no folder `{}`", folder.display()),
            StartFailure::NoInterpreter => write!(f, "its interpreter is missing"),
            StartFailure::IsFolder => write!(f, "it is a folder"),
            StartFailure::PermissionDenied => write!(f, "permission denied"),
            StartFailure::Other(error) => write!(f, "{error}"),
        }
    }
}

impl Error for StartError {}

impl StartError {
    fn new(command: &Command, error: io::Error) -> StartError {
        let folder = command.get_current_dir();
        let name = Path::new(command.get_program());
        // A name with a slash is a path, seen from the folder the program starts in; one without
        // was looked up in `PATH` by the system.
        let path = (name.components().count() > 1)
            .then(|| folder.map_or_else(|| name.to_owned(), |folder| folder.join(name)));
        let reason = match (error.kind(), folder, path) {
            (ErrorKind::NotFound, Some(folder), _) if !folder.is_dir() => {
                StartFailure::NoFolder(folder.to_owned())
            }
            (ErrorKind::NotFound, _, Some(path)) if path.exists() => StartFailure::NoInterpreter,
            (ErrorKind::NotFound, ..) => StartFailure::NotFound,
            (ErrorKind::PermissionDenied, _, Some(path)) if path.is_dir() => StartFailure::IsFolder,
            (ErrorKind::PermissionDenied, ..) => StartFailure::PermissionDenied,
            _ => StartFailure::Other(error),
        };
        StartError { program: command.get_program().to_owned(), reason }
    }
}

/// Starts the program with both outputs piped to us.
///
/// std makes the pipes close-on-exec: no other child inherits them, so they close when this
/// program and its descendants let go of them, and not later.
pub(crate) fn start(command: &mut Command) -> Result<(Child, Pipes), StartError> {
    let mut child = start_as_is(command.stdout(Stdio::piped()).stderr(Stdio::piped()))?;
    let pipes = Pipes::of(&mut child);
    Ok((child, pipes))
}

/// Starts the program with its outputs as the command has them.
pub(crate) fn start_as_is(command: &mut Command) -> Result<Child, StartError> {
    command.spawn().map_err(|error| StartError::new(command, error))
}

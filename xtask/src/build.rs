//! One `cargo build` for all that is to be run.

use crate::processes;
use crate::stop::{self, TICK};
use anyhow::Result;
use cargo_metadata::{Artifact, Message, TargetKind};
use shell::{Exit, Source};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;
use std::{env, ffi::OsString, mem};

/// The cargo that started us, or the one there is.
pub fn cargo() -> OsString {
    env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// Builds the sections of these names in the workspace in `root`; into `target`, if that is not
/// where cargo would build anyway.
///
/// Whichever they are, cargo chooses the features of shared dependencies for the whole
/// workspace: what one selection has built serves the next.
///
/// `built` is called with a section's name and its program as soon as that is there, `say` with
/// each line of cargo's own account and of the compiler's messages. Where one section does not
/// build the others still do. Gives back whether all did.
///
/// # Errors
///
/// Cargo cannot be started.
pub fn build(
    root: &Path,
    target: Option<&Path>,
    sections: &[&str],
    built: impl FnMut(&str, PathBuf),
    say: impl FnMut(&str),
) -> Result<bool> {
    if sections.is_empty() {
        return Ok(true); // without a name cargo would build everything
    }
    let mut command = Command::new(cargo());
    command
        .args(["build", "--workspace", "--keep-going", "--message-format=json"])
        .current_dir(root);
    for name in sections {
        command.args(["--bin", name]);
    }
    if let Some(target) = target {
        command.arg("--target-dir").arg(target);
    }
    drive(&mut command, &TargetKind::Bin, built, say)
}

/// Runs a cargo command that builds and speaks JSON: tells each program of this kind as soon as it
/// is there, and each line of cargo's own account and of the compiler's messages.
///
/// # Errors
///
/// Cargo cannot be started.
pub fn drive(
    command: &mut Command,
    kind: &TargetKind,
    mut built: impl FnMut(&str, PathBuf),
    mut say: impl FnMut(&str),
) -> Result<bool> {
    let mut cargo = processes::spawn(command.stdin(Stdio::null()))?;
    let mut message = Vec::new();
    loop {
        match cargo.next_line_timeout(TICK) {
            Ok(Some(line)) if line.source == Source::Stderr => {
                say(String::from_utf8_lossy(&line.bytes).trim_end());
            }
            // A long message comes in pieces, of which the last ends in a newline.
            Ok(Some(line)) if !line.bytes.ends_with(b"\n") => message.extend(line.bytes),
            Ok(Some(line)) => {
                message.extend(line.bytes);
                match serde_json::from_slice(&mem::take(&mut message)) {
                    Ok(Message::CompilerArtifact(Artifact { target, executable, .. })) => {
                        if let Some(program) = executable.filter(|_| target.is_kind(kind.clone())) {
                            built(&target.name, program.into());
                        }
                    }
                    Ok(Message::CompilerMessage(message)) => {
                        message.message.rendered.iter().for_each(|text| say(text.trim_end()));
                    }
                    _ => {}
                }
            }
            Ok(None) if cargo.wait_timeout(TICK) => break,
            Ok(None) | Err(_) => {}
        }
        if stop::requested() {
            break;
        }
    }
    Ok(processes::stop(cargo, Duration::from_secs(2)).exit == Exit::Code(0))
}

//! What Linux tells of processes, in the folder `/proc`.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use syscalls::Sysno;

/// What `/proc/PID/task/TID/syscall` says, in words.
pub(super) fn in_words(syscall: &str) -> String {
    let first = syscall.split_whitespace().next().unwrap_or("unknown");
    let Ok(number) = first.parse() else {
        return first.to_owned(); // "running", or "-1" outside a system call
    };
    let known = Sysno::new(number);
    known.map_or_else(|| format!("system call {number}"), |known| known.name().to_owned())
}

/// What `/proc/PID/stat` begins with.
pub(super) struct Stat {
    pub(super) pid: i32,
    pub(super) name: String,
    pub(super) state: char,
    pub(super) parent: i32,
    pub(super) group: i32,
    pub(super) session: i32,
    /// Clock ticks from the machine's start to its own.
    pub(super) start: u64,
}

pub(super) fn all() -> impl Iterator<Item = Stat> {
    numbered("/proc").filter_map(stat)
}

pub(super) fn numbered(folder: &str) -> impl Iterator<Item = i32> + use<> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

pub(super) fn stat(pid: i32) -> Option<Stat> {
    let text = fs::read(format!("/proc/{pid}/stat")).ok()?;
    let text = String::from_utf8_lossy(&text);
    // The name stands in parentheses and may contain some.
    let (name, rest) = text.split_once('(')?.1.rsplit_once(") ")?;
    let mut fields = rest.split(' ');
    Some(Stat {
        pid,
        name: name.to_owned(),
        state: fields.next()?.chars().next()?,
        parent: fields.next()?.parse().ok()?,
        group: fields.next()?.parse().ok()?,
        session: fields.next()?.parse().ok()?,
        start: fields.nth(15)?.parse().ok()?,
    })
}

pub(super) fn has_mark(pid: i32, mark: &Path) -> bool {
    has_variable(pid, "TMPDIR", mark.as_os_str())
}

pub(super) fn has_variable(pid: i32, name: &str, value: &OsStr) -> bool {
    let wanted: Vec<u8> = [name.as_bytes(), b"=", value.as_bytes()].concat();
    let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
    environment.split(|byte| *byte == 0).any(|variable| variable == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_has_a_name_or_at_least_a_number() {
        assert_eq!(in_words("running\n"), "running");
        assert_eq!(in_words("100000 0x1 0x2\n"), "system call 100000");
        assert_eq!(in_words(&format!("{} 0x7f 0x0 0x1\n", Sysno::futex.id())), "futex");
    }
}

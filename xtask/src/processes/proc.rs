//! What the system tells of processes in the folder `/proc`: nothing, where there is none.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;

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

impl Stat {
    pub(super) fn of(pid: i32) -> Option<Stat> {
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
}

pub(super) fn all() -> impl Iterator<Item = Stat> {
    numbered("/proc").filter_map(Stat::of)
}

fn numbered(folder: &str) -> impl Iterator<Item = i32> + use<> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

/// Was it started with this variable?
pub(super) fn has_variable(pid: i32, name: &str, value: &OsStr) -> bool {
    let wanted: Vec<u8> = [name.as_bytes(), b"=", value.as_bytes()].concat();
    let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
    environment.split(|byte| *byte == 0).any(|variable| variable == wanted)
}

/// The name of each thread, and what it is waiting in.
pub(super) fn waits(pid: i32) -> impl Iterator<Item = String> {
    let is_stopped = Stat::of(pid).is_some_and(|stat| matches!(stat.state, 'T' | 't'));
    numbered(&format!("/proc/{pid}/task")).map(move |task| {
        let read = |file| fs::read_to_string(format!("/proc/{pid}/task/{task}/{file}"));
        let place = match (read("syscall"), read("wchan")) {
            _ if is_stopped => "nothing: a signal has stopped it".to_owned(),
            (Ok(syscall), _) => in_words(&syscall),
            (Err(_), Ok(function)) => format!("kernel function {function}"),
            (Err(_), Err(_)) => "nothing that may be read".to_owned(),
        };
        format!("{}: {place}", read("comm").unwrap_or_default().trim())
    })
}

/// What `/proc/PID/task/TID/syscall` says, in words.
fn in_words(syscall: &str) -> String {
    let first = syscall.split_whitespace().next().unwrap_or("unknown");
    let Ok(number) = first.parse::<usize>() else {
        return first.to_owned(); // "running", or "-1" outside a system call
    };
    #[cfg(target_os = "linux")]
    if let Some(known) = syscalls::Sysno::new(number) {
        return known.name().to_owned();
    }
    format!("system call {number}")
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::in_words;

    #[test]
    fn a_wait_has_a_name_or_at_least_a_number() {
        assert_eq!(in_words("running\n"), "running");
        assert_eq!(in_words("100000 0x1 0x2\n"), "system call 100000");
        assert_eq!(in_words(&format!("{} 0x7f 0x0 0x1\n", syscalls::Sysno::futex.id())), "futex");
    }
}

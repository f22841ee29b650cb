//! What pools and maps promise where the system refuses to start another thread.
//!
//! Provoked by a limit on the address space, in which each thread needs room for its stack. Linux
//! keeps such a limit; where it is not kept, nothing is promised here.

use std::process::ExitCode;

#[cfg(not(target_os = "linux"))]
fn main() -> ExitCode {
    tests_and_benches::promises::main(&[], &[])
}

#[cfg(target_os = "linux")]
fn main() -> ExitCode {
    tests_and_benches::promises::main(
        tests_and_benches::named![
            a_pool_that_cannot_start_is_an_error_and_leaves_no_thread,
            par_map_does_all_the_work_without_a_thread,
        ],
        &[],
    )
}

#[cfg(target_os = "linux")]
use {
    nix::sys::resource::{Resource, setrlimit},
    std::fs,
    tests_and_benches::until,
    threads::{ThreadPool, par_map},
};

/// From now on this process gets so much more address space, and not a byte beyond.
#[cfg(target_os = "linux")]
fn allow(more: u64) {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let size = status.lines().find_map(|line| line.strip_prefix("VmSize:")).unwrap();
    let kilobytes: u64 = size.trim().trim_end_matches(" kB").parse().unwrap();
    let limit = kilobytes * 1024 + more;
    setrlimit(Resource::RLIMIT_AS, limit, limit).unwrap();
}

#[cfg(target_os = "linux")]
fn a_pool_that_cannot_start_is_an_error_and_leaves_no_thread() {
    // Two stacks and a half: a thread that has its stack still needs a little for a second one, on
    // which it would tell of an overflow, and without that it aborts the process.
    allow(5 << 20);
    drop(ThreadPool::new(2).unwrap()); // some can be started ...
    assert!(ThreadPool::new(1_000).is_err()); // ... but not so many
    until("this thread is the only one", || fs::read_dir("/proc/self/task").unwrap().count() == 1);
    drop(ThreadPool::new(2).unwrap()); // there is room again
}

#[cfg(target_os = "linux")]
fn par_map_does_all_the_work_without_a_thread() {
    allow(1 << 20);
    assert!(ThreadPool::new(1).is_err());
    assert_eq!(par_map(0..9, |x| x * x), [0, 1, 4, 9, 16, 25, 36, 49, 64]);
}

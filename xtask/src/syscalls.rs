//! The names of the system calls in which programs of this kind wait.

#[cfg(target_arch = "x86_64")]
const NAMES: &[(u32, &str)] = &[
    (0, "read"),
    (1, "write"),
    (7, "poll"),
    (23, "select"),
    (34, "pause"),
    (35, "nanosleep"),
    (42, "connect"),
    (43, "accept"),
    (44, "sendto"),
    (45, "recvfrom"),
    (47, "recvmsg"),
    (61, "wait4"),
    (72, "fcntl"),
    (73, "flock"),
    (128, "rt_sigtimedwait"),
    (130, "rt_sigsuspend"),
    (202, "futex"),
    (219, "restart_syscall"),
    (230, "clock_nanosleep"),
    (232, "epoll_wait"),
    (247, "waitid"),
    (270, "pselect6"),
    (271, "ppoll"),
    (281, "epoll_pwait"),
    (288, "accept4"),
    (449, "futex_waitv"),
];

#[cfg(target_arch = "aarch64")]
const NAMES: &[(u32, &str)] = &[
    (22, "epoll_pwait"),
    (25, "fcntl"),
    (32, "flock"),
    (63, "read"),
    (64, "write"),
    (72, "pselect6"),
    (73, "ppoll"),
    (95, "waitid"),
    (98, "futex"),
    (101, "nanosleep"),
    (115, "clock_nanosleep"),
    (128, "restart_syscall"),
    (133, "rt_sigsuspend"),
    (137, "rt_sigtimedwait"),
    (202, "accept"),
    (203, "connect"),
    (206, "sendto"),
    (207, "recvfrom"),
    (212, "recvmsg"),
    (242, "accept4"),
    (260, "wait4"),
    (449, "futex_waitv"),
];

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
const NAMES: &[(u32, &str)] = &[];

/// What `/proc/PID/task/TID/syscall` says, in words.
pub(crate) fn in_words(syscall: &str) -> String {
    let first = syscall.split_whitespace().next().unwrap_or("unknown");
    let Ok(number) = first.parse::<u32>() else {
        return first.to_owned(); // "running", or "-1" outside a system call
    };
    let known = NAMES.iter().find(|(known, _)| *known == number);
    known.map_or_else(|| format!("system call {number}"), |(_, name)| (*name).to_owned())
}

#[cfg(test)]
mod tests {
    use super::in_words;

    #[test]
    fn a_wait_has_a_name_or_at_least_a_number() {
        assert_eq!(in_words("running\n"), "running");
        assert_eq!(in_words("100000 0x1 0x2\n"), "system call 100000");
        #[cfg(target_arch = "x86_64")]
        assert_eq!(in_words("202 0x7f 0x0 0x1\n"), "futex");
        #[cfg(target_arch = "aarch64")]
        assert_eq!(in_words("98 0x7f 0x0 0x1\n"), "futex");
    }
}

/// Ties the calling thread to one core: the first of those it may use for 0, the next for 1, and from
/// the first again when there are no more. Threads that it starts later are tied too.
///
/// Without this the system may leave two threads that should meet to one core for a while, where they
/// take turns and never meet: some rounds then measure something else. Only Linux lets a thread
/// choose; elsewhere, and where Linux refuses, it runs where the system likes.
///
/// # Examples
///
/// ```
/// let tied = std::thread::spawn(|| {
///     versus::stay_on_core(1);
///     std::thread::available_parallelism()
/// });
/// let cores = tied.join().unwrap()?;
/// assert!(cores.get() == 1 || !cfg!(target_os = "linux"));
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn stay_on_core(number: usize) {
    #[cfg(target_os = "linux")]
    let _ = linux::stay_on_core(number);
    #[cfg(not(target_os = "linux"))]
    let _ = number;
}

#[cfg(target_os = "linux")]
mod linux {
    use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
    use nix::unistd::Pid;

    pub(super) fn stay_on_core(number: usize) -> nix::Result<()> {
        let this_thread = Pid::from_raw(0);
        let allowed = sched_getaffinity(this_thread)?;
        let cores = (0..CpuSet::count()).filter(|&core| allowed.is_set(core) == Ok(true));
        let cores: Vec<_> = cores.collect();
        let mut one = CpuSet::new();
        one.set(cores[number % cores.len()])?;
        sched_setaffinity(this_thread, &one)
    }
}

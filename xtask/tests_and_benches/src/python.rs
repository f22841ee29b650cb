use serde::{Deserialize, Serialize};
use std::process::Command;
use std::sync::LazyLock;
use std::time::Duration;
use std::{env, fs};
use versus::{Answer, Cases, Time};

/// Says who it is: its path (a shim's real one), its version, and whether threads run at once.
const WHO: &str = "
import json, sys
lock = getattr(sys, '_is_gil_enabled', lambda: True)()
print(json.dumps({'program': sys.executable, 'version': sys.version.split()[0], 'free_threaded': not lock}))
";

/// The variable in which a bench is told who is there.
const TOLD: &str = "BENCH_PYTHONS";

/// Runs the generator that the arguments name. Up to its first `yield` it prepares; from there to
/// the second it is measured, children that it waited for included; the third yields the answer,
/// or, with it, the times that count instead.
const CALL: &str = "
def _call():
    import resource, sys, time
    def processor():
        used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        return sum(it.ru_utime + it.ru_stime for it in used)
    steps = globals()[sys.argv[1]](int(sys.argv[2]))
    next(steps)
    cpu, wall = processor(), time.perf_counter()
    next(steps)
    wall, cpu = time.perf_counter() - wall, processor() - cpu
    answer = next(steps)
    if isinstance(answer, tuple):
        answer, wall, cpu = answer
    print(answer, wall, cpu, sep='\\n')
_call()
";

/// A Python interpreter of this machine.
///
/// # Examples
///
/// ```
/// for python in tests_and_benches::pythons() {
///     let double = "
/// def double(items):
///     yield # what comes before is not counted
///     twice = 2 * items
///     yield # nor what comes after
///     yield twice
/// ";
///     let answer = python.call(double, "double", 21);
///     assert_eq!(versus::Answer::from(answer), versus::Answer::from(42));
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Python {
    program: String,
    version: String,
    free_threaded: bool,
}

/// The interpreters to measure: `python3`, and a free-threaded one (`python3.13t` or later) where
/// `PATH` has one. None at all is no error: see [`Python::note`].
///
/// # Deadlocks
///
/// Starts each of them once, and waits until it has said who it is; unless this process was
/// [told](tell_pythons).
pub fn pythons() -> Vec<Python> {
    let told = env::var(TOLD).ok().and_then(|told| read(&told));
    told.unwrap_or_else(ask)
}

/// Tells a bench about to be started which [`pythons`] there are. A run starts a process for every
/// round of every case, and to ask would take each of them longer than many a round.
///
/// # Deadlocks
///
/// As [`pythons`], the first time.
///
/// # Examples
///
/// ```
/// let mut bench = std::process::Command::new("./bench");
/// tests_and_benches::tell_pythons(&mut bench);
/// assert_eq!(bench.get_envs().count(), 1);
/// ```
pub fn tell_pythons(bench: &mut Command) {
    static THERE: LazyLock<String> =
        LazyLock::new(|| serde_json::to_string(&pythons()).expect("text and flags are JSON"));
    bench.env(TOLD, &*THERE);
}

fn ask() -> Vec<Python> {
    let usual = Python::ask("python3");
    let free = free_threaded_names().iter().rev().find_map(|name| Python::ask(name));
    let same = |free: &Python| usual.as_ref().is_none_or(|usual| usual.program != free.program);
    let free = free.filter(same);
    usual.into_iter().chain(free).collect()
}

impl Python {
    /// What its rows are called: the same on every machine, whatever the version.
    ///
    /// # Examples
    ///
    /// ```
    /// let pythons = tests_and_benches::pythons();
    /// assert!(pythons.iter().all(|python| python.name().starts_with("Python")));
    /// ```
    pub fn name(&self) -> &'static str {
        if self.free_threaded { "Python, free-threaded" } else { "Python" }
    }

    /// Notes the versions in the report, or that there is nobody to measure.
    ///
    /// # Examples
    ///
    /// ```
    /// use tests_and_benches::Python;
    ///
    /// let mut cases = versus::Cases::new();
    /// Python::note(&[], &mut cases);
    /// cases.case("Rust alone").baseline("loop").context("loop", "a loop", |items| items);
    /// let (clock, mut out) = (versus::SystemClock::new(), Vec::new());
    /// let report = versus::run("x", cases, [], &clock, &mut out, &mut Vec::new()).unwrap();
    /// assert!(report.circumstances["Python"].starts_with("absent"));
    /// ```
    pub fn note(pythons: &[Python], cases: &mut Cases<'_>) {
        for python in pythons {
            cases.circumstance(python.name(), &python.version);
        }
        if pythons.is_empty() {
            cases.circumstance("Python", "absent: no `python3` here, so its rows are missing");
        }
    }

    /// Runs the generator `function(items)` of `script`, which yields three times: when it is
    /// ready, when its work is done, and the answer. The time between the first two is what counts;
    /// the start of the interpreter does not. If it has pauses in between that must not count, it
    /// measures itself and yields a tuple at last: the answer, and the seconds of wall time and of
    /// processor time.
    ///
    /// # Errors
    ///
    /// If the interpreter cannot be started or fails; then the text holds what it had to say.
    ///
    /// # Deadlocks
    ///
    /// Waits as long as the function runs.
    pub fn call(&self, script: &str, function: &str, items: u64) -> Result<Answer, String> {
        let script = format!("{script}\n{CALL}");
        let printed = self.run(&["-c", &script, function, &items.to_string()])?;
        let lines: Vec<&str> = printed.lines().collect();
        let [answer, wall, cpu] = lines[..] else {
            return Err(format!("`{function}` printed lines of its own: {printed}"));
        };
        let seconds = |text: &str| {
            let seconds = text.parse().ok().and_then(|it| Duration::try_from_secs_f64(it).ok());
            seconds.ok_or_else(|| format!("`{text}` is no time"))
        };
        Ok(Answer::from(answer).took(Time { wall: seconds(wall)?, cpu: seconds(cpu)? }))
    }

    fn run(&self, arguments: &[&str]) -> Result<String, String> {
        // -I and -S: what a user has installed is not wanted here, and takes time to find.
        let ran = shell::output(Command::new(&self.program).args(["-I", "-S"]).args(arguments))
            .map_err(|error| error.to_string())?;
        if !ran.exit.success() {
            let said = String::from_utf8_lossy(&ran.stderr);
            let last = said.lines().last().unwrap_or_default();
            return Err(format!("{}: {}: {last}", self.name(), ran.exit));
        }
        String::from_utf8(ran.stdout).map_err(|error| error.to_string())
    }

    /// The interpreter of this name, if there is one that runs.
    fn ask(name: &str) -> Option<Python> {
        let named = Python { program: name.into(), version: String::new(), free_threaded: false };
        serde_json::from_str(&named.run(&["-c", WHO]).ok()?).ok()
    }
}

/// `None` if somebody else has written this.
fn read(told: &str) -> Option<Vec<Python>> {
    serde_json::from_str(told).ok()
}

/// The programs on `PATH` whose names say that they have no global lock, oldest version first.
fn free_threaded_names() -> Vec<String> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&path).filter_map(|folder| fs::read_dir(folder).ok());
    let files = folders.flatten().flatten().filter_map(|file| file.file_name().into_string().ok());
    let mut names: Vec<String> = files.filter(|name| minor(name).is_some()).collect();
    names.sort_by_key(|name| minor(name));
    names
}

/// The minor version in a name such as `python3.14t`.
fn minor(name: &str) -> Option<u32> {
    name.strip_prefix("python3.")?.strip_suffix('t')?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{minor, pythons, read, tell_pythons};
    use std::process::Command;
    use std::time::Duration;
    use versus::{Answer, Time};

    #[test]
    fn a_script_that_measures_itself_is_believed() {
        let script = "def it(items):\n yield\n yield\n yield items, 1.5, 2.5e-2";
        let took = Time { wall: Duration::from_millis(1500), cpu: Duration::from_millis(25) };
        for python in pythons() {
            let answer = python.call(script, "it", 3).expect("the script is right");
            assert_eq!(format!("{answer:?}"), format!("{:?}", Answer::from(3).took(took)));
        }
    }

    #[test]
    fn who_is_there_is_told_and_what_somebody_else_has_written_is_not_believed() {
        let mut bench = Command::new("./bench");
        tell_pythons(&mut bench);
        let told = bench.get_envs().next().and_then(|(_, told)| told?.to_str());
        assert_eq!(told.and_then(read), Some(pythons()));
        assert_eq!(read("[]"), Some(vec![]));
        for broken in ["python3", "", "[{}]"] {
            assert_eq!(read(broken), None, "{broken}");
        }
    }

    #[test]
    fn only_a_version_with_a_t_is_free_threaded() {
        assert_eq!(minor("python3.14t"), Some(14));
        for name in ["python3", "python3.13", "python3t", "python3.13t-config", "pythont"] {
            assert_eq!(minor(name), None, "{name}");
        }
    }
}

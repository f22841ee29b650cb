//! What was measured, as it is written to a file and read back.

use crate::{CaseResult, Failure, Machine, Settings};
use anyhow::{Context, Error, Result, anyhow, ensure};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt::Write, fs, io, path::Path, time::SystemTime};

/// The cases of one program, measured: samples, order, and circumstances.
///
/// It holds what was seen and nothing derived from it. Medians, intervals and verdicts are computed
/// from the samples on demand, so they cannot disagree with them.
///
/// # Examples
///
/// ```
/// use versus::{Report, Settings};
///
/// let mut report = Report::new("semaphore", Settings::quick(7));
/// report.circumstances.insert("rustc".to_owned(), "1.95.0".to_owned());
/// let file = tempfile::NamedTempFile::new()?;
/// report.write(file.path())?;
/// assert_eq!(Report::read(file.path()).unwrap(), report);
/// # std::io::Result::Ok(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// The version of this format: [`Report::FORMAT`].
    pub format: u32,
    /// What was measured.
    pub name: String,
    /// When it began, in UTC, as `2026-11-23T06:19:00Z`.
    pub date: String,
    /// `release`, or `debug` where debug assertions were on.
    pub profile: String,
    /// Where.
    pub machine: Machine,
    /// How.
    pub settings: Settings,
    /// What only the caller knows: toolchain, commit, version of Python.
    pub circumstances: BTreeMap<String, String>,
    /// The results, in the order of measurement.
    pub cases: Vec<CaseResult>,
}

impl Report {
    /// The format this library writes and reads.
    pub const FORMAT: u32 = 3;

    /// A report of this machine, now, without a case yet.
    pub fn new(name: &str, settings: Settings) -> Self {
        Report {
            format: Self::FORMAT,
            name: name.to_owned(),
            date: humantime::format_rfc3339_seconds(SystemTime::now()).to_string(),
            // Code cannot see its own profile's name, but its debug assertions.
            profile: if cfg!(debug_assertions) { "debug" } else { "release" }.to_owned(),
            machine: Machine::here(),
            settings,
            circumstances: BTreeMap::new(),
            cases: Vec::new(),
        }
    }

    /// Where, when and how it was measured: a paragraph to stand above the tables.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut report = versus::Report::new("semaphore", versus::Settings::quick(7));
    /// report.circumstances.insert("rustc".to_owned(), "1.95.0".to_owned());
    /// assert!(report.in_words().ends_with("; 15 rounds of 10 ms a run, seed 7; rustc 1.95.0."));
    /// ```
    pub fn in_words(&self) -> String {
        let Report { machine, settings, profile, date, .. } = self;
        let Settings { rounds, run_ms, seed } = settings;
        let Machine { cpu, cores, system, load } = machine;
        let load = load.map_or_else(String::new, |load| format!(", load {load:.2} before"));
        let mut text = format!(
            "`{cpu}`, {cores} cores, `{system}`{load}; {profile} build; {date}; \
             {rounds} rounds of {run_ms} ms a run, seed {seed}"
        );
        for (name, value) in &self.circumstances {
            let _ = write!(text, "; {name} {value}");
        }
        text + "."
    }

    /// The variants without figures: the case's name, the variant's, and why.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut cases = versus::Cases::new();
    /// let case = cases.case("ones").baseline("loop").context("loop", "a loop", |items| items);
    /// case.context("wrong", "off by one", |items| items + 1);
    /// let (clock, mut out) = (versus::SystemClock::new(), Vec::new());
    /// let report = versus::run("sum", cases, [], &clock, &mut out, &mut Vec::new()).unwrap();
    /// let failed: Vec<_> = report.failures().map(|(case, variant, _)| (case, variant)).collect();
    /// assert_eq!(failed, [("ones", "off by one")]);
    /// ```
    pub fn failures(&self) -> impl Iterator<Item = (&str, &str, &Failure)> {
        self.cases.iter().flat_map(|case| {
            case.entries().filter_map(|it| Some((&*case.name, &*it.label, it.failure.as_ref()?)))
        })
    }

    /// Writes the report as JSON, in the place of whatever was there: all of it or, if that fails,
    /// nothing.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        let text = serde_json::to_string(self)? + "\n";
        // A terminal or a pipe has nothing to lose, and must not be replaced by a file.
        if path.exists() && !path.is_file() {
            return fs::write(path, text);
        }
        let mut beside = path.as_os_str().to_owned();
        beside.push(".new");
        let written = fs::write(&beside, text).and_then(|()| fs::rename(&beside, path));
        written.inspect_err(|_| drop(fs::remove_file(&beside)))
    }

    /// Reads a report back.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, is no report, or contradicts itself: the error names the file and
    /// the field.
    ///
    /// # Examples
    ///
    /// ```
    /// let error = versus::Report::read("no/such/file".as_ref()).unwrap_err();
    /// assert_eq!(error.to_string(), "cannot read report `no/such/file`");
    /// ```
    pub fn read(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path).map_err(Error::from);
        let report = text.and_then(|text| Self::parse(&text));
        report.with_context(|| format!("cannot read report `{}`", path.display()))
    }

    fn parse(text: &str) -> Result<Self> {
        let json = &mut serde_json::Deserializer::from_str(text);
        let report: Report = serde_path_to_error::deserialize(&mut *json).map_err(|why| {
            match why.path().to_string().as_str() {
                // The parser's words for the file as a whole.
                "." | "?" => why.into_inner().into(),
                field => anyhow!("field `{field}`: {}", why.inner()),
            }
        })?;
        json.end()?;
        report.check()?;
        Ok(report)
    }

    /// What the types cannot say: which field contradicts the others, and how.
    fn check(&self) -> Result<()> {
        let (found, known) = (self.format, Self::FORMAT);
        ensure!(found == known, "field `format`: {found}, but this program reads {known}");
        let mut cases = self.cases.iter().enumerate();
        cases.try_for_each(|(at, case)| case.check(&format!("cases[{at}]")))
    }
}

//! Signals by number and by name.

/// Those on whose numbers all systems agree.
const SIGNALS: [(i32, &str); 12] = [
    (1, "HUP"),
    (2, "INT"),
    (3, "QUIT"),
    (4, "ILL"),
    (5, "TRAP"),
    (6, "ABRT"),
    (8, "FPE"),
    (9, "KILL"),
    (11, "SEGV"),
    (13, "PIPE"),
    (14, "ALRM"),
    (15, "TERM"),
];

/// The number of the signal that is called so in full: `SIGINT`.
pub(crate) fn number(name: &str) -> Option<i32> {
    let name = name.strip_prefix("SIG")?;
    SIGNALS.iter().find(|(_, known)| *known == name).map(|(number, _)| *number)
}

/// What a signal is called in a directive, or its number.
pub(crate) fn name(number: i32) -> String {
    let known = SIGNALS.iter().find(|(known, _)| *known == number);
    known.map_or_else(|| number.to_string(), |(_, name)| format!("SIG{name}"))
}

/// A signal as it is told: `signal 2 (INT)`, or only the number.
pub(crate) fn told(number: i32) -> String {
    let known = SIGNALS.iter().find(|(known, _)| *known == number);
    let name = known.map(|(_, name)| format!(" ({name})")).unwrap_or_default();
    format!("signal {number}{name}")
}

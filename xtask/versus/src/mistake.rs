use std::fmt;

/// Why a case cannot be measured: a mistake in the program that defines it.
///
/// # Examples
///
/// ```
/// let mut cases = versus::Cases::new();
/// cases.case("lonely").peer("only", "the only one", |items| items);
/// let mistake = cases.check().unwrap_err();
/// assert_eq!(mistake.to_string(), "case `lonely` has no baseline");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DefinitionError {
    pub(crate) case: String,
    pub(crate) mistake: &'static str,
}

impl fmt::Display for DefinitionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "case `{}` {}", self.case, self.mistake)
    }
}

impl std::error::Error for DefinitionError {}

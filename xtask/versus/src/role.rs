use serde::{Deserialize, Serialize};

/// What a variant is there for.
///
/// # Examples
///
/// ```
/// use versus::Role;
///
/// let mut cases = versus::Cases::new();
/// let case = cases.case("add").baseline("adder").ours("adder", "Adder", |items| items);
/// case.limit("register", "a register", |items| items);
/// let (clock, mut out) = (versus::SystemClock::new(), Vec::new());
/// let report = versus::run("sums", cases, [], &clock, &mut out, &mut Vec::new()).unwrap();
/// let roles: Vec<_> = report.cases[0].entries().map(|entry| entry.role).collect();
/// assert_eq!(roles, [Role::Ours, Role::Limit]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// What we have built.
    Ours,
    /// What one would take instead.
    Peer,
    /// The same work with nothing around it: nobody can pass that, so it is nobody's competitor.
    Limit,
    /// Run by an interpreter. Which of these there are is up to the machine.
    Python,
    /// What lets the other figures be understood.
    Context,
}

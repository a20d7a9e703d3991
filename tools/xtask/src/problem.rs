//! What a person reads when something is missing: what it is, and what to do about it.

use std::fmt;

/// Something the person at the keyboard can repair: one line, and one line of hint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What is wrong, one line.
    pub what: String,
    /// What to do, one line.
    pub hint: String,
    /// Exit code: 2 for a wrong command line, else 1.
    pub exit_code: u8,
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}\nhint: {}", self.what, self.hint)
    }
}

impl std::error::Error for Problem {}

/// Returns an error that says what is wrong and what to do.
pub fn problem(what: impl Into<String>, hint: impl Into<String>) -> anyhow::Error {
    Problem { what: what.into(), hint: hint.into(), exit_code: 1 }.into()
}

/// Returns an error about the command line itself.
pub fn usage(what: impl Into<String>, hint: impl Into<String>) -> anyhow::Error {
    Problem { what: what.into(), hint: hint.into(), exit_code: 2 }.into()
}

/// Returns the code to exit with after this error.
pub fn exit_code(error: &anyhow::Error) -> u8 {
    error.downcast_ref::<Problem>().map_or(1, |problem| problem.exit_code)
}

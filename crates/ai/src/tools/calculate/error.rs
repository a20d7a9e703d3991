//! Why there is no result; each is a sentence that says to the model what to write instead.

use core::fmt;

/// Why an expression has no result, in a box: results are handed on in a hundred places, and stay small.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalculateError(Box<Why>);

impl fmt::Display for CalculateError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl core::error::Error for CalculateError {}

impl From<Why> for CalculateError {
    #[cold]
    #[inline(never)]
    fn from(why: Why) -> Self {
        Self(Box::new(why))
    }
}

/// Why an expression has no result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Why {
    /// Longer than [`super::MAX_CHARS`].
    #[error("the expression has more than {} characters; calculate it in parts", super::MAX_CHARS)]
    TooLong,
    /// Deeper than [`super::MAX_DEPTH`].
    #[error(
        "more than {} nested parentheses, signs or powers; calculate it in parts",
        super::MAX_DEPTH
    )]
    TooDeep,
    /// More than [`super::MAX_OPERATIONS`].
    #[error("more than {} operations; calculate it in parts", super::MAX_OPERATIONS)]
    TooMuch,
    /// More than 28 digits before the point.
    #[error(
        "the result, or a number on the way to it, has more than 28 digits, which is too large"
    )]
    TooLarge,
    /// Closer to zero than a number of that size allows.
    #[error("a number on the way to the result is closer to zero than 10^-28, which is too small")]
    TooSmall,
    /// A character that means nothing.
    #[error("`{0}` means nothing here; use numbers, + - * / ^ ( ), units, functions and dates")]
    UnknownCharacter(char),
    /// A number that is none.
    #[error("`{0}` is no number of at most 28 digits; write decimals with a point, as in 1234.5")]
    Number(String),
    /// A date that is none.
    #[error("`{0}` is no date between the years 1 and 9999; write YYYY-MM-DD, as in 2026-11-28")]
    Date(String),
    /// Something else was expected.
    #[error("expected {expected}, but there is {found}")]
    Expected {
        /// What.
        expected: &'static str,
        /// What is there.
        found: String,
    },
    /// A word that is neither.
    #[error(
        "unknown unit, function or constant `{0}`; units are as in 5 km, 3 lb, 20 °C, 2 h, 6 畳; \
         functions as in sqrt(2), round(x, 2), max(1; 2), ln(x), days between A and B"
    )]
    UnknownWord(String),
    /// Today is not known here.
    #[error("today's date is not known here; ask `current_time` and write the date as YYYY-MM-DD")]
    Today,
    /// `10 % 3`.
    #[error("`%` is percent here: write `15% of 80` for a share, `10 mod 3` for a remainder")]
    Percent,
    /// Division by zero.
    #[error("division by zero")]
    DivisionByZero,
    /// Outside of what a function takes.
    #[error("`{function}` takes {expected}")]
    Domain {
        /// Function.
        function: String,
        /// What it takes.
        expected: &'static str,
    },
    /// Two units that measure different things.
    #[error("`{left}` and `{right}` measure different things, or one of them has no unit")]
    Dimensions {
        /// Unit.
        left: String,
        /// Unit.
        right: String,
    },
    /// A plain number was expected.
    #[error("a plain number is needed where `{0}` is")]
    NotPlain(String),
    /// Temperatures with another zero are converted only.
    #[error("temperatures in °C and °F can only be converted, as in `72 °F in °C`")]
    Temperature,
    /// A month has no fixed length.
    #[error(
        "a month or a year has no fixed length: add a whole number of them to a date, as in \
         `2026-11-28 + 3 months`, or use days"
    )]
    Calendar,
    /// An operation that dates do not have.
    #[error(
        "with dates there are only: date + days, date - date, `days between A and B`, `weekday(A)`, \
         `leap(A)`"
    )]
    DateOperation,
}

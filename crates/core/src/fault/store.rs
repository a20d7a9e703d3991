//! Failures of the database.

use super::{Fault, Notice, Retry};

/// A failure of the database.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The statement failed. What the database says about it is left out: it may quote values.
    #[error("the database failed in {statement}")]
    Failed {
        /// Name of the statement.
        statement: &'static str,
    },
    /// A row lacks a column, or has a value of an unexpected type or form in one.
    #[error("the database returned an unexpected row in {statement}")]
    Row {
        /// Name of the statement.
        statement: &'static str,
    },
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        let retry = match error {
            StoreError::Failed { .. } => Retry::Backoff,
            StoreError::Row { .. } => Retry::Never,
        };
        Self { cause: error.into(), retry, notice: Notice::TryAgain }
    }
}

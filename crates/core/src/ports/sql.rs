//! The database: statements, their parameters and rows, and the port that runs them.

use serde::de::{Deserialize as _, DeserializeOwned, Deserializer};
use serde_json::Value;

use crate::fault::{Fault, StoreError};
use crate::json;

/// A value that a statement takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SqlValue {
    /// `NULL`
    Null,
    /// Integer, between -2^53 and 2^53, since it passes through a JavaScript number.
    Integer(i64),
    /// Text, also JSON text.
    Text(String),
}

/// The largest integer that a JavaScript number, and so a column of this program, holds exactly.
pub const MAX_SQL_INTEGER: i64 = (1 << 53) - 1;

impl From<&str> for SqlValue {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for SqlValue {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<u32> for SqlValue {
    fn from(number: u32) -> Self {
        Self::Integer(number.into())
    }
}

impl From<u64> for SqlValue {
    /// Larger numbers than [`MAX_SQL_INTEGER`] become that.
    fn from(number: u64) -> Self {
        Self::Integer(i64::try_from(number).map_or(MAX_SQL_INTEGER, |it| it.min(MAX_SQL_INTEGER)))
    }
}

impl<T: Into<Self>> From<Option<T>> for SqlValue {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// A static SQL statement with its parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Name for errors and logs: `table::verb`.
    pub name: &'static str,
    /// SQL with `?1`, `?2`, …
    pub sql: &'static str,
    /// Values for the parameters, in order.
    pub values: Vec<SqlValue>,
}

/// Rows as JSON objects, column name to value.
pub type Rows = Vec<serde_json::Map<String, Value>>;

/// Reads a statement's rows into structs whose fields are named as its columns.
///
/// # Errors
/// A store fault that is not worth a retry, when a column is missing or of another type.
pub fn read_rows<T: DeserializeOwned>(name: &'static str, rows: Rows) -> Result<Vec<T>, Fault> {
    let rows: Option<_> = rows.into_iter().map(|row| json::read(&Value::Object(row))).collect();
    rows.ok_or_else(|| StoreError::Row { statement: name }.into())
}

/// Reads a column that holds 0 or 1, for serde's `deserialize_with`: `SQLite` has no booleans.
///
/// # Errors
/// When it is no integer.
pub fn read_flag<'de, D: Deserializer<'de>>(column: D) -> Result<bool, D::Error> {
    i64::deserialize(column).map(|number| number != 0)
}

/// The database, in the dialect of `SQLite`.
pub trait Sql {
    /// Runs one statement and returns its rows.
    ///
    /// # Errors
    /// A [`Fault`] with a store cause; worth a retry.
    ///
    /// # Repeats
    /// Each statement of this program is written so that running it twice is running it once, but for
    /// `ledger::begin`, whose second run says that there was a first.
    async fn query(&self, statement: Statement) -> Result<Rows, Fault>;

    /// Runs statements in one transaction, in order, and returns the rows of each.
    ///
    /// One round trip. By the program's convention the last statement is the one that the others are
    /// there for, such as the one that moves a job; faults carry its name.
    ///
    /// # Errors
    /// A [`Fault`] with a store cause, worth a retry: then none of them took effect, or, when the answer
    /// was lost, all of them.
    ///
    /// # Repeats
    /// As for [`Sql::query`]: each batch of this program is written so that running it twice is running
    /// it once.
    async fn batch(&self, statements: Vec<Statement>) -> Result<Vec<Rows>, Fault>;

    /// Runs one statement and returns its rows as structs whose fields are named as its columns.
    ///
    /// # Errors
    /// See [`Sql::query`] and [`read_rows`].
    ///
    /// # Repeats
    /// See [`Sql::query`].
    async fn rows<T: DeserializeOwned>(&self, statement: Statement) -> Result<Vec<T>, Fault> {
        let name = statement.name;
        read_rows(name, self.query(statement).await?)
    }

    /// Runs one statement and returns its first row, as [`Sql::rows`] does.
    ///
    /// # Errors
    /// See [`Sql::rows`].
    ///
    /// # Repeats
    /// See [`Sql::query`].
    async fn row<T: DeserializeOwned>(&self, statement: Statement) -> Result<Option<T>, Fault> {
        self.rows(statement).await.map(|rows| rows.into_iter().next())
    }

    /// Runs one statement and returns whether it finds or changes a row.
    ///
    /// # Errors
    /// See [`Sql::query`].
    ///
    /// # Repeats
    /// See [`Sql::query`].
    async fn hits(&self, statement: Statement) -> Result<bool, Fault> {
        self.query(statement).await.map(|rows| !rows.is_empty())
    }

    /// Runs one statement for its effect.
    ///
    /// # Errors
    /// See [`Sql::query`].
    ///
    /// # Repeats
    /// See [`Sql::query`].
    async fn run(&self, statement: Statement) -> Result<(), Fault> {
        self.query(statement).await.map(drop)
    }
}

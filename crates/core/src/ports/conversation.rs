//! Conversations: the way to one, and the database that one has to itself.

use serde::de::DeserializeOwned;

use super::{Rows, SqlValue, Statement, read_rows};
use crate::fault::Fault;

/// Conversations, each an object of its own that carries out one command at a time.
pub trait Conversations {
    /// Sends a command, JSON text, to the conversation of this name, and returns its reply, JSON text.
    ///
    /// The name decides whose conversation it is: whoever makes one from what a stranger sent has checked
    /// before that it is the stranger's own.
    ///
    /// # Errors
    /// A [`Fault`] with a store cause; worth a retry. The command may have taken effect.
    ///
    /// # Repeats
    /// Every command of `miyabi_app::conversation` is written so that running it twice is running it once.
    async fn converse(&self, conversation: &str, command: &str) -> Result<String, Fault>;
}

/// The database of one conversation, in the dialect of `SQLite`: it is where its program runs, so nothing
/// waits for it.
pub trait Store {
    /// Runs one statement and returns its rows.
    ///
    /// # Errors
    /// A [`Fault`] with a store cause.
    ///
    /// # Repeats
    /// As the statement says.
    fn execute(&self, statement: &Statement) -> Result<Rows, Fault>;

    /// As [`Store::execute`], of a statement in its parts.
    ///
    /// # Errors
    /// As [`Store::execute`].
    ///
    /// # Repeats
    /// As the statement says.
    fn run(
        &self,
        name: &'static str,
        sql: &'static str,
        values: Vec<SqlValue>,
    ) -> Result<Rows, Fault> {
        self.execute(&Statement { name, sql, values })
    }

    /// Runs one statement and reads its rows.
    ///
    /// # Errors
    /// As [`Store::execute`], also when a row has another shape.
    ///
    /// # Repeats
    /// As the statement says.
    fn rows<T: DeserializeOwned>(
        &self,
        name: &'static str,
        sql: &'static str,
        values: Vec<SqlValue>,
    ) -> Result<Vec<T>, Fault> {
        read_rows(name, self.run(name, sql, values)?)
    }

    /// As [`Store::rows`], the first row alone.
    ///
    /// # Errors
    /// As [`Store::rows`].
    ///
    /// # Repeats
    /// As the statement says.
    fn row<T: DeserializeOwned>(
        &self,
        name: &'static str,
        sql: &'static str,
        values: Vec<SqlValue>,
    ) -> Result<Option<T>, Fault> {
        Ok(self.rows(name, sql, values)?.into_iter().next())
    }

    /// Runs `work` as one transaction: all of its statements take effect, or none if it fails.
    ///
    /// # Errors
    /// What `work` returns, or a [`Fault`] with a store cause.
    ///
    /// # Repeats
    /// As `work`.
    fn transaction<T>(&self, work: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault>;
}

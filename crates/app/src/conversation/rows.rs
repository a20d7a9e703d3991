//! Statements of a conversation, and the rows that they return.

use serde::de::DeserializeOwned;

use super::Conversation;
use miyabi_core::fault::Fault;
use miyabi_core::ports::{Rows, SqlValue, Statement, Store, read_rows};

impl<S: Store> Conversation<'_, S> {
    pub(super) fn execute(
        &self,
        name: &'static str,
        sql: &'static str,
        values: Vec<SqlValue>,
    ) -> Executed {
        self.store.execute(&Statement { name, sql, values })
    }

    pub(super) fn rows<T: DeserializeOwned>(
        &self,
        name: &'static str,
        sql: &'static str,
        values: Vec<SqlValue>,
    ) -> Result<Vec<T>, Fault> {
        read_rows(name, self.execute(name, sql, values)?)
    }

    pub(super) fn row<T: DeserializeOwned>(
        &self,
        name: &'static str,
        sql: &'static str,
        values: Vec<SqlValue>,
    ) -> Result<Option<T>, Fault> {
        Ok(self.rows(name, sql, values)?.into_iter().next())
    }
}

type Executed = Result<Rows, Fault>;

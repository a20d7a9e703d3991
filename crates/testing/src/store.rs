//! The database of one conversation, on real `SQLite`.

use core::cell::Cell;

use super::ports::{open, query};
use miyabi_core::fault::{Fault, StoreError};
use miyabi_core::ports::{Rows, Statement, Store};

/// A database in memory. Statements may be made to fail, as a crash between two of them would.
pub struct LocalStore {
    pub db: rusqlite::Connection,
    /// How many statements are run before one fails; `None` for all.
    pub fails_after: Cell<Option<u32>>,
    /// Rows that were written.
    pub statements: Cell<u32>,
}

impl Default for LocalStore {
    fn default() -> Self {
        Self { db: open(), fails_after: Cell::new(None), statements: Cell::new(0) }
    }
}

impl Store for LocalStore {
    fn execute(&self, statement: &Statement) -> Result<Rows, Fault> {
        self.statements.set(self.statements.get() + 1);
        match self.fails_after.get() {
            Some(0) => return Err(StoreError::Failed { statement: statement.name }.into()),
            left => self.fails_after.set(left.map(|left| left - 1)),
        }
        let rows = query(&self.db, statement);
        Ok(rows.unwrap_or_else(|error| panic!("{}: {error}", statement.name)))
    }

    fn transaction<T>(&self, work: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
        let transaction = self.db.unchecked_transaction().unwrap();
        let done = work()?;
        transaction.commit().unwrap();
        Ok(done)
    }
}

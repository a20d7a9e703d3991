//! The database behind D1: `SQLite` with the program's own migrations and statements, and a transaction for
//! each batch.
//!
//! One database in memory per thread, emptied between seeds. `unixepoch()` is the virtual clock's.
//! Temporary triggers report every change of a job's row, whoever makes it: what the invariants say
//! about jobs is not taken from the statements that are under test.

use core::cell::RefCell;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use miyabi_core::ports::{Rows, SqlValue};
use rusqlite::config::DbConfig;
use rusqlite::functions::FunctionFlags;
use rusqlite::types::Value as Cell;
use rusqlite::{Connection, ErrorCode};
use serde_json::{Map, Value};

/// The migrations, in order.
const MIGRATIONS: &[&str] = &include!(concat!(env!("OUT_DIR"), "/migrations.rs"));

/// Reports of every change of a job.
const OBSERVERS: &str = "
CREATE TEMP TRIGGER observe_insert AFTER INSERT ON main.jobs BEGIN
  SELECT observe(NEW.id, '', NEW.status, NEW.generation, NEW.token || NEW.params); END;
CREATE TEMP TRIGGER observe_update AFTER UPDATE ON main.jobs BEGIN
  SELECT observe(NEW.id, OLD.status, NEW.status, NEW.generation, NEW.token || NEW.params); END;
CREATE TEMP TRIGGER observe_delete AFTER DELETE ON main.jobs BEGIN
  SELECT observe(OLD.id, OLD.status, '', OLD.generation, ''); END;";

/// A change of a job's row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Job's id.
    pub job: String,
    /// Status before; empty if there was no row.
    pub from: String,
    /// Status now; empty if there is no row any more.
    pub to: String,
    /// Generation now.
    pub generation: i64,
    /// Whether the row holds the interaction's token or the question.
    pub holds_secrets: bool,
}

/// Why a statement failed in the database itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SqlError {
    /// A constraint or trigger refused it.
    Refused(String),
    /// It is no statement, or names what is not there.
    Broken(String),
}

impl SqlError {
    fn of(error: &rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::ConstraintViolation) => Self::Refused(error.to_string()),
            _ => Self::Broken(error.to_string()),
        }
    }
}

/// Statements that stay prepared: all of the program's, and those that a plant makes of them.
const STATEMENTS: usize = 512;

/// A trigger of the program.
struct Trigger {
    name: String,
    /// Its definition in the migrations.
    sql: String,
    /// The definition that is in place; `None` if the trigger is left out.
    in_place: RefCell<Option<String>>,
}

/// A database.
pub struct Database {
    connection: Connection,
    /// Unix seconds that `unixepoch()` returns.
    now_s: Arc<AtomicI64>,
    changes: Arc<Mutex<Vec<Change>>>,
    tables: Vec<String>,
    triggers: Vec<Trigger>,
}

impl core::fmt::Debug for Database {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.debug_struct("Database").field("tables", &self.tables).finish_non_exhaustive()
    }
}

impl Database {
    /// Opens an empty database with the program's tables.
    ///
    /// # Errors
    /// When a migration is no SQL.
    pub fn open() -> rusqlite::Result<Self> {
        let connection = Connection::open_in_memory()?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        // Otherwise `SQLite` prepares a statement anew whenever values are bound by which it has planned.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        let (now_s, changes) = (Arc::new(AtomicI64::new(0)), Arc::new(Mutex::new(Vec::new())));
        let clock = Arc::clone(&now_s);
        let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_INNOCUOUS;
        connection.create_scalar_function("unixepoch", 0, flags, move |_| {
            Ok(clock.load(Ordering::Relaxed))
        })?;
        let seen = Arc::clone(&changes);
        connection.create_scalar_function("observe", 5, flags, move |context| {
            let secrets: String = context.get(4)?;
            let change = Change {
                job: context.get(0)?,
                from: context.get(1)?,
                to: context.get(2)?,
                generation: context.get(3)?,
                holds_secrets: !secrets.is_empty(),
            };
            seen.lock().unwrap_or_else(PoisonError::into_inner).push(change);
            Ok(0)
        })?;
        for migration in MIGRATIONS {
            connection.execute_batch(migration)?;
        }
        let schema = |kind: &str| {
            let sql = "SELECT name, sql FROM sqlite_schema WHERE type = ?1 AND sql IS NOT NULL";
            let mut prepared = connection.prepare(sql)?;
            let rows = prepared.query_map([kind], |row| Ok((row.get(0)?, row.get(1)?)))?;
            rows.collect::<rusqlite::Result<Vec<(String, String)>>>()
        };
        let tables = schema("table")?.into_iter().map(|(name, _)| name).collect();
        let trigger = |(name, sql): (String, String)| Trigger {
            name,
            in_place: RefCell::new(Some(sql.clone())),
            sql,
        };
        let triggers = schema("trigger")?.into_iter().map(trigger).collect();
        connection.execute_batch(OBSERVERS)?;
        Ok(Self { connection, now_s, changes, tables, triggers })
    }

    /// Empties the tables for the next seed, and puts back the triggers as `trigger` wants them.
    ///
    /// Triggers that are as they should be stay: after each change of the schema `SQLite` prepares every
    /// statement anew.
    ///
    /// # Errors
    /// When the database fails, which it has no reason to.
    pub fn clear(&self, trigger: impl Fn(&str) -> Option<String>) -> rusqlite::Result<()> {
        for table in &self.tables {
            self.connection.prepare_cached(&format!("DELETE FROM {table}"))?.execute([])?;
        }
        for Trigger { name, sql, in_place } in &self.triggers {
            let wanted = trigger(sql);
            if *in_place.borrow() == wanted {
                continue;
            }
            self.connection.execute(&format!("DROP TRIGGER IF EXISTS {name}"), [])?;
            if let Some(sql) = &wanted {
                self.connection.execute(sql, [])?;
            }
            in_place.replace(wanted);
        }
        drop(self.take_changes());
        Ok(())
    }

    /// Sets the clock.
    pub fn set_now(&self, now_s: i64) {
        self.now_s.store(now_s, Ordering::Relaxed);
    }

    /// Returns the changes of jobs since the last call.
    pub fn take_changes(&self) -> Vec<Change> {
        core::mem::take(&mut *self.changes.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Runs one statement.
    ///
    /// # Errors
    /// See [`SqlError`].
    pub fn query(&self, sql: &str, values: &[SqlValue]) -> Result<Rows, SqlError> {
        self.run(sql, values).map_err(|error| SqlError::of(&error))
    }

    /// Runs `work` in a transaction, which takes effect as a whole or, after an error, not at all.
    ///
    /// # Errors
    /// That of `work`, or the transaction's own.
    pub fn transaction<T>(
        &self,
        work: impl FnOnce() -> Result<T, SqlError>,
    ) -> Result<T, SqlError> {
        let transaction =
            self.connection.unchecked_transaction().map_err(|error| SqlError::of(&error))?;
        match work() {
            Ok(done) => {
                transaction.commit().map_err(|error| SqlError::of(&error))?;
                Ok(done)
            }
            Err(error) => {
                // What the observers saw did not happen.
                drop(self.take_changes());
                Err(error)
            }
        }
    }

    /// Returns every text in every table, with spaces between.
    ///
    /// # Errors
    /// See [`SqlError`].
    pub fn texts(&self) -> Result<String, SqlError> {
        let mut all = Vec::new();
        for table in &self.tables {
            let rows = self.query(&format!("SELECT * FROM {table}"), &[])?;
            all.extend(rows.into_iter().map(|row| Value::Object(row).to_string()));
        }
        Ok(all.join(" "))
    }

    fn run(&self, sql: &str, values: &[SqlValue]) -> rusqlite::Result<Rows> {
        let mut prepared = self.connection.prepare_cached(sql)?;
        let values = values.iter().map(|value| match value {
            SqlValue::Null => Cell::Null,
            SqlValue::Integer(number) => Cell::Integer(*number),
            SqlValue::Text(text) => Cell::Text(text.clone()),
        });
        let mut rows = prepared.query(rusqlite::params_from_iter(values))?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let mut object = Map::new();
            // Only a row tells: a change of the schema since the statement was prepared counts from here on.
            let statement: &rusqlite::Statement<'_> = row.as_ref();
            for index in 0..statement.column_count() {
                let value = match row.get::<_, Cell>(index)? {
                    Cell::Integer(number) => number.into(),
                    Cell::Real(number) => number.into(),
                    Cell::Text(text) => text.into(),
                    Cell::Null | Cell::Blob(_) => Value::Null,
                };
                object.insert(statement.column_name(index)?.to_owned(), value);
            }
            found.push(object);
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_change_of_a_job_is_seen_at_the_virtual_time() {
        let database = Database::open().unwrap();
        database.set_now(1_700_000_000);
        database
            .query(
                "INSERT INTO jobs (id, platform, token, status) VALUES ('1', 'x', 't', 'PENDING')",
                &[],
            )
            .unwrap();
        let rows = database.query("SELECT created_at FROM jobs", &[]).unwrap();
        assert_eq!(rows[0]["created_at"], 1_700_000_000);
        let refused = database.query("UPDATE jobs SET status = 'COMPLETED' WHERE id = '1'", &[]);
        assert!(matches!(refused, Err(SqlError::Refused(_))), "{refused:?}");
        let broken = database.query("SELECT x FROM y", &[]);
        assert!(matches!(broken, Err(SqlError::Broken(_))), "{broken:?}");
        database.query("UPDATE jobs SET status = 'PROCESSING' WHERE id = '1'", &[]).unwrap();
        let seen: Vec<_> =
            database.take_changes().into_iter().map(|change| (change.from, change.to)).collect();
        let moved = [("", "PENDING"), ("PENDING", "PROCESSING")];
        assert_eq!(seen, moved.map(|(from, to)| (from.to_owned(), to.to_owned())));
        database.clear(|sql| Some(sql.to_owned())).unwrap();
        assert!(database.query("SELECT id FROM jobs", &[]).unwrap().is_empty());
    }

    #[test]
    fn a_transaction_that_fails_changes_nothing_and_nothing_is_seen() {
        let database = Database::open().unwrap();
        let insert =
            "INSERT INTO jobs (id, platform, token, status) VALUES ('1', 'x', 't', 'PENDING')";
        for second in [insert, "SELECT x FROM y"] {
            let failed = database.transaction(|| {
                database.query(insert, &[])?;
                database.query(second, &[])
            });
            assert!(failed.is_err(), "{second}");
            assert!(database.query("SELECT id FROM jobs", &[]).unwrap().is_empty());
            assert_eq!(database.take_changes(), []);
        }
        database.transaction(|| database.query(insert, &[])).unwrap();
        assert_eq!(database.take_changes().len(), 1);
    }
}

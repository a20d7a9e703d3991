//! The tables of a person's facts. Their database is the person's own, so they hold one person.
//!
//! Columns that end in `_ms` are milliseconds since the Unix epoch, and no number passes 2^53 - 1.

use miyabi_core::fault::Fault;
use miyabi_core::ports::{Statement, Store};

/// Every table. `IF NOT EXISTS`, so that the first fact needs no look first.
///
/// `person`: one row. `next`: number of the next fact, which is never given twice. `is_off`: whether facts are
/// left alone. `forgotten_ms`: when something was last forgotten. `seen_ms`: the day of the last question.
///
/// `facts`: `turn`, `ordinal`: the question in which it stands, and its place among the facts of that.
/// `server`: where it was said; blank where nobody else read along. `subject`: what it is about, blank if
/// nothing supersedes it. `superseded_by`: `seq` of the newer fact on the same subject in the same place.
///
/// `facts_index`: the terms of the facts that count (`terms.rs`), by `seq`.
///
/// `places`: conversations in which facts were said or used. `used_ms`: the day on which that was last so.
const TABLES: [Statement; 5] = [
    table(
        "person::create_table",
        "CREATE TABLE IF NOT EXISTS person (
           id INTEGER PRIMARY KEY CHECK (id = 1),
           next INTEGER NOT NULL DEFAULT 1,
           is_off INTEGER NOT NULL DEFAULT 0,
           forgotten_ms INTEGER,
           seen_ms INTEGER NOT NULL
         ) STRICT",
    ),
    table(
        "facts::create_table",
        "CREATE TABLE IF NOT EXISTS facts (
           seq INTEGER PRIMARY KEY,
           turn TEXT NOT NULL,
           ordinal INTEGER NOT NULL,
           server TEXT NOT NULL,
           subject TEXT NOT NULL,
           text TEXT NOT NULL,
           said_ms INTEGER NOT NULL,
           superseded_by INTEGER,
           superseded_ms INTEGER,
           CHECK ((superseded_by IS NULL) = (superseded_ms IS NULL)),
           CHECK (superseded_by > seq)
         ) STRICT",
    ),
    // Text in which every term is a word of its own, since the tokenizer knows no Japanese words.
    table(
        "facts_index::create_table",
        "CREATE VIRTUAL TABLE IF NOT EXISTS facts_index USING fts5(terms, tokenize = 'unicode61')",
    ),
    // What is deleted is taken out of the index at once, instead of being marked as deleted there.
    table(
        "facts_index::delete_securely",
        "INSERT INTO facts_index (facts_index, rank) VALUES ('secure-delete', 1)",
    ),
    table(
        "places::create_table",
        "CREATE TABLE IF NOT EXISTS places (
           conversation TEXT PRIMARY KEY,
           used_ms INTEGER NOT NULL
         ) STRICT, WITHOUT ROWID",
    ),
];

const fn table(name: &'static str, sql: &'static str) -> Statement {
    Statement { name, sql, values: Vec::new() }
}

/// Makes the tables.
///
/// # Errors
/// A store fault.
///
/// # Repeats
/// Tables that are there stay as they are.
pub(super) fn prepare(store: &impl Store) -> Result<(), Fault> {
    if is_there(store)? {
        return Ok(());
    }
    for table in &TABLES {
        let _no_rows = store.execute(table)?;
    }
    Ok(())
}

/// Returns whether the tables are there. An object that only answers that nothing is remembered stores nothing.
///
/// # Errors
/// A store fault.
///
/// # Repeats
/// Reads only.
pub(super) fn is_there(store: &impl Store) -> Result<bool, Fault> {
    let sql = "SELECT 1 AS there FROM sqlite_schema WHERE type = 'table' AND name = 'person'";
    let look = Statement { name: "person::is_there", sql, values: Vec::new() };
    Ok(!store.execute(&look)?.is_empty())
}

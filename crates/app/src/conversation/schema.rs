//! The tables of a conversation. Its database is its own, so they hold one conversation.
//!
//! Columns that end in `_ms` are milliseconds since the Unix epoch, and no number passes 2^53 - 1.

use miyabi_core::fault::Fault;
use miyabi_core::ports::{Statement, Store};

/// Every table and index. `IF NOT EXISTS`, so that the first command of an object needs no look first.
///
/// `conversation`: one row, from the first turn on. `deleted_ms`: when its person wanted it gone; then it has
/// no turns, and never will have any. `turns`, `messages` and `bytes`
/// count what is stored.
///
/// `turns`: a question and its answer. `seq`: their order. `id`: the job's. `parent`: `seq` of the turn
/// before, NULL for the first one; that turn may have been forgotten. `source`: `seq` of the turn whose
/// question it answers once more; NULL if the question is its own. `message`: the client's id of the
/// question; blank if there is none. `files`: those that came with the question, a list in JSON of
/// [`crate::uploads::Upload`]; NULL for none. `generation`: that of the job, a fencing token; 0 until it runs.
/// `notice`: the name of the sentence for its asker when it has failed. `said`: what was said meanwhile,
/// where that is not the answer, see [`super::log::Said`].
///
/// `overlay`: one row, once there is something to tell of it. `floor_ms`: models do not read what was asked
/// until then. `summary`: of the turns until `until_seq` on its way, the oldest of which was asked at
/// `since_ms`; blank with `until_seq` 0 if there is none. `tried_seq`: of the newest turn when one was last
/// to be written, 0 if there was none since the one that there is.
///
/// `erasure`: one row, once its person had everything deleted. `until_ms`: what was asked until then is gone, and
/// is written no more.
///
/// `ratios`: what an estimate of a prompt is of what a model counts, in thousandths.
const TABLES: [Statement; 6] = [
    table(
        "conversation::create",
        "CREATE TABLE IF NOT EXISTS conversation (
           id INTEGER PRIMARY KEY CHECK (id = 1),
           created_ms INTEGER NOT NULL,
           updated_ms INTEGER NOT NULL,
           deleted_ms INTEGER,
           turns INTEGER NOT NULL DEFAULT 0,
           messages INTEGER NOT NULL DEFAULT 0,
           bytes INTEGER NOT NULL DEFAULT 0
         ) STRICT",
    ),
    table(
        "turns::create",
        "CREATE TABLE IF NOT EXISTS turns (
           seq INTEGER PRIMARY KEY,
           id TEXT NOT NULL UNIQUE,
           parent INTEGER,
           source INTEGER,
           message TEXT NOT NULL DEFAULT '',
           question TEXT NOT NULL,
           files TEXT,
           answer TEXT,
           said TEXT,
           state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed', 'stopped')),
           generation INTEGER NOT NULL DEFAULT 0,
           notice TEXT,
           asked_ms INTEGER NOT NULL,
           ended_ms INTEGER,
           CHECK ((state IN ('queued', 'running')) = (ended_ms IS NULL)),
           CHECK (state <> 'done' OR answer IS NOT NULL),
           CHECK ((state = 'failed') = (notice IS NOT NULL))
         ) STRICT",
    ),
    // Only the turns that have not ended: as many as run at the moment.
    table(
        "turns::create_index",
        "CREATE INDEX IF NOT EXISTS turns_that_run ON turns (asked_ms)
         WHERE state IN ('queued', 'running')",
    ),
    table(
        "overlay::create",
        "CREATE TABLE IF NOT EXISTS overlay (
           id INTEGER PRIMARY KEY CHECK (id = 1),
           floor_ms INTEGER NOT NULL DEFAULT 0,
           summary TEXT NOT NULL DEFAULT '',
           until_seq INTEGER NOT NULL DEFAULT 0,
           since_ms INTEGER NOT NULL DEFAULT 0,
           tried_seq INTEGER NOT NULL DEFAULT 0
         ) STRICT",
    ),
    table(
        "erasure::create",
        "CREATE TABLE IF NOT EXISTS erasure (
           id INTEGER PRIMARY KEY CHECK (id = 1),
           until_ms INTEGER NOT NULL
         ) STRICT",
    ),
    table(
        "ratios::create",
        "CREATE TABLE IF NOT EXISTS ratios (
           model TEXT PRIMARY KEY,
           permille INTEGER NOT NULL CHECK (permille BETWEEN 500 AND 2000)
         ) STRICT, WITHOUT ROWID",
    ),
];

const HAS_FILES: Statement = table(
    "turns::has_files",
    "SELECT 1 AS there FROM pragma_table_info('turns') WHERE name = 'files'",
);
const ADD_FILES: Statement = table("turns::add_files", "ALTER TABLE turns ADD COLUMN files TEXT");

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
    for table in &TABLES {
        let _no_rows = store.execute(table)?;
    }
    // An object of before there were files has its table already.
    if store.execute(&HAS_FILES)?.is_empty() {
        let _no_rows = store.execute(&ADD_FILES)?;
    }
    Ok(())
}

/// Returns whether the tables are there.
///
/// # Errors
/// A store fault.
///
/// # Repeats
/// Reads only.
pub(super) fn is_there(store: &impl Store) -> Result<bool, Fault> {
    let sql = "SELECT 1 AS there FROM sqlite_schema WHERE type = 'table' AND name = 'turns'";
    let look = Statement { name: "turns::is_there", sql, values: Vec::new() };
    Ok(!store.execute(&look)?.is_empty())
}

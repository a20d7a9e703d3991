//! Forgetting: all of a conversation because its person wants it, or what has grown old.

use serde::Deserialize;

use super::{Conversation, schema};
use crate::facts;
use miyabi_core::fault::Fault;
use miyabi_core::ids::Millis;
use miyabi_core::ports::{SqlValue, Statement, Store, read_rows};

/// When a conversation has to be looked at again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wake {
    /// At this time.
    At(Millis),
    /// Never: nothing is left, and its database can go.
    Never,
}

/// Removes all turns, and leaves a mark: a run that ends later brings nothing back.
pub(super) fn delete<S: Store>(it: &Conversation<'_, S>) -> Result<(), Fault> {
    let now: SqlValue = it.now.0.into();
    it.live.forget();
    let _no_rows = it.store.run("turns::delete", "DELETE FROM turns", Vec::new())?;
    let _no_rows = it.store.run("overlay::delete", "DELETE FROM overlay", Vec::new())?;
    let sql =
        "INSERT INTO conversation (id, created_ms, updated_ms, deleted_ms) VALUES (1, ?1, ?1, ?1)
               ON CONFLICT (id) DO UPDATE SET turns = 0, messages = 0, bytes = 0,
                 updated_ms = excluded.updated_ms,
                 deleted_ms = coalesce(deleted_ms, excluded.deleted_ms)";
    it.store.run("conversation::delete", sql, vec![now]).map(drop)
}

/// Forgets the turns that are older than `retention_ms`, and the mark of a deleted conversation, and
/// returns when to look again; of a person's object, see [`facts::forget`].
///
/// # Errors
/// A store fault.
///
/// # Repeats
/// Gone is gone.
pub fn forget(store: &impl Store, now: Millis, retention_ms: u64) -> Result<Wake, Fault> {
    if facts::wake(store, retention_ms)?.is_some() {
        return facts::forget(store, now, retention_ms);
    }
    let before: SqlValue = now.0.saturating_sub(retention_ms).into();
    store.transaction(|| {
        schema::prepare(store)?;
        for (name, sql) in [
            ("turns::forget", "DELETE FROM turns WHERE asked_ms <= ?1"),
            // A summary may repeat any turn that it is of.
            (
                "overlay::forget",
                "UPDATE overlay SET summary = '', until_seq = 0, since_ms = 0, tried_seq = 0
                 WHERE until_seq > 0 AND since_ms <= ?1",
            ),
            ("conversation::forget", "DELETE FROM conversation WHERE deleted_ms <= ?1"),
        ] {
            let _no_rows = store.execute(&Statement { name, sql, values: vec![before.clone()] })?;
        }
        let recount = Statement {
            name: "conversation::recount",
            sql: "UPDATE conversation SET turns = (SELECT count(*) FROM turns),
                    messages = (SELECT count(*) FILTER (WHERE source IS NULL) + count(answer)
                                FROM turns),
                    bytes = (SELECT coalesce(sum(length(CAST(question AS BLOB))
                               + coalesce(length(CAST(answer AS BLOB)), 0)), 0) FROM turns)",
            values: Vec::new(),
        };
        let _no_rows = store.execute(&recount)?;
        wake(store, retention_ms)
    })
}

/// Returns when the oldest of what is stored is to be forgotten.
///
/// # Errors
/// A store fault.
///
/// # Repeats
/// Reads only.
pub fn wake(store: &impl Store, retention_ms: u64) -> Result<Wake, Fault> {
    #[derive(Deserialize)]
    struct Oldest {
        oldest_ms: Option<u64>,
    }
    if let Some(wake) = facts::wake(store, retention_ms)? {
        return Ok(wake);
    }
    if !schema::is_there(store)? {
        return Ok(Wake::Never);
    }
    // `seq` is the order in which turns were written, so the oldest one is the first.
    let oldest = Statement {
        name: "conversation::oldest",
        sql: "SELECT coalesce((SELECT asked_ms FROM turns ORDER BY seq LIMIT 1),
                (SELECT deleted_ms FROM conversation)) AS oldest_ms",
        values: Vec::new(),
    };
    let rows: Vec<Oldest> = read_rows(oldest.name, store.execute(&oldest)?)?;
    let oldest_ms = rows.into_iter().next().and_then(|row| row.oldest_ms);
    Ok(oldest_ms
        .map_or(Wake::Never, |oldest| Wake::At(Millis(oldest.saturating_add(retention_ms)))))
}

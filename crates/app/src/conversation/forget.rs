//! Forgetting: all of a conversation because its person wants it, or what has grown old.

use serde::Deserialize;

use super::{Command, Conversation, Reply, schema};
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

/// Carries out a command that makes it forget; `None` for any other.
pub(super) fn carry_out<S: Store>(
    it: &Conversation<'_, S>,
    command: &Command,
) -> Result<Option<Reply>, Fault> {
    if let Command::Erase { until } = command {
        erase(it, *until)?;
        return Ok(Some(Reply::Erased));
    }
    if *command == Command::Delete {
        delete(it)?;
        return Ok(Some(Reply::Deleted));
    }
    Ok(None)
}

/// Removes all turns, and leaves a mark: a run that ends later brings nothing back.
fn delete<S: Store>(it: &Conversation<'_, S>) -> Result<(), Fault> {
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

/// Removes what was asked until a time, and leaves a mark: a run of such a question brings nothing back.
fn erase<S: Store>(it: &Conversation<'_, S>, until: Millis) -> Result<(), Fault> {
    it.live.forget();
    // The summary may be of that, and models read nothing of it.
    it.unlearn(until)?;
    for (name, sql) in [
        ("turns::erase", "DELETE FROM turns WHERE asked_ms <= ?1"),
        (
            "erasure::mark",
            "INSERT INTO erasure (id, until_ms) VALUES (1, ?1)
             ON CONFLICT (id) DO UPDATE SET until_ms = max(until_ms, excluded.until_ms)",
        ),
    ] {
        let _no_rows = it.store.run(name, sql, vec![until.0.into()])?;
    }
    it.store.execute(&RECOUNT).map(drop)
}

impl<S: Store> Conversation<'_, S> {
    /// Returns whether it was deleted.
    pub(super) fn is_deleted(&self) -> Result<bool, Fault> {
        let sql = "SELECT 1 AS deleted FROM conversation WHERE deleted_ms IS NOT NULL";
        self.store.run("conversation::is_deleted", sql, Vec::new()).map(|rows| !rows.is_empty())
    }

    /// Returns whether its person has had everything deleted that was asked at a time.
    pub(super) fn is_erased(&self, asked: Millis) -> Result<bool, Fault> {
        let sql = "SELECT 1 AS erased FROM erasure WHERE until_ms >= ?1";
        Ok(!self.store.run("erasure::look", sql, vec![asked.0.into()])?.is_empty())
    }
}

/// Counts anew what is stored.
const RECOUNT: Statement = Statement {
    name: "conversation::recount",
    sql: "UPDATE conversation SET turns = (SELECT count(*) FROM turns),
            messages = (SELECT count(*) FILTER (WHERE source IS NULL) + count(answer)
                        FROM turns),
            bytes = (SELECT coalesce(sum(length(CAST(question AS BLOB))
                       + coalesce(length(CAST(answer AS BLOB)), 0)), 0) FROM turns)",
    values: Vec::new(),
};

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
            ("erasure::forget", "DELETE FROM erasure WHERE until_ms <= ?1"),
            ("conversation::forget", "DELETE FROM conversation WHERE deleted_ms <= ?1"),
        ] {
            let _no_rows = store.execute(&Statement { name, sql, values: vec![before.clone()] })?;
        }
        let _no_rows = store.execute(&RECOUNT)?;
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
        sql:
            "SELECT coalesce((SELECT asked_ms FROM turns ORDER BY seq LIMIT 1),
                (SELECT deleted_ms FROM conversation), (SELECT until_ms FROM erasure)) AS oldest_ms",
        values: Vec::new(),
    };
    let rows: Vec<Oldest> = read_rows(oldest.name, store.execute(&oldest)?)?;
    let oldest_ms = rows.into_iter().next().and_then(|row| row.oldest_ms);
    Ok(oldest_ms
        .map_or(Wake::Never, |oldest| Wake::At(Millis(oldest.saturating_add(retention_ms)))))
}

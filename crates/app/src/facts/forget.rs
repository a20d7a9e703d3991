//! Facts are forgotten: one or all because their person wants it, or what has grown old.

use serde::Deserialize;

use super::{Forgotten, KEPT_UNUSED_MS, Person, schema};
use crate::conversation::Wake;
use miyabi_core::fault::Fault;
use miyabi_core::ids::Millis;
use miyabi_core::ports::{SqlValue, Statement, Store, read_rows};

#[derive(Deserialize)]
struct Place {
    conversation: String,
}

#[derive(Deserialize)]
struct Seen {
    seen_ms: u64,
}

impl<S: Store> Person<'_, S> {
    /// Removes a fact with everything that it superseded, so that nothing older comes back in its place.
    pub(super) fn forget_one(&self, id: u64) -> Result<Forgotten, Fault> {
        if self.person()?.is_none() {
            return Ok(Forgotten::default());
        }
        // A fact on the same subject that was said elsewhere is another one, and is listed.
        let sql = "WITH RECURSIVE chain (seq) AS (
                     SELECT seq FROM facts WHERE seq = ?1 AND superseded_by IS NULL
                     UNION
                     SELECT facts.seq FROM facts JOIN chain ON facts.superseded_by = chain.seq)
                   DELETE FROM facts WHERE seq IN (SELECT seq FROM chain)
                   RETURNING seq AS number";
        if self.store.run("facts::forget_one", sql, vec![id.into()])?.is_empty() {
            return Ok(Forgotten::default());
        }
        self.unlist(id)?;
        self.forgotten(1, self.now)
    }

    /// Removes what was said until a time, or everything, and notes that time: also if nothing is known yet,
    /// since a question that runs may say something.
    pub(super) fn forget_until(
        &self,
        at: Millis,
        said: Option<Millis>,
    ) -> Result<Forgotten, Fault> {
        self.prepare()?;
        let sql = "SELECT count(*) AS number FROM facts
                   WHERE superseded_by IS NULL AND said_ms <= coalesce(?1, said_ms)";
        let until: SqlValue = said.map(|said| said.0).into();
        let facts = self.number("facts::count", sql, vec![until.clone()])?;
        let sql = "DELETE FROM facts WHERE said_ms <= coalesce(?1, said_ms)";
        let _no_rows = self.store.run("facts::delete", sql, vec![until])?;
        let sql = "DELETE FROM facts_index WHERE rowid NOT IN (SELECT seq FROM facts)";
        let _no_rows = self.store.run("facts_index::clear", sql, Vec::new())?;
        self.forgotten(facts, at)
    }

    /// Notes that something was forgotten, and returns which conversations may repeat it.
    pub(super) fn forgotten(&self, facts: u64, at: Millis) -> Result<Forgotten, Fault> {
        let sql = "UPDATE person SET forgotten_ms = max(coalesce(forgotten_ms, 0), ?1)";
        let _no_rows = self.store.run("person::forgotten", sql, vec![at.0.into()])?;
        Ok(Forgotten { facts, at, conversations: self.conversations()? })
    }

    /// Returns the conversations that may repeat facts, the last used first.
    pub(super) fn conversations(&self) -> Result<Vec<String>, Fault> {
        let sql = "SELECT conversation FROM places ORDER BY used_ms DESC, conversation";
        let places: Vec<Place> = self.store.rows("places::list", sql, Vec::new())?;
        Ok(places.into_iter().map(|place| place.conversation).collect())
    }
}

/// Forgets what was superseded, and where facts were used, longer ago than `retention_ms`; and everything of
/// a person who has not asked for a year. Returns when to look again.
///
/// # Errors
/// A store fault.
///
/// # Repeats
/// Gone is gone.
pub fn forget(store: &impl Store, now: Millis, retention_ms: u64) -> Result<Wake, Fault> {
    store.transaction(|| {
        let it = Person { store, now };
        let Some(person) = it.person()? else { return Ok(Wake::Never) };
        let before: SqlValue = now.0.saturating_sub(retention_ms).into();
        for (name, sql) in [
            ("facts::forget", "DELETE FROM facts WHERE superseded_ms <= ?1"),
            ("places::forget", "DELETE FROM places WHERE used_ms <= ?1"),
            ("person::forget", "UPDATE person SET forgotten_ms = NULL WHERE forgotten_ms <= ?1"),
        ] {
            let _no_rows = it.store.run(name, sql, vec![before.clone()])?;
        }
        if now.0.saturating_sub(person.seen_ms.0) >= KEPT_UNUSED_MS.max(retention_ms) {
            let _no_rows = it.store.run("facts::delete", "DELETE FROM facts", Vec::new())?;
            let sql = "DELETE FROM facts_index";
            let _no_rows = it.store.run("facts_index::clear", sql, Vec::new())?;
        }
        // Who has switched it off stays so.
        let sql = "SELECT (SELECT count(*) FROM facts) + (SELECT count(*) FROM places)
                     + (SELECT count(*) FROM person WHERE is_off OR forgotten_ms IS NOT NULL)
                     AS number";
        let is_empty = it.number("person::is_empty", sql, Vec::new())? == 0;
        let next = Millis(now.0.saturating_add(retention_ms));
        Ok(if is_empty { Wake::Never } else { Wake::At(next) })
    })
}

/// Returns when a person's object has to be looked at again; `None` if it has no facts, and never had.
///
/// # Errors
/// A store fault.
///
/// # Repeats
/// Reads only.
pub fn wake(store: &impl Store, retention_ms: u64) -> Result<Option<Wake>, Fault> {
    if !schema::is_there(store)? {
        return Ok(None);
    }
    let newest =
        Statement { name: "person::newest", sql: "SELECT seen_ms FROM person", values: Vec::new() };
    let rows: Vec<Seen> = read_rows(newest.name, store.execute(&newest)?)?;
    let seen = rows.into_iter().next().map_or(0, |row| row.seen_ms);
    Ok(Some(Wake::At(Millis(seen.saturating_add(retention_ms)))))
}

//! Facts move to another object: that of the person whom an account is linked to.
//!
//! 1. What is to move is read at the account. Facts that its person has switched off stay there, unused.
//! 2. They are written at the person, as if they had been said there then: of two on the same subject the one counts
//!    that was said last.
//! 3. They are forgotten at the account, so that they are not there twice. A run that was begun there before them makes
//!    them once more no more than after [`super::Request::Forget`].
//!
//! What dies on the way is done again from the beginning.

use super::{Fact, Forgotten, Listing, Note, Person, Place, Recall, subject};
use miyabi_core::fault::Fault;
use miyabi_core::ids::Millis;
use miyabi_core::ports::Store;

/// First place in its question of a fact that has moved here, behind those of the facts that are made here.
const MOVED: u32 = 1_000;

impl<S: Store> Person<'_, S> {
    /// Returns what is to move.
    pub(super) fn pack(&self) -> Result<Listing, Fault> {
        let listing = self.list()?;
        if !listing.is_on || self.person()?.is_none() {
            return Ok(Listing::default());
        }
        Ok(Listing { conversations: self.conversations()?, ..listing })
    }

    /// Writes what has moved here, and returns which of it need not be kept elsewhere: all that there was room for.
    pub(super) fn adopt(
        &self,
        Listing { facts, conversations, .. }: Listing,
    ) -> Result<Listing, Fault> {
        self.prepare()?;
        for conversation in &conversations {
            // Where there are too many of them, the facts count all the same.
            let _is_kept = self.use_in(conversation)?;
        }
        let mut known = Vec::new();
        for fact in facts {
            if self.is_outdated(&fact)? || self.adopt_one(&fact)? != Note::Full {
                known.push(fact);
            }
        }
        Ok(Listing { facts: known, ..Listing::default() })
    }

    fn adopt_one(&self, Fact { id, text, source, server, at }: &Fact) -> Result<Note, Fault> {
        let said = Recall {
            turn: source.clone(),
            text: String::new(),
            asked: *at,
            place: Place::of(Some(server.as_str()).filter(|server| !server.is_empty())),
            conversation: String::new(),
            budget_tokens: 0,
        };
        let ordinal = MOVED.saturating_add(u32::try_from(*id).unwrap_or(u32::MAX));
        self.learn_one(&said, ordinal, text)
    }

    /// Returns whether something newer is known on the subject of a fact, in its place.
    fn is_outdated(&self, Fact { text, server, at, .. }: &Fact) -> Result<bool, Fault> {
        let sql = "SELECT count(*) AS number FROM facts
                   WHERE server = ?1 AND subject = ?2 AND ?2 <> '' AND said_ms > ?3
                     AND superseded_by IS NULL";
        let subject = subject::of(text).unwrap_or_default();
        let values = vec![server.as_str().into(), subject.into(), at.0.into()];
        Ok(self.number("facts::newer", sql, values)? > 0)
    }

    /// Removes facts that are known elsewhere now, with what they superseded.
    pub(super) fn leave(&self, ids: &[u64]) -> Result<Forgotten, Fault> {
        if self.person()?.is_none() {
            return Ok(Forgotten::default());
        }
        let ids = serde_json::to_string(ids).unwrap_or_default();
        let sql = "SELECT coalesce(max(said_ms), 0) AS number FROM facts
                   WHERE seq IN (SELECT value FROM json_each(?1))";
        let said = self.number("facts::last_said", sql, vec![ids.as_str().into()])?;
        let sql = "WITH RECURSIVE chain (seq) AS (
                     SELECT value FROM json_each(?1)
                     UNION
                     SELECT facts.seq FROM facts JOIN chain ON facts.superseded_by = chain.seq)
                   DELETE FROM facts WHERE seq IN (SELECT seq FROM chain)";
        let _no_rows = self.store.run("facts::leave", sql, vec![ids.into()])?;
        let sql = "DELETE FROM facts_index WHERE rowid NOT IN (SELECT seq FROM facts)";
        let _no_rows = self.store.run("facts_index::clear", sql, Vec::new())?;
        self.forgotten(0, Millis(said))
    }
}

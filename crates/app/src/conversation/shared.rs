//! What of a conversation is shown to whoever has a link: one branch, as it was at one moment.
//!
//! Nothing is copied. What a turn has come to stays, so the newest one and the moment say what was there; what
//! is deleted or forgotten is gone from what is shared too, and so is a question that failed then and has its
//! answer since.

use serde::Deserialize;

use super::{Conversation, Denied, Page, PageTurn, Refusal};
use miyabi_core::fault::Fault;
use miyabi_core::ids::Millis;
use miyabi_core::ports::Store;

/// Most turns that are shown.
const MAX_TURNS: u32 = 200;

/// Most text that is shown, in bytes. One turn has less.
const MAX_BYTES: u32 = 1024 * 1024;

impl<S: Store> Conversation<'_, S> {
    /// Returns the newest turn with an answer.
    pub(super) fn newest_answered(&self) -> Result<String, Denied> {
        #[derive(Deserialize)]
        struct Newest {
            id: String,
        }
        let sql = "SELECT id FROM turns WHERE ended_ms IS NOT NULL AND answer <> ''
                   ORDER BY seq DESC LIMIT 1";
        let newest: Option<Newest> = self.store.row("turns::newest_answered", sql, Vec::new())?;
        Ok(newest.ok_or(Refusal::Unknown)?.id)
    }

    /// Returns this turn and those before it on its branch that had ended at this time, newest first. What
    /// was edited away or answered otherwise is on no branch but its own, and not shown.
    pub(super) fn branch(&self, turn: &str, until: Millis) -> Result<Page, Fault> {
        let sql = "WITH RECURSIVE way (seq, parent, bytes, depth) AS (
                     SELECT seq, parent, length(CAST(question || coalesce(answer, '') AS BLOB)), 1
                     FROM turns WHERE id = ?1
                     UNION ALL
                     SELECT turns.seq, turns.parent, way.bytes
                       + length(CAST(turns.question || coalesce(turns.answer, '') AS BLOB)),
                       way.depth + 1
                     FROM way JOIN turns ON turns.seq = way.parent
                     WHERE way.depth < ?3 AND way.bytes <= ?4)
                   SELECT turns.seq, turns.id, NULL AS parent, NULL AS source, turns.question,
                     turns.answer, turns.state, turns.notice, turns.asked_ms, turns.ended_ms
                   FROM way JOIN turns ON turns.seq = way.seq
                   WHERE turns.ended_ms <= ?2 AND way.bytes <= ?4
                   ORDER BY way.depth";
        let values = vec![turn.into(), until.0.into(), MAX_TURNS.into(), MAX_BYTES.into()];
        let turns: Vec<PageTurn> = self.store.rows("turns::branch", sql, values)?;
        let oldest = turns.last().map(PageTurn::seq);
        let cursor = oldest.map(|seq| self.has_parent(seq)).transpose()?.flatten();
        Ok(Page { turns, cursor })
    }

    /// Returns the place of the turn before this one, which may have been forgotten.
    fn has_parent(&self, seq: u64) -> Result<Option<u64>, Fault> {
        #[derive(Deserialize)]
        struct Before {
            parent: Option<u64>,
        }
        let sql = "SELECT parent FROM turns WHERE seq = ?1";
        let before: Option<Before> = self.store.row("turns::parent", sql, vec![seq.into()])?;
        Ok(before.and_then(|before| before.parent))
    }
}

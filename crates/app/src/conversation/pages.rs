//! A conversation in pages, newest first: no command reads all of it.

use serde::{Deserialize, Serialize};

use super::{Conversation, files};
use crate::uploads::Upload;
use miyabi_core::fault::{Fault, Notice};
use miyabi_core::ids::Millis;
use miyabi_core::ports::Store;

/// Most turns of a page.
pub const MAX_PAGE: u32 = 100;

/// Some turns of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// Turns, newest first.
    pub turns: Vec<PageTurn>,
    /// Where the next page begins; `None` if there is none.
    pub cursor: Option<u64>,
}

/// A turn as it is read. Its messages have the ids `{turn}-q` and `{turn}-a`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageTurn {
    seq: u64,
    /// Turn's id.
    pub id: String,
    /// Id of the message before its question; `None` at the root.
    pub parent: Option<String>,
    /// Id of the turn whose question it answers once more.
    pub source: Option<String>,
    /// Question.
    pub question: String,
    /// Files that came with it, a list in JSON.
    #[serde(default)]
    files: Option<String>,
    /// Answer, if there is one.
    pub answer: Option<String>,
    /// `queued`, `running`, `done`, `failed` or `stopped`.
    pub state: String,
    /// Sentence for its asker, if it has failed.
    pub notice: Option<Notice>,
    /// When it was asked.
    pub asked_ms: Millis,
    /// When it ended.
    pub ended_ms: Option<Millis>,
}

impl PageTurn {
    /// Returns the files that came with the question.
    pub fn files(&self) -> Vec<Upload> {
        files::of_column(self.files.as_deref())
    }

    /// Returns its place among all turns.
    pub(super) const fn seq(&self) -> u64 {
        self.seq
    }
}

impl<S: Store> Conversation<'_, S> {
    /// Returns the newest turns before a place.
    pub(super) fn page(&self, before: Option<u64>, limit: u32) -> Result<Page, Fault> {
        let limit = limit.clamp(1, MAX_PAGE);
        let sql =
            "SELECT turns.seq, turns.id, turns.question, turns.files, turns.answer, turns.state,
                     turns.notice, turns.asked_ms, turns.ended_ms, source.id AS source,
                     parent.id || iif(parent.answer IS NULL, '-q', '-a') AS parent
                   FROM turns LEFT JOIN turns AS parent ON parent.seq = turns.parent
                     LEFT JOIN turns AS source ON source.seq = turns.source
                   WHERE turns.seq < coalesce(?1, turns.seq + 1)
                   ORDER BY turns.seq DESC LIMIT ?2";
        // One more than is returned says whether another page follows.
        let values = vec![before.into(), (limit + 1).into()];
        let mut turns: Vec<PageTurn> = self.store.rows("turns::page", sql, values)?;
        let size = usize::try_from(limit).unwrap_or(usize::MAX);
        let has_more = turns.len() > size;
        turns.truncate(size);
        let cursor = turns.last().filter(|_| has_more).map(|turn| turn.seq);
        Ok(Page { turns, cursor })
    }
}

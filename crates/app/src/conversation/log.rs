//! What was said in a turn, piece by piece, by (turn, index): every wire is encoded from it.
//!
//! A turn that runs has the pieces that were appended. One that has ended has what is missing of its answer
//! behind them, and its end; these are made as they are read, and are the same each time. So an answer that
//! never streamed is read in the same way, and costs no row more.

use serde::{Deserialize, Serialize};

use super::{Conversation, Denied, MAX_ANSWER_BYTES, Refusal, TurnState};
use miyabi_core::fault::{Fault, Notice};
use miyabi_core::ports::Store;

/// Most pieces of one turn.
const MAX_PIECES: u32 = 1_000;

/// A piece of what was said in a turn.
///
/// # Shape
/// A stored format: `{"text":"…"}`, `"reset"`, `{"end":"done"}`, `{"end":{"failed":"busy"}}`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Chunk {
    /// More of the answer.
    Text(String),
    /// What was said before does not count any more: the answer begins anew.
    Reset,
    /// Nothing follows.
    End(End),
}

/// How a turn ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// The answer is whole.
    Done,
    /// Its person wanted no more of it.
    Stopped,
    /// There is none.
    Failed(Notice),
}

#[derive(Deserialize)]
struct Piece {
    chunk: String,
}

impl<S: Store> Conversation<'_, S> {
    /// Writes a piece at its place. One that is there stays; one behind a gap is not written, and the
    /// state says where to go on.
    pub(super) fn append(
        &self,
        (turn, generation): (&str, u32),
        index: u32,
        text: &str,
    ) -> Result<TurnState, Denied> {
        let row = self.turn(turn)?.ok_or(Refusal::Unknown)?;
        if row.has_ended || row.generation != generation {
            return Err(Refusal::Superseded.into());
        }
        let seq = row.seq;
        let state = self.state(row, false)?;
        if index != state.next {
            return Ok(state);
        }
        if index >= MAX_PIECES || self.said(seq)?.len() + text.len() > MAX_ANSWER_BYTES {
            return Err(Refusal::TooLong.into());
        }
        self.put(seq, index, &Chunk::Text(text.to_owned()))?;
        Ok(TurnState { next: index + 1, is_new: true, ..state })
    }

    /// Says that a run begins the answer anew.
    pub(super) fn reset(&self, seq: u64) -> Result<(), Fault> {
        let index = u32::try_from(self.pieces(seq)?.len()).unwrap_or(u32::MAX);
        self.put(seq, index, &Chunk::Reset)
    }

    fn put(&self, seq: u64, index: u32, chunk: &Chunk) -> Result<(), Fault> {
        let chunk = serde_json::to_string(chunk).unwrap_or_default();
        let sql = "INSERT INTO pieces (turn, ordinal, chunk) VALUES (?1, ?2, ?3)
                   ON CONFLICT (turn, ordinal) DO NOTHING";
        self.execute("pieces::put", sql, vec![seq.into(), index.into(), chunk.into()]).map(drop)
    }

    /// Returns what a turn has come to, and what was said in it from a place on.
    pub(super) fn look(
        &self,
        turn: Option<&str>,
        from: u32,
    ) -> Result<(TurnState, Vec<Chunk>), Denied> {
        let newest = if turn.is_none() { self.newest()? } else { None };
        let id = turn.or(newest.as_ref().map(|(_seq, id)| id.as_str())).ok_or(Refusal::Unknown)?;
        let row = self.turn(id)?.ok_or(Refusal::Unknown)?;
        let mut chunks = self.pieces(row.seq)?;
        let end = match (row.state.as_str(), row.notice) {
            ("done", _) => Some(End::Done),
            ("stopped", _) => Some(End::Stopped),
            ("failed", notice) => Some(End::Failed(notice.unwrap_or(Notice::TryAgain))),
            _ => None,
        };
        if let Some(end) = end {
            if end == End::Done {
                let (said, answer) = (joined(&chunks), row.answer.as_deref().unwrap_or_default());
                match answer.strip_prefix(said.as_str()) {
                    Some("") => {}
                    Some(rest) => chunks.push(Chunk::Text(rest.to_owned())),
                    None => chunks.extend([Chunk::Reset, Chunk::Text(answer.to_owned())]),
                }
            }
            chunks.push(Chunk::End(end));
        }
        let from = usize::try_from(from).unwrap_or(usize::MAX);
        Ok((self.state(row, false)?, chunks.into_iter().skip(from).collect()))
    }

    /// Returns what was said in a turn so far.
    pub(super) fn said(&self, seq: u64) -> Result<String, Fault> {
        Ok(joined(&self.pieces(seq)?))
    }

    fn pieces(&self, seq: u64) -> Result<Vec<Chunk>, Fault> {
        let sql = "SELECT chunk FROM pieces WHERE turn = ?1 ORDER BY ordinal";
        let pieces: Vec<Piece> = self.rows("pieces::read", sql, vec![seq.into()])?;
        // What a later version has written reads as nothing, and keeps its place.
        let read = |piece: Piece| serde_json::from_str(&piece.chunk);
        Ok(pieces.into_iter().map(|it| read(it).unwrap_or(Chunk::Text(String::new()))).collect())
    }
}

fn joined(chunks: &[Chunk]) -> String {
    let mut said = String::new();
    for chunk in chunks {
        match chunk {
            Chunk::Text(text) => said.push_str(text),
            Chunk::Reset => said.clear(),
            Chunk::End(_) => {}
        }
    }
    said
}

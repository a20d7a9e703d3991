//! What of a conversation a model reads before the question: the turns on the way from the question to the
//! root of the tree, newest first, as many as a counted number of tokens holds.
//!
//! A turn goes in whole, its question with its answer, or not at all. Only the newest one, to which a short
//! question mostly refers, loses its middle instead. What tools returned is not stored, so there is never a
//! call without its result: the answer says what mattered of it.

use serde::{Deserialize, Serialize};

use super::Conversation;
use miyabi_ai::history::{self, Exchange};
use miyabi_core::fault::Fault;
use miyabi_core::i18n::memory;
use miyabi_core::ids::Millis;
use miyabi_core::ports::Store;

/// Most turns that a model reads, however short they are.
pub const MAX_CONTEXT_TURNS: u32 = 40;

/// A turn with its answer.
#[derive(Serialize, Deserialize)]
struct Answered {
    question: String,
    answer: String,
    asked_ms: Millis,
}

impl<S: Store> Conversation<'_, S> {
    /// Returns the answered turns from `parent` on towards the root that fit, oldest first, and when each
    /// was asked. What the program itself said below an answer is not read: a model would say it as well.
    pub(super) fn context(
        &self,
        parent: Option<u64>,
        budget_tokens: u32,
    ) -> Result<(Vec<Exchange>, Vec<Millis>), Fault> {
        let Some(parent) = parent else { return Ok((Vec::new(), Vec::new())) };
        let sql = "WITH RECURSIVE way (seq, parent, question, answer, asked_ms, depth) AS (
                     SELECT seq, parent, question, answer, asked_ms, 1 FROM turns WHERE seq = ?1
                     UNION ALL
                     SELECT turns.seq, turns.parent, turns.question, turns.answer, turns.asked_ms,
                       way.depth + 1
                     FROM way JOIN turns ON turns.seq = way.parent WHERE way.depth < ?2)
                   SELECT question, answer, asked_ms FROM way
                   WHERE answer <> '' AND asked_ms > coalesce((SELECT floor_ms FROM overlay), 0)
                   ORDER BY depth";
        let values = vec![parent.into(), MAX_CONTEXT_TURNS.into()];
        let turns: Vec<Answered> = self.rows("turns::context", sql, values)?;
        let mut left = budget_tokens;
        let (mut context, mut asked) = (Vec::new(), Vec::new());
        for Answered { question, answer, asked_ms } in turns {
            let answer = memory::without_notes(&answer).to_owned();
            let mut exchange = Exchange { question, answer };
            if context.is_empty() {
                history::shorten(&mut exchange, left);
            }
            let Some(rest) = left.checked_sub(history::estimate(&exchange)) else { break };
            left = rest;
            context.push(exchange);
            asked.push(asked_ms);
        }
        context.reverse();
        asked.reverse();
        Ok((context, asked))
    }
}

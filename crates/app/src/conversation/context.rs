//! What of a conversation a model reads before the question: the turns on the way from the question to the
//! root of the tree, newest first, as many as a counted number of tokens holds, and before them the summary of
//! what is older.
//!
//! A turn goes in whole, its question with its answer, or not at all. Only the newest one, to which a short
//! question mostly refers, loses its middle instead. What tools returned is not stored, so there is never a
//! call without its result: the answer says what mattered of it.

use serde::Deserialize;

use super::Conversation;
use super::overlay::{self, Overlay};
use miyabi_ai::history::{self, Exchange};
use miyabi_core::fault::Fault;
use miyabi_core::i18n::memory;
use miyabi_core::ids::Millis;
use miyabi_core::ports::Store;

/// Most turns that a model reads, however short they are.
pub const MAX_CONTEXT_TURNS: u32 = 40;

/// Part of the budget, in hundredths, beyond which the older turns are summarized.
const FULL_PERCENT: u64 = 70;

/// What was said before a question.
#[derive(Debug, Default)]
pub(super) struct Context {
    /// Turns with an answer, oldest first.
    pub(super) turns: Vec<Exchange>,
    /// When each of them was asked.
    pub(super) asked: Vec<Millis>,
    /// Summary of what was said before them, and when the oldest of that was asked.
    pub(super) summary: Option<(String, Millis)>,
    /// Whether so much was said that the older turns are to be summarized.
    pub(super) is_long: bool,
}

/// A turn with its answer.
#[derive(Deserialize)]
pub(super) struct Answered {
    pub(super) seq: u64,
    question: String,
    answer: String,
    pub(super) asked_ms: Millis,
}

impl Answered {
    /// Returns it as a model reads it. What the program itself said below an answer is not read: a model
    /// would say it as well.
    pub(super) fn exchange(&self) -> Exchange {
        let answer = memory::without_notes(&self.answer).to_owned();
        Exchange { question: self.question.clone(), answer }
    }
}

/// A way from a turn to the root, as far as models read it.
pub(super) struct Way {
    /// Answered turns, newest first, until those that the summary is of.
    pub(super) turns: Vec<Answered>,
    /// What stands over them; nothing if that is of another way.
    pub(super) overlay: Overlay,
    /// What is stored, of whatever way it is.
    pub(super) stored: Stored,
}

/// Columns of the table `overlay`.
pub(super) struct Stored {
    pub(super) until_seq: u64,
    pub(super) tried_seq: u64,
}

impl<S: Store> Conversation<'_, S> {
    /// Returns what was said from `parent` on towards the root, as far as it fits.
    pub(super) fn context(
        &self,
        parent: Option<u64>,
        budget_tokens: u32,
        model: &str,
    ) -> Result<Context, Fault> {
        let Some(parent) = parent else { return Ok(Context::default()) };
        let Way { turns, overlay, .. } = self.way(parent)?;
        let budget_tokens = self.calibrated(budget_tokens, model)?;
        let summary = overlay.summary();
        let of_summary = summary.as_ref().map_or(0, |(summary, _)| overlay::estimate(summary));
        let mut left = budget_tokens.saturating_sub(of_summary);
        let most = u64::from(MAX_CONTEXT_TURNS);
        let count = u64::try_from(turns.len()).unwrap_or(most);
        let mut context =
            Context { summary, is_long: count * 100 > most * FULL_PERCENT, ..Context::default() };
        for turn in turns {
            let mut exchange = turn.exchange();
            if context.turns.is_empty() {
                history::shorten(&mut exchange, left);
            }
            let Some(rest) = left.checked_sub(history::estimate(&exchange)) else {
                context.is_long = true;
                break;
            };
            left = rest;
            context.turns.push(exchange);
            context.asked.push(turn.asked_ms);
        }
        let taken = u64::from(budget_tokens.saturating_sub(left));
        context.is_long |= taken * 100 > u64::from(budget_tokens) * FULL_PERCENT;
        context.turns.reverse();
        context.asked.reverse();
        Ok(context)
    }

    /// Returns the way from a turn to the root.
    pub(super) fn way(&self, from: u64) -> Result<Way, Fault> {
        let mut overlay = self.overlay()?;
        let stored = Stored { until_seq: overlay.until_seq, tried_seq: overlay.tried_seq };
        let sql = "WITH RECURSIVE way (seq, parent, question, answer, asked_ms, depth) AS (
                     SELECT seq, parent, question, answer, asked_ms, 1 FROM turns WHERE seq = ?1
                     UNION ALL
                     SELECT turns.seq, turns.parent, turns.question, turns.answer, turns.asked_ms,
                       way.depth + 1
                     FROM way JOIN turns ON turns.seq = way.parent
                     WHERE way.depth < ?2 AND way.seq <> ?3)
                   SELECT seq, question, answer, asked_ms FROM way
                   WHERE answer <> '' AND asked_ms > ?4
                   ORDER BY depth";
        let values = vec![
            from.into(),
            MAX_CONTEXT_TURNS.into(),
            overlay.until_seq.into(),
            overlay.floor_ms.0.into(),
        ];
        let mut turns: Vec<Answered> = self.store.rows("turns::way", sql, values)?;
        let is_on_the_way = turns.last().is_some_and(|turn| turn.seq == overlay.until_seq);
        if is_on_the_way {
            turns.pop();
        } else {
            // It is of another branch, or of turns that are far away.
            overlay = Overlay::default();
        }
        Ok(Way { turns, overlay, stored })
    }
}

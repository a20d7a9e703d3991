//! What stands over the turns without changing them: a summary of the older ones, how far back models may
//! read, and how long texts are for each model.
//!
//! A summary counts on the way on which its newest turn lies: where an edit has branched off before that, the
//! turns are read themselves.

use serde::{Deserialize, Serialize};

use super::context::{Stored, Way};
use super::{Conversation, Denied, Refusal};
use miyabi_ai::attempt::Measured;
use miyabi_ai::history::{self, Exchange};
use miyabi_ai::prompt;
use miyabi_core::fault::Fault;
use miyabi_core::ids::Millis;
use miyabi_core::ports::Store;

/// Part of the budget, in hundredths, that the turns which stay whole take after a summary.
const KEPT_PERCENT: u32 = 35;

/// Turns that stay whole however long they are: what a short question refers to.
const KEPT_TURNS: usize = 2;

/// Turns that stay whole however short they are.
const MOST_KEPT_TURNS: usize = 14;

/// Turns after one that should have led to a summary, during which none is tried: a model that cannot write
/// one would cost as much as the answers.
const PAUSE_TURNS: u64 = 4;

/// Longest summary, in bytes.
const MAX_SUMMARY_BYTES: usize = 8 * 1024;

/// What an estimate is of what a model counts, in thousandths, at least and at most.
const RATIOS: core::ops::RangeInclusive<u64> = 500..=2_000;

/// Turns that a summary is to stand in for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OldTurns {
    /// Where the summary that is stored ends; 0 if there is none.
    pub after: u64,
    /// Where the new one ends.
    pub until: u64,
    /// When the oldest of all that it is of was asked.
    pub since: Millis,
    /// Summary that there is.
    pub summary: Option<String>,
    /// Turns behind that, oldest first.
    pub turns: Vec<Exchange>,
}

/// What stands over the turns.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Overlay {
    pub(super) floor_ms: Millis,
    summary: String,
    /// `seq` of the newest turn that the summary is of.
    pub(super) until_seq: u64,
    since_ms: Millis,
    pub(super) tried_seq: u64,
}

impl Overlay {
    /// Returns the summary, and when the oldest of what it is of was asked.
    pub(super) fn summary(&self) -> Option<(String, Millis)> {
        (self.until_seq > 0).then(|| (self.summary.clone(), self.since_ms))
    }
}

impl<S: Store> Conversation<'_, S> {
    pub(super) fn overlay(&self) -> Result<Overlay, Fault> {
        let sql = "SELECT floor_ms, summary, until_seq, since_ms, tried_seq FROM overlay";
        Ok(self.store.row("overlay::read", sql, Vec::new())?.unwrap_or_default())
    }

    /// Keeps models from reading what was asked until this time; the summary may be of that.
    pub(super) fn unlearn(&self, until: Millis) -> Result<(), Fault> {
        let sql = "INSERT INTO overlay (id, floor_ms) VALUES (1, ?1)
                   ON CONFLICT (id) DO UPDATE SET floor_ms = max(floor_ms, excluded.floor_ms),
                     summary = '', until_seq = 0, since_ms = 0, tried_seq = 0";
        self.store.run("overlay::unlearn", sql, vec![until.0.into()]).map(drop)
    }

    /// Returns the older turns of the newest way, as many as one model reads at once, and keeps in mind that
    /// it was asked for them; `None` if too few are left over, or if it was asked a few turns ago.
    pub(super) fn old_turns(
        &self,
        budget_tokens: u32,
        model: &str,
    ) -> Result<Option<OldTurns>, Fault> {
        let Some((newest, _id)) = self.newest()? else { return Ok(None) };
        let budget_tokens = self.calibrated(budget_tokens, model)?;
        let Way { turns, overlay, stored: Stored { until_seq, tried_seq } } = self.way(newest)?;
        if tried_seq > 0 && (1..PAUSE_TURNS).contains(&newest.abs_diff(tried_seq)) {
            return Ok(None);
        }
        let mut left = budget_tokens.saturating_mul(KEPT_PERCENT) / 100;
        let mut kept = 0;
        for turn in &turns {
            let rest = left.checked_sub(history::estimate(&turn.exchange()));
            left = match rest {
                _ if kept >= MOST_KEPT_TURNS => break,
                Some(rest) => rest,
                None if kept < KEPT_TURNS => 0,
                None => break,
            };
            kept += 1;
        }
        // A model that reads less than all of it would leave something out without a word: the rest waits.
        let mut room = budget_tokens;
        let mut old = Vec::new();
        let mut until = 0;
        let since = turns.last().map(|turn| turn.asked_ms);
        for turn in turns.into_iter().skip(kept).rev() {
            let mut exchange = turn.exchange();
            history::shorten(&mut exchange, budget_tokens / 2);
            let Some(rest) = room.checked_sub(history::estimate(&exchange)) else { break };
            (room, until) = (rest, turn.seq);
            old.push(exchange);
        }
        let summary = overlay.summary();
        let (Some(since), false) = (since, old.is_empty()) else { return Ok(None) };
        let sql = "INSERT INTO overlay (id, tried_seq) VALUES (1, ?1)
                   ON CONFLICT (id) DO UPDATE SET tried_seq = excluded.tried_seq";
        let _no_rows = self.store.run("overlay::try", sql, vec![newest.into()])?;
        Ok(Some(OldTurns {
            after: until_seq,
            until,
            since: summary.as_ref().map_or(since, |(_, since)| *since),
            summary: summary.map(|(summary, _)| summary),
            turns: old,
        }))
    }

    /// Puts a summary over the turns until one of them, unless another one was put there meanwhile, or what
    /// it is of is not to be read any more.
    pub(super) fn summarize(
        &self,
        (after, until): (u64, u64),
        since: Millis,
        summary: &str,
    ) -> Result<(), Denied> {
        let overlay = self.overlay()?;
        if overlay.until_seq != after || until == after || since <= overlay.floor_ms {
            return Err(Refusal::Superseded.into());
        }
        if summary.len() > MAX_SUMMARY_BYTES {
            return Err(Refusal::TooLong.into());
        }
        let sql = "INSERT INTO overlay (id, summary, until_seq, since_ms)
                   SELECT 1, ?1, seq, ?3 FROM turns WHERE seq = ?2
                   ON CONFLICT (id) DO UPDATE SET summary = excluded.summary,
                     until_seq = excluded.until_seq, since_ms = excluded.since_ms, tried_seq = 0";
        let values = vec![summary.into(), until.into(), since.0.into()];
        Ok(self.store.run("overlay::summarize", sql, values).map(drop)?)
    }

    /// Returns a budget as it is estimated for a model: of one whose prompts are estimated too high, more
    /// fits than the estimate says.
    pub(super) fn calibrated(&self, budget_tokens: u32, model: &str) -> Result<u32, Fault> {
        let budget = u64::from(budget_tokens).saturating_mul(self.ratio(model)?) / 1_000;
        Ok(u32::try_from(budget).unwrap_or(u32::MAX))
    }

    /// Moves a model's ratio a quarter of the way to what was measured.
    pub(super) fn calibrate(&self, measured: &Measured) -> Result<(), Fault> {
        let Measured { model, estimated, counted } = measured;
        if *counted == 0 || *estimated == 0 {
            return Ok(());
        }
        let ratio = u64::from(*estimated).saturating_mul(1_000) / counted;
        let ratio = ratio.clamp(*RATIOS.start(), *RATIOS.end());
        let old = self.ratio(model)?;
        let moved = (old * 3 + ratio) / 4;
        // A row is written only where it changes what fits.
        if moved.abs_diff(old) < 20 {
            return Ok(());
        }
        let sql = "INSERT INTO ratios (model, permille) VALUES (?1, ?2)
                   ON CONFLICT (model) DO UPDATE SET permille = excluded.permille";
        let values = vec![model.as_str().into(), moved.into()];
        self.store.run("ratios::put", sql, values).map(drop)
    }

    fn ratio(&self, model: &str) -> Result<u64, Fault> {
        #[derive(Deserialize)]
        struct Ratio {
            permille: u64,
        }
        let sql = "SELECT permille FROM ratios WHERE model = ?1";
        let ratio: Option<Ratio> = self.store.row("ratios::read", sql, vec![model.into()])?;
        Ok(ratio.map_or(1_000, |ratio| ratio.permille))
    }
}

/// Returns about how many tokens a summary takes.
pub(super) fn estimate(summary: &str) -> u32 {
    prompt::estimate_tokens(summary)
}

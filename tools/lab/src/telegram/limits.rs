//! The pace of a chat: about one message a second, and in a group 20 a minute.
//!
//! The numbers are those of core.telegram.org/bots/faq#my-bot-is-hitting-limits, which tolerates short bursts; how
//! long one may be, it does not say. Off unless `POST /lab/config {"telegram": {"rate_limits": true}}`.

use std::collections::{BTreeMap, VecDeque};

use super::errors;
use super::world::Chat;
use crate::clock;
use crate::http::Reply;
use crate::record::Exchange;

/// Messages at once that are tolerated.
const BURST: usize = 3;
/// Window of a burst: as many messages as seconds.
const BURST_MS: u64 = 3_000;
/// Messages of a group in a minute.
const GROUP: usize = 20;
const MINUTE_MS: u64 = 60_000;
/// Header that Telegram sends beside the body's `retry_after`; a fault has none of its own.
const HEADER: &str = "retry-after";

/// The paces of all chats.
pub(super) type Paces = BTreeMap<i64, Pace>;

/// What was sent into a chat.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pace {
    /// When, of the last minute.
    sent_ms: VecDeque<u64>,
    /// Until when the client was told to wait, and the latest call at that time.
    told: Option<(u64, u64)>,
}

/// Counts a message.
///
/// # Errors
/// The 429, if it is one too many.
pub(super) fn take(paces: &mut Paces, chat: Chat) -> Result<(), Reply> {
    let now_ms = clock::now_ms();
    let sent = &mut paces.entry(chat.id).or_default().sent_ms;
    while sent.front().is_some_and(|at| at + MINUTE_MS <= now_ms) {
        sent.pop_front();
    }
    let free_ms = |limit: usize, window_ms: u64| {
        let oldest = sent.len().checked_sub(limit).and_then(|at| sent.get(at));
        oldest.map_or(0, |at| (at + window_ms).saturating_sub(now_ms))
    };
    let group_ms = if chat.is_group() { free_ms(GROUP, MINUTE_MS) } else { 0 };
    let wait_ms = free_ms(BURST, BURST_MS).max(group_ms);
    if wait_ms > 0 {
        let seconds = wait_ms.div_ceil(1000);
        return Err(Reply::json(429, errors::wait(seconds)).header(HEADER, &seconds.to_string()));
    }
    sent.push_back(now_ms);
    Ok(())
}

/// Remembers that a client was told to wait, and adds a violation to its next call before that is over.
///
/// It sees the reply that is sent, and ignores the 429 of a fault.
pub(super) fn remember_wait(paces: &mut Paces, chat: Chat, reply: &mut Reply, call: Exchange) {
    let Some(pace) = paces.get_mut(&chat.id) else { return };
    let now_ms = clock::now_ms();
    if let Some((until_ms, last_seq)) = pace.told {
        if now_ms < until_ms && call.seq > last_seq && reply.status == 429 {
            reply.violations.push("telegram: called again before `retry_after` had passed".into());
        }
        if now_ms >= until_ms {
            pace.told = None;
        }
    }
    let header = reply.headers.iter().find(|(name, _)| name == HEADER);
    let seconds: Option<u64> = header.and_then(|(_, seconds)| seconds.parse().ok());
    if let (429, true, Some(seconds), None) = (reply.status, call.was_sent, seconds, pace.told) {
        pace.told = Some((now_ms + seconds * 1000, call.last_seq));
    }
}

//! The pace of a chat: about one message a second, and in a group 20 a minute.
//!
//! The numbers are those of core.telegram.org/bots/faq#my-bot-is-hitting-limits, which tolerates short bursts; how
//! long one may be, it does not say. Off unless `POST /lab/config {"telegram": {"rate_limits": true}}`.

use std::collections::BTreeMap;

use super::errors;
use super::world::Chat;
use crate::http::Reply;
use crate::pace::{HEADER, Pace};
use crate::record::Exchange;

/// Messages at once that are tolerated, and the window of a burst: as many messages as seconds.
const BURST: (usize, u64) = (3, 3_000);
/// Messages of a group in a minute.
const GROUP: (usize, u64) = (20, 60_000);

/// The paces of all chats.
pub(super) type Paces = BTreeMap<i64, Pace>;

/// Counts a message.
///
/// # Errors
/// The 429, if it is one too many.
pub(super) fn take(paces: &mut Paces, chat: Chat) -> Result<(), Reply> {
    let limits: &[_] = if chat.is_group() { &[BURST, GROUP] } else { &[BURST] };
    paces.entry(chat.id).or_default().take(limits).map_err(|seconds| {
        Reply::json(429, errors::wait(seconds)).header(HEADER, &seconds.to_string())
    })
}

/// Remembers that a client was told to wait, and adds a violation to its next call before that is over.
pub(super) fn remember_wait(paces: &mut Paces, chat: Chat, reply: &mut Reply, call: Exchange) {
    let violation = "telegram: called again before `retry_after` had passed";
    if let Some(pace) = paces.get_mut(&chat.id) {
        pace.remember_wait(reply, call, violation);
    }
}

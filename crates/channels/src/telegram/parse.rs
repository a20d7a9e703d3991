//! Parses updates: verified bytes in, [`Inbound`] out.
//!
//! Unknown fields are ignored, and only what an answer cannot do without is required. An update of a kind that is not
//! served is told by its kind, so that it can be counted; none is an error, since Telegram would send it again and
//! hold all that comes after it.
//!
//! 1. `written` makes one text of a message's words and entities.
//! 2. `message` says whether a message is for Miyabi, and what is wanted.
//! 3. `press` and `inline` read buttons, and what is asked by naming the bot in any chat.

mod inline;
mod message;
mod press;
mod written;

use serde_json::Value;

pub use self::inline::{Chosen, Typing};
use super::place::Place;
use super::verify::Verified;
use crate::commands::Wish;
use crate::messengers::read_json;
use crate::sent::SentFile;
use miyabi_core::i18n::buttons::Press;
use miyabi_core::question::Question;
use miyabi_core::rejection::Rejection;

/// Who Miyabi is on Telegram.
#[derive(Debug, Clone, Copy)]
pub struct Bot<'a> {
    /// Id.
    pub id: i64,
    /// Name behind the `@`, if it is known by now.
    pub name: Option<&'a str>,
}

/// What an update says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inbound {
    /// Somebody wants something.
    Told(Box<Told>),
    /// A message that is a part of an album, where its person is alone with Miyabi.
    Item(Box<Item>),
    /// Somebody has pressed a button below an answer.
    Pressed(Box<Pressed>),
    /// Somebody types behind the bot's name in any chat.
    Typing(Box<Typing>),
    /// Somebody has asked so.
    Chosen(Box<Chosen>),
    /// A message that is not for Miyabi.
    Passing,
    /// Whether a message is for Miyabi can only be said by who knows Miyabi's name: parse it again with that.
    NeedsName,
    /// Nothing that is served: the name of the update's field, or `other` for one that is newer than this program.
    Unserved(&'static str),
}

/// Who wants what, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// What is wanted.
    pub wish: Wish,
    /// The message as a question, whose text may be blank.
    pub question: Question,
    /// Where it was written.
    pub place: Place,
    /// Who wrote it.
    pub user: i64,
    /// Files that come with it.
    pub files: Vec<SentFile>,
    /// Files of the message that it is about.
    pub quoted_files: Vec<SentFile>,
}

/// A part of an album.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// It as a message of its own.
    pub told: Box<Told>,
    /// Whether its words are its sender's: one without any asks what it is.
    pub has_words: bool,
    /// What Telegram calls the album.
    pub album: String,
}

/// A button that was pressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pressed {
    /// Which one, and by whom, with the place of the answer as theirs.
    pub press: Press,
    /// Where the answer is.
    pub place: Place,
    /// The message that it replies to, if that is there.
    pub asked: Option<i64>,
    /// Who pressed it.
    pub user: i64,
    /// Id by which the press is acknowledged.
    pub id: String,
}

/// Every kind of update, by its field, in the order of the Bot API.
///
/// # Source
/// Telegram Bot API 10.1/Update, read 2026-11-30.
const KINDS: [&str; 25] = [
    "message",
    "edited_message",
    "channel_post",
    "edited_channel_post",
    "business_connection",
    "business_message",
    "edited_business_message",
    "deleted_business_messages",
    "guest_message",
    "message_reaction",
    "message_reaction_count",
    "inline_query",
    "chosen_inline_result",
    "callback_query",
    "shipping_query",
    "pre_checkout_query",
    "purchased_paid_media",
    "poll",
    "poll_answer",
    "my_chat_member",
    "chat_member",
    "chat_join_request",
    "chat_boost",
    "removed_chat_boost",
    "managed_bot",
];

/// The kinds of updates that Telegram is asked for.
pub const SERVED: [&str; 4] = ["message", "inline_query", "chosen_inline_result", "callback_query"];

/// Reads a part of an album from an update that was verified before; `None` if it is none.
pub fn item(update: &str, bot: Bot<'_>) -> Option<Item> {
    let update: Value = serde_json::from_str(update).ok()?;
    match message::read(update.get("message")?, bot)? {
        Inbound::Item(item) => Some(*item),
        Inbound::Told(_)
        | Inbound::Pressed(_)
        | Inbound::Typing(_)
        | Inbound::Chosen(_)
        | Inbound::Passing
        | Inbound::NeedsName
        | Inbound::Unserved(_) => None,
    }
}

/// Parses an update.
///
/// # Errors
/// [`Rejection::Malformed`] when it is not a JSON object with an `update_id`.
pub fn parse(verified: &Verified, bot: Bot<'_>) -> Result<Inbound, Rejection> {
    // A rich message may nest more deeply than is read.
    let Some(update) = read_json(verified.body())? else { return Ok(Inbound::Unserved("other")) };
    if update.get("update_id").and_then(Value::as_i64).is_none() {
        return Err(Rejection::Malformed);
    }
    if let Some(message) = update.get("message") {
        return Ok(message::read(message, bot).unwrap_or(Inbound::Unserved("message")));
    }
    if let Some(pressed) = update.get("callback_query").and_then(|query| press::read(query, bot)) {
        return Ok(pressed);
    }
    let typed = update.get("inline_query").and_then(inline::read_query);
    let chosen = || inline::read_chosen(update.get("chosen_inline_result")?, bot);
    if let Some(asked) = typed.or_else(chosen) {
        return Ok(asked);
    }
    let kind = KINDS.into_iter().find(|kind| update.get(kind).is_some());
    Ok(Inbound::Unserved(kind.unwrap_or("other")))
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;

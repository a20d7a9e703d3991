//! Telegram: updates in, messages by the Bot API out.
//!
//! 1. [`verify`]: bytes → verified bytes, or 401.
//! 2. [`parse`]: verified bytes → [`parse::Inbound`], or 400.
//! 3. [`reply`]: the reply to the update itself, which may be one call of the Bot API.
//! 4. [`transport`]: messages to people, by [`call`] of [`methods`]; [`entities`] says how Markdown looks there.
//! 5. [`growing`]: the message that grows in a group while a model writes.
//! 6. [`files`]: what comes with a message; [`albums`]: messages that are one together.
//!
//! | class of error | what Telegram says | what follows |
//! | --- | --- | --- |
//! | retry | 429 with `retry_after`, 5xx, no response, a page of somebody else's | waited for, or tried again |
//! | another place | 400 with `migrate_to_chat_id` | sent there once |
//! | never | 403 (blocked, removed), 400 (no such chat, no right to write, too long) | the job ends |
//! | configuration | 401, 404 | the job ends; `cargo xtask doctor` says what is wrong |
//!
//! # Source
//! Telegram Bot API 10.1, Making requests and `ResponseParameters`, read 2026-11-30.

pub mod albums;
mod buttons;
pub mod call;
pub mod entities;
pub mod files;
pub mod growing;
pub mod methods;
pub mod parse;
pub mod place;
pub mod reply;
pub mod transport;
pub mod verify;

use miyabi_core::ports::{Clock, Http, Log, Sql};

/// What calls of the Bot API need: limits that they meet are remembered for all (see [`crate::breaker`]).
pub trait Ports: Http + Clock + Sql + Log {}

impl<T: Http + Clock + Sql + Log> Ports for T {}

/// Name of the platform.
pub const PLATFORM: &str = "telegram";

/// Longest text of a message, in UTF-16 units.
///
/// # Source
/// Telegram Bot API/sendMessage, read 2026-11-30: 1 to 4096 "after entities parsing", in the unit of entities.
pub const MAX_TEXT: usize = 4096;

/// Longest caption of a photo or document, in UTF-16 units.
///
/// # Source
/// Telegram Bot API/sendPhoto, read 2026-11-30.
pub const MAX_CAPTION: usize = 1024;

/// Most entities of a message. What is beyond them Telegram drops.
///
/// # Source
/// Telegram/Limits, read 2026-11-30.
pub const MAX_ENTITIES: usize = 100;

/// Returns a person's id, as no other platform has one.
pub fn person(user: i64) -> String {
    format!("{PLATFORM}:{user}")
}

/// Returns the number of a person's id, if they are of Telegram.
pub fn user_of(person: &str) -> Option<i64> {
    person.strip_prefix(PLATFORM)?.strip_prefix(':')?.parse().ok()
}

/// Returns how the name of a conversation names a chat or topic.
pub fn place_name(chat: i64, topic: Option<i64>) -> String {
    topic.map_or_else(|| chat.to_string(), |topic| format!("{chat}.{topic}"))
}

/// Returns the name of the object of one person's conversation in a place.
pub fn conversation_name(place: &str, person: &str) -> String {
    format!("{PLATFORM}:{place}:{person}")
}

/// Returns the place of a conversation by its id in a person's list, `telegram.CHAT` or `telegram.CHAT.TOPIC`; `None`
/// for one of elsewhere.
pub fn place_of(id: &str) -> Option<&str> {
    let place = id.strip_prefix(PLATFORM)?.strip_prefix('.')?;
    let (chat, topic) = place.split_once('.').map_or((place, None), |(chat, it)| (chat, Some(it)));
    let is_number = |text: &str| text.parse::<i64>().is_ok() && !text.starts_with('+');
    (is_number(chat) && topic.is_none_or(is_number)).then_some(place)
}

/// Returns whether a turn of a conversation has the id of a message, so was asked in Telegram.
pub fn is_turn(id: &str) -> bool {
    id.strip_prefix(PLATFORM).is_some_and(|rest| rest.starts_with('_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_s_id_is_read_back_and_is_nobody_else_s() {
        assert_eq!(user_of(&person(52)), Some(52));
        for other in ["52", "telegram:", "telegram:x", "discord:52", ""] {
            assert_eq!(user_of(other), None, "{other}");
        }
    }

    #[test]
    fn a_conversation_is_found_by_its_id() {
        for (id, place) in [("telegram.52", "52"), ("telegram.-1001.7", "-1001.7")] {
            assert_eq!(place_of(id), Some(place));
        }
        for id in
            ["telegram.", "telegram.x", "telegram.1.", "telegram.1.2.3", "telegram.+1", "discord.1"]
        {
            assert_eq!(place_of(id), None, "{id}");
        }
        assert!(is_turn("telegram_1_52_5") && !is_turn("1300000000000000000"));
    }

    #[test]
    fn each_topic_is_a_conversation_of_its_own() {
        let name = |topic| conversation_name(&place_name(-1001, topic), &person(52));
        assert_eq!(name(None), "telegram:-1001:telegram:52");
        assert_eq!(name(Some(7)), "telegram:-1001.7:telegram:52");
    }
}

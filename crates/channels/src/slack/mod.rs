//! Slack: events, commands and presses in, messages by its methods out.
//!
//! 1. [`verify`]: bytes → verified bytes, or 401.
//! 2. [`parse`]: verified bytes → [`parse::Inbound`], or 400.
//! 3. [`reply`]: the reply to the request itself.
//! 4. [`transport`]: messages to people, by [`call`]; [`text`] says how Markdown is written there.
//! 5. [`files`]: what comes with a message; [`form`]: what is asked for in a window.
//!
//! | class of error | what Slack says | what follows |
//! | --- | --- | --- |
//! | retry | 429 or `ratelimited`, 5xx, `internal_error`, `fatal_error`, no response, a page of somebody else's | waited for, or tried again |
//! | never | `channel_not_found`, `not_in_channel`, `is_archived`, `restricted_action` and its kind | the job ends |
//! | configuration | `invalid_auth`, `token_revoked`, `missing_scope` and their kind | the job ends; `cargo xtask doctor` says what is wrong |
//!
//! # Source
//! docs.slack.dev, reference of the methods, May 2026.

pub mod call;
pub mod files;
pub mod form;
pub mod methods;
pub mod parse;
pub mod place;
pub mod reply;
pub mod text;
pub mod transport;
pub mod verify;

mod buttons;

use miyabi_core::ports::{Cache, Clock, Http, Log, Sql};

/// What calls of Slack's methods need: limits that they meet are remembered for all (see [`crate::breaker`]), and the
/// message that grows by its job.
pub trait Ports: Http + Clock + Sql + Log + Cache {}

impl<T: Http + Clock + Sql + Log + Cache> Ports for T {}

/// Name of the platform.
pub const PLATFORM: &str = "slack";

/// The command whose words are the question.
pub const ASK: &str = "/ask";

/// The command whose first word says what is wanted; words that name nothing are a question.
pub const MIYABI: &str = "/miyabi";

/// The word behind it by which an image is drawn.
pub const IMAGINE: &str = "imagine";

/// Id of the entry in the menu of a message by which it is explained.
pub const ASK_ABOUT: &str = "ask_about";

/// Longest text of a message, in code points: less than what Slack takes, since of its limit users tell more than its
/// documents.
///
/// # Source
/// docs.slack.dev/reference/block-kit/blocks/markdown-block, May 2026: 12,000 in all blocks of a message.
pub const MAX_TEXT: usize = 11_000;

/// Returns a person's id, as no other platform has one. Slack's ids of people count within their team.
pub fn person(team: &str, user: &str) -> String {
    format!("{PLATFORM}:{team}.{user}")
}

/// Returns how the name of a conversation names a channel, or a thread in it.
pub fn place_name(team: &str, channel: &str, thread: Option<&str>) -> String {
    thread.map_or_else(
        || format!("{team}.{channel}"),
        |thread| format!("{team}.{channel}.{}", digits(thread)),
    )
}

/// Returns the name of the object of one person's conversation in a place.
pub fn conversation_name(place: &str, person: &str) -> String {
    format!("{PLATFORM}:{place}:{person}")
}

/// Returns the place of a conversation by its id in a person's list, `slack.TEAM.CHANNEL` or
/// `slack.TEAM.CHANNEL.THREAD`; `None` for one of elsewhere.
pub fn place_of(id: &str) -> Option<&str> {
    let place = id.strip_prefix(PLATFORM)?.strip_prefix('.')?;
    let parts: Vec<_> = place.split('.').collect();
    ((2..=3).contains(&parts.len()) && parts.iter().all(|part| is_id(part))).then_some(place)
}

/// Returns whether a turn of a conversation has the id of a message, so was asked in Slack.
pub fn is_turn(id: &str) -> bool {
    id.strip_prefix(PLATFORM).is_some_and(|rest| rest.starts_with('_'))
}

/// Says whether a word is an id of Slack's: of a team, a channel, a person.
fn is_id(word: &str) -> bool {
    (1..=20).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Returns a message's time, by which Slack names it, without its point.
fn digits(ts: &str) -> String {
    ts.chars().filter(char::is_ascii_digit).collect()
}

/// Says whether a word is the time of a message, such as `1700000000.123456`.
fn is_ts(word: &str) -> bool {
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|it| it.is_ascii_digit());
    word.len() <= 20
        && word.split_once('.').is_some_and(|(s, rest)| is_number(s) && is_number(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conversation_is_found_by_its_id() {
        assert_eq!(place_of("slack.T1.C2"), Some("T1.C2"));
        let thread = format!("slack.{}", place_name("T1", "C2", Some("1700000000.123456")));
        assert_eq!(place_of(&thread), Some("T1.C2.1700000000123456"));
        for id in ["slack.", "slack.T1", "slack.T1.", "slack.T1.C2.3.4", "slack.T1.C:2", "T1.C2"] {
            assert_eq!(place_of(id), None, "{id}");
        }
        assert!(is_turn("slack_T1_C2_5") && !is_turn("telegram_1_2_3") && !is_turn("slacker"));
    }

    #[test]
    fn each_thread_is_a_conversation_of_its_own() {
        let person = person("T1", "U5");
        let name = |thread| conversation_name(&place_name("T1", "C2", thread), &person);
        assert_eq!(name(None), "slack:T1.C2:slack:T1.U5");
        assert_eq!(name(Some("1700000000.123456")), "slack:T1.C2.1700000000123456:slack:T1.U5");
    }

    #[test]
    fn a_time_is_told_from_other_words() {
        assert!(is_ts("1700000000.123456"));
        for word in ["", "1700000000", ".1", "1.", "1.2.3", "-1.2", "1700000000.123456789012"] {
            assert!(!is_ts(word), "{word}");
        }
    }
}

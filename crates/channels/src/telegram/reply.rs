//! The reply to an update: nothing, or one call of the Bot API, which Telegram carries out for us without another
//! request.
//!
//! Telegram tells nobody what became of such a call, so nothing that has to arrive is sent this way but the reply to
//! a command, which its person types again.
//!
//! # Source
//! Telegram Bot API/Making requests when getting updates, read 2026-11-30.

use serde::Serialize;

use super::MAX_TEXT;
use super::buttons::Keyboard;
use super::entities::{Entity, Formatted, format};
use super::place::Place;
use miyabi_core::http::Reply;

/// Returns the reply that does nothing but acknowledge.
pub fn done() -> Reply {
    Reply::empty(200)
}

/// Returns the reply that shows that an answer is being written: "Thinking…" where its person is alone with Miyabi, and
/// that somebody types elsewhere.
pub fn thinking(place: Place) -> Reply {
    Reply::json(200, &Thinking::of(place))
}

/// Returns the reply that tells who has sent the update something. `words` are Markdown.
pub fn told(place: Place, words: &str) -> Reply {
    Reply::json(200, &SendMessage { method: Some("sendMessage"), ..SendMessage::of(place, words) })
}

/// Longest text that may be shown over the chat, in UTF-16 units.
///
/// # Source
/// Telegram Bot API/answerCallbackQuery, read 2026-11-30.
const MAX_ALERT: usize = 200;

/// Returns the reply to a press that shows who pressed, and nobody else, something over the chat.
///
/// `words` are Markdown, and are cut. Without any it only says that the press has arrived.
pub fn pressed(id: &str, words: &str) -> Reply {
    Reply::json(200, &answer(Some("answerCallbackQuery"), id, words))
}

/// Returns whether words can be shown over the chat without being cut.
pub fn is_alert(words: &str) -> bool {
    super::entities::length(words) <= MAX_ALERT
}

/// The body of the call that acknowledges a press.
#[derive(Debug, Serialize)]
pub struct AnswerCallbackQuery<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    method: Option<&'static str>,
    callback_query_id: &'a str,
    #[serde(skip_serializing_if = "String::is_empty")]
    text: String,
    #[serde(skip_serializing_if = "core::ops::Not::not")]
    show_alert: bool,
}

/// Returns the call that acknowledges a press without words.
pub fn acknowledged(id: &str) -> AnswerCallbackQuery<'_> {
    answer(None, id, "")
}

fn answer<'a>(method: Option<&'static str>, id: &'a str, words: &str) -> AnswerCallbackQuery<'a> {
    let text = format(words, MAX_ALERT).text;
    let show_alert = !text.is_empty();
    AnswerCallbackQuery { method, callback_query_id: id, text, show_alert }
}

/// A message, as the Bot API takes it.
#[derive(Debug, Serialize)]
pub(super) struct SendMessage {
    #[serde(skip_serializing_if = "Option::is_none")]
    method: Option<&'static str>,
    pub(super) chat_id: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_thread_id: Option<i64>,
    text: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) entities: Vec<Entity>,
    link_preview_options: LinkPreviewOptions,
    #[serde(skip_serializing_if = "Option::is_none")]
    reply_parameters: Option<ReplyParameters>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reply_markup: Option<Keyboard>,
}

/// Telegram would request each address that a page has told the model to write.
#[derive(Debug, Serialize)]
struct LinkPreviewOptions {
    is_disabled: bool,
}

/// Which message is answered, where others talk in between.
#[derive(Debug, Serialize)]
pub(super) struct ReplyParameters {
    message_id: i64,
    /// The question may be gone by now: its answer comes all the same.
    allow_sending_without_reply: bool,
}

impl ReplyParameters {
    pub(super) fn of(place: Place) -> Option<Self> {
        place
            .is_group
            .then_some(Self { message_id: place.message, allow_sending_without_reply: true })
    }
}

impl SendMessage {
    /// Returns a message in a place. `words` are Markdown.
    pub(super) fn of(place: Place, words: &str) -> Self {
        let Formatted { text, entities } = format(words, MAX_TEXT);
        Self {
            method: None,
            chat_id: place.chat,
            message_thread_id: place.topic,
            text,
            entities,
            link_preview_options: LinkPreviewOptions { is_disabled: true },
            reply_parameters: ReplyParameters::of(place),
            reply_markup: None,
        }
    }
}

/// That an answer is being written, as a method by its name.
#[derive(Serialize)]
struct Thinking {
    method: &'static str,
    chat_id: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_thread_id: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    action: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    draft_id: Option<i64>,
}

impl Thinking {
    fn of(place: Place) -> Self {
        let Place { chat: chat_id, topic: message_thread_id, message, is_group } = place;
        let (method, action, draft_id) = if is_group {
            ("sendChatAction", Some("typing"), None)
        } else {
            ("sendMessageDraft", None, Some(message))
        };
        Self { method, chat_id, message_thread_id, action, draft_id }
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    const ALONE: Place = Place { chat: 52, topic: None, message: 5, is_group: false };
    const TOPIC: Place = Place { chat: -1001, topic: Some(7), message: 55, is_group: true };

    #[test]
    fn thinking_is_shown_where_somebody_looks() {
        assert_eq!(
            thinking(ALONE).body,
            r#"{"method":"sendMessageDraft","chat_id":52,"draft_id":5}"#
        );
        assert_eq!(
            thinking(TOPIC).body,
            r#"{"method":"sendChatAction","chat_id":-1001,"message_thread_id":7,"action":"typing"}"#
        );
    }

    #[test]
    fn words_are_told_in_the_place_of_the_message() {
        assert_eq!(
            told(ALONE, "**Hi** <b>").body,
            r#"{"method":"sendMessage","chat_id":52,"text":"Hi <b>","entities":[{"type":"bold","offset":0,"length":2}],"link_preview_options":{"is_disabled":true}}"#
        );
        assert_eq!(
            told(TOPIC, "Hi").body,
            r#"{"method":"sendMessage","chat_id":-1001,"message_thread_id":7,"text":"Hi","link_preview_options":{"is_disabled":true},"reply_parameters":{"message_id":55,"allow_sending_without_reply":true}}"#
        );
        assert_eq!(
            pressed("7", "**Not** yours").body,
            r#"{"method":"answerCallbackQuery","callback_query_id":"7","text":"Not yours","show_alert":true}"#
        );
        assert_eq!(
            serde_json::to_string(&acknowledged("7")).unwrap(),
            r#"{"callback_query_id":"7"}"#
        );
        assert!(is_alert(&"x".repeat(200)) && !is_alert(&"x".repeat(201)));
        assert_eq!((done().status, done().body.as_ref()), (200, ""));
    }
}

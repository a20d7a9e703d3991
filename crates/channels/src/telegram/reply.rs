//! The reply to an update: nothing, or one call of the Bot API, which Telegram carries out for us without another
//! request.
//!
//! Telegram tells nobody what became of such a call, so nothing that has to arrive is sent this way but the reply to
//! a command, which its person types again.
//!
//! # Source
//! Telegram Bot API/Making requests when getting updates, read 2026-11-30.

use serde::Serialize;

use super::methods::{
    AnswerCallbackQuery, AnswerInlineQuery, Call, EditMessageText, SendChatAction, SendMessage,
    SendMessageDraft,
};
use super::place::{Inline, Place};
use miyabi_core::http::Reply;
use miyabi_core::i18n::Language;

/// A call, as the reply to an update names it.
#[derive(Serialize)]
struct Named<'a, M> {
    method: &'static str,
    #[serde(flatten)]
    call: &'a M,
}

fn calling<C: Call>(call: &C) -> Reply {
    Reply::json(200, &Named { method: C::METHOD, call })
}

/// Returns the reply that does nothing but acknowledge.
pub fn done() -> Reply {
    Reply::empty(200)
}

/// Returns the reply that shows that an answer is being written: "Thinking…" where its person is alone with Miyabi, and
/// that somebody types elsewhere.
pub fn thinking(place: Place) -> Reply {
    if place.is_group {
        calling(&SendChatAction::typing(place))
    } else {
        calling(&SendMessageDraft::of(place, ""))
    }
}

/// Returns the reply that shows that somebody types, where it is not known yet what is answered.
pub fn typing(place: Place) -> Reply {
    calling(&SendChatAction::typing(place))
}

/// Returns the reply that tells who has sent the update something. `words` are Markdown.
pub fn told(place: Place, words: &str) -> Reply {
    calling(&SendMessage::of(place, words))
}

/// Returns the reply to a press that opens a reply for a question about an answer: see [`SendMessage::prompt`].
pub fn prompted(place: Place, answer: &str, asked: Option<i64>, language: Language) -> Reply {
    calling(&SendMessage::prompt(place, answer, asked, language))
}

/// Returns the reply to who types behind the bot's name: the offer to ask that.
pub fn offered(id: &str, question: &str, language: Language) -> Reply {
    calling(&AnswerInlineQuery::of(id, question, language))
}

/// Returns the reply that puts words, Markdown, below a question of that kind.
pub fn told_inline(place: &Inline, question: &str, words: &str) -> Reply {
    calling(&EditMessageText::of_inline(place, question, words))
}

/// Returns the reply to a press that shows who pressed, and nobody else, something over the chat.
///
/// `words` are Markdown, and are cut. Without any it only says that the press has arrived.
pub fn pressed(id: &str, words: &str) -> Reply {
    calling(&AnswerCallbackQuery::of(id, words))
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::super::methods::is_alert;
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
            serde_json::to_string(&AnswerCallbackQuery::of("7", "")).unwrap(),
            r#"{"callback_query_id":"7"}"#
        );
        assert!(is_alert(&"x".repeat(200)) && !is_alert(&"x".repeat(201)));
        assert_eq!((done().status, done().body.as_ref()), (200, ""));
    }
}

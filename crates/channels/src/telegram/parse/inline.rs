//! What somebody types behind the bot's name in any chat, and what they choose of what is offered.
//!
//! Telegram tells neither the chat nor who reads along.

use serde_json::{Value, json};

use super::message::{flag, job_id, person_asks, text};
use super::{Bot, Inbound};
use crate::digest::digest;
use crate::telegram::methods::ASK;
use crate::telegram::place::Inline;
use miyabi_core::i18n::Language;
use miyabi_core::question::Question;

/// The server of such questions, of which nobody knows where they are.
const SERVER: &str = "telegram:inline";

/// Most of what is typed that is offered, in code points: Telegram sends no more.
///
/// # Source
/// Telegram Bot API 10.1/InlineQuery, read 2026-11-30.
const MAX_CHARS: usize = 256;

/// Somebody types.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Typing {
    /// Id by which something is offered to them.
    pub id: String,
    /// Who types.
    pub user: i64,
    /// What they have typed so far.
    pub words: String,
    /// Their language.
    pub language: Language,
}

/// Somebody has sent what was offered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen {
    /// What they ask.
    pub question: Question,
    /// Where the answer belongs.
    pub place: Inline,
}

/// Reads what is typed; `None` if it lacks what every such update has.
///
/// # Source
/// Telegram Bot API 10.1/InlineQuery, read 2026-11-30.
pub(super) fn read_query(query: &Value) -> Option<Inbound> {
    let (id, user) = (text(query, "id")?.to_owned(), query.get("from")?);
    let words = first_chars(text(query, "query")?.trim()).to_owned();
    let language = Language::of_locale(text(user, "language_code").unwrap_or_default());
    let typing = Typing { id, user: user.get("id")?.as_i64()?, words, language };
    Some(Inbound::Typing(Box::new(typing)))
}

/// Reads what was chosen; `None` if it is not what is offered, or has no message that can be changed.
///
/// # Source
/// Telegram Bot API 10.1/ChosenInlineResult, read 2026-11-30.
pub(super) fn read_chosen(result: &Value, bot: Bot<'_>) -> Option<Inbound> {
    let user = result.get("from").filter(|user| !flag(user, "is_bot"))?;
    let words = first_chars(text(result, "query")?.trim());
    if text(result, "result_id")? != ASK || words.is_empty() {
        return None;
    }
    let inline = text(result, "inline_message_id").filter(|id| !id.is_empty())?.to_owned();
    let place = Inline { inline, user: user.get("id")?.as_i64()? };
    let asked = person_asks(&json!({}), user, (bot, place.alone()))?;
    let question = Question {
        id: job_id(bot.id, place.user, &["i", &digest(&place.inline)].concat())?,
        text: words.to_owned(),
        place: place.to_text(),
        // Of what was said elsewhere nothing is for who reads along here.
        conversation: None,
        server: Some(SERVER.to_owned()),
        ..asked
    };
    Some(Inbound::Chosen(Box::new(Chosen { question, place })))
}

fn first_chars(words: &str) -> &str {
    miyabi_core::text::first_chars(words, MAX_CHARS)
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    const BOT: Bot<'_> = Bot { id: 110_201_543, name: None };

    fn chosen(fields: &Value) -> Option<Chosen> {
        let mut result = json!({
            "result_id": "ask", "from": { "id": 52, "is_bot": false, "first_name": "Mio", "language_code": "ja" },
            "inline_message_id": "AgAAAKr0_-x", "query": " What is tea? ",
        });
        result.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        let Inbound::Chosen(chosen) = read_chosen(&result, BOT)? else { return None };
        Some(*chosen)
    }

    #[test]
    fn what_is_chosen_is_a_question_of_its_person_in_a_chat_that_nobody_knows() {
        let Chosen { question, place } = chosen(&json!({})).unwrap();
        assert_eq!(question.text, "What is tea?");
        assert_eq!(
            (question.asker.id.as_str(), question.language),
            ("telegram:52", Language::Japanese)
        );
        assert_eq!((question.conversation, question.server.as_deref()), (None, Some(SERVER)));
        assert_eq!(place, Inline { inline: "AgAAAKr0_-x".to_owned(), user: 52 });
        let again = chosen(&json!({ "query": "another" })).unwrap().question.id;
        assert_eq!(again, question.id, "a message is one question");
        let other = chosen(&json!({ "inline_message_id": "AgAAAKr0_-y" })).unwrap().question.id;
        assert_ne!(other, question.id);
    }

    #[test]
    fn what_cannot_be_answered_is_no_question() {
        for fields in [
            json!({ "inline_message_id": null }),
            json!({ "inline_message_id": "" }),
            json!({ "query": "  " }),
            json!({ "result_id": "other" }),
            json!({ "from": { "id": 52, "is_bot": true } }),
            json!({ "from": {} }),
        ] {
            assert_eq!(chosen(&fields), None, "{fields}");
        }
    }
}

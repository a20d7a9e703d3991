//! The methods of the Bot API that are called with JSON, and what each is told.
//!
//! # Source
//! Telegram Bot API 10.1, read 2026-11-30.

use serde::Serialize;

use super::buttons::{ForceReply, Keyboard, Offered};
use super::entities::{Entity, Formatted, format, length};
use super::place::{Inline, Place};
use super::{MAX_ENTITIES, MAX_TEXT};
use miyabi_core::i18n::{Language, buttons, chats};
use miyabi_core::text::first_chars;

/// A call of a method.
pub trait Call: Serialize {
    /// Name of the method.
    const METHOD: &'static str;
}

/// Who the bot is.
#[derive(Debug, Serialize)]
pub struct GetMe {}

impl Call for GetMe {
    const METHOD: &'static str = "getMe";
}

/// From where a file can be read.
#[derive(Debug, Serialize)]
pub struct GetFile<'a> {
    /// File's id.
    pub file_id: &'a str,
}

impl Call for GetFile<'_> {
    const METHOD: &'static str = "getFile";
}

/// A message.
#[derive(Debug, Serialize)]
pub struct SendMessage {
    chat_id: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_thread_id: Option<i64>,
    text: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) entities: Vec<Entity>,
    link_preview_options: LinkPreviewOptions,
    #[serde(skip_serializing_if = "Option::is_none")]
    reply_parameters: Option<ReplyParameters>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reply_markup: Option<Offered>,
}

impl Call for SendMessage {
    const METHOD: &'static str = "sendMessage";
}

impl SendMessage {
    /// Returns a message in a place. `words` are Markdown.
    pub fn of(place: Place, words: &str) -> Self {
        let Formatted { text, entities } = format(words, MAX_TEXT);
        Self {
            chat_id: place.chat,
            message_thread_id: place.topic,
            text,
            entities,
            link_preview_options: LinkPreviewOptions { is_disabled: true },
            reply_parameters: ReplyParameters::of(place),
            reply_markup: None,
        }
    }

    /// Returns the prompt for a question about an answer, whose beginning it quotes, so that the reply to it says what it
    /// is about. `asked` is the message of who is to reply.
    pub fn prompt(place: Place, answer: &str, asked: Option<i64>, language: Language) -> Self {
        let words = buttons::QUESTION.in_language(language);
        let quoted = first_chars(answer.trim(), MAX_PROMPT);
        let message = asked.unwrap_or(place.message);
        let Formatted { text, entities } = below(quoted, words);
        let reply_markup =
            Some(Offered::Prompt(ForceReply::of(buttons::TITLE.in_language(language))));
        Self { text, entities, reply_markup, ..Self::of(Place { message, ..place }, "") }
    }
}

/// Most of an answer that a prompt for a question about it quotes, in code points.
const MAX_PROMPT: usize = 800;

/// What a message says from now on.
#[derive(Debug, Serialize)]
pub struct EditMessageText {
    #[serde(skip_serializing_if = "Option::is_none")]
    chat_id: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_id: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    inline_message_id: Option<String>,
    text: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    entities: Vec<Entity>,
    link_preview_options: LinkPreviewOptions,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reply_markup: Option<Keyboard>,
}

impl Call for EditMessageText {
    const METHOD: &'static str = "editMessageText";
}

impl EditMessageText {
    /// Returns what a message of a chat says. `words` are Markdown; the buttons below it go.
    pub fn of((chat_id, message_id): (i64, i64), words: &str) -> Self {
        let said = Self::saying(format(words, MAX_TEXT));
        Self { chat_id: Some(chat_id), message_id: Some(message_id), ..said }
    }

    /// Returns what a message in its asker's name says. `words` are Markdown; the question stands above them, if there is
    /// room for it.
    pub fn of_inline(Inline { inline, .. }: &Inline, question: &str, words: &str) -> Self {
        let said = Self::saying(below(question, words));
        Self { inline_message_id: Some(inline.clone()), ..said }
    }

    fn saying(Formatted { text, entities }: Formatted) -> Self {
        let link_preview_options = LinkPreviewOptions { is_disabled: true };
        let (chat_id, message_id, inline_message_id, reply_markup) = (None, None, None, None);
        Self {
            chat_id,
            message_id,
            inline_message_id,
            text,
            entities,
            link_preview_options,
            reply_markup,
        }
    }
}

/// Returns words, Markdown, below a question, which stands there as it was typed.
fn below(question: &str, words: &str) -> Formatted {
    const GAP: &str = "\n";
    let question = question.trim();
    let asked = length(question);
    let room = MAX_TEXT.saturating_sub(asked + GAP.len());
    let mut answer = format(words, MAX_TEXT);
    if asked == 0 || length(&answer.text) > room {
        return answer;
    }
    for entity in &mut answer.entities {
        entity.offset += asked + GAP.len();
    }
    answer.entities.insert(0, Entity::quote(asked));
    answer.entities.truncate(MAX_ENTITIES);
    answer.text.insert_str(0, &[question, GAP].concat());
    answer
}

/// What somebody may choose who types behind the bot's name.
#[derive(Debug, Serialize)]
pub struct AnswerInlineQuery<'a> {
    inline_query_id: &'a str,
    results: Vec<Article>,
    /// What is offered is in the language of who types.
    is_personal: bool,
}

/// Id of the only result that is offered.
pub const ASK: &str = "ask";

/// A message that is sent in the name of who chooses it.
#[derive(Debug, Serialize)]
struct Article {
    #[serde(rename = "type")]
    kind: &'static str,
    id: &'static str,
    title: &'static str,
    description: String,
    input_message_content: Content,
    /// Telegram tells the bot the id of a message alone that has a keyboard.
    reply_markup: Keyboard,
}

#[derive(Debug, Serialize)]
struct Content {
    message_text: String,
    entities: Vec<Entity>,
    link_preview_options: LinkPreviewOptions,
}

impl Call for AnswerInlineQuery<'_> {
    const METHOD: &'static str = "answerInlineQuery";
}

impl<'a> AnswerInlineQuery<'a> {
    /// Returns the offer to ask what was typed; nothing where that is blank.
    pub fn of(id: &'a str, question: &str, language: Language) -> Self {
        let Formatted { text: message_text, entities } =
            below(question, chats::ANSWER_COMES.in_language(language));
        let link_preview_options = LinkPreviewOptions { is_disabled: true };
        let article = Article {
            kind: "article",
            id: ASK,
            title: chats::ASK_ME.in_language(language),
            description: question.to_owned(),
            input_message_content: Content { message_text, entities, link_preview_options },
            reply_markup: Keyboard::asking(language),
        };
        let results = if question.is_empty() { Vec::new() } else { vec![article] };
        Self { inline_query_id: id, results, is_personal: true }
    }
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

/// What there is of a message that is still written, where its reader is alone with the bot; without words, that it
/// thinks.
#[derive(Debug, Serialize)]
pub struct SendMessageDraft {
    chat_id: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_thread_id: Option<i64>,
    draft_id: i64,
    #[serde(skip_serializing_if = "String::is_empty")]
    text: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    entities: Vec<Entity>,
}

impl Call for SendMessageDraft {
    const METHOD: &'static str = "sendMessageDraft";
}

impl SendMessageDraft {
    /// Returns the draft of the answer in a place. `words` are Markdown.
    pub fn of(place: Place, words: &str) -> Self {
        let Formatted { text, entities } = format(words, MAX_TEXT);
        let Place { chat: chat_id, topic: message_thread_id, message: draft_id, .. } = place;
        Self { chat_id, message_thread_id, draft_id, text, entities }
    }
}

/// That somebody types.
#[derive(Debug, Serialize)]
pub struct SendChatAction {
    chat_id: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_thread_id: Option<i64>,
    action: &'static str,
}

impl Call for SendChatAction {
    const METHOD: &'static str = "sendChatAction";
}

impl SendChatAction {
    /// Returns that the bot types in a place.
    pub const fn typing(place: Place) -> Self {
        Self { chat_id: place.chat, message_thread_id: place.topic, action: "typing" }
    }
}

/// That a message goes.
#[derive(Debug, Serialize)]
pub struct DeleteMessage {
    /// Chat's id.
    pub chat_id: i64,
    /// Message's id.
    pub message_id: i64,
}

impl Call for DeleteMessage {
    const METHOD: &'static str = "deleteMessage";
}

/// Longest text that may be shown over the chat, in UTF-16 units.
///
/// # Source
/// Telegram Bot API/answerCallbackQuery, read 2026-11-30.
const MAX_ALERT: usize = 200;

/// Returns whether words can be shown over the chat without being cut.
pub fn is_alert(words: &str) -> bool {
    length(words) <= MAX_ALERT
}

/// That a press has arrived, and what is shown over the chat to who pressed, and nobody else.
#[derive(Debug, Serialize)]
pub struct AnswerCallbackQuery<'a> {
    callback_query_id: &'a str,
    #[serde(skip_serializing_if = "String::is_empty")]
    text: String,
    #[serde(skip_serializing_if = "core::ops::Not::not")]
    show_alert: bool,
}

impl Call for AnswerCallbackQuery<'_> {
    const METHOD: &'static str = "answerCallbackQuery";
}

impl<'a> AnswerCallbackQuery<'a> {
    /// Returns the answer to a press. `words` are Markdown, and are cut; without any the button only waits no more.
    pub fn of(id: &'a str, words: &str) -> Self {
        let text = format(words, MAX_ALERT).text;
        let show_alert = !text.is_empty();
        Self { callback_query_id: id, text, show_alert }
    }
}

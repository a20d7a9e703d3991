//! Telegram behind the product's [`Transport`].
//!
//! | effect | what repeating it does |
//! | --- | --- |
//! | a message, a document, a photo | sends it again: Telegram knows no call by a key, and shows a bot none of its messages, so the ledger decides |
//! | a draft, that somebody types | shows the same again |
//! | a removal | finds nothing, and succeeds |
//!
//! There is no placeholder that has to be removed: a draft goes when the message comes, or by itself after 30 seconds.
//!
//! # Source
//! Telegram Bot API 10.1/sendMessage, sendMessageDraft, sendDocument, sendPhoto, deleteMessage, read 2026-11-30.

use core::fmt;
use std::rc::Rc;

use serde_json::Value;

use super::buttons::{self, Keyboard};
use super::call::{BAD_ENTITIES, CallError, call, json_request, once, request};
use super::entities::{self, Formatted, format};
use super::files;
use super::methods::{
    Call as _, DeleteMessage, ReplyParameters, SendChatAction, SendMessage, SendMessageDraft,
};
use super::place::Place;

use super::{MAX_CAPTION, MAX_ENTITIES, MAX_TEXT, Ports};
use crate::commands;
use crate::markdown::{self, is_seen, split};
use crate::sent::SentFile;
use miyabi_core::config;
use miyabi_core::fault::Fault;
use miyabi_core::i18n::{Language, Markup};
use miyabi_core::question::Question;
use miyabi_core::text::{LengthUnit, split_message};
use miyabi_core::transport::{
    Author, Capabilities, EditOutcome, LONGEST_WAIT, Message, Progress, RateLimitBudget, Route,
    SendError, Transport,
};

/// Name of the file that has an answer.
const FILE_NAME: &str = "answer.md";

/// Telegram, for the questions of one request or one run.
#[derive(Clone)]
pub struct Telegram<H> {
    host: H,
    settings: Rc<config::Telegram>,
}

impl<H> fmt::Debug for Telegram<H> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Telegram").finish_non_exhaustive()
    }
}

impl<H> Markup for Telegram<H> {
    fn strong(&self, words: &str) -> String {
        format!("**{words}**")
    }

    fn code(&self, word: &str) -> String {
        format!("`{word}`")
    }

    fn small_print(&self, line: &str) -> String {
        format!("-# {line}")
    }

    /// Nothing: a bot names a person only by notifying them, and a message to somebody is the reply to theirs.
    fn person(&self, _id: &str) -> String {
        String::new()
    }

    fn command(&self, words: &str) -> Option<String> {
        Some(["/", commands::typed(words)?].concat())
    }

    fn date(&self, unix_s: u64, _language: Language) -> String {
        markdown::instant(unix_s, false)
    }

    fn time(&self, unix_s: u64, _language: Language) -> String {
        markdown::instant(unix_s, true)
    }
}

impl<H: Ports> Telegram<H> {
    /// Returns Telegram as it is configured.
    pub fn new(host: H, settings: Rc<config::Telegram>) -> Self {
        Self { host, settings }
    }

    /// Returns the bytes of a file that came with a message: see [`files::download`].
    ///
    /// # Repeats
    /// Reads only.
    pub async fn download(&self, file: &SentFile, limit_bytes: usize) -> Option<Vec<u8>> {
        files::download(&self.host, &self.settings, file, limit_bytes).await
    }

    async fn send_to(
        &self,
        question: &Question,
        place: Place,
        message: &Message<'_>,
        budget: &mut RateLimitBudget,
    ) -> Result<String, CallError> {
        let buttons = || {
            if let Some(id) = message.asks {
                return Some(buttons::deciding(id, question.language));
            }
            let has_buttons = message.has_buttons && !question.id.is_of_reminder();
            has_buttons.then(|| buttons::below(&question.id, place, question.language))
        };
        let scope = &scope(place.chat);
        let attached = Attached::of(message);
        let mut has_caption =
            attached.is_some() && entities::length(message.content) <= MAX_CAPTION;
        let mut sent = Value::Null;
        if let Some(attached) = attached {
            let caption = if has_caption { message.content } else { "" };
            let buttons = if has_caption { buttons() } else { None };
            let request = attached.request(&self.settings, place, caption, buttons.as_ref());
            match call(&self.host, scope, attached.method, &request, budget).await {
                Ok(message) => sent = message,
                // A group may take words alone.
                Err(CallError::Send(SendError::Refused { status: 400, .. }))
                    if is_seen(message.content) =>
                {
                    has_caption = false;
                }
                Err(error) => return Err(error),
            }
        }
        if !has_caption {
            let reply_markup = buttons();
            let mut body = SendMessage::of(place, message.content);
            body.reply_markup = reply_markup;
            let request = json_request(&self.settings, &body);
            sent = match call(&self.host, scope, SendMessage::METHOD, &request, budget).await {
                // No formatting is worth an answer.
                Err(CallError::Send(SendError::Refused { code: BAD_ENTITIES, .. })) => {
                    body.entities.clear();
                    let plain = json_request(&self.settings, &body);
                    call(&self.host, scope, SendMessage::METHOD, &plain, budget).await?
                }
                sent => sent?,
            };
        }
        let id = sent.get("message_id").and_then(Value::as_i64);
        Ok(id.map(|id| id.to_string()).unwrap_or_default())
    }
}

impl<H: Ports> Transport for Telegram<H> {
    fn name(&self) -> &'static str {
        super::PLATFORM
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            progress: Progress::Placeholder,
            fresh_option: Some("`/new`"),
            ..Capabilities::sending_only(MAX_TEXT, LengthUnit::Utf16Units)
        }
    }

    fn render(&self, _author: Author, text: &str) -> Vec<String> {
        let contents = split(text, (MAX_TEXT, LengthUnit::Utf16Units), entities::length);
        contents.into_iter().flat_map(few_entities).collect()
    }

    fn places(&self, question: &Question) -> Vec<String> {
        let group = Place::of(question).filter(|place| place.is_group);
        group.map(|place| place.chat.to_string()).into_iter().collect()
    }

    async fn route(&self, question: &Question) -> Result<Route, Fault> {
        match Place::of(question) {
            Some(place) => Ok(Route::Shared { way: scope(place.chat) }),
            None => Err(SendError::Expired.into()),
        }
    }

    fn shows_buttons(&self, _route: &Route) -> bool {
        true
    }

    fn asks(&self, _question: &Question) -> bool {
        true
    }

    fn scope(&self, route: &Route) -> String {
        match route {
            Route::Shared { way } => way.clone(),
            Route::Private => String::new(),
        }
    }

    async fn send(
        &self,
        question: &Question,
        _route: &Route,
        message: &Message<'_>,
        budget: &mut RateLimitBudget,
    ) -> Result<String, SendError> {
        let place = Place::of(question).ok_or(SendError::Expired)?;
        match self.send_to(question, place, message, budget).await {
            Err(CallError::Moved(chat)) => {
                Ok(self.send_to(question, Place { chat, ..place }, message, budget).await?)
            }
            sent => Ok(sent?),
        }
    }

    fn attaches_files(&self, _question: &Question) -> bool {
        true
    }

    fn takes_out_code(&self, _question: &Question) -> bool {
        false
    }

    async fn retract(&self, question: &Question, message_id: &str) -> Result<(), SendError> {
        let place = Place::of(question).ok_or(SendError::Expired)?;
        let Ok(message_id) = message_id.parse() else { return Ok(()) };
        let body = DeleteMessage { chat_id: place.chat, message_id };
        let request = json_request(&self.settings, &body);
        let mut budget = RateLimitBudget::new(LONGEST_WAIT);
        loop {
            let removed = call(&self.host, "", DeleteMessage::METHOD, &request, &mut budget).await;
            match (removed, budget.due.take()) {
                // One that is not there is removed.
                (Ok(_) | Err(CallError::Send(SendError::Refused { code: 404, .. })), _) => {
                    return Ok(());
                }
                (Err(_), Some(wait)) => self.host.sleep(wait).await,
                (Err(error), None) => return Err(error.into()),
            }
        }
    }

    /// Shows what there is of an answer as a draft, where its person is alone with Miyabi; elsewhere that somebody
    /// types.
    async fn edit_once(
        &self,
        question: &Question,
        content: &str,
    ) -> Result<EditOutcome, SendError> {
        let place = Place::of(question).ok_or(SendError::Expired)?;
        let (host, settings) = (&self.host, &self.settings);
        if place.is_group {
            once(host, settings, &SendChatAction::typing(place)).await?;
        } else {
            once(host, settings, &SendMessageDraft::of(place, content)).await?;
        }
        Ok(EditOutcome::Done)
    }
}

/// Returns a message as ones with no more entities than Telegram takes: beyond them even links are lost.
fn few_entities(content: String) -> Vec<String> {
    let half = LengthUnit::Utf16Units.length(&content) / 2 + 1;
    if entities::count(&content) <= MAX_ENTITIES || half < MAX_ENTITIES {
        return vec![content];
    }
    let parts = split_message(&content, half, LengthUnit::Utf16Units);
    parts.into_iter().flat_map(few_entities).collect()
}

/// Returns the scope of the rate limits of a chat.
fn scope(chat: i64) -> String {
    format!("{}:{chat}", super::PLATFORM)
}

/// A file that is sent by a method of its own.
struct Attached<'a> {
    method: &'static str,
    field: &'static str,
    name: &'a str,
    media: &'a str,
    bytes: &'a [u8],
}

impl<'a> Attached<'a> {
    fn of(message: &Message<'a>) -> Option<Self> {
        if let Some(image) = message.image {
            let (name, media, bytes) = (image.name, image.media, image.bytes.as_slice());
            return Some(Self { method: "sendPhoto", field: "photo", name, media, bytes });
        }
        let bytes = message.file?.as_bytes();
        let (name, media) = (FILE_NAME, "text/markdown; charset=utf-8");
        Some(Self { method: "sendDocument", field: "document", name, media, bytes })
    }

    /// Returns the form that sends it.
    fn request(
        &self,
        settings: &config::Telegram,
        place: Place,
        caption: &str,
        buttons: Option<&Keyboard>,
    ) -> miyabi_core::http::Request {
        const PLAIN: &str = "text/plain; charset=utf-8";
        let Formatted { text, entities } = format(caption, MAX_CAPTION);
        let mut values = vec![("chat_id", place.chat.to_string())];
        values.extend(place.topic.map(|topic| ("message_thread_id", topic.to_string())));
        if let Some(reply) = ReplyParameters::of(place) {
            values.push(("reply_parameters", serde_json::to_string(&reply).unwrap_or_default()));
        }
        if !text.is_empty() {
            values.push(("caption", text));
        }
        if !entities.is_empty() {
            values.push(("caption_entities", serde_json::to_string(&entities).unwrap_or_default()));
        }
        if let Some(buttons) = buttons {
            values.push(("reply_markup", serde_json::to_string(buttons).unwrap_or_default()));
        }
        let heads: Vec<_> = values.iter().map(|(name, _)| format!("name=\"{name}\"")).collect();
        let parts = heads.iter().zip(&values);
        let mut fields: Vec<(&str, &str, &[u8])> =
            parts.map(|(head, (_, value))| (head.as_str(), PLAIN, value.as_bytes())).collect();
        let head = format!("name=\"{}\"; filename=\"{}\"", self.field, self.name);
        fields.push((&head, self.media, self.bytes));
        request(settings, self.method).form(&fields)
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;

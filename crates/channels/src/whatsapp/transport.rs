//! WhatsApp behind the product's [`Transport`].
//!
//! | effect | what repeating it does |
//! | --- | --- |
//! | a message | sends it again, so it is looked for first: Meta tells what becomes of it with the tag that it carries, its job and what it says, and nothing is sent again before that had time to come |
//! | an upload | leaves a file behind that nobody sees, for thirty days |
//! | that it was read, and somebody types | shows the same again |
//!
//! Nothing can be edited or removed, and each message costs money: an answer comes whole, and as one if it fits.
//!
//! # Source
//! WhatsApp Cloud API v23.0, Messages and Media, read 2026-11-30.

use core::cell::RefCell;
use core::fmt;
use core::time::Duration;
use std::rc::Rc;

use serde::Serialize;
use serde_json::Value;

use super::buttons;
use super::call::{CLOSED, call, request};
use super::files;
use super::kept;
use super::marks;
use super::methods::{Content, MarkRead, SendMessage};
use super::place::Place;
use super::{MAX_SHORT, MAX_TEXT, Ports};
use crate::commands;
use crate::digest::digest;
use crate::markdown::{self, is_seen, split};
use crate::sent::SentFile;
use miyabi_core::config;
use miyabi_core::fault::Fault;
use miyabi_core::http::{Method, Request};
use miyabi_core::i18n::{Language, Markup};
use miyabi_core::question::Question;
use miyabi_core::text::LengthUnit;
use miyabi_core::transport::{
    Author, Capabilities, EditOutcome, Message, Progress, RateLimitBudget, Route, Search,
    SendError, Transport,
};

/// Name of the file that has an answer, and its kind: Meta takes no other of text.
///
/// # Source
/// WhatsApp Cloud API v23.0, Media, supported types, read 2026-11.
const FILE_NAME: &str = "answer.txt";
const FILE_KIND: &str = "text/plain";

/// Waits until Meta has told of a message that was sent, which it mostly does within two seconds.
const WAITS: [Duration; 6] = [
    Duration::ZERO,
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(6),
    Duration::from_secs(8),
];

/// Longest wait for limits before what is told at once: a request lives no longer than thirty seconds after its reply.
const TELL_WAIT: Duration = Duration::from_secs(20);

/// How long after a message who wrote it may be answered without a look, in milliseconds: an hour less than a day.
const SURELY_OPEN_MS: u64 = 23 * 60 * 60 * 1000;

/// WhatsApp, for the questions of one request or one run.
#[derive(Clone)]
pub struct WhatsApp<H> {
    host: H,
    settings: Rc<config::WhatsApp>,
    /// Tag of the message whose image this run has sent before its words.
    shown: Rc<RefCell<String>>,
}

impl<H> fmt::Debug for WhatsApp<H> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("WhatsApp").finish_non_exhaustive()
    }
}

impl<H> Markup for WhatsApp<H> {
    fn strong(&self, words: &str) -> String {
        ["**", words, "**"].concat()
    }

    fn code(&self, word: &str) -> String {
        ["`", word, "`"].concat()
    }

    fn small_print(&self, line: &str) -> String {
        ["-# ", line].concat()
    }

    /// Nothing: a message to somebody is in their own chat.
    fn person(&self, _id: &str) -> String {
        String::new()
    }

    fn command(&self, words: &str) -> Option<String> {
        Some(["/", commands::typed(words)?].concat())
    }

    fn date(&self, unix_s: u64, _language: Language) -> String {
        markdown::in_words(unix_s)
    }

    fn time(&self, unix_s: u64, _language: Language) -> String {
        markdown::in_words(unix_s)
    }
}

impl<H: Ports> WhatsApp<H> {
    /// Returns WhatsApp as it is configured.
    pub fn new(host: H, settings: Rc<config::WhatsApp>) -> Self {
        Self { host, settings, shown: Rc::default() }
    }

    /// Returns the bytes of a file that came with a message: see [`files::download`].
    ///
    /// # Repeats
    /// Reads only.
    pub async fn download(&self, file: &SentFile, limit_bytes: usize) -> Option<Vec<u8>> {
        files::download(&self.host, &self.settings, file, limit_bytes).await
    }

    /// Shows that a message was read, and that an answer is being written, for 25 seconds at most.
    ///
    /// # Errors
    /// See [`SendError`]. Nobody has to see it.
    ///
    /// # Repeats
    /// Shows the same again.
    pub async fn think(&self, place: &Place) -> Result<(), SendError> {
        let mut budget = RateLimitBudget::new(Duration::ZERO);
        let request = self.message(place, &MarkRead::of(place));
        call(&self.host, "", "typing", &request, &mut budget).await.map(|_done| ())
    }

    /// Tells whoever wrote in a place something, and waits for limits of seconds.
    ///
    /// # Errors
    /// See [`SendError`].
    ///
    /// # Repeats
    /// Tells it again.
    pub async fn tell(&self, place: &Place, content: &Content) -> Result<(), SendError> {
        let mut budget = RateLimitBudget::new(TELL_WAIT);
        let request = self.message(place, &SendMessage::of(place, "", content));
        loop {
            let told = call(&self.host, &self.scope_of(place), "tell", &request, &mut budget).await;
            match (told, budget.due.take()) {
                (Err(_limited), Some(wait)) => self.host.sleep(wait).await,
                (told, _) => return told.map(|_done| ()),
            }
        }
    }

    fn message(&self, place: &Place, body: &impl Serialize) -> Request {
        request(&self.settings, Method::Post, &[&place.number, "/messages"].concat()).json(body)
    }

    /// Returns the scope of the rate limits of a chat, which is logged and kept, and does not name anybody.
    fn scope_of(&self, place: &Place) -> String {
        [super::PLATFORM, ":", &kept::chat(&self.settings, place)].concat()
    }

    /// Says whether what comes from a place can be answered now: in any words, or by a template.
    ///
    /// # Repeats
    /// Reads only.
    pub async fn can_answer(&self, place: &Place) -> bool {
        // Where Meta does not tell when it was written, that was just now.
        place.wrote_s == 0 || self.settings.template.is_some() || self.is_open(place, false).await
    }

    /// Says whether a place may be written to in any words: somebody there has written within a day. Whoever is reminded
    /// may have written long before.
    async fn is_open(&self, place: &Place, is_reminder: bool) -> bool {
        let age_ms = self.host.now().0.saturating_sub(place.wrote_s.saturating_mul(1000));
        if age_ms < SURELY_OPEN_MS && !is_reminder {
            return true;
        }
        // Where the database does not say, Meta does.
        kept::is_open(&self.host, &self.settings, place).await.unwrap_or(true)
    }

    /// Returns a message with all that it carries, which is uploaded first.
    async fn content(
        &self,
        question: &Question,
        (place, tag): (&Place, &str),
        message: &Message<'_>,
        budget: &mut RateLimitBudget,
    ) -> Result<Content, SendError> {
        let words = || {
            // Meta takes none to a group.
            let has_buttons =
                message.has_buttons && place.group.is_none() && !question.id.is_of_reminder();
            let below = match message.asks {
                Some(id) => buttons::deciding(id, question.language),
                None if has_buttons => buttons::below(&question.id, question.language),
                None => Vec::new(),
            };
            Content::with_buttons(message.content, below)
        };
        // What is too long for buttons cannot be decided.
        if message.asks.is_some() && marks::length(message.content) > MAX_SHORT {
            return Err(SendError::Refused { operation: "send", status: 0, code: 0 });
        }
        if let Some(text) = message.file {
            let file = (FILE_NAME, FILE_KIND, text.as_bytes());
            let id = self.upload(place, file, budget).await?;
            return Ok(Content::document(id, FILE_NAME, message.content));
        }
        let Some(image) = message.image else { return Ok(words()) };
        let is_caption = marks::length(message.content) <= MAX_SHORT;
        // Words that are no caption come behind it: this run knows that it was sent when they are tried again.
        if is_caption || *self.shown.borrow() != tag {
            let id = self.upload(place, (image.name, image.media, &image.bytes), budget).await?;
            if is_caption {
                return Ok(Content::image(id, message.content));
            }
            let alone = Content::image(id, "");
            let request = self.message(place, &SendMessage::of(place, "", &alone));
            call(&self.host, &self.scope_of(place), "send", &request, budget).await?;
            tag.clone_into(&mut self.shown.borrow_mut());
        }
        Ok(words())
    }

    async fn upload(
        &self,
        place: &Place,
        (name, kind, bytes): (&str, &str, &[u8]),
        budget: &mut RateLimitBudget,
    ) -> Result<String, SendError> {
        const PLAIN: &str = "text/plain";
        let file = ["name=\"file\"; filename=\"", name, "\""].concat();
        let path = [&place.number, "/media"].concat();
        let request = request(&self.settings, Method::Post, &path).form(&[
            ("name=\"messaging_product\"", PLAIN, b"whatsapp"),
            ("name=\"type\"", PLAIN, kind.as_bytes()),
            (&file, kind, bytes),
        ]);
        let told = call(&self.host, &self.scope_of(place), "upload", &request, budget).await?;
        let id = told.get("id").and_then(Value::as_str).unwrap_or_default();
        Ok(id.to_owned())
    }
}

impl<H: Ports> Transport for WhatsApp<H> {
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
        split(text, (MAX_TEXT, LengthUnit::Utf16Units), marks::length)
    }

    fn places(&self, question: &Question) -> Vec<String> {
        question.server.clone().into_iter().collect()
    }

    async fn route(&self, question: &Question) -> Result<Route, Fault> {
        match Place::of(question) {
            Some(place) => Ok(Route::Shared { way: self.scope_of(&place) }),
            None => Err(SendError::Expired.into()),
        }
    }

    fn shows_buttons(&self, _route: &Route) -> bool {
        true
    }

    /// Meta takes no buttons to a group.
    fn asks(&self, question: &Question) -> bool {
        Place::of(question).is_some_and(|place| place.group.is_none())
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
        let tag = tag(question, message);
        let content = if self.is_open(&place, question.id.is_of_reminder()).await {
            self.content(question, (&place, &tag), message, budget).await?
        } else {
            let template = self.settings.template.as_ref().filter(|_| is_seen(message.content));
            let operation = "send";
            let closed = SendError::Refused { operation, status: 0, code: CLOSED };
            Content::template(template.ok_or(closed)?, message.content)
        };
        let request = self.message(&place, &SendMessage::of(&place, &tag, &content));
        let sent = call(&self.host, &self.scope_of(&place), "send", &request, budget).await?;
        let id = sent.pointer("/messages/0/id").and_then(Value::as_str);
        Ok(id.map(digest).unwrap_or_default())
    }

    fn attaches_files(&self, _question: &Question) -> bool {
        true
    }

    fn takes_out_code(&self, _question: &Question) -> bool {
        false
    }

    fn can_find(&self, _question: &Question) -> bool {
        true
    }

    /// Does nothing: WhatsApp has no way to take a message back, so what was said stays with who has read it.
    async fn retract(&self, _question: &Question, _message_id: &str) -> Result<(), SendError> {
        Ok(())
    }

    async fn find(&self, question: &Question, message: &Message<'_>) -> Result<Search, Fault> {
        let tag = tag(question, message);
        for wait in WAITS {
            self.host.sleep(wait).await;
            let candidates = kept::sent(&self.host, &tag).await?;
            if !candidates.is_empty() {
                return Ok(Search { candidates, is_complete: true });
            }
        }
        Ok(Search { candidates: Vec::new(), is_complete: true })
    }

    /// Shows that an answer is being written: what there is of it stays unseen, since nothing can be edited.
    async fn edit_once(
        &self,
        question: &Question,
        _content: &str,
    ) -> Result<EditOutcome, SendError> {
        let place = Place::of(question).ok_or(SendError::Expired)?;
        self.think(&place).await?;
        Ok(EditOutcome::Done)
    }
}

/// Returns what a message carries that nobody sees, by which its statuses are known: its job, and what it says.
fn tag(question: &Question, message: &Message<'_>) -> String {
    [question.id.as_str(), ".", &digest(message.content)].concat()
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;

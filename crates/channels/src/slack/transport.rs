//! Slack behind the product's [`Transport`].
//!
//! | effect | what repeating it does |
//! | --- | --- |
//! | a message | posts it again, so it is looked for first: it carries its job and what it says, in metadata; where Slack does not show the channel to the bot, the ledger decides |
//! | the message that grows becomes the answer's first | says the same again |
//! | a message grows | grows by what is new; one that a lost run has left is removed before the answer comes |
//! | tools are shown in it | shows the same: Slack knows a task again by its id |
//! | a status | shows the same again |
//! | a file is uploaded | is another one, which nobody sees |
//! | a file is shared | shares it again, so it is looked for first, with the message: its name has a mark of job and words |
//! | a removal | finds nothing, and succeeds |
//!
//! # Source
//! docs.slack.dev, reference of the methods, May 2026.

mod growing;
mod sharing;

use core::fmt;
use core::time::Duration;
use std::rc::Rc;

use serde_json::Value;

use self::growing::{ADDRESS, Growing};
use self::sharing::Shared;
use super::buttons;
use super::call::{NOT_THERE, call, json_request, once, reading};
use super::files;
use super::methods::{BESIDE, Call as _, Content, Delete, DeleteFile, EVENT_TYPE, SetStatus};
use super::place::Place;
use super::text::quiet;
use super::{MAX_TEXT, MIYABI, Ports, is_ts};
use crate::commands;
use crate::dialect::{Dialect, settle};
use crate::digest::digest;
use crate::kaomoji::escape_kaomoji;
use crate::markdown::in_words;
use crate::sent::SentFile;
use miyabi_core::config;
use miyabi_core::conversation::Step;
use miyabi_core::fault::Fault;
use miyabi_core::http::Request;
use miyabi_core::i18n::{Language, Markup, chats};
use miyabi_core::ids::Millis;
use miyabi_core::question::Question;
use miyabi_core::text::tables::lay_out;
use miyabi_core::text::{LengthUnit, is_hidden, split_message};
use miyabi_core::transport::{
    Author, Candidate, Capabilities, EditOutcome, Message, Progress, RateLimitBudget, Route,
    Search, SendError, Transport,
};

/// Pages of a busy channel that are read to find a message, and messages on each.
const MAX_PAGES: usize = 5;
const PAGE: &str = "50";

/// Waits before what only reads or removes is called again.
const PAUSES: [Duration; 3] =
    [Duration::from_millis(500), Duration::from_secs(1), Duration::from_secs(2)];

/// How far Slack's clock may be from that by which a command was typed, in seconds.
const SKEW_S: u64 = 60;

/// Slack, for the questions of one request or one run.
#[derive(Clone)]
pub struct Slack<H> {
    host: H,
    settings: Rc<config::Slack>,
    growing: Growing,
    shared: Shared,
    /// Whether the question is shown: it was written into a form.
    posts_question: bool,
}

impl<H> fmt::Debug for Slack<H> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Slack").finish_non_exhaustive()
    }
}

impl<H> Markup for Slack<H> {
    fn strong(&self, words: &str) -> String {
        ["**", words, "**"].concat()
    }

    fn code(&self, word: &str) -> String {
        ["`", word, "`"].concat()
    }

    fn small_print(&self, line: &str) -> String {
        ["_", line, "_"].concat()
    }

    /// Nothing: a bot names a person only by notifying them, and an answer stands in the thread of its question.
    fn person(&self, _id: &str) -> String {
        String::new()
    }

    /// Behind the app's own command, since names of commands are the whole workspace's.
    fn command(&self, words: &str) -> Option<String> {
        Some([MIYABI, " ", commands::typed(words)?].concat())
    }

    /// In words: Slack's Markdown has no instant that it would show in its reader's zone.
    fn date(&self, unix_s: u64, _language: Language) -> String {
        in_words(unix_s)
    }

    fn time(&self, unix_s: u64, _language: Language) -> String {
        in_words(unix_s)
    }
}

impl<H: Ports> Slack<H> {
    /// Returns Slack as it is configured.
    pub fn new(host: H, settings: Rc<config::Slack>) -> Self {
        let (growing, shared) = (Growing::default(), Shared::default());
        Self { host, settings, growing, shared, posts_question: false }
    }

    /// Returns the transport of a question: nobody sees what was written into a form, so it is posted.
    #[must_use]
    pub fn of_question(self, question: &Question) -> Self {
        Self { posts_question: Place::is_of_form(&question.id), ..self }
    }

    /// Returns the bytes of a file that came with a message: see [`files::download`].
    ///
    /// # Repeats
    /// Reads only.
    pub async fn download(&self, file: &SentFile, limit_bytes: usize) -> Option<Vec<u8>> {
        files::download(&self.host, &self.settings, file, limit_bytes).await
    }

    /// Shows that an answer is being written, where there is a thread to show it in.
    ///
    /// # Repeats
    /// Shows the same again.
    pub async fn think(&self, question: &Question) {
        let Some(place) = Place::of(question) else { return };
        let status = chats::THINKING.in_language(question.language);
        if let Some(call) = SetStatus::of(&place, status) {
            // The answer comes all the same.
            let _shown = once(&self.host, &self.settings, &call).await;
        }
    }

    /// Returns the method that reads messages of a place since a time, and the request.
    fn page(&self, place: &Place, oldest: &str, cursor: &str) -> (&'static str, Request) {
        let mut arguments = vec![
            ("channel", place.channel.as_str()),
            ("oldest", oldest),
            ("inclusive", "true"),
            ("limit", PAGE),
            ("include_all_metadata", "true"),
        ];
        let method = if let Some(thread) = &place.thread {
            arguments.push(("ts", thread));
            "conversations.replies"
        } else {
            "conversations.history"
        };
        if !cursor.is_empty() {
            arguments.push(("cursor", cursor));
        }
        (method, reading(&self.settings, method, &arguments))
    }

    /// Calls what may be called again until there is an answer, waiting for limits.
    async fn until_answered(
        &self,
        method: &'static str,
        request: &Request,
    ) -> Result<Value, SendError> {
        self.tried(method, request, RateLimitBudget::new(crate::breaker::MAX_WAIT)).await
    }

    /// Calls what may be called again, a few times if Slack fails, and waits for limits as long as `budget` has.
    async fn tried(
        &self,
        method: &'static str,
        request: &Request,
        mut budget: RateLimitBudget,
    ) -> Result<Value, SendError> {
        let mut pauses = PAUSES.into_iter();
        loop {
            let answered = call(&self.host, "", method, request, &mut budget).await;
            let wait = match &answered {
                Err(SendError::RateLimited { .. }) => budget.due.take(),
                Err(error) if error.may_pass() => pauses.next(),
                Ok(_) | Err(_) => None,
            };
            let Some(wait) = wait else { return answered };
            self.host.sleep(wait).await;
        }
    }
}

impl<H: Ports> Transport for Slack<H> {
    fn name(&self) -> &'static str {
        super::PLATFORM
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            progress: Progress::Growing,
            fresh_option: Some("`/miyabi new`"),
            posts_question: self.posts_question,
            ..Capabilities::sending_only(MAX_TEXT, LengthUnit::CodePoints)
        }
    }

    fn render(&self, _author: Author, text: &str) -> Vec<String> {
        // What breaks marks makes a text longer.
        let text = quiet(&escape_kaomoji(&lay_out(&settle(text, Dialect::Common))));
        let mut contents = split_message(&text, MAX_TEXT, LengthUnit::CodePoints);
        contents.retain(|content| content.chars().any(|c| !c.is_whitespace() && !is_hidden(c)));
        contents
    }

    fn places(&self, question: &Question) -> Vec<String> {
        let shared = Place::of(question).filter(|place| place.is_shared);
        shared.map(|place| place.channel).into_iter().collect()
    }

    async fn route(&self, question: &Question) -> Result<Route, Fault> {
        match Place::of(question) {
            Some(place) => Ok(Route::Shared { way: scope(&place) }),
            None => Err(SendError::Expired.into()),
        }
    }

    fn shows_buttons(&self, _route: &Route) -> bool {
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
        if message.author == Author::Asker {
            let content = Content::asked(&question.id, &question.asker.name, message.content);
            return self.post(&place, content, budget).await;
        }
        let has_buttons = message.has_buttons && !question.id.is_of_reminder();
        let beside = self.share_files(question, &place, message, budget).await?;
        let content = || {
            let buttons = if has_buttons {
                buttons::below(&question.id, question.language)
            } else {
                Vec::new()
            };
            Content::of(&question.id, message.content, buttons).beside(&beside)
        };
        let asks_nobody = !message.content.contains(ADDRESS);
        let grown = self.grown(question, &place, (&content, asks_nobody), budget).await?;
        let ts = match grown {
            Some(ts) => ts,
            None => self.post(&place, content(), budget).await?,
        };
        Ok(with_beside(ts, &beside.join(BESIDE)))
    }

    /// Where Miyabi is not in a channel, Slack lets it share none.
    fn attaches_files(&self, question: &Question) -> bool {
        Place::of(question).is_some_and(|place| !place.is_outside)
    }

    fn can_find(&self, _question: &Question) -> bool {
        true
    }

    async fn retract(&self, question: &Question, message_id: &str) -> Result<(), SendError> {
        let place = Place::of(question).ok_or(SendError::Expired)?;
        // What stands beside it goes first: the message has the buttons.
        for id in message_id.rsplit(BESIDE).filter(|id| !id.is_empty()) {
            let (method, request) = if is_ts(id) {
                let delete = Delete { channel: &place.channel, ts: id };
                (Delete::METHOD, json_request(&self.settings, &delete))
            } else {
                (DeleteFile::METHOD, json_request(&self.settings, &DeleteFile { file: id }))
            };
            match self.until_answered(method, &request).await {
                // What is not there is removed.
                Ok(_) | Err(SendError::Refused { code: NOT_THERE, .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    async fn find(&self, question: &Question, message: &Message<'_>) -> Result<Search, Fault> {
        let place = Place::of(question).ok_or(SendError::Expired)?;
        let (job, content) = (question.id.as_str(), digest(message.content));
        let oldest = since(question);
        let (mut search, mut cursor) = (Search::default(), String::new());
        for _ in 0..MAX_PAGES {
            let (method, request) = self.page(&place, &oldest, &cursor);
            let page = match self.until_answered(method, &request).await {
                Ok(page) => page,
                // What Slack does not show cannot be read.
                Err(SendError::Refused { .. }) => break,
                Err(error) => return Err(error.into()),
            };
            let messages = page.get("messages").and_then(Value::as_array);
            let is_it = |message: &&Value| {
                let payload = |name| message.pointer(name).and_then(Value::as_str);
                payload("/metadata/event_type") == Some(EVENT_TYPE)
                    && payload("/metadata/event_payload/job") == Some(job)
                    && payload("/metadata/event_payload/content") == Some(content.as_str())
            };
            self.shared.note_files(messages.map_or(&[], Vec::as_slice));
            let found = messages.into_iter().flatten().filter(is_it);
            search.candidates.extend(found.filter_map(candidate));
            let next = page.pointer("/response_metadata/next_cursor").and_then(Value::as_str);
            let Some(next) = next.filter(|cursor| !cursor.is_empty()) else {
                search.is_complete = true;
                break;
            };
            next.clone_into(&mut cursor);
        }
        self.note_found(&search.candidates);
        search.candidates.sort_unstable_by(|one, other| one.id.cmp(&other.id));
        Ok(search)
    }

    /// Lets the answer grow in its thread; where there is none, nothing grows.
    async fn edit_once(
        &self,
        question: &Question,
        content: &str,
    ) -> Result<EditOutcome, SendError> {
        let place = Place::of(question).ok_or(SendError::Expired)?;
        self.grow(question, &place, content).await
    }

    /// Shows it in the message that grows; the whole answer takes the place of that.
    async fn show_step(&self, question: &Question, step: &Step) -> Result<EditOutcome, SendError> {
        let place = Place::of(question).ok_or(SendError::Expired)?;
        self.grow_by_step(question, &place, step).await
    }
}

/// Returns the time, as Slack writes it, before which nothing answers a question.
fn since(question: &Question) -> String {
    let since_s = (question.asked.0 / 1000).saturating_sub(SKEW_S);
    format!("{since_s}.000000")
}

fn candidate(message: &Value) -> Option<Candidate> {
    let ts = message.get("ts")?.as_str()?;
    let seconds = ts.split('.').next()?.parse::<u64>().ok()?;
    let beside = message.pointer("/metadata/event_payload/beside").and_then(Value::as_str);
    let id = with_beside(ts.to_owned(), beside.unwrap_or_default());
    Some(Candidate { id, posted: Millis(seconds.saturating_mul(1000)) })
}

/// Returns the id by which a message is removed together with what stands beside it.
fn with_beside(ts: String, beside: &str) -> String {
    if beside.is_empty() { ts } else { [&ts, BESIDE, beside].concat() }
}

/// Returns the scope of the rate limits of a channel.
fn scope(place: &Place) -> String {
    [super::PLATFORM, ":", &place.channel].concat()
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;

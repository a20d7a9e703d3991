//! The message that grows while a model writes, and becomes the first of the answer.
//!
//! Its time is known to the run that has begun it, which makes it the answer. It is written down for an hour too: where
//! that run is lost, the next one finds a message that says nothing of a job, and removes it before it begins or sends
//! one of its own. One whose beginning got no reply is known by nobody: the run removes what still grows in the thread
//! and says of no job. That may be another question's, whose answer is posted then.

use core::cell::RefCell;
use core::time::Duration;
use std::rc::Rc;

use serde_json::Value;

use super::Slack;
use crate::slack::Ports;
use crate::slack::call::{call, json_request, once};
use crate::slack::methods::{
    AppendStream, BESIDE, Call as _, Chunk, Content, Delete, StartStream, StopStream, Update,
};
use crate::slack::place::Place;
use crate::slack::text::quiet;
use miyabi_core::conversation::{Step, StepState};
use miyabi_core::i18n::{Language, chats};
use miyabi_core::question::Question;
use miyabi_core::text::first_chars;
use miyabi_core::transport::{Candidate, EditOutcome, RateLimitBudget, SendError};

/// How long its time is written down, in seconds.
const KEPT_S: u32 = 60 * 60;

/// What a preview ends with: that it goes on. Slack shows that by itself.
const MORE: char = '…';

/// What addresses have and words do not. Slack may ask for an address that it is shown, which a page may have told the
/// model to write, and only a message that is posted whole can forbid that.
pub(super) const ADDRESS: &str = "://";

/// Stands for what nobody knows: no answer begins so.
const UNKNOWN: &str = "\u{0}";

/// What closes a block of code.
const FENCE: &str = "```";

/// What is known of the message that grows.
#[derive(Debug, Clone, Default)]
pub(super) struct Growing(Rc<RefCell<State>>);

#[derive(Debug, Clone, Default)]
enum State {
    /// This run has not looked.
    #[default]
    Unknown,
    /// This run has begun it, and the answer does not stand in it yet, as far as is known.
    Begun {
        /// Its time.
        ts: String,
        /// What it says.
        said: String,
    },
    /// It may have been begun: there was no reply that said its time.
    Lost,
    /// There is none, or it is a part of the answer.
    Over,
}

impl<H: Ports> Slack<H> {
    /// Has the message say what there is of an answer. Words that it has said cannot be taken back: where the answer
    /// has others now, it waits for the whole.
    pub(super) async fn grow(
        &self,
        question: &Question,
        place: &Place,
        content: &str,
    ) -> Result<EditOutcome, SendError> {
        let Some(thread) = place.thread.as_deref() else { return Ok(EditOutcome::Missing) };
        let words = said_for_good(content);
        let state = self.growing.0.borrow().clone();
        match state {
            State::Over | State::Lost => Ok(EditOutcome::Missing),
            State::Unknown if words.is_empty() => Ok(EditOutcome::Done),
            State::Unknown => {
                let chunk = Chunk::MarkdownText { text: &words };
                self.begin(question, (place, thread), chunk, &words).await
            }
            State::Begun { ts, said } => {
                let Some(more) = words.strip_prefix(&said).filter(|more| !more.is_empty()) else {
                    return Ok(EditOutcome::Done);
                };
                let appended = self.append(place, &ts, Chunk::MarkdownText { text: more }).await;
                let said = match &appended {
                    Ok(_) => words,
                    Err(error) if did_nothing(error) => said,
                    // Nobody knows whether it says so now: nothing can go on from there.
                    Err(_) => UNKNOWN.to_owned(),
                };
                self.growing.0.replace(State::Begun { ts, said });
                appended.map(|_| EditOutcome::Done)
            }
        }
    }

    /// Has the message say which tools run, or how they went. What a model says after them stands below that, so it is
    /// said from its beginning.
    pub(super) async fn grow_by_step(
        &self,
        question: &Question,
        place: &Place,
        step: &Step,
    ) -> Result<EditOutcome, SendError> {
        let (Some(thread), Some(title)) = (place.thread.as_deref(), title(step, question.language))
        else {
            return Ok(EditOutcome::Missing);
        };
        let status = match step.state {
            StepState::Running => "in_progress",
            StepState::Done => "complete",
            StepState::Failed => "error",
        };
        let chunk = Chunk::TaskUpdate { id: &step.id, title: &title, status };
        let ts = match &mut *self.growing.0.borrow_mut() {
            State::Begun { ts, said } => {
                said.clear();
                Some(ts.clone())
            }
            // The call that follows the tools may have begun one at this moment.
            State::Unknown if step.state == StepState::Running => None,
            State::Unknown | State::Over | State::Lost => return Ok(EditOutcome::Missing),
        };
        match ts {
            Some(ts) => self.append(place, &ts, chunk).await.map(|_| EditOutcome::Done),
            None => self.begin(question, (place, thread), chunk, "").await,
        }
    }

    async fn append(&self, place: &Place, ts: &str, chunk: Chunk<'_>) -> Result<Value, SendError> {
        let call = AppendStream { channel: &place.channel, ts, chunks: [chunk] };
        once(&self.host, &self.settings, &call).await
    }

    async fn begin(
        &self,
        question: &Question,
        (place, thread): (&Place, &str),
        chunk: Chunk<'_>,
        words: &str,
    ) -> Result<EditOutcome, SendError> {
        self.remove_lost(question, place).await;
        let begun = StartStream {
            channel: &place.channel,
            thread_ts: thread,
            recipient_user_id: &place.user,
            recipient_team_id: place.home.as_deref().unwrap_or(&place.team),
            chunks: [chunk],
        };
        let started = once(&self.host, &self.settings, &begun).await;
        let ts = started.as_ref().ok().and_then(|it| it.get("ts")).and_then(Value::as_str);
        let Some(ts) = ts else {
            // Another one would be another message, unless it is known that nothing came of this one.
            let state = match &started {
                Err(error) if did_nothing(error) && error.may_pass() => State::Unknown,
                Err(error) if did_nothing(error) => State::Over,
                Ok(_) | Err(_) => State::Lost,
            };
            self.growing.0.replace(state);
            return started.map(|_| EditOutcome::Missing);
        };
        self.host.remember(&key(question), ts, KEPT_S).await;
        self.growing.0.replace(State::Begun { ts: ts.to_owned(), said: words.to_owned() });
        Ok(EditOutcome::Done)
    }

    /// Makes the message that grows the first of the answer, and returns its time; `None` if there is none, so that the
    /// answer has to be posted. One that a lost run has left is removed.
    ///
    /// # Errors
    /// What leaves open whether it is the answer now.
    ///
    /// # Repeats
    /// Within a run the second message of an answer finds none.
    pub(super) async fn grown(
        &self,
        question: &Question,
        place: &Place,
        (content, asks_nobody): (&dyn Fn() -> Content, bool),
        budget: &mut RateLimitBudget,
    ) -> Result<Option<String>, SendError> {
        let state = self.growing.0.borrow().clone();
        let ts = match state {
            State::Over => return Ok(None),
            State::Unknown => {
                self.growing.0.replace(State::Over);
                self.remove_lost(question, place).await;
                return Ok(None);
            }
            State::Lost => {
                self.growing.0.replace(State::Over);
                self.remove_nameless(question, place).await;
                return Ok(None);
            }
            State::Begun { ts, .. } => ts,
        };
        let channel = place.channel.as_str();
        let scope = super::scope(place);
        let stop = json_request(&self.settings, &StopStream { channel, ts: &ts });
        match call(&self.host, &scope, StopStream::METHOD, &stop, budget).await {
            // One that grew no more already can be changed too.
            Ok(_) | Err(SendError::Refused { .. }) => {}
            Err(error) => return Err(error),
        }
        if !asks_nobody {
            self.growing.0.replace(State::Over);
            self.remove_one(place, &ts).await;
            return Ok(None);
        }
        let update = Update::of(channel, &ts, content());
        let request = json_request(&self.settings, &update);
        match call(&self.host, &scope, Update::METHOD, &request, budget).await {
            Ok(_) => {
                self.growing.0.replace(State::Over);
                Ok(Some(ts))
            }
            Err(SendError::Refused { .. }) => {
                // Removed by somebody, or not to be changed: the answer is posted.
                self.growing.0.replace(State::Over);
                self.remove_one(place, &ts).await;
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Notes which messages are parts of the answer: the one that grew may be one of them, though its reply was lost.
    pub(super) fn note_found(&self, found: &[Candidate]) {
        let mut state = self.growing.0.borrow_mut();
        if matches!(&*state, State::Begun { ts, .. } if found.iter().any(|it| it.id.split(BESIDE).next() == Some(ts)))
        {
            *state = State::Over;
        }
    }

    /// Removes what a run has left that began a message and was lost.
    async fn remove_lost(&self, question: &Question, place: &Place) {
        if place.thread.is_none() {
            return;
        }
        let Some(ts) = self.host.recall(&key(question)).await.filter(|ts| super::super::is_ts(ts))
        else {
            return;
        };
        for message in self.begun(place, &ts).await {
            if text_of(&message, "ts") == Some(&ts) {
                self.remove_one(place, &ts).await;
            }
        }
    }

    /// Removes what grows in the thread of a question, of which nobody knows whose it is.
    async fn remove_nameless(&self, question: &Question, place: &Place) {
        for message in self.begun(place, &super::since(question)).await {
            let grows = text_of(&message, "streaming_state") == Some("in_progress");
            if let Some(ts) = text_of(&message, "ts").filter(|_| grows) {
                self.remove_one(place, ts).await;
            }
        }
    }

    /// Returns the messages of bots since a time that do not say of which job they are: those that do are parts of answers.
    async fn begun(&self, place: &Place, since: &str) -> Vec<Value> {
        let (method, request) = self.page(place, since, "");
        let page = self.tried(method, &request, RateLimitBudget::new(Duration::ZERO)).await;
        let Ok(Value::Object(mut page)) = page else { return Vec::new() };
        let Some(Value::Array(mut messages)) = page.remove("messages") else { return Vec::new() };
        messages.retain(|it| {
            text_of(it, "bot_id").is_some() && it.pointer("/metadata/event_type").is_none()
        });
        messages
    }

    async fn remove_one(&self, place: &Place, ts: &str) {
        let channel = place.channel.as_str();
        let _grows_no_more = once(&self.host, &self.settings, &StopStream { channel, ts }).await;
        let request = json_request(&self.settings, &Delete { channel, ts });
        // A beginning beside the answer is no loss.
        let _removed =
            self.tried(Delete::METHOD, &request, RateLimitBudget::new(Duration::ZERO)).await;
    }
}

fn text_of<'v>(message: &'v Value, field: &str) -> Option<&'v str> {
    message.get(field)?.as_str()
}

/// Says whether it is known that a call did nothing.
fn did_nothing(error: &SendError) -> bool {
    matches!(
        error,
        SendError::Refused { .. } | SendError::Deferred { .. } | SendError::RateLimited { .. }
    )
}

/// Longest title of what tools do, in code points.
///
/// # Source
/// vellum-ai/vellum-assistant#37146: 256 for each text of a chunk.
const MAX_TITLE: usize = 250;

/// Returns what is shown of a round of tools: their names, as the page shows them. A model may call a tool whatever it
/// likes, and only what looks like a name is shown; `None` if nothing does.
fn title(step: &Step, language: Language) -> Option<String> {
    let is_name =
        |name: &&str| name.chars().all(|c| c.is_ascii_alphanumeric() || "_-…".contains(c));
    let names: Vec<&str> = step.tools.iter().map(String::as_str).filter(is_name).collect();
    let title = chats::tools(language, &names, step.state == StepState::Running);
    (!names.is_empty()).then(|| first_chars(&title, MAX_TITLE).to_owned())
}

/// Returns what of a preview is said for good: not that it goes on, not that a block of code ends where it has to go on,
/// and no word with an address.
fn said_for_good(content: &str) -> String {
    let words = content.trim_end().trim_end_matches(MORE).trim_end();
    let words = words.strip_suffix(FENCE).map_or(words, str::trim_end);
    let words = words.split_once(ADDRESS).map_or(words, |(before, _)| {
        before.rsplit_once(char::is_whitespace).map_or("", |(before, _)| before)
    });
    quiet(words)
}

fn key(question: &Question) -> String {
    ["slack:growing:", question.id.as_str()].concat()
}

//! The message that grows in a group while a model writes, and becomes the first of the answer.
//!
//! | effect | what repeating it does |
//! | --- | --- |
//! | the message is begun | another run finds it written down, and goes on with it |
//! | it is written down, one for each job | the first stays; who comes second removes its own |
//! | it is said what it says for good, by the digest of that | only the same words are put there again |
//! | an edit | says the same again |
//!
//! Telegram shows a bot none of its messages. One whose beginning got no reply is known to nobody: it stays as it is, and
//! the answer is another message, as where the reply to an answer is lost.

use core::cell::RefCell;
use std::rc::Rc;

use serde_json::Value;

use super::Ports;
use super::call::{CallError, NOT_MODIFIED, call, json_request};
use super::methods::{Call as _, DeleteMessage, EditMessageText, SendMessage};
use super::place::Place;
use super::transport::{Telegram, scope};
use crate::digest::digest;
use miyabi_core::fault::Fault;
use miyabi_core::ids::Millis;
use miyabi_core::ports::{Rows, Sql, Statement};
use miyabi_core::question::Question;
use miyabi_core::transport::{EditOutcome, Message, RateLimitBudget, SendError};

/// Least time between two edits, in milliseconds.
///
/// # Source
/// core.telegram.org/bots/faq#my-bot-is-hitting-limits: no more than 20 messages a minute in a group.
const PAUSE_MS: u64 = 3_000;

/// How long messages are written down, in milliseconds: longer than any job goes on.
const LIFETIME_MS: u64 = 24 * 60 * 60 * 1000;

/// Where the database did not say which message it is: nothing was sent.
const UNREAD: SendError = SendError::Deferred { operation: "growing", status: 0, code: 0 };

/// What a run knows of the message.
#[derive(Debug, Clone, Default)]
pub(super) struct Growing(Rc<RefCell<Known>>);

#[derive(Debug, Clone, Default)]
struct Known {
    state: State,
    /// Until when the group takes no edit.
    rests_until: Millis,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
enum State {
    /// This run has not looked.
    #[default]
    Unknown,
    /// There was none when this run looked.
    Absent,
    /// It is there, and says so much. After an edit without a response nobody knows what.
    Begun { message: i64, said: Option<String> },
    /// A run before this one has said what it says for good, and perhaps put that there.
    Said,
    /// It is a part of the answer, or nothing is to be done with it.
    Over,
}

/// Returns the statement that reads the message of a job, if there is one.
pub(super) fn lookup(question: &Question) -> Statement {
    Statement {
        name: "growing::lookup",
        sql: "SELECT message, content FROM telegram_growing WHERE job = ?1",
        values: vec![question.id.as_str().into()],
    }
}

/// Deletes what is written down of yesterday's. What fails is left for the next time.
///
/// # Repeats
/// Finds nothing.
pub async fn forget(host: &impl Sql, now: Millis) {
    let delete = Statement {
        name: "growing::forget",
        sql: "DELETE FROM telegram_growing WHERE begun_ms < ?1",
        values: vec![now.0.saturating_sub(LIFETIME_MS).into()],
    };
    drop(host.run(delete).await);
}

impl Growing {
    /// Takes what [`lookup`] has read, where this run knows nothing better.
    pub(super) fn looked_up(&self, rows: &Rows) {
        let mut known = self.0.borrow_mut();
        if matches!(known.state, State::Unknown | State::Absent) {
            let is_said = rows.first().and_then(|row| row.get("content")?.as_str()) != Some("");
            known.state = match message_of(rows) {
                None => State::Absent,
                Some(_) if is_said => State::Said,
                Some(message) => State::Begun { message, said: Some(String::new()) },
            };
        }
    }

    fn state(&self) -> State {
        self.0.borrow().state.clone()
    }

    fn set(&self, state: State) {
        self.0.borrow_mut().state = state;
    }
}

impl<H: Ports> Telegram<H> {
    /// Has the message say what there is of an answer, not oftener than a group takes.
    pub(super) async fn grow(
        &self,
        question: &Question,
        place: Place,
        content: &str,
    ) -> Result<EditOutcome, SendError> {
        if self.host.now() < self.growing.0.borrow().rests_until {
            return Err(SendError::RateLimited { operation: EditMessageText::METHOD });
        }
        if self.growing.state() == State::Unknown {
            let rows = self.host.query(lookup(question)).await.map_err(|_fault| UNREAD)?;
            self.growing.looked_up(&rows);
        }
        let done = match self.growing.state() {
            State::Unknown | State::Said | State::Over => return Ok(EditOutcome::Missing),
            State::Absent => self.begin(question, place, content).await,
            State::Begun { said, .. } if said.as_deref() == Some(content) => Ok(()),
            State::Begun { message, .. } => self.go_on(place, message, content).await,
        };
        let rest_ms = if done.is_ok() { PAUSE_MS } else { 0 };
        let mut known = self.growing.0.borrow_mut();
        known.rests_until = known.rests_until.max(Millis(self.host.now().0 + rest_ms));
        done.map(|()| EditOutcome::Done)
    }

    async fn begin(&self, question: &Question, place: Place, words: &str) -> Result<(), SendError> {
        let request = json_request(&self.settings, &SendMessage::of(place, words));
        let sent = self.try_once(place, SendMessage::METHOD, &request).await;
        let message =
            sent.as_ref().ok().and_then(|it| it.get("message_id")).and_then(Value::as_i64);
        let Some(message) = message else {
            // Another one would be another message, unless it is known that nothing came of this one.
            let nothing =
                matches!(sent, Err(SendError::RateLimited { .. } | SendError::Deferred { .. }));
            self.growing.set(if nothing { State::Absent } else { State::Over });
            return sent.map(drop);
        };
        self.growing.set(match self.write_down(question, message).await {
            Ok(true) => State::Begun { message, said: Some(words.to_owned()) },
            Ok(false) => {
                // Another run has begun one meanwhile.
                self.remove(place, message).await;
                State::Unknown
            }
            Err(_unknown) => {
                // No run that follows would know of it.
                self.remove(place, message).await;
                State::Over
            }
        });
        Ok(())
    }

    async fn go_on(&self, place: Place, message: i64, words: &str) -> Result<(), SendError> {
        let edit = EditMessageText::of((place.chat, message), words);
        let request = json_request(&self.settings, &edit);
        let edited = self.try_once(place, EditMessageText::METHOD, &request).await;
        let said = match &edited {
            // It says what it said.
            Err(SendError::RateLimited { .. } | SendError::Deferred { .. }) => {
                return edited.map(drop);
            }
            Ok(_) | Err(SendError::Refused { .. } | SendError::Expired) => Some(words.to_owned()),
            Err(SendError::NoResponse { .. } | SendError::ServerError { .. }) => None,
        };
        self.growing.set(State::Begun { message, said });
        match edited {
            Err(SendError::Refused { code: NOT_MODIFIED, .. }) => Ok(()),
            edited => edited.map(drop),
        }
    }

    /// Calls a method once, and waits for nothing; where the group has a limit, nothing is edited before that is over.
    async fn try_once(
        &self,
        place: Place,
        method: &'static str,
        request: &miyabi_core::http::Request,
    ) -> Result<Value, SendError> {
        let mut budget = RateLimitBudget::new(crate::breaker::MAX_WAIT);
        let done = call(&self.host, &scope(place.chat), method, request, &mut budget).await;
        if let Some(wait) = budget.due {
            let wait_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
            self.growing.0.borrow_mut().rests_until =
                Millis(self.host.now().0.saturating_add(wait_ms));
        }
        Ok(done?)
    }

    async fn write_down(&self, question: &Question, message: i64) -> Result<bool, Fault> {
        self.host
            .hits(Statement {
                name: "growing::write_down",
                sql: "INSERT INTO telegram_growing (job, message, begun_ms) VALUES (?1, ?2, ?3)
                      ON CONFLICT (job) DO NOTHING RETURNING message",
                values: vec![
                    question.id.as_str().into(),
                    message.unsigned_abs().into(),
                    self.host.now().0.into(),
                ],
            })
            .await
    }

    /// Makes the message that grows the first of the answer, and returns its id; `None` if there is none, so that the
    /// answer has to be sent.
    ///
    /// # Errors
    /// What leaves open whether it is the answer now.
    ///
    /// # Repeats
    /// Edits it again; no other message is put in its place.
    pub(super) async fn grown(
        &self,
        question: &Question,
        place: Place,
        (message, edit): (&Message<'_>, impl Fn(i64) -> EditMessageText),
        budget: &mut RateLimitBudget,
    ) -> Result<Option<String>, CallError> {
        let state = self.growing.state();
        if matches!(state, State::Absent | State::Over) {
            return Ok(None);
        }
        let Some(id) = self.claim(question, message).await.map_err(CallError::Send)? else {
            self.growing.set(State::Over);
            return Ok(None);
        };
        let is_text = message.file.is_none() && message.image.is_none();
        // An edit that is under way would be put over the answer.
        let is_clear = !matches!(state, State::Begun { said: None, .. });
        if is_text && is_clear {
            let scope = &scope(place.chat);
            let request = json_request(&self.settings, &edit(id));
            match call(&self.host, scope, EditMessageText::METHOD, &request, budget).await {
                Ok(_) | Err(CallError::Send(SendError::Refused { code: NOT_MODIFIED, .. })) => {
                    self.growing.set(State::Over);
                    return Ok(Some(id.to_string()));
                }
                // Removed by somebody, or not to be changed: the answer is sent.
                Err(CallError::Send(SendError::Refused { .. }) | CallError::Moved(_)) => {}
                Err(error) => return Err(error),
            }
        }
        self.growing.set(State::Over);
        self.remove(place, id).await;
        Ok(None)
    }

    /// Says what the message says for good, and returns its id: `None` if there is none, or it says something else.
    async fn claim(
        &self,
        question: &Question,
        message: &Message<'_>,
    ) -> Result<Option<i64>, SendError> {
        let place = if message.has_buttons { "last:" } else { "" };
        let claim = Statement {
            name: "growing::claim",
            sql: "UPDATE telegram_growing SET content = ?2
                  WHERE job = ?1 AND content IN ('', ?2) RETURNING message",
            values: vec![
                question.id.as_str().into(),
                digest(&[place, message.content].concat()).into(),
            ],
        };
        let rows = self.host.query(claim).await.map_err(|_fault| UNREAD)?;
        Ok(message_of(&rows))
    }

    /// Removes a message that is no answer. One that stays is no loss of it.
    async fn remove(&self, place: Place, message: i64) {
        let body = DeleteMessage { chat_id: place.chat, message_id: message };
        let request = json_request(&self.settings, &body);
        let _removed = self.try_once(place, DeleteMessage::METHOD, &request).await;
    }
}

fn message_of(rows: &Rows) -> Option<i64> {
    rows.first()?.get("message")?.as_i64()
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;

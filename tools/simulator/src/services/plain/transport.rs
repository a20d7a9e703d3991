//! The program's way to the platform that can only send.

use core::time::Duration;
use std::rc::Rc;

use miyabi_core::fault::Fault;
use miyabi_core::http::HttpError;
use miyabi_core::i18n::{Language, Markup};
use miyabi_core::ports::Statement;
use miyabi_core::question::Question;
use miyabi_core::text::{LengthUnit, split_message};
use miyabi_core::transport::{
    self, Author, Capabilities, EditOutcome, RateLimitBudget, Route, SendError,
};

use super::faults::{self, Ruling};
use super::{LIMIT_UTF16, Message, PLATFORM, Plain};
use crate::base::ids;
use crate::base::marks::{Mark, SECRET};
use crate::base::record::{Invariant, Post};
use crate::base::run::Run;
use crate::base::shared::Fate;
use crate::services::store::Store;

/// Longest wait for one response, in milliseconds.
const TIMEOUT_MS: u64 = 15_000;
/// What a message is named in an error.
const OPERATION: &str = "send";
/// And what a look for the way is.
const ROUTE: &str = "route";

/// The platform, as one run of the program sees it.
#[derive(Debug, Clone)]
pub struct Transport {
    plain: Rc<Plain>,
    store: Rc<Store>,
    run: Run,
}

/// The platform's answer to a message that arrives: its id, or the refusal.
type Answer = Result<String, SendError>;

impl Transport {
    /// Returns the platform for a run.
    pub fn new(plain: &Rc<Plain>, store: &Rc<Store>, run: &Run) -> Self {
        Self { plain: Rc::clone(plain), store: Rc::clone(store), run: run.clone() }
    }

    /// Remembers a long limit for all jobs, as the program's own transports do.
    async fn open_breaker(&self, ruling: Ruling) {
        let Ruling::Limited { wait_ms: Some(wait_ms) } = ruling else { return };
        if wait_ms < 2_000 {
            return;
        }
        let statement = Statement {
            name: "breaker::open",
            sql: "INSERT INTO breakers (scope, closes_at) VALUES (?1, unixepoch() + ?2)
                  ON CONFLICT (scope) DO UPDATE SET closes_at = max(closes_at, excluded.closes_at)",
            values: vec![PLATFORM.into(), (wait_ms / 1000 + 2).into()],
        };
        drop(self.store.batch(&self.run, vec![statement]).await);
    }

    /// Looks at what the program may never send.
    fn check(&self, question: &Question, route: &Route, message: &transport::Message<'_>) {
        let (shared, content) = (&self.run.shared, message.content);
        let is_known_way = matches!(route, Route::Shared { way } if way == chat_of(question));
        let length = content.encode_utf16().count();
        let is_ours = message.author == Author::Assistant && message.file.is_none();
        if !is_known_way || !is_ours || length == 0 || length > LIMIT_UTF16 {
            let what = format!("a plain message of {length} units by {route:?} is not possible");
            shared.violate(Invariant::Sane, what);
        }
        if content.contains(SECRET) {
            shared.violate(Invariant::Silent, "a plain message shows a secret".to_owned());
        }
    }

    /// Reports a call that the platform does not have.
    fn lacks(&self, what: &str) -> SendError {
        let name = &self.run.actor.name;
        let what = format!("{name} wants to {what} where that is not possible");
        self.run.shared.violate(Invariant::Sane, what);
        SendError::Refused { operation: "none", status: 405, code: 0 }
    }

    /// Notes that a message is sent, and returns its number among the posts.
    fn note(&self, ask: Option<usize>, content: &str, ruling: Ruling) -> usize {
        let (actor, shared) = (&self.run.actor, &self.run.shared);
        let mut record = shared.record.borrow_mut();
        record.posts.push(Post {
            marks: Mark::all(content),
            channel: None,
            ask,
            sent_ms: shared.executor.now(),
            landed_ms: None,
            attempt_began_ms: actor.attempt_began_ms.get(),
            sender: Rc::clone(actor),
            message_id: None,
            hidden_by: ruling.hides_outcome(),
        });
        record.posts.len() - 1
    }
}

impl Plain {
    /// Returns whether whoever asked a question lets the program send nothing any more.
    fn is_blocked_by(&self, ask: Option<usize>) -> bool {
        let (state, now_ms) = (self.state.borrow(), self.shared.executor.now());
        let asker = ask.and_then(|ask| state.askers.get(&ask));
        asker.is_none_or(|asker| asker.blocks(now_ms))
    }

    /// Takes a message that arrives.
    fn take(&self, message: Message) -> Answer {
        let now_ms = self.shared.executor.now();
        let mut state = self.state.borrow_mut();
        let asker = state.askers.get(&message.ask);
        let is_answer = Mark::all(&message.content).iter().any(|mark| mark.is_answer());
        let is_refused =
            asker.is_none_or(|asker| asker.blocks(now_ms) || (asker.is_refused && is_answer));
        if is_refused {
            return Err(SendError::Refused { operation: OPERATION, status: 403, code: 1 });
        }
        let post = message.post;
        state.messages.push(message);
        let id = format!("plain-{}", state.messages.len());
        let mut record = self.shared.record.borrow_mut();
        if let Some(post) = post.and_then(|post| record.posts.get_mut(post)) {
            post.landed_ms = Some(now_ms);
            post.message_id = Some(id.clone());
        }
        Ok(id)
    }
}

/// Returns the chat of a question.
fn chat_of(question: &Question) -> &str {
    &question.place
}

fn no_response(source: HttpError) -> SendError {
    SendError::NoResponse { operation: OPERATION, source }
}

/// Returns the ways of a message and of its response.
fn fate(run: &Run, ruling: Ruling) -> (Fate, u64) {
    let usual = run.shared.usual(120);
    let served = |is_served: bool| usual.arrives_ms.filter(|_| is_served);
    let silent = |arrives_ms: Option<u64>| Fate { arrives_ms, returns_ms: None };
    match ruling {
        Ruling::Serve => (usual, TIMEOUT_MS),
        Ruling::Limited { .. } | Ruling::Deferred => {
            (Fate { arrives_ms: None, ..usual }, TIMEOUT_MS)
        }
        Ruling::Broken { is_served } => {
            (Fate { arrives_ms: served(is_served), ..usual }, TIMEOUT_MS)
        }
        Ruling::Silence { is_served } => (silent(served(is_served)), TIMEOUT_MS),
        Ruling::Late => {
            let arrives_ms = TIMEOUT_MS + run.shared.rng.within(500..=40_000);
            (silent(Some(arrives_ms)), TIMEOUT_MS)
        }
        Ruling::Lost { is_served } => {
            let lost_ms = run.shared.rng.within(10..=600);
            let arrives_ms = served(is_served);
            (silent(arrives_ms), lost_ms.max(arrives_ms.unwrap_or(0) + 1))
        }
    }
}

/// Returns what the program hears.
fn heard(ruling: Ruling, answer: Option<Answer>, budget: &mut RateLimitBudget) -> Answer {
    match ruling {
        Ruling::Serve => answer.unwrap_or_else(|| Err(no_response(HttpError::Timeout))),
        Ruling::Limited { wait_ms } => {
            let wait = budget.wait(wait_ms.map(Duration::from_millis));
            budget.take(wait);
            Err(SendError::RateLimited { operation: OPERATION })
        }
        Ruling::Deferred => Err(SendError::Deferred { operation: OPERATION, status: 409, code: 0 }),
        Ruling::Broken { .. } => {
            Err(SendError::ServerError { operation: OPERATION, status: 502, code: 0 })
        }
        Ruling::Silence { .. } | Ruling::Late => Err(no_response(HttpError::Timeout)),
        Ruling::Lost { .. } => Err(no_response(HttpError::Lost)),
    }
}

impl Markup for Transport {
    fn date(&self, unix_s: u64, _language: Language) -> String {
        unix_s.to_string()
    }

    fn time(&self, unix_s: u64, _language: Language) -> String {
        unix_s.to_string()
    }
}

impl transport::Transport for Transport {
    fn name(&self) -> &'static str {
        PLATFORM
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::sending_only(LIMIT_UTF16, LengthUnit::Utf16Units)
    }

    fn render(&self, _author: Author, text: &str) -> Vec<String> {
        split_message(text, LIMIT_UTF16, LengthUnit::Utf16Units)
    }

    async fn route(&self, question: &Question) -> Result<Route, Fault> {
        let ruling = faults::rule_route(&self.run);
        let (fate, patience_ms) = fate(&self.run, ruling);
        let ask = ids::number(question.id.as_str());
        let plain = Rc::clone(&self.plain);
        let is_blocked = self.run.call(fate, patience_ms, move || plain.is_blocked_by(ask)).await;
        self.run.note("route", || format!("{ruling:?}, blocked: {is_blocked:?}"));
        let error = match ruling {
            Ruling::Serve if is_blocked == Some(false) => {
                return Ok(Route::Shared { way: chat_of(question).to_owned() });
            }
            Ruling::Serve => SendError::Refused { operation: ROUTE, status: 403, code: 1 },
            Ruling::Limited { .. } | Ruling::Deferred => {
                SendError::Deferred { operation: ROUTE, status: 429, code: 0 }
            }
            Ruling::Broken { .. } => {
                SendError::ServerError { operation: ROUTE, status: 502, code: 0 }
            }
            Ruling::Silence { .. } | Ruling::Late => {
                SendError::NoResponse { operation: ROUTE, source: HttpError::Timeout }
            }
            Ruling::Lost { .. } => {
                SendError::NoResponse { operation: ROUTE, source: HttpError::Lost }
            }
        };
        Err(error.into())
    }

    fn scope(&self, _route: &Route) -> String {
        String::new()
    }

    async fn send(
        &self,
        question: &Question,
        route: &Route,
        message: &transport::Message<'_>,
        budget: &mut RateLimitBudget,
    ) -> Result<String, SendError> {
        self.check(question, route, message);
        let (run, content) = (&self.run, message.content.to_owned());
        let ask = ids::number(question.id.as_str());
        let marks: Vec<String> = Mark::all(&content).iter().map(|mark| mark.word()).collect();
        let what = format!("send for question {} {}", ask.unwrap_or(usize::MAX), marks.join(" "));
        let ruling = faults::rule(run, &what);
        let post = self.note(ask, &content, ruling);
        let (fate, patience_ms) = fate(run, ruling);
        let chat = chat_of(question).to_owned();
        let arriving = Message { chat, ask: ask.unwrap_or(usize::MAX), content, post: Some(post) };
        let (plain, inner, told) = (Rc::clone(&self.plain), run.clone(), what.clone());
        let act = move || {
            let answer = plain.take(arriving);
            inner.note("plain", || format!("{told} → {answer:?}"));
            answer
        };
        let answer = run.call(fate, patience_ms, act).await;
        let heard = heard(ruling, answer, budget);
        self.open_breaker(ruling).await;
        run.note("heard", || format!("{what} → {heard:?}"));
        heard
    }

    async fn retract(&self, _question: &Question, _message_id: &str) -> Result<(), SendError> {
        Err(SendError::Refused { operation: OPERATION, status: 405, code: 0 })
    }

    async fn edit(
        &self,
        _question: &Question,
        _message: &transport::Message<'_>,
    ) -> Result<EditOutcome, SendError> {
        Err(self.lacks("edit"))
    }

    async fn edit_once(
        &self,
        _question: &Question,
        _content: &str,
    ) -> Result<EditOutcome, SendError> {
        Err(self.lacks("edit"))
    }

    async fn remove(&self, _question: &Question) -> Result<(), SendError> {
        Err(self.lacks("remove"))
    }
}

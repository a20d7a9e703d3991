//! Carries a request to a messenger and its reply back, and notes in the record what was sent.

use std::rc::Rc;

use miyabi_channels::digest::digest;
use miyabi_core::http::{HttpError, Request, Response};
use serde_json::{Value, json};

use super::apis::Call;
use super::faults::{self, Ruling};
use super::places::chat_of_slack;
use super::{Message, Plain};
use crate::base::ids;
use crate::base::marks::{Mark, SECRET};
use crate::base::messenger::Messenger;
use crate::base::record::Invariant;
use crate::base::run::Run;

impl Plain {
    /// Sends a request through the world to the messenger.
    ///
    /// # Errors
    /// As the world wants it: no answer, or a connection that breaks.
    pub async fn send(
        self: &Rc<Self>,
        run: &Run,
        request: &Request,
    ) -> Result<Response, HttpError> {
        let call = Call::read(request);
        let (ask, content) = (self.asked(run, &call), call.content());
        let marks: Vec<String> = Mark::all(&content).iter().map(|mark| mark.word()).collect();
        let what = format!("{} for question {ask:?} {}", call.method, marks.join(" "));
        if content.contains(SECRET) {
            let what = format!("{what} shows a secret");
            run.shared.violate(Invariant::Silent, what);
        }
        let ruling = faults::rule(run, &what);
        let grows = grows(run, &call);
        let is_post = call.is_post() && !grows;
        if ruling != Ruling::Serve && is_post {
            run.shared.struck(format!("{} at {:?}", ruling.word(), call.messenger));
        }
        let post = is_post.then(|| faults::note(run, ask, &content, ruling));
        let (fate, patience_ms) = faults::fate(run, ruling);
        let instead = call.instead(ruling);
        let (plain, inner, told) = (Rc::clone(self), run.clone(), what.clone());
        let act = move || {
            let reply = plain.serve(&call, (ask, post), grows);
            inner.note("messenger", || format!("{told} → {}", reply.body));
            reply
        };
        let replied = run.call(fate, patience_ms, act).await;
        let heard = if matches!(ruling, Ruling::Lost { .. }) {
            Err(HttpError::Lost)
        } else if fate.returns_ms.is_none() {
            Err(HttpError::Timeout)
        } else {
            instead.or(replied).ok_or(HttpError::Timeout)
        };
        run.note("heard", || {
            format!("{what} → {:?}", heard.as_ref().map(|response| response.status))
        });
        heard
    }

    /// Returns the number of the question that a call is about.
    fn asked(&self, run: &Run, call: &Call) -> Option<usize> {
        let of_chat = || {
            let (state, chat) = (self.state.borrow(), chat_of(call));
            let mut askers = state.askers.iter().rev();
            // In a group of Telegram the question is named.
            let reply = reply_of(call);
            askers
                .find(|(ask, asker)| {
                    asker.chat == chat && reply.is_none_or(|message| message == **ask + 1)
                })
                .map(|(ask, _)| *ask)
        };
        run.actor.ask.or_else(|| ids::number(call.job())).or_else(of_chat)
    }

    /// Does what a call wants.
    fn serve(
        &self,
        call: &Call,
        (ask, post): (Option<usize>, Option<usize>),
        grows: bool,
    ) -> Response {
        match call.messenger {
            Messenger::Telegram => self.serve_telegram(call, (ask, post), grows),
            Messenger::Slack => self.serve_slack(call, (ask, post), grows),
            Messenger::WhatsApp | Messenger::Plain => self.serve_whatsapp(call, (ask, post)),
        }
    }

    fn serve_telegram(
        &self,
        call: &Call,
        (ask, post): (Option<usize>, Option<usize>),
        grows: bool,
    ) -> Response {
        let named = call.word("/message_id");
        match call.method.as_str() {
            "sendMessage" | "sendDocument" | "sendPhoto" => {
                let message = message(call, (ask, post), grows);
                match self.take(message, |number| number.to_string()) {
                    Some(number) => call.done(json!({ "message_id": number })),
                    None => call.refused(),
                }
            }
            "editMessageText" => {
                if self.change(&named, call, post) {
                    call.done(json!({ "message_id": call.body.get("message_id") }))
                } else {
                    call.missing()
                }
            }
            "deleteMessage" => {
                if self.remove(&named) {
                    call.done(json!(true))
                } else {
                    call.missing()
                }
            }
            _ => call.done(json!(true)),
        }
    }

    fn serve_slack(
        &self,
        call: &Call,
        (ask, post): (Option<usize>, Option<usize>),
        grows: bool,
    ) -> Response {
        let named = call.text("/ts").to_owned();
        match call.method.as_str() {
            "chat.postMessage" | "chat.startStream" => {
                let now_s = self.shared.executor.now() / 1_000;
                let ts = |number| format!("{now_s}.{number:06}");
                match self.take(message(call, (ask, post), grows), ts) {
                    Some(number) => call.done(json!({ "ts": ts(number) })),
                    None => call.refused(),
                }
            }
            "conversations.replies" | "conversations.history" => {
                let (chat, oldest) = (chat_of(call), call.text("/oldest"));
                let state = self.state.borrow();
                let here = state.messages.iter().filter(|message| {
                    message.chat == chat && !message.id.is_empty() && message.id.as_str() >= oldest
                });
                let messages: Vec<Value> = here.map(shown).collect();
                call.done(json!({ "messages": messages }))
            }
            "chat.delete" => {
                if self.remove(&named) {
                    call.done(json!({}))
                } else {
                    call.missing()
                }
            }
            "chat.update" => {
                if self.change(&named, call, post) {
                    call.done(json!({}))
                } else {
                    call.missing()
                }
            }
            "chat.appendStream" | "chat.stopStream" => {
                let mut state = self.state.borrow_mut();
                let Some(message) = state.of_id(&named) else { return call.missing() };
                if call.method == "chat.appendStream" {
                    message.content.push_str(&call.content());
                } else {
                    message.keep("streaming_state", json!("completed"));
                }
                call.done(json!({}))
            }
            _ => call.done(json!({})),
        }
    }

    fn serve_whatsapp(&self, call: &Call, (ask, post): (Option<usize>, Option<usize>)) -> Response {
        if call.method == "media" {
            let mut state = self.state.borrow_mut();
            state.files.push(call.file.clone());
            return call.done(json!({ "id": state.files.len().to_string() }));
        }
        if !call.is_post() {
            return call.done(json!({ "success": true }));
        }
        // An image without words is neither an answer nor a sentence.
        let is_image = call.content().is_empty() && call.body.get("image").is_some();
        let mut message = message(call, (ask, post), is_image);
        if let Ok(number) = call.text("/document/id").parse::<usize>() {
            let state = self.state.borrow();
            let file = number.checked_sub(1).and_then(|number| state.files.get(number));
            message.content.push_str(file.map(String::as_str).unwrap_or_default());
        }
        let wamid = |number| format!("wamid.{number}");
        match self.take(message, |number| digest(&wamid(number))) {
            Some(number) => {
                self.tell_of(&digest(&wamid(number)), call.text("/biz_opaque_callback_data"), 0);
                call.done(json!({ "messages": [{ "id": wamid(number) }] }))
            }
            None => call.refused(),
        }
    }

    /// Has Meta tell of a message, until the program has taken it.
    fn tell_of(&self, message: &str, tag: &str, tries: u64) {
        /// Meta gives up after days; here after so many tries, when no fault comes any more.
        const MAX_TRIES: u64 = 80;
        let shared = Rc::clone(&self.shared);
        let pause_ms = if tries == 0 { 0 } else { 10_000 };
        let at_ms = shared.executor.now() + pause_ms + shared.rng.within(200..=3_000);
        let (message, tag) = (message.to_owned(), tag.to_owned());
        self.shared.executor.at(at_ms, move || {
            if let Some(hooks) = shared.hooks().filter(|_| tries < MAX_TRIES) {
                hooks.told_of(&message, &tag, tries);
            }
        });
    }

    /// Meta tells of a message once more: the program has not taken it.
    pub fn tell_again(&self, message: &str, tag: &str, tries: u64) {
        self.tell_of(message, tag, tries + 1);
    }

    /// Has a message say something else, and returns whether it is there. As a part of an answer it grows no more.
    fn change(&self, id: &str, call: &Call, post: Option<usize>) -> bool {
        let mut state = self.state.borrow_mut();
        let Some(message) = state.of_id(id) else { return false };
        message.content = call.content();
        message.kept = call.body.clone();
        if post.is_some() {
            (message.post, message.is_preview) = (post, false);
        }
        drop(state);
        self.landed(post, id);
        true
    }

    fn remove(&self, id: &str) -> bool {
        let mut state = self.state.borrow_mut();
        let before = state.messages.len();
        state.messages.retain(|message| message.id != id);
        state.messages.len() < before
    }
}

/// Returns whether a call shows what there is of an answer that is still written.
fn grows(run: &Run, call: &Call) -> bool {
    match call.messenger {
        Messenger::Telegram => run.actor.step.borrow().starts_with("think"),
        Messenger::Slack => call.method == "chat.startStream",
        Messenger::WhatsApp | Messenger::Plain => false,
    }
}

/// Returns the message of a call.
fn message(call: &Call, (ask, post): (Option<usize>, Option<usize>), grows: bool) -> Message {
    let mut message = Message {
        chat: chat_of(call),
        ask: ask.unwrap_or(usize::MAX),
        content: call.content(),
        post,
        id: String::new(),
        is_preview: grows,
        kept: call.body.clone(),
    };
    if grows {
        message.keep("streaming_state", json!("in_progress"));
    }
    message
}

/// Returns a message as Slack shows it.
fn shown(message: &Message) -> Value {
    json!({
        "ts": message.id, "bot_id": "B1", "metadata": message.kept.get("metadata"),
        "streaming_state": message.kept.get("streaming_state"),
    })
}

/// Returns what tells the chat of a call from others.
fn chat_of(call: &Call) -> String {
    match call.messenger {
        Messenger::Telegram => call.word("/chat_id"),
        Messenger::Slack => {
            let thread = match call.method.as_str() {
                "conversations.replies" => call.text("/ts"),
                _ => call.text("/thread_ts"),
            };
            chat_of_slack(call.text("/channel"), Some(thread).filter(|thread| !thread.is_empty()))
        }
        Messenger::WhatsApp | Messenger::Plain => call.word("/to"),
    }
}

/// Returns the message that a message of Telegram replies to.
fn reply_of(call: &Call) -> Option<usize> {
    let reply = call.body.get("reply_parameters")?;
    let parsed = reply.as_str().and_then(|text| serde_json::from_str::<Value>(text).ok());
    let message = parsed.as_ref().unwrap_or(reply).get("message_id")?.as_u64()?;
    usize::try_from(message).ok()
}

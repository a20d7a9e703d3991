//! Vendors of models: chat to a vendor's JSON, and back.
//!
//! | File | What is there |
//! | --- | --- |
//! | `chat.rs` | requests of Chat Completions: Workers AI, and most vendors over HTTP |
//! | `anthropic.rs`, `gemini.rs` | requests of these two; `turns.rs` is what they share |
//! | `decode.rs` | responses of every family, whichever vendor sends them |
//! | `stream.rs` | the same, as they arrive piece by piece |
//! | `leak.rs` | text that is not for people: reasoning, tokens, tool calls |
//! | `refusal.rs`, `workers_ai.rs` | what errors mean |
//!
//! The loop above never sees a vendor's words. A new vendor is a row of
//! [`miyabi_core::config::models::VENDORS`] if it speaks one of these languages, and a file here if not.

mod anthropic;
mod chat;
mod decode;
mod gemini;
mod leak;
mod refusal;
mod stream;
mod turns;
pub mod workers_ai;

use core::cell::RefCell;
use core::pin::pin;
use core::time::Duration;

use futures::future::{Either, select};
use serde_json::{Map, Value};

use crate::tools::Tool;
use crate::{Completion, Failure, Message};
use miyabi_core::config::models::{Model, Wire};
use miyabi_core::fault::Class;
use miyabi_core::http;
use miyabi_core::http::Method;
use miyabi_core::json;
use miyabi_core::json::object;
use miyabi_core::ports::{Ai, Clock, Http};
use miyabi_core::text::contains;

/// Whether a model call offers tools.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offer {
    /// All of [`Tool::ALL`].
    Tools,
    /// None: the model can only answer.
    Nothing,
}

/// One model call.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The chat so far.
    pub messages: &'a [Message],
    /// Tools that the model may call.
    pub offer: Offer,
    /// Longest completion, in tokens.
    pub max_tokens: u32,
    /// Whether a model without capacity refuses at once, instead of letting the call wait.
    pub rejects_if_busy: bool,
    /// Whether the answer is to arrive piece by piece; see [`can_stream`].
    pub streams: bool,
    /// Longest wait for the whole completion.
    pub timeout: Duration,
}

/// Families of Workers AI that call tools in a stream; of the others some write the call as text.
const STREAMS_CALLS: [&str; 7] =
    ["qwen3", "glm-", "kimi-", "gemma-4", "gpt-oss", "nemotron", "deepseek-v4"];

/// Returns whether a call of this kind may arrive piece by piece.
pub fn can_stream(model: &Model, offer: Offer) -> bool {
    model.vendor.wire != Wire::Binding
        || offer == Offer::Nothing
        || STREAMS_CALLS.iter().any(|family| contains(&model.name, family))
}

/// Runs one model call and returns what the model said.
///
/// While a stream arrives, `grow` is called with the whole text so far, without what is not meant for
/// people; not for every piece, once the text is long.
///
/// # Errors
/// See [`Class`]; no failure is repeated here. What a stream reported before it failed is in
/// [`Failure::usage`].
///
/// # Repeats
/// Costs again; has no other effect.
pub async fn complete(
    host: &(impl Ai + Http + Clock),
    model: &Model,
    request: &Request<'_>,
    grow: &dyn Fn(&str),
) -> Result<Completion, Failure> {
    let reader = RefCell::new(stream::Reader::default());
    let pieces = |piece: &[u8]| {
        let mut reader = reader.borrow_mut();
        reader.push(piece);
        if let Some(text) = reader.grown().filter(|_| request.streams) {
            grow(&text);
        }
    };
    let came = match model.vendor.wire {
        Wire::Binding => by_binding(host, model, request, &pieces).await,
        Wire::Chat | Wire::Anthropic | Wire::Gemini => by_http(host, model, request, &pieces).await,
    };
    let reader = reader.into_inner();
    // Not `came` first: a connection that broke after the end lost nothing, and one that broke before
    // it left word of what was used.
    let reading = if reader.has_begun() {
        reader.finish()
    } else {
        let came = came?;
        let is_empty = came.as_str().is_some_and(|text| text.trim().is_empty());
        if request.streams && is_empty {
            // A stream that broke off before its first event.
            Err(Failure::new(Class::Truncated, 0))
        } else {
            decode::read(&came)
        }
    };
    let mut said = reading.and_then(|reading| {
        reading.into_completion(&Tool::ALL.map(Tool::name), request.max_tokens)
    });
    if model.vendor.wire != Wire::Binding {
        // Nobody else bills by them.
        match &mut said {
            Ok(completion) => completion.usage.neurons_milli = None,
            Err(failure) => failure.usage.neurons_milli = None,
        }
    }
    said
}

async fn by_binding(
    host: &(impl Ai + Clock),
    model: &Model,
    request: &Request<'_>,
    pieces: &dyn Fn(&[u8]),
) -> Result<Value, Failure> {
    let mut options = Body::default();
    if let Some(gateway) = &model.gateway {
        options.add("gateway", object([("id", gateway.id.as_str().into())]));
    }
    if request.rejects_if_busy {
        options.add("rejectIfBusy", true.into());
    }
    let (inputs, options) = (chat::encode(model, request), options.into_json());
    let run = pin!(host.run(&model.name, &inputs, &options, pieces));
    match select(run, pin!(host.sleep(request.timeout))).await {
        Either::Left((result, _)) => {
            result.map_err(|code| Failure::new(workers_ai::classify(code), code))
        }
        Either::Right(_) => Err(Failure::new(Class::Transient, 0)),
    }
}

async fn by_http(
    host: &impl Http,
    model: &Model,
    request: &Request<'_>,
    pieces: &dyn Fn(&[u8]),
) -> Result<Value, Failure> {
    let outgoing = outgoing(model, request);
    let response = host.stream(&outgoing, pieces).await;
    let response = response.map_err(|_no_response| Failure::new(Class::Transient, 0))?;
    let parsed = json::parse(&response.body);
    if !response.is_success() {
        return refusal::read(&response, parsed);
    }
    match parsed {
        Some(value) => Ok(value),
        None if stream::is_stream(&response.body) => Ok(response.body.into()),
        None => Err(Failure::new(Class::Transient, response.status.into())),
    }
}

/// Returns the HTTP request of a model call. It holds the vendor's key: never log it.
///
/// # Source
/// `OpenAI` API reference/Chat; Anthropic API/Messages; Gemini API/`models.generateContent`; Cloudflare
/// Docs/AI Gateway/Authenticated Gateway; read 2026-11-21.
fn outgoing(model: &Model, request: &Request<'_>) -> http::Request {
    let (path, (header, scheme), body) = match model.vendor.wire {
        Wire::Anthropic => {
            ("/messages".to_owned(), ("x-api-key", ""), anthropic::encode(model, request))
        }
        Wire::Gemini => {
            let method =
                if request.streams { ":streamGenerateContent?alt=sse" } else { ":generateContent" };
            let path = ["/models/", &model.name, method].concat();
            // In a header and not in the URL, which others log.
            (path, ("x-goog-api-key", ""), gemini::encode(model, request))
        }
        Wire::Binding | Wire::Chat => (
            "/chat/completions".to_owned(),
            ("authorization", "Bearer "),
            chat::encode(model, request),
        ),
    };
    let url = [model.base.as_str(), &path].concat();
    let mut outgoing = http::Request::new(Method::Post, url, request.timeout);
    if let Some(key) = &model.key {
        outgoing = outgoing.header(header, [scheme, key.reveal()].concat());
    }
    if model.vendor.wire == Wire::Anthropic {
        outgoing = outgoing.header("anthropic-version", "2023-06-01".to_owned());
    }
    if let Some(token) = model.gateway.as_ref().and_then(|gateway| gateway.token.as_ref()) {
        outgoing = outgoing.header("cf-aig-authorization", ["Bearer ", token.reveal()].concat());
    }
    outgoing.json(&body)
}

/// A JSON object that grows field by field: one function for all of them.
#[derive(Default)]
struct Body(Map<String, Value>);

impl Body {
    fn add(&mut self, name: &str, value: Value) {
        self.0.insert(name.to_owned(), value);
    }

    fn into_json(self) -> Value {
        self.0.into()
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;

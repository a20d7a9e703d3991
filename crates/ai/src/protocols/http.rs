//! Sending a model request over HTTP, for the protocols that use it.

use core::time::Duration;

use super::{ModelReply, ModelRequest, anthropic, gateway, gemini, openai_chat, wire};
use crate::Failure;
use miyabi_core::config::models::{ApiProtocol, Model};
use miyabi_core::fault::Class;
use miyabi_core::http::{Method, Request, Response};
use miyabi_core::ports::Http;

/// What a protocol sends, without what all of them have in common.
pub(super) struct Call {
    /// Path and query after the base URL.
    pub(super) path: String,
    /// Header with the key.
    pub(super) key_header: &'static str,
    /// What stands before the key.
    pub(super) key_scheme: &'static str,
    /// Further headers.
    pub(super) headers: &'static [(&'static str, &'static str)],
    /// JSON body.
    pub(super) body: serde_json::Value,
}

/// Sends a request and returns the reply, if it came as one document and not as a stream.
///
/// # Errors
/// The failure that the response is, or [`Class::Transient`] without a response.
///
/// # Repeats
/// Costs again; has no other effect.
pub(super) async fn send(
    host: &impl Http,
    model: &Model,
    request: &ModelRequest<'_>,
    on_chunk: &dyn Fn(&[u8]),
) -> Result<ModelReply, Failure> {
    let outgoing = encode(model, request);
    let response = host.stream(&outgoing, on_chunk).await;
    read(
        model.vendor.protocol,
        &response.map_err(|_no_response| Failure::new(Class::Transient, 0))?,
    )
}

/// Reads a response, whatever its status. What is no JSON is a proxy's page.
///
/// # Errors
/// The failure that it is; [`Class::Transient`] for a success of another shape.
fn read(protocol: ApiProtocol, response: &Response) -> Result<ModelReply, Failure> {
    let status = response.status.into();
    let body = wire::read_json(&response.body).unwrap_or_default();
    if response.is_success() {
        let reply = match protocol {
            ApiProtocol::Anthropic => anthropic::read(&body),
            ApiProtocol::Gemini => gemini::read(&body),
            ApiProtocol::OpenAiChat | ApiProtocol::WorkersAi => openai_chat::read(&body),
        };
        return reply.unwrap_or_else(|| Err(Failure::new(Class::Transient, status)));
    }
    let refused = match gateway::read_error(&body) {
        Some(failure) => Err(failure),
        None => match protocol {
            ApiProtocol::Anthropic => Err(anthropic::read_error(status, &body)),
            ApiProtocol::Gemini => Err(gemini::read_error(status, &body)),
            ApiProtocol::OpenAiChat | ApiProtocol::WorkersAi => {
                openai_chat::read_error(status, &body)
            }
        },
    };
    refused.map_err(|failure| Failure { after: retry_after(response).or(failure.after), ..failure })
}

/// Returns the HTTP request of a model request. It holds the vendor's key: never log it.
///
/// # Source
/// Cloudflare Docs/AI Gateway/Authenticated Gateway, read 2026-11-21.
pub(super) fn encode(model: &Model, request: &ModelRequest<'_>) -> Request {
    let call = match model.vendor.protocol {
        ApiProtocol::Anthropic => anthropic::encode(model, request),
        ApiProtocol::Gemini => gemini::encode(model, request),
        ApiProtocol::OpenAiChat | ApiProtocol::WorkersAi => openai_chat::encode(model, request),
    };
    let url = format!("{}{}", model.base, call.path);
    let mut outgoing = Request::new(Method::Post, url, request.timeout);
    if let Some(key) = &model.key {
        outgoing = outgoing.header(call.key_header, format!("{}{}", call.key_scheme, key.reveal()));
    }
    for (name, value) in call.headers {
        outgoing = outgoing.header(name, (*value).to_owned());
    }
    if let Some(token) = model.gateway.as_ref().and_then(|gateway| gateway.token.as_ref()) {
        outgoing = outgoing.header("cf-aig-authorization", format!("Bearer {}", token.reveal()));
    }
    outgoing.json(&call.body)
}

/// Returns the wait that the header `retry-after` names in seconds.
fn retry_after(response: &Response) -> Option<Duration> {
    response.header("retry-after").and_then(whole_seconds)
}

/// Returns the seconds that a text begins with, rounded up: `17.4s` is 18 seconds.
pub(super) fn whole_seconds(text: &str) -> Option<Duration> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, rest) = text.split_at_checked(end)?;
    let seconds: u64 = number.parse().ok()?;
    Some(Duration::from_secs(seconds.saturating_add(rest.starts_with('.').into())))
}

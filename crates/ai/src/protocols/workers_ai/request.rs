//! Requests of Workers AI: the inputs and the options of a run.

use serde::Serialize;
use serde_json::{Value, json};

use crate::protocols::ModelRequest;
use crate::protocols::openai_chat::{self, Chat, ChatMessage, Tool};
use miyabi_core::config::models::Model;

/// The inputs of a run. Messages and tools are those of Chat Completions, which every model takes.
#[derive(Serialize)]
struct Inputs<'a> {
    messages: Vec<ChatMessage<'a>>,
    /// Never left out: the default is 256 tokens.
    max_tokens: u32,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<Tool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream: Option<bool>,
}

/// The options of a run.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Options<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    gateway: Option<Gateway<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reject_if_busy: Option<bool>,
}

#[derive(Serialize)]
struct Gateway<'a> {
    id: &'a str,
}

/// Returns the inputs of a run.
///
/// A stream tells its usage without being asked, and the native models refuse fields that they do not
/// know.
///
/// # Shape
/// `{"max_tokens":1024,"messages":[{"content":"…","role":"system"},…],"tools":[…]}`
///
/// # Source
/// The models' published input schemas, npm `@cloudflare/workers-types`, read 2026-11-20.
pub(super) fn inputs(model: &Model, request: &ModelRequest<'_>) -> Value {
    let profile = openai_chat::profile_of(model.vendor.name, &model.name);
    let Chat { messages, tools, .. } = openai_chat::chat(profile, request);
    json!(Inputs {
        messages,
        max_tokens: request.max_tokens,
        tools,
        stream: request.streams.then_some(true),
    })
}

/// Returns the options of a run.
///
/// # Source
/// workerd, `src/cloudflare/internal/ai-api.ts`, read 2026-11-20.
pub(super) fn options(model: &Model, request: &ModelRequest<'_>) -> Value {
    json!(Options {
        gateway: model.gateway.as_ref().map(|gateway| Gateway { id: &gateway.id }),
        reject_if_busy: request.rejects_if_busy.then_some(true),
    })
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;

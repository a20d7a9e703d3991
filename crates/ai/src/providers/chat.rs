//! Requests of Chat Completions: the inputs of Workers AI, and the bodies of most vendors.

use serde_json::Value;

use super::turns::{declare, plain};
use super::{Body, Offer, Request};
use crate::tools::Tool;
use crate::{Message, ToolCall};
use miyabi_core::config::models::{Model, Wire};
use miyabi_core::json;
use miyabi_core::json::object;

/// Returns the inputs or the body of a model call.
///
/// Tools are in the form `{"type":"function","function":{…}}`: the schemas of Workers AI's native
/// models (llama, mistral, qwen3-30b, …) take it beside their flat form, and every other model takes
/// nothing else. `content` is always a string, since the native models and `DeepSeek` refuse null and
/// arrays. `max_tokens` is always there: Workers AI's default is 256. `OpenAI` has renamed it, and its
/// reasoning models refuse the old name. Without tools there is no `tools` key at all, which is the
/// only way to stop a llama that calls.
///
/// A stream over HTTP has to be asked for its usage; Workers AI tells it anyway, and its native models
/// refuse keys that they do not know.
///
/// # Shape
/// `{"max_tokens":1024,"messages":[{"content":"…","role":"system"},…],"tools":[…]}`: the keys of
/// every object are sorted, so the same chat is the same bytes, as prompt caches want it.
///
/// # Source
/// The models' published input schemas, npm `@cloudflare/workers-types`, read 2026-11-20; `OpenAI` API
/// reference/Chat, Groq/API reference, `DeepSeek` API/Chat, Hugging Face/Inference Providers,
/// Ollama/OpenAI compatibility and vLLM/OpenAI-compatible server, read 2026-11-21.
pub(super) fn encode(model: &Model, request: &Request<'_>) -> Value {
    let limit = if model.vendor.name == "openai" { "max_completion_tokens" } else { "max_tokens" };
    let is_bound = model.vendor.wire == Wire::Binding;
    let mut messages = Vec::new();
    for message in request.messages {
        messages.push(encode_message(message));
    }
    let mut body = Body::default();
    body.add("messages", messages.into());
    body.add(limit, request.max_tokens.into());
    if request.offer == Offer::Tools {
        let mut tools = Vec::new();
        for tool in Tool::ALL {
            tools.push(function(declare(tool, "parameters")).into_json());
        }
        body.add("tools", tools.into());
    }
    if !is_bound {
        body.add("model", model.name.as_str().into());
    }
    if request.streams {
        body.add("stream", true.into());
        if !is_bound {
            body.add("stream_options", object([("include_usage", true.into())]));
        }
    }
    body.into_json()
}

fn function(function: Value) -> Body {
    let mut body = Body::default();
    body.add("type", "function".into());
    body.add("function", function);
    body
}

fn encode_message(message: &Message) -> Value {
    let mut body = Body::default();
    let (role, content) = match message {
        Message::System(text) => ("system", text),
        Message::User(text) => ("user", text),
        Message::Assistant { text, calls } => {
            if !calls.is_empty() {
                let mut encoded = Vec::new();
                for call in calls {
                    encoded.push(encode_call(call));
                }
                body.add("tool_calls", encoded.into());
            }
            ("assistant", text)
        }
        Message::Tool { call_id, name, content } => {
            body.add("tool_call_id", call_id.as_str().into());
            body.add("name", plain(name));
            ("tool", content)
        }
    };
    body.add("role", role.into());
    body.add("content", content.as_str().into());
    body.into_json()
}

fn encode_call(call: &ToolCall) -> Value {
    let arguments = json::to_text(&Value::Object(call.object().unwrap_or_default()));
    let called = object([("name", plain(&call.name)), ("arguments", arguments.into())]);
    let mut body = function(called);
    body.add("id", call.id.as_str().into());
    body.into_json()
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;

//! Requests of Chat Completions: the inputs of Workers AI, and the bodies of most vendors.

use serde_json::{Map, Value};

use super::Request;
use super::turns::plain;
use crate::ai::tools::Tool;
use crate::ai::{Message, ToolCall};
use crate::config::models::{Model, Wire};
use crate::json::{self, object};

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
    let messages: Vec<Value> = request.messages.iter().map(encode_message).collect();
    let tools: Vec<Value> = request.tools().iter().map(|tool| encode_tool(*tool)).collect();
    let is_bound = model.vendor.wire == Wire::Binding;
    let mut body = Map::new();
    let mut add = |name: &str, value: Value| {
        body.insert(name.to_owned(), value);
    };
    add("messages", messages.into());
    add(limit, request.max_tokens.into());
    if !tools.is_empty() {
        add("tools", tools.into());
    }
    if !is_bound {
        add("model", model.name.as_str().into());
    }
    if request.streams {
        add("stream", true.into());
        if !is_bound {
            add("stream_options", object([("include_usage", true.into())]));
        }
    }
    body.into()
}

fn encode_tool(tool: Tool) -> Value {
    let function = object([
        ("name", tool.name().into()),
        ("description", tool.description().into()),
        ("parameters", tool.schema()),
    ]);
    object([("type", "function".into()), ("function", function)])
}

fn encode_message(message: &Message) -> Value {
    match message {
        Message::System(text) => says("system", text, vec![]),
        Message::User(text) => says("user", text, vec![]),
        Message::Assistant { text, calls } if calls.is_empty() => says("assistant", text, vec![]),
        Message::Assistant { text, calls } => {
            let calls: Vec<Value> = calls.iter().map(encode_call).collect();
            says("assistant", text, vec![("tool_calls", calls.into())])
        }
        Message::Tool { call_id, name, content } => {
            let call = vec![("tool_call_id", call_id.as_str().into()), ("name", plain(name))];
            says("tool", content, call)
        }
    }
}

fn says(role: &str, content: &str, more: Vec<(&str, Value)>) -> Value {
    let mut message = Map::new();
    message.insert("role".to_owned(), role.into());
    message.insert("content".to_owned(), content.into());
    for (name, value) in more {
        message.insert(name.to_owned(), value);
    }
    message.into()
}

/// Echoes a call; arguments that are no object become `{}`, since chat templates parse them. The
/// model still reads what was wrong, in the call's result.
fn encode_call(call: &ToolCall) -> Value {
    let arguments = json::to_text(&Value::Object(call.object().unwrap_or_default()));
    let function = object([("name", plain(&call.name)), ("arguments", arguments.into())]);
    object([("id", call.id.as_str().into()), ("type", "function".into()), ("function", function)])
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;

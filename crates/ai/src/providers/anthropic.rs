//! Requests of Anthropic's Messages.

use serde_json::Value;

use super::turns::{self, Chunk, Form, declare_all, declares_tools, plain};
use super::{Body, Offer, Request};
use miyabi_core::config::models::Model;
use miyabi_core::json::object;

/// Returns the body of a model call.
///
/// The results of all calls of a turn are in the one turn after it. Where no tool may be called any
/// more, the tools stay, with `tool_choice` none: see [`declares_tools`].
///
/// # Shape
/// `{"max_tokens":1024,"messages":[{"content":[{"text":"…","type":"text"}],"role":"user"},…],
/// "model":"…","system":"…","tools":[{"description":"…","input_schema":{…},"name":"…"}]}`
///
/// # Source
/// Anthropic API/Messages and Tool use, read 2026-11-21.
pub(super) fn encode(model: &Model, request: &Request<'_>) -> Value {
    let form = Form { model: "assistant", parts: "content", part: encode_part };
    let (system, messages) = turns::encode(request.messages, &form);
    let mut body = Body::default();
    body.add("model", model.name.as_str().into());
    body.add("max_tokens", request.max_tokens.into());
    body.add("messages", messages);
    if !system.is_empty() {
        body.add("system", system.into());
    }
    if declares_tools(request) {
        body.add("tools", declare_all("input_schema"));
        if request.offer == Offer::Nothing {
            body.add("tool_choice", object([("type", "none".into())]));
        }
    }
    if request.streams {
        body.add("stream", true.into());
    }
    body.into_json()
}

fn encode_part(part: Chunk<'_>, _number: usize) -> Value {
    match part {
        Chunk::Text(text) => object([("type", "text".into()), ("text", text.into())]),
        Chunk::Call(call) => object([
            ("type", "tool_use".into()),
            ("id", plain(&call.id)),
            ("name", plain(&call.name)),
            ("input", call.object().unwrap_or_default().into()),
        ]),
        Chunk::Result { id, content, .. } => object([
            ("type", "tool_result".into()),
            ("tool_use_id", plain(id)),
            ("content", content.into()),
            ("is_error", content.starts_with("error:").into()),
        ]),
    }
}

//! Requests of Anthropic's Messages.

use serde_json::{Map, Value};

use super::turns::{Part, declares_tools, plain, split};
use super::{Offer, Request};
use crate::ai::tools::Tool;
use crate::config::models::Model;
use crate::json::object;

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
    let (system, turns) = split(request.messages);
    let mut messages = Vec::new();
    for turn in turns {
        let parts: Vec<Value> = turn.parts.into_iter().map(encode_part).collect();
        let role = if turn.is_model { "assistant" } else { "user" };
        messages.push(object([("role", role.into()), ("content", parts.into())]));
    }
    let mut body = Map::new();
    let mut add = |name: &str, value: Value| {
        body.insert(name.to_owned(), value);
    };
    add("model", model.name.as_str().into());
    add("max_tokens", request.max_tokens.into());
    add("messages", messages.into());
    if !system.is_empty() {
        add("system", system.into());
    }
    if declares_tools(request) {
        let tools: Vec<Value> = Tool::ALL.iter().map(|tool| encode_tool(*tool)).collect();
        add("tools", tools.into());
        if request.offer == Offer::Nothing {
            add("tool_choice", object([("type", "none".into())]));
        }
    }
    if request.streams {
        add("stream", true.into());
    }
    body.into()
}

fn encode_tool(tool: Tool) -> Value {
    object([
        ("name", tool.name().into()),
        ("description", tool.description().into()),
        ("input_schema", tool.schema()),
    ])
}

fn encode_part(part: Part<'_>) -> Value {
    match part {
        Part::Text(text) => object([("type", "text".into()), ("text", text.into())]),
        Part::Call(call) => object([
            ("type", "tool_use".into()),
            ("id", plain(&call.id)),
            ("name", plain(&call.name)),
            ("input", call.object().unwrap_or_default().into()),
        ]),
        Part::Result { id, content, .. } => object([
            ("type", "tool_result".into()),
            ("tool_use_id", plain(id)),
            ("content", content.into()),
            ("is_error", content.starts_with("error:").into()),
        ]),
    }
}

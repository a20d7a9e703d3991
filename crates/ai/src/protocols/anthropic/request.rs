//! Requests of Anthropic's Messages.

use serde_json::Value;

use crate::Thought;
use crate::protocols::http::Call;
use crate::protocols::turns::{self, Side, Turn, TurnPart, plain_name};
use crate::protocols::wire::{declarations, object};
use crate::protocols::{ModelRequest, Offer, ids, images};
use miyabi_core::config::models::Model;

/// Returns what is sent for a model request.
///
/// The results of all calls of a turn are in the one turn after it. Where no tool may be called any
/// more, the tools stay, with `tool_choice` none: see [`ModelRequest`].
///
/// # Shape
/// `{"max_tokens":1024,"messages":[{"content":[{"text":"…","type":"text"}],"role":"user"},…],
/// "model":"…","system":"…","tools":[{"description":"…","input_schema":{…},"name":"…"}]}`
///
/// # Source
/// Anthropic API/Messages and Tool use, read 2026-11-21.
pub(in crate::protocols) fn encode(model: &Model, request: &ModelRequest<'_>) -> Call {
    let system = turns::system_text(request.messages);
    let turns = turns::split(request.messages);
    let declares = request.declares_tools();
    let tools = declares.then(|| declarations(request, "input_schema", "input_schema"));
    let calls_none = declares && request.offer == Offer::Nothing;
    let body = object([
        ("model", model.name.as_str().into()),
        ("max_tokens", request.max_tokens.into()),
        (
            "messages",
            images::show(turns.into_iter().map(turn).collect(), request.images, images::anthropic),
        ),
        ("system", (!system.is_empty()).then_some(system).into()),
        ("tools", tools.into()),
        ("tool_choice", calls_none.then(|| object([("type", "none".into())])).into()),
        ("stream", request.streams.then_some(true).into()),
    ]);
    Call {
        path: "/messages".to_owned(),
        key_header: "x-api-key",
        key_scheme: "",
        headers: &[("anthropic-version", "2023-06-01")],
        body,
    }
}

fn turn(turn: Turn<'_>) -> Value {
    let role = match turn.side {
        Side::User => "user",
        Side::Model => "assistant",
    };
    let content = turn.parts.into_iter().filter_map(block).collect();
    object([("role", role.into()), ("content", content)])
}

/// Returns the block of a part; `None` for a thought of another vendor's model, which has no signature.
fn block(part: TurnPart<'_>) -> Option<Value> {
    Some(match part {
        TurnPart::Thought(Thought::Signed { text, signature }) if !signature.is_empty() => {
            object([
                ("type", "thinking".into()),
                ("thinking", text.as_str().into()),
                ("signature", signature.as_str().into()),
            ])
        }
        TurnPart::Thought(Thought::Sealed { data }) => {
            object([("type", "redacted_thinking".into()), ("data", data.as_str().into())])
        }
        TurnPart::Thought(_) => return None,
        TurnPart::Text(text) => object([("type", "text".into()), ("text", text.into())]),
        TurnPart::Call { call, .. } => object([
            ("type", "tool_use".into()),
            ("id", plain_name(&ids::short(&call.id)).into()),
            ("name", plain_name(&call.name).into()),
            ("input", call.object().unwrap_or_default().into()),
        ]),
        TurnPart::Result { id, content, .. } => object([
            ("type", "tool_result".into()),
            ("tool_use_id", plain_name(&ids::short(id)).into()),
            ("content", content.into()),
            ("is_error", content.starts_with("error:").into()),
        ]),
    })
}

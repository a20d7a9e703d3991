//! Requests of Gemini's `generateContent`.

use serde_json::{Map, Value};

use super::turns::{Part, declares_tools, plain, split};
use super::{Offer, Request};
use crate::ai::tools::Tool;
use crate::config::models::Model;
use crate::json::object;

/// Stands for the signature of a call that another model made.
///
/// # Source
/// Gemini API/Thought signatures, read 2026-11-21.
const NO_SIGNATURE: &str = "skip_thought_signature_validator";

/// Returns the body of a model call.
///
/// A call goes back with the signature it came with: models from Gemini 3 on refuse the first call of
/// a turn without one. The schemas of our tools use nothing that Gemini's subset lacks.
///
/// # Shape
/// `{"contents":[{"parts":[{"text":"…"}],"role":"user"},…],"generationConfig":{"maxOutputTokens":1024},
/// "systemInstruction":{"parts":[{"text":"…"}]},"tools":[{"functionDeclarations":[…]}]}`
///
/// # Source
/// Gemini API/`models.generateContent` and Function calling, read 2026-11-21.
pub(super) fn encode(model: &Model, request: &Request<'_>) -> Value {
    let (system, turns) = split(request.messages);
    let needs_signature = !model.name.starts_with("gemini-2");
    let mut contents = Vec::new();
    for turn in turns {
        let mut parts = Vec::new();
        let mut is_first = needs_signature;
        for part in turn.parts {
            let mut encoded = encode_part(part);
            if let Part::Call(call) = part {
                let signature = if call.signature.is_empty() && is_first {
                    NO_SIGNATURE
                } else {
                    &call.signature
                };
                if !signature.is_empty() {
                    encoded.insert("thoughtSignature".to_owned(), signature.into());
                }
                is_first = false;
            }
            parts.push(encoded.into());
        }
        let role = if turn.is_model { "model" } else { "user" };
        contents.push(object([("role", role.into()), ("parts", Value::Array(parts))]));
    }
    let mut body = Map::new();
    let mut add = |name: &str, value: Value| {
        body.insert(name.to_owned(), value);
    };
    add("contents", contents.into());
    add("generationConfig", object([("maxOutputTokens", request.max_tokens.into())]));
    if !system.is_empty() {
        let parts = vec![object([("text", system.into())])];
        add("systemInstruction", object([("parts", parts.into())]));
    }
    if declares_tools(request) {
        let tools: Vec<Value> = Tool::ALL.iter().map(|tool| encode_tool(*tool)).collect();
        add("tools", vec![object([("functionDeclarations", tools.into())])].into());
        if request.offer == Offer::Nothing {
            let mode = object([("mode", "NONE".into())]);
            add("toolConfig", object([("functionCallingConfig", mode)]));
        }
    }
    body.into()
}

fn encode_tool(tool: Tool) -> Value {
    object([
        ("name", tool.name().into()),
        ("description", tool.description().into()),
        ("parameters", tool.schema()),
    ])
}

fn encode_part(part: Part<'_>) -> Map<String, Value> {
    let (kind, value) = match part {
        Part::Text(text) => ("text", text.into()),
        Part::Call(call) => (
            "functionCall",
            object([
                ("id", plain(&call.id)),
                ("name", plain(&call.name)),
                ("args", call.object().unwrap_or_default().into()),
            ]),
        ),
        Part::Result { id, name, content } => (
            "functionResponse",
            object([
                ("id", plain(id)),
                ("name", plain(name)),
                ("response", object([("result", content.into())])),
            ]),
        ),
    };
    let mut encoded = Map::new();
    encoded.insert(kind.to_owned(), value);
    encoded
}

//! Requests of Gemini's `generateContent`.

use serde_json::Value;

use super::turns::{self, Chunk, Form, declare_all, declares_tools, plain};
use super::{Body, Offer, Request};
use miyabi_core::config::models::Model;
use miyabi_core::json::object;

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
    let part = if model.name.starts_with("gemini-2") { encode_part } else { encode_signed_part };
    let (system, contents) =
        turns::encode(request.messages, &Form { model: "model", parts: "parts", part });
    let mut body = Body::default();
    body.add("contents", contents);
    body.add("generationConfig", object([("maxOutputTokens", request.max_tokens.into())]));
    if !system.is_empty() {
        let parts = vec![object([("text", system.into())])];
        body.add("systemInstruction", object([("parts", parts.into())]));
    }
    if declares_tools(request) {
        let tools = object([("functionDeclarations", declare_all("parameters"))]);
        body.add("tools", vec![tools].into());
        if request.offer == Offer::Nothing {
            let mode = object([("mode", "NONE".into())]);
            body.add("toolConfig", object([("functionCallingConfig", mode)]));
        }
    }
    body.into_json()
}

fn encode_part(part: Chunk<'_>, _number: usize) -> Value {
    encode_with(part, "")
}

fn encode_signed_part(part: Chunk<'_>, number: usize) -> Value {
    encode_with(part, if number == 0 { NO_SIGNATURE } else { "" })
}

/// A call that came without a signature has this one, if it is not empty.
fn encode_with(part: Chunk<'_>, signature: &str) -> Value {
    match part {
        Chunk::Text(text) => object([("text", text.into())]),
        Chunk::Call(call) => {
            let function = object([
                ("id", plain(&call.id)),
                ("name", plain(&call.name)),
                ("args", call.object().unwrap_or_default().into()),
            ]);
            let mut part = Body::default();
            part.add("functionCall", function);
            let signature = if call.signature.is_empty() { signature } else { &call.signature };
            if !signature.is_empty() {
                part.add("thoughtSignature", signature.into());
            }
            part.into_json()
        }
        Chunk::Result { id, name, content } => {
            let result = object([
                ("id", plain(id)),
                ("name", plain(name)),
                ("response", object([("result", content.into())])),
            ]);
            object([("functionResponse", result)])
        }
    }
}

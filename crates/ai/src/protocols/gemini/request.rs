//! Requests of Gemini's `generateContent`.

use serde_json::Value;

use crate::protocols::http::Call;
use crate::protocols::turns::{self, Side, Turn, TurnPart, plain_name};
use crate::protocols::wire::{declarations, object};
use crate::protocols::{ModelRequest, Offer, ids, images};
use miyabi_core::config::models::Model;

/// Signature of a call that another model made.
///
/// # Source
/// Gemini API/Thought signatures, read 2026-11-21.
const NO_SIGNATURE: &str = "skip_thought_signature_validator";

/// Whether the model refuses a call without a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Signatures {
    /// Models before Gemini 3.
    Optional,
    /// Later models: the first call of a message needs one.
    Required,
}

/// Returns what is sent for a model request.
///
/// A call goes back with the signature that it came with. The key is in a header and not in the URL,
/// which others log.
///
/// # Shape
/// `{"contents":[{"parts":[{"text":"…"}],"role":"user"},…],"generationConfig":{"maxOutputTokens":1024},
/// "systemInstruction":{"parts":[{"text":"…"}]},"tools":[{"functionDeclarations":[…]}]}`
///
/// # Source
/// Gemini API/`models.generateContent` and Function calling, read 2026-11-21.
pub(in crate::protocols) fn encode(model: &Model, request: &ModelRequest<'_>) -> Call {
    let signatures = if model.name.starts_with("gemini-2") {
        Signatures::Optional
    } else {
        Signatures::Required
    };
    let system = turns::system_text(request.messages);
    let turns = turns::split(request.messages);
    let contents = turns.into_iter().map(|turn| content(turn, signatures)).collect();
    let declares = request.declares_tools();
    // The schemas of our tools use nothing that Gemini's subset lacks.
    let functions = || declarations(request, "parameters", "parametersJsonSchema");
    let tools = declares.then(|| vec![object([("functionDeclarations", functions().into())])]);
    let calls_none = declares && request.offer == Offer::Nothing;
    let mode = || object([("functionCallingConfig", object([("mode", "NONE".into())]))]);
    let instruction = || object([("parts", vec![text(&system)].into())]);
    let body = object([
        ("contents", images::show(contents, request.images, images::gemini)),
        ("generationConfig", object([("maxOutputTokens", request.max_tokens.into())])),
        ("systemInstruction", (!system.is_empty()).then(instruction).into()),
        ("tools", tools.into()),
        ("toolConfig", calls_none.then(mode).into()),
    ]);
    let method = if request.streams { "streamGenerateContent?alt=sse" } else { "generateContent" };
    Call {
        path: format!("/models/{}:{method}", model.name),
        key_header: "x-goog-api-key",
        key_scheme: "",
        headers: &[],
        body,
    }
}

fn content(turn: Turn<'_>, signatures: Signatures) -> Value {
    let role = match turn.side {
        Side::User => "user",
        Side::Model => "model",
    };
    let parts = turn.parts.into_iter().filter_map(|it| part(it, signatures)).collect();
    object([("role", role.into()), ("parts", parts)])
}

/// Returns the wire's part; `None` for a thought, whose signature is with the call.
fn part(part: TurnPart<'_>, signatures: Signatures) -> Option<Value> {
    Some(match part {
        TurnPart::Thought(_) => return None,
        TurnPart::Text(words) => text(words),
        TurnPart::Call { call, is_first } => {
            let needs_one = is_first && signatures == Signatures::Required;
            let own = Some(call.signature.as_str()).filter(|signature| !signature.is_empty());
            let function_call = object([
                ("id", plain_name(&ids::short(&call.id)).into()),
                ("name", plain_name(&call.name).into()),
                ("args", call.object().unwrap_or_default().into()),
            ]);
            object([
                ("functionCall", function_call),
                ("thoughtSignature", own.or(needs_one.then_some(NO_SIGNATURE)).into()),
            ])
        }
        TurnPart::Result { id, name, content } => {
            let function_response = object([
                ("id", plain_name(&ids::short(id)).into()),
                ("name", plain_name(name).into()),
                ("response", object([("result", content.into())])),
            ]);
            object([("functionResponse", function_response)])
        }
    })
}

fn text(text: &str) -> Value {
    object([("text", text.into())])
}

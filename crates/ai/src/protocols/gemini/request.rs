//! Requests of Gemini's `generateContent`.

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::protocols::http::Call;
use crate::protocols::turns::{self, Side, Turn, TurnPart, plain_name};
use crate::protocols::{ModelRequest, Offer, ids};
use crate::tools::Tool;
use miyabi_core::config::models::Model;

/// Signature of a call that another model made.
///
/// # Source
/// Gemini API/Thought signatures, read 2026-11-21.
const NO_SIGNATURE: &str = "skip_thought_signature_validator";

/// The body of a request.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct GenerateContent<'a> {
    contents: Vec<Content<'a>>,
    generation_config: GenerationConfig,
    #[serde(skip_serializing_if = "Option::is_none")]
    system_instruction: Option<SystemInstruction<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<Declarations>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_config: Option<ToolConfig>,
}

#[derive(Serialize)]
struct Content<'a> {
    role: &'static str,
    parts: Vec<Part<'a>>,
}

#[derive(Serialize)]
struct SystemInstruction<'a> {
    parts: [Part<'a>; 1],
}

#[derive(Serialize)]
#[serde(untagged)]
enum Part<'a> {
    Text {
        text: &'a str,
    },
    #[serde(rename_all = "camelCase")]
    Call {
        function_call: FunctionCall,
        #[serde(skip_serializing_if = "Option::is_none")]
        thought_signature: Option<&'a str>,
    },
    #[serde(rename_all = "camelCase")]
    Result {
        function_response: FunctionResponse<'a>,
    },
}

#[derive(Serialize)]
struct FunctionCall {
    id: String,
    name: String,
    args: Map<String, Value>,
}

#[derive(Serialize)]
struct FunctionResponse<'a> {
    id: String,
    name: String,
    response: ToolOutput<'a>,
}

#[derive(Serialize)]
struct ToolOutput<'a> {
    result: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct GenerationConfig {
    max_output_tokens: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Declarations {
    function_declarations: Vec<FunctionDeclaration>,
}

#[derive(Serialize)]
struct FunctionDeclaration {
    name: &'static str,
    description: &'static str,
    /// JSON schema; the schemas of our tools use nothing that Gemini's subset lacks.
    parameters: Value,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ToolConfig {
    function_calling_config: FunctionCallingConfig,
}

#[derive(Serialize)]
struct FunctionCallingConfig {
    mode: &'static str,
}

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
    let instruction = SystemInstruction { parts: [Part::Text { text: &system }] };
    let declares = request.declares_tools();
    let mode = FunctionCallingConfig { mode: "NONE" };
    let body = GenerateContent {
        contents: turns.into_iter().map(|turn| content(turn, signatures)).collect(),
        generation_config: GenerationConfig { max_output_tokens: request.max_tokens },
        system_instruction: (!system.is_empty()).then_some(instruction),
        tools: if declares { vec![declarations(request.tools)] } else { Vec::new() },
        tool_config: (declares && request.offer == Offer::Nothing)
            .then_some(ToolConfig { function_calling_config: mode }),
    };
    let method = if request.streams { "streamGenerateContent?alt=sse" } else { "generateContent" };
    Call {
        path: format!("/models/{}:{method}", model.name),
        key_header: "x-goog-api-key",
        key_scheme: "",
        headers: &[],
        body: json!(body),
    }
}

fn content(turn: Turn<'_>, signatures: Signatures) -> Content<'_> {
    let role = match turn.side {
        Side::User => "user",
        Side::Model => "model",
    };
    Content { role, parts: turn.parts.into_iter().filter_map(|it| part(it, signatures)).collect() }
}

/// Returns the wire's part; `None` for a thought, whose signature is with the call.
fn part(part: TurnPart<'_>, signatures: Signatures) -> Option<Part<'_>> {
    Some(match part {
        TurnPart::Thought(_) => return None,
        TurnPart::Text(text) => Part::Text { text },
        TurnPart::Call { call, is_first } => {
            let needs_one = is_first && signatures == Signatures::Required;
            let own = Some(call.signature.as_str()).filter(|signature| !signature.is_empty());
            let function_call = FunctionCall {
                id: plain_name(&ids::short(&call.id)),
                name: plain_name(&call.name),
                args: call.object().unwrap_or_default(),
            };
            let thought_signature = own.or(needs_one.then_some(NO_SIGNATURE));
            Part::Call { function_call, thought_signature }
        }
        TurnPart::Result { id, name, content } => {
            let response = ToolOutput { result: content };
            let (id, name) = (plain_name(&ids::short(id)), plain_name(name));
            Part::Result { function_response: FunctionResponse { id, name, response } }
        }
    })
}

fn declarations(tools: &[Tool]) -> Declarations {
    let declare = |tool: Tool| FunctionDeclaration {
        name: tool.name(),
        description: tool.description(),
        parameters: tool.schema(),
    };
    Declarations { function_declarations: tools.iter().copied().map(declare).collect() }
}

//! Workers AI: what `run(model, inputs, options)` is given, and what its errors mean.
//!
//! What it returns is read in `decode.rs`; text that is really a tool call in `leak.rs`; a stream
//! in `stream.rs`.

use serde_json::{Map, Value};

use crate::ai::tools::Tool;
use crate::ai::{Completion, Failure, Message, ToolCall};
use crate::fault::Class;
use crate::json::{self, object};
use crate::text::contains;

/// Returns the inputs of a model call.
///
/// Tools are in the chat-completions form, `{"type":"function","function":{…}}`: the schemas of the native
/// models (llama, mistral, qwen3-30b, …) take it beside their flat form, and those of the chat
/// models (glm, gemma, gpt-oss, …) take nothing else. `content` is always a string, since the
/// native models refuse null and arrays. `max_tokens` is always there: the default is 256.
/// Without tools there is no `tools` key at all, which is the only way to stop a llama that calls.
///
/// # Shape
/// `{"max_tokens":1024,"messages":[{"content":"…","role":"system"},…],"tools":[…]}`: the keys of
/// every object are sorted, so the same chat is the same bytes, as prompt caches want it.
///
/// # Source
/// The models' published input schemas, npm `@cloudflare/workers-types`, read 2026-11-20.
pub fn encode(messages: &[Message], tools: &[Tool], max_tokens: u32) -> Value {
    let messages: Vec<Value> = messages.iter().map(encode_message).collect();
    let mut inputs = Map::new();
    inputs.insert("messages".to_owned(), messages.into());
    inputs.insert("max_tokens".to_owned(), max_tokens.into());
    if !tools.is_empty() {
        let tools: Vec<Value> = tools.iter().map(|tool| encode_tool(*tool)).collect();
        inputs.insert("tools".to_owned(), tools.into());
    }
    inputs.into()
}

/// Returns what a model said, whichever family its response belongs to.
///
/// `tool_names` are the tools whose calls are recognized in text; `max_tokens` tells a completion
/// that was cut off where the response has no reason for its end.
///
/// # Errors
/// - The class of its code when the result is an error in disguise.
/// - [`Class::Truncated`] for a stream without its end.
/// - [`Class::Transient`] for anything unknown.
pub fn decode(result: &Value, tool_names: &[&str], max_tokens: u32) -> Result<Completion, Failure> {
    Ok(super::decode::read(result)?.into_completion(tool_names, max_tokens))
}

/// Internal error codes of Workers AI.
///
/// # Source
/// Cloudflare Docs/Workers AI errors, and field reports, gathered 2026-11-20.
const KNOWN_CODES: [u32; 27] = [
    2001, 2021, 3003, 3006, 3007, 3008, 3021, 3023, 3036, 3039, 3040, 3041, 3042, 3046, 4006, 5004,
    5005, 5006, 5007, 5016, 5018, 5019, 5028, 5035, 7003, 8001, 8006,
];

/// Authentication error; apart because it has five digits.
const AUTHENTICATION: u32 = 10_000;

/// The day's free neurons are used.
const DAILY_LIMIT: u32 = 3036;

/// Returns what kind of failure an internal code is; unknown codes may pass.
///
/// # Source
/// Cloudflare Docs/Workers AI errors, and field reports, gathered 2026-11-20.
pub fn classify(code: u32) -> Class {
    match code {
        // The day's free neurons are used; nothing changes before 00:00 UTC.
        DAILY_LIMIT | 4006 => Class::Quota,
        3021 => Class::RateLimit,
        3040 => Class::Busy,
        3006 => Class::TooLong,
        // No such model, agreement not accepted, account blocked, paid only, gateway, auth.
        2001 | 2021 | 3023 | 3039 | 3041 | 3042 | 5005 | 5007 | 5016 | 5018 | 5019 | 5028
        | 5035 | 7003 | AUTHENTICATION => Class::Config,
        3003 | 5004 | 5006 | 8001 => Class::BadRequest,
        // A forced call that did not fit the completion.
        8006 => Class::Truncated,
        _ => Class::Transient,
    }
}

/// Returns the internal code that a thrown error's message names, 0 if it names none.
///
/// The binding's exceptions carry no HTTP status; the code is in the text. A known code wins over
/// any other number before a colon, and a sentence about the daily neurons counts as 3036.
///
/// # Example
/// `InferenceUpstreamError: 3040: Capacity temporarily exceeded` → 3040
pub fn error_code(message: &str) -> u32 {
    let codes = codes_in(message);
    let is_known = |code: &&u32| KNOWN_CODES.contains(code) || **code == AUTHENTICATION;
    if let Some(known) = codes.iter().find(is_known) {
        return *known;
    }
    let lower = message.to_ascii_lowercase();
    if contains(&lower, "daily") || contains(&lower, "neurons") {
        return DAILY_LIMIT;
    }
    codes.first().copied().unwrap_or(0)
}

/// Numbers of three to five digits, as whole words, each followed by a colon.
fn codes_in(message: &str) -> Vec<u32> {
    let mut pieces = message.split(':').peekable();
    let mut codes = Vec::new();
    while let Some(piece) = pieces.next() {
        let word = piece.trim_end().rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or("");
        let is_code = (3..=5).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_digit());
        if is_code && pieces.peek().is_some() {
            codes.extend(word.parse::<u32>());
        }
    }
    codes
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
            let call =
                vec![("tool_call_id", call_id.as_str().into()), ("name", name.as_str().into())];
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
    let function = object([("name", call.name.as_str().into()), ("arguments", arguments.into())]);
    object([("id", call.id.as_str().into()), ("type", "function".into()), ("function", function)])
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;

//! A response, whatever its family, to one neutral reading.
//!
//! The family is decided by what came back, never by the model's or vendor's name:
//!
//! | Family | Mark | Text | Calls |
//! | --- | --- | --- | --- |
//! | native, hybrid | `response` or `tool_calls` | `response` | `tool_calls[]`, flat or with `function` |
//! | chat | `choices` | `choices[0].message.content` | `choices[0].message.tool_calls[]`, then as above |
//! | responses | `output` | `output[].content[].text` | `output[]` of type `function_call` |
//! | Anthropic | `content` | `content[].text` | `content[]` of type `tool_use` |
//! | Gemini | `candidates` | `candidates[0].content.parts[].text` | `functionCall` of the same parts |
//! | stream | a string with `data:` lines | see `stream.rs` | |

use serde_json::{Map, Value};

use super::{leak, refusal, stream, workers_ai};
use crate::tools::Tool;
use crate::{Completion, Failure, ToolCall, Usage};
use miyabi_core::fault::Class;
use miyabi_core::json;

/// What a response says, before its text is cleaned.
#[derive(Debug, Default)]
pub(super) struct Reading {
    pub(super) text: String,
    pub(super) calls: Vec<ToolCall>,
    pub(super) usage: Usage,
    pub(super) end: End,
}

/// Why a completion ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum End {
    /// The response does not say; native models never do.
    #[default]
    Unsaid,
    /// At its end.
    Natural,
    /// At the limit of tokens.
    Limit,
    /// For a reason that nobody knows: nothing says that it is whole.
    Unknown,
    /// It is no answer.
    Failed(Class),
}

impl End {
    /// Reads a finish reason of any vendor.
    ///
    /// # Source
    /// `OpenAI` API reference/Chat and Responses; Anthropic API/Messages; Gemini API/`FinishReason`;
    /// `DeepSeek` API docs; vLLM and TGI sources; read 2026-11-21.
    pub(super) fn of(reason: &str) -> Self {
        match reason {
            "length"
            | "max_tokens"
            | "MAX_TOKENS"
            | "max_output_tokens"
            | "incomplete"
            | "model_context_window_exceeded" => Self::Limit,
            "stop" | "STOP" | "end_turn" | "stop_sequence" | "tool_calls" | "tool_use"
            | "function_call" | "completed" | "eos" | "eos_token" => Self::Natural,
            "" | "FINISH_REASON_UNSPECIFIED" => Self::Unsaid,
            "content_filter" | "refusal" | "SAFETY" | "RECITATION" | "BLOCKLIST"
            | "PROHIBITED_CONTENT" | "SPII" => Self::Failed(Class::Policy),
            "insufficient_system_resource" => Self::Failed(Class::Busy),
            "MALFORMED_FUNCTION_CALL"
            | "UNEXPECTED_TOOL_CALL"
            | "OTHER"
            | "LANGUAGE"
            | "error"
            | "abort"
            | "failed"
            | "cancelled" => Self::Failed(Class::Transient),
            _ => Self::Unknown,
        }
    }
}

/// Reads a result.
pub(super) fn read(result: &Value) -> Result<Reading, Failure> {
    match result {
        Value::String(text) if stream::is_stream(text) => stream::read(text),
        // JSON as text, or the answer itself: the models' schemas allow a bare string.
        Value::String(text) => match json::parse(text) {
            Some(Value::Object(object)) => read_object(&object),
            _ => Ok(Reading { text: text.clone(), ..Reading::default() }),
        },
        Value::Object(object) => read_object(object),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => {
            Err(Failure::new(Class::Transient, 0))
        }
    }
}

fn read_object(object: &Map<String, Value>) -> Result<Reading, Failure> {
    if let Some(text) = object.get("error").and_then(refusal::generation) {
        return generated(text);
    }
    if let Some(failure) = read_error(object) {
        return Err(failure);
    }
    if let Some(choices) = object.get("choices").and_then(Value::as_array) {
        return Ok(read_chat(object, choices));
    }
    if let Some(output) = object.get("output").and_then(Value::as_array) {
        return Ok(read_responses(object, output));
    }
    if object.contains_key("response") || object.contains_key("tool_calls") {
        return Ok(read_native(object));
    }
    if object.contains_key("candidates") || object.contains_key("promptFeedback") {
        let mut reading = Reading::default();
        reading.take_candidate(object);
        return Ok(reading);
    }
    if let Some(blocks) = object.get("content").and_then(Value::as_array) {
        let mut reading = Reading {
            usage: object.get("usage").map(read_usage).unwrap_or_default(),
            end: end_in(object, "stop_reason"),
            ..Reading::default()
        };
        for block in blocks {
            reading.take_part(block);
        }
        return Ok(reading);
    }
    // The REST API's envelope, which a proxy may leave around the result.
    match object.get("result") {
        Some(inner) => read(inner),
        None => Err(Failure::new(Class::Transient, 0)),
    }
}

/// Reads what a model said where a vendor wanted a tool call: a call that leaked, or an answer.
///
/// # Errors
/// [`Class::Transient`] for nothing, and for a call that nobody understands.
pub(super) fn generated(text: &str) -> Result<Reading, Failure> {
    let text = leak::clean(text);
    let is_call = text.starts_with(['{', '[', '<']);
    let names = Tool::ALL.map(Tool::name);
    if text.is_empty() || is_call && leak::find_calls(&text, &names).is_none() {
        return Err(Failure::new(Class::Transient, 400));
    }
    Ok(Reading { text, end: End::Natural, ..Reading::default() })
}

fn end_in(object: &Map<String, Value>, name: &str) -> End {
    End::of(object.get(name).and_then(Value::as_str).unwrap_or_default())
}

/// Returns the error that the object really is: `errors` of REST, or `error` of any vendor.
pub(super) fn read_error(object: &Map<String, Value>) -> Option<Failure> {
    let listed = object.get("errors").and_then(|errors| errors.get(0));
    let error = object.get("error").filter(|error| !error.is_null()).or(listed)?;
    let error = error.get(0).unwrap_or(error);
    let message = error.get("message").or(Some(error)).and_then(Value::as_str).unwrap_or_default();
    let code = ["internalCode", "status_code", "code"]
        .iter()
        .filter_map(|key| error.get(key))
        .filter_map(|code| code.as_u64().or_else(|| code.as_str()?.parse().ok()))
        .find_map(|code| u32::try_from(code).ok());
    let code = code.unwrap_or_else(|| workers_ai::error_code(message));
    // Three digits are a status.
    Some(if code < 1000 {
        refusal::classify(code, error)
    } else {
        Failure::new(workers_ai::classify(code), code)
    })
}

fn read_native(object: &Map<String, Value>) -> Reading {
    Reading {
        text: object.get("response").map(text_of).unwrap_or_default(),
        calls: calls_in(object.get("tool_calls")),
        usage: object.get("usage").map(read_usage).unwrap_or_default(),
        end: end_in(object, "finish_reason"),
    }
}

fn read_chat(object: &Map<String, Value>, choices: &[Value]) -> Reading {
    let mut reading = read_native(object);
    let Some(choice) = choices.first() else {
        return reading;
    };
    let message = choice.get("message").unwrap_or(choice);
    let content = message.get("content").map(text_of).filter(|text| !text.is_empty());
    if let Some(text) = content.or_else(|| message.get("refusal").map(text_of)) {
        reading.text = text;
    }
    // An empty list at the top must not hide the message's own calls.
    let calls = calls_in(message.get("tool_calls"));
    if !calls.is_empty() {
        reading.calls = calls;
    }
    if reading.calls.is_empty() {
        reading.calls.extend(message.get("function_call").and_then(call_in));
    }
    if let Some(reason) = choice.get("finish_reason").and_then(Value::as_str) {
        reading.end = End::of(reason);
    }
    reading
}

/// Reads a result of the Responses family.
pub(super) fn read_responses(object: &Map<String, Value>, output: &[Value]) -> Reading {
    let mut reading = Reading {
        usage: object.get("usage").map(read_usage).unwrap_or_default(),
        end: end_in(object, "status"),
        ..Reading::default()
    };
    for item in output {
        match item.get("type").and_then(Value::as_str) {
            Some("function_call") => reading.calls.extend(call_in(item)),
            Some("message") => {
                reading.text.push_str(&item.get("content").map(text_of).unwrap_or_default());
            }
            _ => {}
        }
    }
    reading
}

/// Returns a content's text: a string, parts with text, or the JSON of JSON mode.
pub(super) fn text_of(content: &Value) -> String {
    match content {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(parts) if parts.iter().any(|part| part.get("text").is_some()) => parts
            .iter()
            .filter_map(|part| part.get("text").and_then(Value::as_str))
            .collect::<Vec<_>>()
            .concat(),
        Value::Array(parts) if parts.is_empty() => String::new(),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            json::to_text(content)
        }
    }
}

fn calls_in(calls: Option<&Value>) -> Vec<ToolCall> {
    let calls = calls.and_then(Value::as_array);
    calls.map(|calls| calls.iter().filter_map(call_in).collect()).unwrap_or_default()
}

/// Returns a call of any shape: flat, or inside `function`; `None` without a name.
pub(super) fn call_in(call: &Value) -> Option<ToolCall> {
    let function = call.get("function").filter(|function| function.is_object()).unwrap_or(call);
    let name = function.get("name").and_then(Value::as_str)?.trim();
    let id = call.get("call_id").or_else(|| call.get("id")).and_then(Value::as_str);
    let arguments = ["arguments", "parameters", "input", "args"];
    let arguments = arguments.iter().find_map(|key| function.get(key));
    (!name.is_empty()).then(|| ToolCall {
        id: id.unwrap_or_default().to_owned(),
        name: name.to_owned(),
        arguments: arguments_text(arguments),
        signature: String::new(),
    })
}

/// Returns arguments as JSON text: nothing, `""` and `null` in any quoting mean none.
pub(super) fn arguments_text(arguments: Option<&Value>) -> String {
    let text = match arguments {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.trim().to_owned(),
        Some(other) => json::to_text(other),
    };
    if text.is_empty() || text == "null" { "{}".to_owned() } else { text }
}

/// Reads `usage` of any family.
///
/// Anthropic does not count what it read from or wrote to its cache as input, and Gemini does not
/// count its thoughts as output; all others do.
pub(super) fn read_usage(usage: &Value) -> Usage {
    let tokens = |name: &str| tokens_in(usage, name);
    let details = usage.get("prompt_tokens_details").or_else(|| usage.get("input_tokens_details"));
    let details = details.map_or(0, |details| tokens_in(details, "cached_tokens"));
    let fresh = tokens("input_tokens");
    let read = tokens("cache_read_input_tokens");
    let input = if usage.get("input_tokens").is_some() {
        fresh + read + tokens("cache_creation_input_tokens")
    } else {
        0
    };
    let neurons = usage.get("neurons").and_then(Value::as_f64);
    Usage {
        prompt_tokens: input.max(tokens("prompt_tokens")).max(tokens("promptTokenCount")),
        completion_tokens: tokens("completion_tokens")
            .max(tokens("output_tokens"))
            .max(tokens("candidatesTokenCount") + tokens("thoughtsTokenCount")),
        cached_tokens: details
            .max(read)
            .max(tokens("prompt_cache_hit_tokens"))
            .max(tokens("cachedContentTokenCount")),
        neurons_milli: neurons
            .and_then(|neurons| rounded(neurons * 1000.0))
            .map(|milli| milli.min(MAX_NEURONS_MILLI)),
    }
}

fn tokens_in(object: &Value, name: &str) -> u64 {
    object.get(name).and_then(Value::as_f64).and_then(rounded).unwrap_or_default().min(MAX_TOKENS)
}

/// Most tokens and neurons that a response is believed: more than any model reads, and so few that their
/// cost, and the costs of all a day's calls, are integers in JavaScript and in JSON.
const MAX_TOKENS: u64 = 1 << 24;
const MAX_NEURONS_MILLI: u64 = 1 << 40;

/// Returns a number as an integer, `None` below zero.
fn rounded(number: f64) -> Option<u64> {
    #[expect(
        clippy::as_conversions,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked above zero, and `as` saturates; formatting floats is 15 kB"
    )]
    (number >= 0.0).then(|| number.round() as u64)
}

impl Reading {
    /// Takes a response of Gemini, or a piece of one.
    pub(super) fn take_candidate(&mut self, object: &Map<String, Value>) {
        if let Some(usage) = object.get("usageMetadata") {
            self.take_usage(usage);
        }
        if object.get("promptFeedback").and_then(|feedback| feedback.get("blockReason")).is_some() {
            self.end = End::Failed(Class::Policy);
        }
        let Some(candidate) = object.get("candidates").and_then(|candidates| candidates.get(0))
        else {
            return;
        };
        let parts = candidate.get("content").and_then(|content| content.get("parts"));
        for part in parts.and_then(Value::as_array).into_iter().flatten() {
            self.take_part(part);
        }
        if let Some(reason) = candidate.get("finishReason").and_then(Value::as_str) {
            self.end = End::of(reason);
        }
    }

    /// Takes a block of Anthropic or a part of Gemini: text or a call; thoughts are neither.
    fn take_part(&mut self, part: &Value) {
        let is_call = part.get("type").and_then(Value::as_str) == Some("tool_use");
        let call = part.get("functionCall").or_else(|| is_call.then_some(part));
        if let Some(mut call) = call.and_then(call_in) {
            let signature = part.get("thoughtSignature").and_then(Value::as_str);
            signature.unwrap_or_default().clone_into(&mut call.signature);
            self.calls.push(call);
        } else if part.get("thought").and_then(Value::as_bool) != Some(true) {
            self.text.push_str(part.get("text").and_then(Value::as_str).unwrap_or_default());
        }
    }

    /// Takes usage that is a running total: the largest counts, and a known amount of neurons stays.
    pub(super) fn take_usage(&mut self, usage: &Value) {
        let (before, now) = (self.usage, read_usage(usage));
        self.usage = Usage {
            prompt_tokens: now.prompt_tokens.max(before.prompt_tokens),
            completion_tokens: now.completion_tokens.max(before.completion_tokens),
            cached_tokens: now.cached_tokens.max(before.cached_tokens),
            neurons_milli: now.neurons_milli.or(before.neurons_milli),
        };
    }

    /// Cleans the text, finds calls that leaked into it, and drops calls that were cut off.
    ///
    /// A response without a reason for its end was cut if it took all its tokens, and one with an unknown
    /// reason is taken for cut. Leaked calls are
    /// taken out of the text also when no tools were offered: the loop ignores them there, and the
    /// asker does not read them.
    ///
    /// # Errors
    /// The failure that its end is.
    pub(super) fn into_completion(
        mut self,
        tool_names: &[&str],
        max_tokens: u32,
    ) -> Result<Completion, Failure> {
        let is_cut = match self.end {
            End::Limit | End::Unknown => true,
            End::Natural => false,
            End::Unsaid => self.usage.completion_tokens >= u64::from(max_tokens),
            End::Failed(class) => {
                return Err(Failure { usage: self.usage, ..Failure::new(class, 0) });
            }
        };
        let mut text = leak::clean(&self.text);
        if is_cut {
            self.calls.retain(|call| call.object().is_some());
        }
        if self.calls.is_empty()
            && let Some((rest, calls)) = leak::find_calls(&text, tool_names)
        {
            text = rest;
            self.calls = calls;
        }
        Ok(Completion { text, calls: self.calls, usage: self.usage, is_cut })
    }
}

//! Replies of Workers AI that come as one document.
//!
//! The service has one method and several documented shapes of replies. Which one a model uses is not
//! fixed: the same model answers in another shape after an update, and a new model is configured by its
//! name alone. So [`read`] has the shapes in the order in which they are tried, each with the field
//! that only it requires.

use serde::Deserialize;
use serde_json::Value;

use super::error;
use crate::protocols::openai_chat::{ChatReply, finish};
use crate::protocols::reply::{Finish, ModelReply};
use crate::protocols::wire::{self, Arguments, CallPart, Content, Lenient, Tokens, rounded};
use crate::{Failure, ToolCall, Usage};
use miyabi_core::fault::Class;

/// Fields of the native shape; also the usage, which every shape has.
#[derive(Default, Deserialize)]
struct NativeFields {
    response: Option<Content>,
    tool_calls: Lenient<Vec<Lenient<CallPart>>>,
    finish_reason: Lenient<String>,
    usage: Lenient<RunUsage>,
}

/// A reply of the Responses shape.
#[derive(Debug, Deserialize)]
pub(super) struct ResponsesReply {
    output: Vec<Lenient<OutputItem>>,
    status: Lenient<String>,
    usage: Lenient<RunUsage>,
}

/// An item, with the fields of all kinds.
#[derive(Debug, Default, Deserialize)]
struct OutputItem {
    #[serde(rename = "type")]
    kind: Lenient<String>,
    /// Of `message`.
    content: Option<Content>,
    /// Of `function_call`, as are the next.
    call_id: Lenient<String>,
    name: Lenient<String>,
    arguments: Option<Arguments>,
}

/// Returns whether a reply of the Responses shape is at its end.
///
/// # Source
/// `OpenAI` API reference/Responses, read 2026-11-21.
fn finish_of(status: &str) -> Finish {
    match status {
        "completed" => Finish::Complete,
        "incomplete" => Finish::TokenLimit,
        "failed" | "cancelled" => Finish::Failed(Class::Transient),
        _ => Finish::Unrecognized,
    }
}

/// Usage of a run, in the names of Chat Completions or of Responses.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
pub(super) struct RunUsage {
    prompt_tokens: Tokens,
    completion_tokens: Tokens,
    prompt_tokens_details: Lenient<PromptDetails>,
    input_tokens: Tokens,
    output_tokens: Tokens,
    input_tokens_details: Lenient<PromptDetails>,
    /// What Cloudflare bills.
    neurons: Lenient<f64>,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
struct PromptDetails {
    cached_tokens: Tokens,
}

/// Most thousandths of a neuron that a reply is believed, for the reason given at [`Tokens`].
const MAX_NEURONS_MILLI: u64 = 1 << 40;

impl From<RunUsage> for Usage {
    fn from(usage: RunUsage) -> Self {
        let neurons = usage.neurons.0.filter(|neurons| *neurons >= 0.0);
        let details = usage.prompt_tokens_details.0.or(usage.input_tokens_details.0);
        Self {
            prompt_tokens: usage.prompt_tokens.max(usage.input_tokens).0,
            completion_tokens: usage.completion_tokens.max(usage.output_tokens).0,
            cached_tokens: details.unwrap_or_default().cached_tokens.0,
            neurons_milli: neurons.map(|neurons| rounded(neurons * 1000.0).min(MAX_NEURONS_MILLI)),
        }
    }
}

/// Reads the result of a run.
///
/// # Source
/// The models' published output schemas, npm `@cloudflare/workers-types`, and field reports on each
/// model, gathered 2026-11-20; Cloudflare Docs/REST API for the envelope.
///
/// # Errors
/// The error that it is after all, or [`Class::Transient`] for another shape.
pub(super) fn read(result: &Value) -> Result<ModelReply, Failure> {
    if let Value::String(text) = result {
        // The models' schemas allow a bare text as the answer. A proxy may send JSON as text; an error in
        // it is not believed, since the model may have been told to write one.
        let said = || ModelReply { text: text.clone(), ..ModelReply::default() };
        return Ok(match wire::read_json(text) {
            Ok(object @ Value::Object(_)) if error::read_error(&object).is_none() => {
                read(&object).unwrap_or_else(|_| said())
            }
            _ => said(),
        });
    }
    if let Some(failure) = error::read_error(result) {
        return Err(failure);
    }
    let native: NativeFields = wire::read(result).unwrap_or_default();
    // Chat Completions: qwen3, glm, kimi, gemma 4, nemotron, deepseek and gpt-oss. The service may add
    // fields of the native shape beside it.
    if let Some(chat) = wire::read::<ChatReply>(result) {
        return Ok(native.beside(chat));
    }
    // Responses: gpt-oss.
    if let Some(reply) = wire::read::<ResponsesReply>(result) {
        return Ok(reply.into_reply());
    }
    // Native, with calls perhaps without text: llama, mistral, hermes and granite; with nested calls llama 4.
    if result.get("response").is_some() || result.get("tool_calls").is_some() {
        return Ok(native.into_reply());
    }
    // The REST API's envelope, which a proxy may leave around a result of any shape.
    result.get("result").map_or_else(|| Err(Failure::new(Class::Transient, 0)), read)
}

impl NativeFields {
    fn into_reply(self) -> ModelReply {
        ModelReply {
            text: self.response.map(Content::into_text).unwrap_or_default(),
            calls: wire::calls(self.tool_calls),
            usage: self.usage.0.unwrap_or_default().into(),
            finish: self.finish_reason.0.map_or(Finish::Unstated, |reason| finish(&reason)),
            thoughts: Vec::new(),
        }
    }

    /// Returns a chat reply with these fields where it has none of its own. An empty list of calls here
    /// must not hide the message's calls.
    fn beside(self, chat: ChatReply) -> ModelReply {
        let (native, chat) = (self.into_reply(), chat.into_reply());
        ModelReply {
            text: if chat.text.is_empty() { native.text } else { chat.text },
            calls: if chat.calls.is_empty() { native.calls } else { chat.calls },
            usage: native.usage,
            thoughts: chat.thoughts,
            finish: if chat.finish == Finish::Unstated { native.finish } else { chat.finish },
        }
    }
}

impl ResponsesReply {
    /// Returns whether more of it is to come.
    pub(super) fn is_in_progress(&self) -> bool {
        self.status.0.as_deref() == Some("in_progress")
    }

    /// Returns what it says.
    pub(super) fn into_reply(self) -> ModelReply {
        let mut reply = ModelReply {
            usage: self.usage.0.unwrap_or_default().into(),
            finish: self.status.0.map_or(Finish::Unstated, |status| finish_of(&status)),
            ..ModelReply::default()
        };
        for item in self.output.into_iter().filter_map(|item| item.0) {
            match (item.kind.0.as_deref(), item.name.0) {
                (Some("message"), _) => {
                    reply.text.push_str(&item.content.map(Content::into_text).unwrap_or_default());
                }
                (Some("function_call"), Some(name)) => {
                    let arguments =
                        item.arguments.map_or_else(|| "{}".to_owned(), Arguments::into_text);
                    let id = item.call_id.0.unwrap_or_default();
                    reply.calls.push(ToolCall { id, name, arguments, ..ToolCall::default() });
                }
                // Reasoning, and what this program does not know.
                _ => {}
            }
        }
        reply
    }
}

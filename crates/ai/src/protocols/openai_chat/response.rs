//! Replies of Chat Completions that come as one document.

use serde::{Deserialize, Deserializer};

use super::error::ErrorDetail;
use crate::protocols::http;
use crate::protocols::reply::{Finish, ModelReply};
use crate::protocols::wire::{self, CallPart, Content, Lenient, Tokens};
use crate::{Failure, Thought, Usage};
use miyabi_core::fault::Class;
use miyabi_core::http::Response;

/// The body of a successful response. A vendor may report an error with status 200.
#[derive(Deserialize)]
struct Body {
    #[serde(default)]
    error: Option<ErrorDetail>,
    #[serde(flatten)]
    reply: Lenient<ChatReply>,
}

/// A reply. Workers AI's chat models write it too.
#[derive(Debug, Clone, Deserialize)]
pub(in crate::protocols) struct ChatReply {
    choices: Vec<Choice>,
    #[serde(default)]
    usage: Lenient<ChatUsage>,
}

#[derive(Debug, Clone, Deserialize)]
struct Choice {
    #[serde(default)]
    message: Message,
    #[serde(default)]
    finish_reason: Lenient<FinishReason>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Message {
    content: Option<Content>,
    /// What the model says instead of content when it declines.
    refusal: Option<Content>,
    tool_calls: Lenient<Vec<Lenient<CallPart>>>,
    /// The one call of the API's older form.
    function_call: Lenient<CallPart>,
    /// `DeepSeek`'s thoughts, also of other open models.
    reasoning_content: Lenient<String>,
    /// The same of Groq, Ollama and newer vLLM.
    reasoning: Lenient<String>,
}

/// Why a choice ended.
#[derive(Debug, Clone, Copy)]
pub(in crate::protocols) enum FinishReason {
    /// The model had no more to say, or calls tools.
    Stop,
    /// The limit of tokens was reached.
    Length,
    /// A filter stopped it.
    ContentFilter,
    /// `DeepSeek` has no capacity.
    InsufficientSystemResource,
    /// The server stopped it.
    Abort,
    /// The reason is blank.
    Unstated,
    /// A word that this program does not know.
    Unrecognized,
}

/// The words of vendors, in lower case: servers pass on what the model's own server says.
///
/// # Source
/// `OpenAI` API reference/Chat; `DeepSeek`, Mistral, Anthropic and Gemini API docs; vLLM, Ollama and Text
/// Generation Inference sources; read 2026-11-28.
impl<'de> Deserialize<'de> for FinishReason {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?.to_ascii_lowercase();
        Ok(match word.as_str() {
            "stop" | "eos" | "eos_token" | "end_turn" | "stop_sequence" | "complete"
            | "completed" | "done" | "end" | "finished" | "tool_calls" | "tool_call"
            | "tool_use" | "function_call" | "function_calls" => Self::Stop,
            "length" | "max_tokens" | "max_output_tokens" | "max_length" | "model_length" => {
                Self::Length
            }
            "content_filter" | "content_filtered" | "safety" | "refusal" | "recitation"
            | "blocklist" | "prohibited_content" => Self::ContentFilter,
            "insufficient_system_resource" => Self::InsufficientSystemResource,
            "abort" | "aborted" | "error" | "cancelled" => Self::Abort,
            "" | "null" => Self::Unstated,
            _ => Self::Unrecognized,
        })
    }
}

impl From<FinishReason> for Finish {
    fn from(reason: FinishReason) -> Self {
        match reason {
            FinishReason::Stop => Self::Complete,
            FinishReason::Length => Self::TokenLimit,
            FinishReason::ContentFilter => Self::Failed(Class::Policy),
            FinishReason::InsufficientSystemResource => Self::Failed(Class::Busy),
            FinishReason::Abort => Self::Failed(Class::Transient),
            FinishReason::Unstated => Self::Unstated,
            FinishReason::Unrecognized => Self::Unrecognized,
        }
    }
}

/// Usage. Other vendors than Workers AI may name neurons, but none bills by them: they are not read.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default)]
pub(super) struct ChatUsage {
    prompt_tokens: Tokens,
    completion_tokens: Tokens,
    prompt_tokens_details: Lenient<PromptDetails>,
    /// `DeepSeek`.
    prompt_cache_hit_tokens: Tokens,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default)]
struct PromptDetails {
    cached_tokens: Tokens,
}

impl From<ChatUsage> for Usage {
    fn from(usage: ChatUsage) -> Self {
        let cached = usage.prompt_tokens_details.0.unwrap_or_default().cached_tokens.0;
        Self {
            prompt_tokens: usage.prompt_tokens.0,
            completion_tokens: usage.completion_tokens.0,
            cached_tokens: cached.max(usage.prompt_cache_hit_tokens.0),
            neurons_milli: None,
        }
    }
}

/// Reads a successful response.
///
/// # Errors
/// The error that it is after all, or [`Class::Transient`] for another shape.
pub(in crate::protocols) fn read(response: &Response) -> Result<ModelReply, Failure> {
    let body: Body = http::body(response)?;
    if let Some(error) = body.error.filter(ErrorDetail::is_error) {
        return error.into_reply(0);
    }
    match body.reply.0 {
        Some(reply) => Ok(reply.into_reply()),
        None => match ErrorDetail::flat(&response.body) {
            Some(error) => error.into_reply(0),
            None => Err(Failure::new(Class::Transient, response.status.into())),
        },
    }
}

impl ChatReply {
    /// Returns what the first choice says.
    pub(in crate::protocols) fn into_reply(self) -> ModelReply {
        let usage = self.usage.0.unwrap_or_default().into();
        let Some(Choice { message, finish_reason }) = self.choices.into_iter().next() else {
            return ModelReply { usage, ..ModelReply::default() };
        };
        let content = message.content.map(Content::into_text).filter(|text| !text.is_empty());
        let text = content.or_else(|| message.refusal.map(Content::into_text)).unwrap_or_default();
        let mut calls = wire::calls(message.tool_calls);
        if calls.is_empty() {
            calls.extend(message.function_call.0.and_then(CallPart::into_call));
        }
        let finish = finish_reason.0.map_or(Finish::Unstated, Finish::from);
        let thought = message.reasoning_content.0.or(message.reasoning.0);
        let thoughts = thought.map(|text| Thought::Plain { text }).into_iter().collect();
        ModelReply { text, calls, thoughts, usage, finish }
    }
}

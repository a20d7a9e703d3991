//! Replies of Chat Completions that come as one document.

use serde::Deserialize;

use super::error::ErrorDetail;
use crate::protocols::http;
use crate::protocols::reply::{Finish, ModelReply};
use crate::protocols::wire::{self, CallPart, Content, Lenient, Tokens};
use crate::{Failure, Usage};
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
}

/// Why a choice ended.
///
/// # Source
/// `OpenAI` API reference/Chat; `DeepSeek` API docs; vLLM and Text Generation Inference sources; read
/// 2026-11-21.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::protocols) enum FinishReason {
    Stop,
    ToolCalls,
    FunctionCall,
    /// Text Generation Inference.
    #[serde(alias = "eos")]
    EosToken,
    /// Text Generation Inference.
    StopSequence,
    #[serde(alias = "max_tokens")]
    Length,
    ContentFilter,
    /// `DeepSeek`.
    InsufficientSystemResource,
    /// vLLM.
    Abort,
    /// vLLM and routers.
    Error,
    #[serde(rename = "")]
    Unstated,
    #[serde(other)]
    Unrecognized,
}

impl From<FinishReason> for Finish {
    fn from(reason: FinishReason) -> Self {
        match reason {
            FinishReason::Stop
            | FinishReason::ToolCalls
            | FinishReason::FunctionCall
            | FinishReason::EosToken
            | FinishReason::StopSequence => Self::Complete,
            FinishReason::Length => Self::TokenLimit,
            FinishReason::ContentFilter => Self::Failed(Class::Policy),
            FinishReason::InsufficientSystemResource => Self::Failed(Class::Busy),
            FinishReason::Abort | FinishReason::Error => Self::Failed(Class::Transient),
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
    if let Some(error) = body.error {
        return error.into_reply(0);
    }
    match body.reply.0 {
        Some(reply) => Ok(reply.into_reply()),
        None => Err(Failure::new(Class::Transient, response.status.into())),
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
        ModelReply { text, calls, usage, finish }
    }
}

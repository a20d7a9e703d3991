//! Replies of Gemini's `generateContent`: a whole reply, and each event of a stream, has the same shape.

use serde::Deserialize;
use serde_json::Value;

use super::error::ErrorDetail;
use crate::protocols::http;
use crate::protocols::reply::{Finish, ModelReply};
use crate::protocols::wire::{Lenient, Tokens, arguments_or_none};
use crate::{Failure, ToolCall, Usage};
use miyabi_core::fault::Class;
use miyabi_core::http::Response;

/// A reply, or an event of a stream.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct GeneratedContent {
    #[serde(default)]
    pub(super) error: Option<ErrorDetail>,
    candidates: Option<Vec<Candidate>>,
    #[serde(default)]
    prompt_feedback: Lenient<PromptFeedback>,
    #[serde(default)]
    usage_metadata: Lenient<UsageMetadata>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Candidate {
    content: Option<Content>,
    #[serde(default)]
    finish_reason: Lenient<FinishReason>,
}

#[derive(Debug, Clone, Deserialize)]
struct Content {
    #[serde(default)]
    parts: Lenient<Vec<Part>>,
}

/// A part: text, a thought, or a call; other kinds have none of these fields.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Part {
    text: Lenient<String>,
    /// Whether the text is a thought and no answer.
    thought: Lenient<bool>,
    function_call: Lenient<FunctionCall>,
    thought_signature: Lenient<String>,
}

#[derive(Debug, Clone, Deserialize)]
struct FunctionCall {
    #[serde(default)]
    id: Lenient<String>,
    #[serde(default)]
    name: String,
    #[serde(default)]
    args: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PromptFeedback {
    /// Why the prompt was refused, whatever the reason is.
    #[serde(default)]
    block_reason: Option<String>,
}

/// Usage. Thoughts are not part of the candidates' tokens.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(default)]
struct UsageMetadata {
    #[serde(rename = "promptTokenCount")]
    prompt: Tokens,
    #[serde(rename = "candidatesTokenCount")]
    candidates: Tokens,
    #[serde(rename = "thoughtsTokenCount")]
    thoughts: Tokens,
    #[serde(rename = "cachedContentTokenCount")]
    cached: Tokens,
}

/// Why a candidate ended.
///
/// # Source
/// Gemini API/`FinishReason`, read 2026-11-21.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum FinishReason {
    #[serde(rename = "FINISH_REASON_UNSPECIFIED")]
    Unspecified,
    Stop,
    MaxTokens,
    Safety,
    Recitation,
    Blocklist,
    ProhibitedContent,
    Spii,
    MalformedFunctionCall,
    UnexpectedToolCall,
    Language,
    Other,
    #[serde(other)]
    Unrecognized,
}

impl From<FinishReason> for Finish {
    fn from(reason: FinishReason) -> Self {
        match reason {
            FinishReason::Unspecified => Self::Unstated,
            FinishReason::Stop => Self::Complete,
            FinishReason::MaxTokens => Self::TokenLimit,
            FinishReason::Safety
            | FinishReason::Recitation
            | FinishReason::Blocklist
            | FinishReason::ProhibitedContent
            | FinishReason::Spii => Self::Failed(Class::Policy),
            FinishReason::MalformedFunctionCall
            | FinishReason::UnexpectedToolCall
            | FinishReason::Language
            | FinishReason::Other => Self::Failed(Class::Transient),
            FinishReason::Unrecognized => Self::Unrecognized,
        }
    }
}

impl From<UsageMetadata> for Usage {
    fn from(usage: UsageMetadata) -> Self {
        Self {
            prompt_tokens: usage.prompt.0,
            completion_tokens: usage.candidates.0 + usage.thoughts.0,
            cached_tokens: usage.cached.0,
            neurons_milli: None,
        }
    }
}

/// Reads a successful response.
///
/// # Errors
/// The error that it is after all, or [`Class::Transient`] for another shape.
pub(in crate::protocols) fn read(response: &Response) -> Result<ModelReply, Failure> {
    let content: GeneratedContent = http::body(response)?;
    if let Some(error) = content.error {
        return Err(error.into_failure(0));
    }
    if content.candidates.is_none() && content.prompt_feedback.0.is_none() {
        return Err(Failure::new(Class::Transient, response.status.into()));
    }
    Ok(content.into_reply())
}

impl GeneratedContent {
    /// Returns what the first candidate says. A prompt that was refused has no candidate.
    pub(super) fn into_reply(self) -> ModelReply {
        let mut reply = ModelReply {
            usage: self.usage_metadata.0.unwrap_or_default().into(),
            ..ModelReply::default()
        };
        if self.prompt_feedback.0.and_then(|feedback| feedback.block_reason).is_some() {
            reply.finish = Finish::Failed(Class::Policy);
        }
        let Some(candidate) = self.candidates.into_iter().flatten().next() else { return reply };
        for part in candidate.content.and_then(|content| content.parts.0).unwrap_or_default() {
            part.add_to(&mut reply);
        }
        if let Some(reason) = candidate.finish_reason.0 {
            reply.finish = reason.into();
        }
        reply
    }
}

impl Part {
    fn add_to(self, reply: &mut ModelReply) {
        match self.function_call.0 {
            Some(call) if !call.name.trim().is_empty() => reply.calls.push(ToolCall {
                id: call.id.0.unwrap_or_default(),
                name: call.name.trim().to_owned(),
                arguments: arguments_or_none(&call.args.to_string()),
                signature: self.thought_signature.0.unwrap_or_default(),
                ..ToolCall::default()
            }),
            _ if self.thought.0 != Some(true) => {
                reply.text.push_str(&self.text.0.unwrap_or_default());
            }
            _ => {}
        }
    }
}

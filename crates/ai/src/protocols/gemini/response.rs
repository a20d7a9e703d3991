//! Replies of Gemini's `generateContent`: a whole reply, and each event of a stream, has the same shape.

use serde::Deserialize;
use serde_json::Value;

use super::error::ErrorDetail;
use crate::protocols::reply::{Finish, ModelReply};
use crate::protocols::wire::{self, Lenient, Tokens, arguments_or_none};
use crate::{Failure, ToolCall, Usage};
use miyabi_core::fault::Class;

/// A reply, or an event of a stream.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct GeneratedContent {
    pub(super) error: Option<ErrorDetail>,
    candidates: Option<Vec<Candidate>>,
    prompt_feedback: Lenient<PromptFeedback>,
    usage_metadata: Lenient<UsageMetadata>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Candidate {
    content: Option<Content>,
    finish_reason: Lenient<String>,
}

#[derive(Default, Deserialize)]
struct Content {
    parts: Lenient<Vec<Part>>,
}

/// A part: text, a thought, or a call; other kinds have none of these fields.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Part {
    text: Lenient<String>,
    /// Whether the text is a thought and no answer.
    thought: Lenient<bool>,
    function_call: Lenient<FunctionCall>,
    thought_signature: Lenient<String>,
}

#[derive(Default, Deserialize)]
struct FunctionCall {
    id: Lenient<String>,
    #[serde(default)]
    name: String,
    #[serde(default)]
    args: Value,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PromptFeedback {
    /// Why the prompt was refused, whatever the reason is.
    block_reason: Option<String>,
}

/// Usage. Thoughts are not part of the candidates' tokens.
#[derive(Clone, Copy, Default, Deserialize)]
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

/// Returns why a candidate ended.
///
/// # Source
/// Gemini API/`FinishReason`, read 2026-11-21.
fn finish(reason: &str) -> Finish {
    match reason {
        "FINISH_REASON_UNSPECIFIED" => Finish::Unstated,
        "STOP" => Finish::Complete,
        "MAX_TOKENS" => Finish::TokenLimit,
        "SAFETY" | "RECITATION" | "BLOCKLIST" | "PROHIBITED_CONTENT" | "SPII" => {
            Finish::Failed(Class::Policy)
        }
        "MALFORMED_FUNCTION_CALL" | "UNEXPECTED_TOOL_CALL" | "LANGUAGE" | "OTHER" => {
            Finish::Failed(Class::Transient)
        }
        _ => Finish::Unrecognized,
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

/// Reads the body of a successful response; `None` for another shape.
///
/// # Errors
/// The error that it is after all.
pub(in crate::protocols) fn read(body: &Value) -> Option<Result<ModelReply, Failure>> {
    let content: GeneratedContent = wire::read(body)?;
    if let Some(error) = content.error {
        return Some(Err(error.into_failure(0)));
    }
    if content.candidates.is_none() && content.prompt_feedback.0.is_none() {
        return None;
    }
    Some(Ok(content.into_reply()))
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
            reply.finish = finish(&reason);
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

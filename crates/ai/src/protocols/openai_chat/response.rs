//! Replies of Chat Completions that come as one document.

use serde::Deserialize;
use serde_json::Value;

use super::error::{ErrorDetail, ReportedError};
use crate::protocols::reply::{Finish, ModelReply};
use crate::protocols::wire::{self, CallPart, Content, Lenient, Tokens};
use crate::{Failure, Thought, Usage};
use miyabi_core::fault::Class;

/// A reply. Workers AI's chat models write it too.
#[derive(Debug, Deserialize)]
pub(in crate::protocols) struct ChatReply {
    choices: Vec<Choice>,
    usage: Lenient<ChatUsage>,
}

#[derive(Debug, Default, Deserialize)]
struct Choice {
    #[serde(default)]
    message: Message,
    finish_reason: Lenient<String>,
}

/// A message, or in a stream what is added to it.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Message {
    content: Option<Content>,
    /// What the model says instead of content when it declines.
    refusal: Option<Content>,
    pub(super) tool_calls: Lenient<Vec<Lenient<CallPart>>>,
    /// The one call of the API's older form.
    pub(super) function_call: Lenient<CallPart>,
    /// `DeepSeek`'s thoughts, also of other open models.
    reasoning_content: Lenient<String>,
    /// The same of Groq, Ollama and newer vLLM.
    reasoning: Lenient<String>,
}

/// Returns why a choice ended. The words of vendors are in lower case here: servers pass on what the
/// model's own server says.
///
/// # Source
/// `OpenAI` API reference/Chat; `DeepSeek`, Mistral, Anthropic and Gemini API docs; vLLM, Ollama and Text
/// Generation Inference sources; read 2026-11-28.
pub(in crate::protocols) fn finish(word: &str) -> Finish {
    match word.to_ascii_lowercase().as_str() {
        "stop" | "eos" | "eos_token" | "end_turn" | "stop_sequence" | "complete" | "completed"
        | "done" | "end" | "finished" | "tool_calls" | "tool_call" | "tool_use"
        | "function_call" | "function_calls" => Finish::Complete,
        "length" | "max_tokens" | "max_output_tokens" | "max_length" | "model_length" => {
            Finish::TokenLimit
        }
        "content_filter" | "content_filtered" | "safety" | "refusal" | "recitation"
        | "blocklist" | "prohibited_content" => Finish::Failed(Class::Policy),
        // DeepSeek.
        "insufficient_system_resource" => Finish::Failed(Class::Busy),
        // The server stopped it.
        "abort" | "aborted" | "error" | "cancelled" => Finish::Failed(Class::Transient),
        "" | "null" => Finish::Unstated,
        _ => Finish::Unrecognized,
    }
}

/// Usage. Other vendors than Workers AI may name neurons, but none bills by them: they are not read.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
pub(super) struct ChatUsage {
    prompt_tokens: Tokens,
    completion_tokens: Tokens,
    prompt_tokens_details: Lenient<PromptDetails>,
    /// `DeepSeek`.
    prompt_cache_hit_tokens: Tokens,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
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

/// Reads the body of a successful response; `None` for another shape. A vendor may report an error with
/// status 200.
///
/// # Errors
/// The error that it is after all.
pub(in crate::protocols) fn read(body: &Value) -> Option<Result<ModelReply, Failure>> {
    let reported: ReportedError = wire::read(body)?;
    if let Some(error) = reported.error.filter(ErrorDetail::is_error) {
        return Some(error.into_reply(0));
    }
    match wire::read::<ChatReply>(body) {
        Some(reply) => Some(Ok(reply.into_reply())),
        None => ErrorDetail::flat(body).map(|error| error.into_reply(0)),
    }
}

impl ChatReply {
    /// Returns what the first choice says.
    pub(in crate::protocols) fn into_reply(self) -> ModelReply {
        let usage = self.usage.0.unwrap_or_default().into();
        let Some(Choice { mut message, finish_reason }) = self.choices.into_iter().next() else {
            return ModelReply { usage, ..ModelReply::default() };
        };
        let (text, thought) = (message.text(), message.thought());
        let mut calls = wire::calls(message.tool_calls);
        if calls.is_empty() {
            calls.extend(message.function_call.0.and_then(CallPart::into_call));
        }
        let finish = finish_reason.0.map_or(Finish::Unstated, |reason| finish(&reason));
        let thoughts = thought.map(|text| Thought::Plain { text }).into_iter().collect();
        ModelReply { text, calls, thoughts, usage, finish }
    }
}

impl Message {
    /// Takes the text out of it.
    pub(super) fn text(&mut self) -> String {
        let content = self.content.take().map(Content::into_text).filter(|text| !text.is_empty());
        let text = content.or_else(|| self.refusal.take().map(Content::into_text));
        text.unwrap_or_default()
    }

    /// Takes the thought out of it.
    pub(super) fn thought(&mut self) -> Option<String> {
        self.reasoning_content.0.take().or_else(|| self.reasoning.0.take())
    }
}

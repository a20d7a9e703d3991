//! Replies of Anthropic's Messages that come as one document.

use serde::Deserialize;
use serde_json::Value;

use super::error::ErrorDetail;
use crate::protocols::reply::{Finish, ModelReply};
use crate::protocols::wire::{self, Lenient, Tokens, arguments_or_none};
use crate::{Failure, Thought, ToolCall, Usage};
use miyabi_core::fault::Class;

/// The body of a successful response.
#[derive(Default, Deserialize)]
struct Body {
    error: Option<ErrorDetail>,
    content: Lenient<Vec<Lenient<Block>>>,
    stop_reason: Lenient<String>,
    usage: Lenient<MessagesUsage>,
}

/// A block of the content, with the fields of all kinds.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Block {
    #[serde(rename = "type")]
    kind: Lenient<String>,
    /// Of `text`.
    text: Lenient<String>,
    /// Of `tool_use`, as are the next.
    id: Lenient<String>,
    name: Lenient<String>,
    /// In a stream mostly an empty object: the input follows in pieces.
    #[serde(default)]
    input: Value,
    /// Of `thinking`, as is the next.
    thinking: Lenient<String>,
    signature: Lenient<String>,
    /// Of `redacted_thinking`.
    data: Lenient<String>,
}

/// What a block is.
pub(super) enum Said {
    /// A piece of the text.
    Text(String),
    /// A call, and its input as JSON text.
    Call(ToolCall, String),
    /// A thought.
    Thought(Thought),
    /// What this program does not know.
    Other,
}

/// Returns why the model stopped.
///
/// # Source
/// Anthropic API/Messages and Handling stop reasons, read 2026-11-21.
pub(super) fn finish(stop_reason: &str) -> Finish {
    match stop_reason {
        "end_turn" | "stop_sequence" | "tool_use" => Finish::Complete,
        "max_tokens" | "model_context_window_exceeded" => Finish::TokenLimit,
        "refusal" => Finish::Failed(Class::Policy),
        _ => Finish::Unrecognized,
    }
}

/// Usage. What was read from or written to the cache is not part of `input_tokens`.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
pub(super) struct MessagesUsage {
    #[serde(rename = "input_tokens")]
    input: Tokens,
    #[serde(rename = "cache_read_input_tokens")]
    cache_read: Tokens,
    #[serde(rename = "cache_creation_input_tokens")]
    cache_written: Tokens,
    #[serde(rename = "output_tokens")]
    output: Tokens,
}

impl From<MessagesUsage> for Usage {
    fn from(usage: MessagesUsage) -> Self {
        let MessagesUsage { input, cache_read, cache_written, output } = usage;
        Self {
            prompt_tokens: input.0 + cache_read.0 + cache_written.0,
            completion_tokens: output.0,
            cached_tokens: cache_read.0,
            neurons_milli: None,
        }
    }
}

/// Reads the body of a successful response; `None` for another shape.
///
/// # Errors
/// The error that it is after all.
pub(in crate::protocols) fn read(body: &Value) -> Option<Result<ModelReply, Failure>> {
    let body: Body = wire::read(body)?;
    if let Some(error) = body.error {
        return Some(Err(error.into_failure(0)));
    }
    let mut reply = ModelReply {
        usage: body.usage.0.unwrap_or_default().into(),
        finish: body.stop_reason.0.map_or(Finish::Unstated, |reason| finish(&reason)),
        ..ModelReply::default()
    };
    for block in body.content.0?.into_iter().filter_map(|block| block.0) {
        match block.said() {
            Said::Text(text) => reply.text.push_str(&text),
            Said::Call(call, input) => {
                reply.calls.push(ToolCall { arguments: arguments_or_none(&input), ..call });
            }
            Said::Thought(thought) => reply.thoughts.push(thought),
            Said::Other => {}
        }
    }
    Some(Ok(reply))
}

impl Block {
    /// Returns what the block is, by its kind.
    pub(super) fn said(self) -> Said {
        let text = |field: Lenient<String>| field.0.unwrap_or_default();
        match (self.kind.0.as_deref(), self.name.0) {
            (Some("text"), _) => Said::Text(text(self.text)),
            (Some("tool_use"), Some(name)) => {
                let call = ToolCall { id: text(self.id), name, ..ToolCall::default() };
                Said::Call(call, self.input.to_string())
            }
            (Some("thinking"), _) => Said::Thought(Thought::Signed {
                text: text(self.thinking),
                signature: text(self.signature),
            }),
            (Some("redacted_thinking"), _) => {
                Said::Thought(Thought::Sealed { data: text(self.data) })
            }
            _ => Said::Other,
        }
    }
}

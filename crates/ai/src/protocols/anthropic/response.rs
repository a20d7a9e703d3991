//! Replies of Anthropic's Messages that come as one document.

use serde::Deserialize;
use serde_json::Value;

use super::error::ErrorDetail;
use crate::protocols::http;
use crate::protocols::reply::{Finish, ModelReply};
use crate::protocols::wire::{Lenient, Tokens, arguments_or_none};
use crate::{Failure, Thought, ToolCall, Usage};
use miyabi_core::fault::Class;
use miyabi_core::http::Response;

/// The body of a successful response.
#[derive(Deserialize)]
struct Body {
    #[serde(default)]
    error: Option<ErrorDetail>,
    #[serde(default)]
    content: Lenient<Vec<Lenient<Block>>>,
    #[serde(default)]
    stop_reason: Lenient<StopReason>,
    #[serde(default)]
    usage: Lenient<MessagesUsage>,
}

/// A block of the content.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Block {
    Text {
        #[serde(default)]
        text: Lenient<String>,
    },
    ToolUse {
        #[serde(default)]
        id: Lenient<String>,
        name: String,
        /// In a stream mostly an empty object: the input follows in pieces.
        #[serde(default)]
        input: Value,
    },
    Thinking {
        #[serde(default)]
        thinking: Lenient<String>,
        #[serde(default)]
        signature: Lenient<String>,
    },
    RedactedThinking {
        #[serde(default)]
        data: Lenient<String>,
    },
    /// What this program does not know.
    #[serde(other)]
    Other,
}

/// Why the model stopped.
///
/// # Source
/// Anthropic API/Messages and Handling stop reasons, read 2026-11-21.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum StopReason {
    EndTurn,
    StopSequence,
    ToolUse,
    MaxTokens,
    ModelContextWindowExceeded,
    Refusal,
    #[serde(other)]
    Unrecognized,
}

impl From<StopReason> for Finish {
    fn from(reason: StopReason) -> Self {
        match reason {
            StopReason::EndTurn | StopReason::StopSequence | StopReason::ToolUse => Self::Complete,
            StopReason::MaxTokens | StopReason::ModelContextWindowExceeded => Self::TokenLimit,
            StopReason::Refusal => Self::Failed(Class::Policy),
            StopReason::Unrecognized => Self::Unrecognized,
        }
    }
}

/// Usage. What was read from or written to the cache is not part of `input_tokens`.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default)]
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

/// Reads a successful response.
///
/// # Errors
/// The error that it is after all, or [`Class::Transient`] for another shape.
pub(in crate::protocols) fn read(response: &Response) -> Result<ModelReply, Failure> {
    let body: Body = http::body(response)?;
    if let Some(error) = body.error {
        return Err(error.into_failure(0));
    }
    let Some(blocks) = body.content.0 else {
        return Err(Failure::new(Class::Transient, response.status.into()));
    };
    let mut reply = ModelReply {
        usage: body.usage.0.unwrap_or_default().into(),
        finish: body.stop_reason.0.map_or(Finish::Unstated, Finish::from),
        ..ModelReply::default()
    };
    for block in blocks.into_iter().filter_map(|block| block.0) {
        match block {
            Block::Text { text } => reply.text.push_str(&text.0.unwrap_or_default()),
            Block::ToolUse { id, name, input } => {
                let arguments = arguments_or_none(&input.to_string());
                let id = id.0.unwrap_or_default();
                reply.calls.push(ToolCall { id, name, arguments, ..ToolCall::default() });
            }
            Block::Thinking { .. } | Block::RedactedThinking { .. } => {
                reply.thoughts.extend(block.into_thought());
            }
            Block::Other => {}
        }
    }
    Ok(reply)
}

impl Block {
    /// Returns the thought that a block is, `None` if it is something else.
    pub(super) fn into_thought(self) -> Option<Thought> {
        match self {
            Self::Thinking { thinking, signature } => Some(Thought::Signed {
                text: thinking.0.unwrap_or_default(),
                signature: signature.0.unwrap_or_default(),
            }),
            Self::RedactedThinking { data } => {
                Some(Thought::Sealed { data: data.0.unwrap_or_default() })
            }
            Self::Text { .. } | Self::ToolUse { .. } | Self::Other => None,
        }
    }
}

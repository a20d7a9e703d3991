//! Streams of Anthropic's Messages.

use serde::Deserialize;

use super::error::ErrorDetail;
use super::response::{Block, MessagesUsage, StopReason};
use crate::Failure;
use crate::protocols::streamed::StreamedReply;
use crate::protocols::wire::{self, Lenient};
use crate::{Thought, ToolCall};
use miyabi_core::fault::Class;

/// An event's data.
///
/// # Source
/// Anthropic API/Streaming Messages, read 2026-11-21.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Event {
    MessageStart {
        message: MessageStart,
    },
    ContentBlockStart {
        #[serde(default)]
        index: u64,
        content_block: Lenient<Block>,
    },
    ContentBlockDelta {
        #[serde(default)]
        index: u64,
        delta: Lenient<Delta>,
    },
    MessageDelta {
        #[serde(default)]
        delta: MessageDelta,
        #[serde(default)]
        usage: Lenient<MessagesUsage>,
    },
    MessageStop,
    Error {
        error: ErrorDetail,
    },
    /// Pings, ends of blocks, and what this program does not know.
    #[serde(other)]
    Other,
}

/// An error that stands where an event should.
#[derive(Deserialize)]
struct ErrorEvent {
    error: ErrorDetail,
}

#[derive(Deserialize)]
struct MessageStart {
    #[serde(default)]
    usage: Lenient<MessagesUsage>,
}

#[derive(Deserialize)]
#[serde(tag = "type")]
enum Delta {
    #[serde(rename = "text_delta")]
    Text { text: String },
    #[serde(rename = "input_json_delta")]
    InputJson { partial_json: String },
    #[serde(rename = "thinking_delta")]
    Thinking { thinking: String },
    #[serde(rename = "signature_delta")]
    Signature { signature: String },
    /// What this program does not know.
    #[serde(other)]
    Other,
}

#[derive(Default, Deserialize)]
struct MessageDelta {
    #[serde(default)]
    stop_reason: Lenient<StopReason>,
}

/// Takes the data of one event.
pub(in crate::protocols) fn take_event(data: &str, reply: &mut StreamedReply) {
    let Ok(event) = wire::read_json(data) else {
        // A proxy's error says no type.
        return reply.fail(match wire::read_json(data) {
            Ok(ErrorEvent { error }) => error.into_failure(0),
            Err(_unreadable) => Failure::new(Class::Truncated, 0),
        });
    };
    match event {
        Event::MessageStart { message } => take_usage(message.usage, reply),
        Event::ContentBlockStart { index, content_block } => {
            begin_block(index, content_block.0.unwrap_or(Block::Other), reply);
        }
        Event::ContentBlockDelta { index, delta } => {
            take_delta(index, delta.0.unwrap_or(Delta::Other), reply);
        }
        Event::MessageDelta { delta, usage } => {
            take_usage(usage, reply);
            if let Some(reason) = delta.stop_reason.0 {
                reply.set_finish(reason.into());
            }
        }
        Event::MessageStop => reply.set_done(),
        Event::Error { error } => reply.fail(error.into_failure(0)),
        Event::Other => {}
    }
}

fn begin_block(index: u64, block: Block, reply: &mut StreamedReply) {
    match block {
        Block::Text { text } => reply.push_text(&text.0.unwrap_or_default()),
        Block::ToolUse { id, name, input } => {
            let call = ToolCall { id: id.0.unwrap_or_default(), name, ..ToolCall::default() };
            reply.begin_call(index, call, input.to_string());
        }
        Block::Thinking { .. } | Block::RedactedThinking { .. } => {
            if let (Some(place), Some(thought)) = (reply.thought(index), block.into_thought()) {
                *place = thought;
            }
        }
        Block::Other => {}
    }
}

fn take_delta(index: u64, delta: Delta, reply: &mut StreamedReply) {
    match delta {
        Delta::Text { text } => reply.push_text(&text),
        Delta::InputJson { partial_json } => {
            if let Some(call) = reply.call(index) {
                call.arguments.push_str(&partial_json);
            }
        }
        Delta::Thinking { thinking } => reply.push_thought(index, &thinking),
        Delta::Signature { signature: more } => {
            if let Some(Thought::Signed { signature, .. }) = reply.thought(index) {
                signature.push_str(&more);
            }
        }
        Delta::Other => {}
    }
}

fn take_usage(usage: Lenient<MessagesUsage>, reply: &mut StreamedReply) {
    if let Some(usage) = usage.0 {
        reply.take_usage(usage.into());
    }
}

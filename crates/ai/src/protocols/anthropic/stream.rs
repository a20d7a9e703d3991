//! Streams of Anthropic's Messages.

use serde::Deserialize;

use super::error::ErrorDetail;
use super::response::{Block, MessagesUsage, StopReason};
use crate::protocols::streamed::StreamedReply;
use crate::protocols::wire::Lenient;

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
        index: u64,
        content_block: Block,
    },
    ContentBlockDelta {
        index: u64,
        delta: Delta,
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
    /// Thoughts and their signatures, and what this program does not know.
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
    let Some(event) = reply.read::<Event>(data) else { return };
    match event {
        Event::MessageStart { message } => take_usage(message.usage, reply),
        Event::ContentBlockStart { index, content_block } => match content_block {
            Block::Text { text } => reply.push_text(&text),
            Block::ToolUse { id, name, .. } => {
                if let Some(call) = reply.call(index) {
                    call.id = id;
                    call.name = name;
                }
            }
            Block::Other => {}
        },
        Event::ContentBlockDelta { index, delta } => match delta {
            Delta::Text { text } => reply.push_text(&text),
            Delta::InputJson { partial_json } => {
                if let Some(call) = reply.call(index) {
                    call.arguments.push_str(&partial_json);
                }
            }
            Delta::Other => {}
        },
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

fn take_usage(usage: Lenient<MessagesUsage>, reply: &mut StreamedReply) {
    if let Some(usage) = usage.0 {
        reply.take_usage(usage.into());
    }
}

//! Streams of Anthropic's Messages.

use serde::Deserialize;

use super::error::ErrorDetail;
use super::response::{Block, MessagesUsage, Said, finish};
use crate::Thought;
use crate::protocols::streamed::StreamedReply;
use crate::protocols::wire::{self, Lenient};

/// An event's data, with the fields of all kinds.
///
/// # Source
/// Anthropic API/Streaming Messages, read 2026-11-21.
#[derive(Default, Deserialize)]
struct Event {
    #[serde(rename = "type", default)]
    kind: String,
    /// Of `message_start`.
    message: Option<MessageStart>,
    /// Place of a block among all blocks.
    #[serde(default)]
    index: u64,
    /// Of `content_block_start`.
    content_block: Option<Lenient<Block>>,
    /// Of `content_block_delta` and `message_delta`.
    delta: Option<Lenient<Delta>>,
    /// Of `message_delta`.
    usage: Lenient<MessagesUsage>,
    /// Of `error`; a proxy's error says no kind.
    error: Option<ErrorDetail>,
}

#[derive(Default, Deserialize)]
struct MessageStart {
    usage: Lenient<MessagesUsage>,
}

/// What is added, with the fields of all kinds.
#[derive(Default, Deserialize)]
struct Delta {
    #[serde(rename = "type")]
    kind: Lenient<String>,
    /// Of `text_delta`.
    text: Lenient<String>,
    /// Of `input_json_delta`.
    partial_json: Lenient<String>,
    /// Of `thinking_delta`.
    thinking: Lenient<String>,
    /// Of `signature_delta`.
    signature: Lenient<String>,
    /// Of `message_delta`, which is no kind of delta.
    stop_reason: Lenient<String>,
}

/// Takes the data of one event. One that cannot be read is one that broke off.
pub(in crate::protocols) fn take_event(data: &str, reply: &mut StreamedReply) {
    let json = wire::read_json(data).unwrap_or_default();
    let event: Event = wire::read(&json).unwrap_or_default();
    if event.add_to(reply).is_none() {
        reply.break_off();
    }
}

impl Event {
    /// Adds what the event says; `None` if it lacks what its kind has.
    fn add_to(self, reply: &mut StreamedReply) -> Option<()> {
        match self.kind.as_str() {
            "message_start" => take_usage(self.message?.usage, reply),
            "content_block_start" => {
                begin_block(self.index, self.content_block?.0.unwrap_or_default(), reply);
            }
            "content_block_delta" => {
                take_delta(self.index, self.delta?.0.unwrap_or_default(), reply);
            }
            "message_delta" => {
                take_usage(self.usage, reply);
                let delta = self.delta.unwrap_or_default().0.unwrap_or_default();
                if let Some(reason) = delta.stop_reason.0 {
                    reply.set_finish(finish(&reason));
                }
            }
            "message_stop" => reply.set_done(),
            "error" | "" => reply.fail(self.error?.into_failure(0)),
            // Pings, ends of blocks, and what this program does not know.
            _ => {}
        }
        Some(())
    }
}

fn begin_block(index: u64, block: Block, reply: &mut StreamedReply) {
    match block.said() {
        Said::Text(text) => reply.push_text(&text),
        Said::Call(call, input) => reply.begin_call(index, call, input),
        Said::Thought(thought) => {
            if let Some(place) = reply.thought(index) {
                *place = thought;
            }
        }
        Said::Other => {}
    }
}

fn take_delta(index: u64, delta: Delta, reply: &mut StreamedReply) {
    match delta.kind.0.as_deref() {
        Some("text_delta") => reply.push_text(&delta.text.0.unwrap_or_default()),
        Some("input_json_delta") => {
            if let Some(call) = reply.call(index) {
                call.arguments.push_str(&delta.partial_json.0.unwrap_or_default());
            }
        }
        Some("thinking_delta") => reply.push_thought(index, &delta.thinking.0.unwrap_or_default()),
        Some("signature_delta") => {
            if let Some(Thought::Signed { signature, .. }) = reply.thought(index) {
                signature.push_str(&delta.signature.0.unwrap_or_default());
            }
        }
        // What this program does not know.
        _ => {}
    }
}

fn take_usage(usage: Lenient<MessagesUsage>, reply: &mut StreamedReply) {
    if let Some(usage) = usage.0 {
        reply.take_usage(usage.into());
    }
}

//! Streams of Chat Completions.

use serde::Deserialize;

use super::error::ErrorDetail;
use super::response::{ChatUsage, FinishReason};
use crate::protocols::streamed::StreamedReply;
use crate::protocols::wire::{CallPart, Content, Lenient};

/// An event's data, but for the last one, which is [`DONE`].
#[derive(Deserialize)]
struct Chunk {
    #[serde(default)]
    error: Option<ErrorDetail>,
    /// Empty in the event with the usage.
    #[serde(default)]
    choices: Lenient<Vec<ChunkChoice>>,
    #[serde(default)]
    usage: Lenient<ChatUsage>,
}

/// What an event adds to a choice. Workers AI's chat models write it too.
#[derive(Debug, Clone, Deserialize)]
pub(in crate::protocols) struct ChunkChoice {
    #[serde(default, alias = "message")]
    delta: Lenient<Delta>,
    #[serde(default)]
    finish_reason: Lenient<FinishReason>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Delta {
    content: Option<Content>,
    tool_calls: Lenient<Vec<Lenient<CallPart>>>,
}

/// Data of the last event.
pub(in crate::protocols) const DONE: &str = "[DONE]";

/// Takes the data of one event.
///
/// # Source
/// `OpenAI` API reference/Chat/Streaming, read 2026-11-21.
pub(in crate::protocols) fn take_event(data: &str, reply: &mut StreamedReply) {
    if data == DONE {
        return reply.set_done();
    }
    let Some(chunk) = reply.read::<Chunk>(data) else { return };
    if let Some(error) = chunk.error {
        return error.end_stream(reply);
    }
    if let Some(usage) = chunk.usage.0 {
        reply.take_usage(usage.into());
    }
    if let Some(choice) = chunk.choices.0.into_iter().flatten().next() {
        choice.add_to(reply);
    }
}

impl ChunkChoice {
    /// Adds what the event says.
    pub(in crate::protocols) fn add_to(self, reply: &mut StreamedReply) {
        if let Some(delta) = self.delta.0 {
            reply.push_text(&delta.content.map(Content::into_text).unwrap_or_default());
            reply.push_call_parts(delta.tool_calls);
        }
        if let Some(reason) = self.finish_reason.0 {
            reply.set_finish(reason.into());
        }
    }
}
